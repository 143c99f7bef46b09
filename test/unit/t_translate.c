/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_translate: the sentences in Chinese, as a reader with a zh_CN locale gets them: by gettext,
 * from the catalogue that this build made. Happy path: the locale is made by localedef in a
 * directory of the test's own, beside a link to po/zh_CN.gmo. Without localedef, the locale's
 * source or the catalogue nothing can be tested: skipped (77) with the reason. */
#define _GNU_SOURCE /* nftw */
#include <ftw.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/say.h"
#include "lib/cib/parse.h"
#include "lib/conf/ini.h"
#include "test/unit/unit.h"

enum { SKIPPED = 77, NOT_FOUND = 127 };

static const struct {
    const char *name, *format;
} rows[] = {
#define SAY_ROW(name, number, level, text) {#name, text},
#include "lib/base/say_core.h"
#include "lib/base/say_sched.h"
#undef SAY_ROW
};

static const char *translate(const char *text)
{
    return *text ? gettext(text) : text;
}

/* Has the text a character of the block where nearly all Chinese ones are (U+4E00 to U+9FFF)? */
static bool chinese(const char *text)
{
    for (size_t n; *text; text += n) {
        n = str_utf8_len(text);
        ck_assert_msg(n > 0, "not UTF-8: %s", text);
        unsigned char first = (unsigned char)*text;
        if (n == 3 && first >= 0xe4 && first <= 0xe9)
            return true;
    }
    return false;
}

/* The arguments that a sentence has, as bits; "%%" is none. */
static unsigned arguments(const char *format)
{
    unsigned bits = 0;
    for (const char *at = format; *at; at++)
        if (*at == '%' && at[1]) {
            at++;
            if (*at >= '1' && *at <= '9')
                bits |= 1U << (*at - '0');
        }
    return bits;
}

START_TEST(a_sentence_is_chinese)
{
    char at[512];
    struct str out;
    struct say s;
    say_set(&s, SAY_PEER_LOST);
    say_arg(&s, "db2");
    say_arg(&s, "7");
    str_init(&out, at, sizeof(at));
    say_words(&s, translate, &out);
    ck_assert_msg(chinese(at), "%s", at);
    ck_assert_msg(str_starts(at, "db2 "), "%s", at);
    ck_assert_msg(strstr(at, " 7 ") != NULL && strchr(at, '%') == NULL, "%s", at);
}
END_TEST

START_TEST(every_sentence_keeps_its_arguments)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *words = gettext(rows[i].format);
        ck_assert_msg(chinese(words), "%s is not translated: %s", rows[i].name, words);
        ck_assert_msg(arguments(words) == arguments(rows[i].format),
                      "%s: other arguments than in English: %s", rows[i].name, words);
    }
}
END_TEST

START_TEST(every_error_is_chinese)
{
    for (unsigned err = 0; err < ERR_COUNT; err++)
        ck_assert_msg(chinese(gettext(err_text(err))), "%s", err_text(err));
}
END_TEST

/* Sentences with printf's formats, whose arguments stand in another order in Chinese. */
START_TEST(a_fault_of_yoke_conf_is_chinese)
{
    static struct conf conf;
    static struct conf_faults faults;
    static const char text[] = "[cluster]\nname = c\ntakeover = 10s\ncolour = red\n"
                               "[node a]\nid = 1\n[node b]\nid = 2\n"
                               "[link com]\ntype = serial\na = /dev/ttyS0\nb = /dev/ttyS0\n"
                               "baud = 1200\ninterval = 10ms\n[guard]\nuse = fence\n"
                               "[security]\nkeyfile = /etc/yoke/key\n";
    ck_assert_int_ne(conf_parse_origin(text, &conf, NULL, translate, &faults), ERR_OK);
    ck_assert_uint_ge(faults.n_errors, 1);
    bool key = false;
    for (unsigned i = 0; i < faults.n; i++) {
        ck_assert_msg(chinese(faults.at[i].text), "%s", faults.at[i].text);
        key = key || strstr(faults.at[i].text, "colour") != NULL;
    }
    ck_assert(key);
}
END_TEST

/* The same for the crm language: every line has one fault, an unknown word among them. */
START_TEST(a_fault_of_the_crm_language_is_chinese)
{
    static const struct cib_names names = {.node = {"a", "b"}, .translate = translate};
    static const char text[] = "primitve x Dummy\n"
                               "primitive y Dummy op monitor interval=soon\n"
                               "primitive z Dummy meta is-managed=perhaps\n"
                               "group g y nobody\n";
    static char memory[1 << 20];
    static struct cib_faults faults;
    struct arena arena;
    struct cib *c;
    ck_assert_uint_ge(sizeof(memory), cib_arena_need(strlen(text)));
    arena_init(&arena, memory, sizeof(memory));
    ck_assert_int_eq(cib_parse(text, &names, &arena, &c, &faults), ERR_SYNTAX);
    ck_assert_uint_eq(faults.n, 4);
    for (unsigned i = 0; i < faults.n; i++)
        ck_assert_msg(chinese(faults.at[i].text), "%s", faults.at[i].text);
    ck_assert_ptr_nonnull(strstr(faults.at[3].text, "nobody"));
    ck_assert_ptr_null(strstr(faults.at[1].text, "such as"));
}
END_TEST

static int one_gone(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int skip(const char *dir, const char *why)
{
    nftw(dir, one_gone, 8, FTW_DEPTH | FTW_PHYS);
    printf("skipped: %s\n", why);
    return SKIPPED;
}

/* Makes the locale and the catalogue's place in dir; NULL, or why there is none. */
static const char *locale_make(const char *dir)
{
    char line[512];
    snprintf(line, sizeof(line), "%s/zh_CN", dir);
    mkdir(line, 0700);
    snprintf(line, sizeof(line), "%s/zh_CN/LC_MESSAGES", dir);
    mkdir(line, 0700);
    snprintf(line, sizeof(line), "%s/zh_CN/LC_MESSAGES/yoke.mo", dir);
    if (access(PO_DIR "/zh_CN.gmo", R_OK) != 0 || symlink(PO_DIR "/zh_CN.gmo", line) != 0)
        return "po/zh_CN.gmo was not built (msgfmt is missing, or --disable-nls)";
    snprintf(line, sizeof(line), "localedef -i zh_CN -f UTF-8 %s/zh_CN.UTF-8 >/dev/null 2>&1", dir);
    int status = system(line);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == NOT_FOUND)
        return "there is no localedef here";
    setenv("LOCPATH", dir, 1);
    unsetenv("LANGUAGE");
    if (!setlocale(LC_ALL, "zh_CN.UTF-8"))
        return "localedef cannot make zh_CN.UTF-8 (Debian: package locales)";
    return NULL;
}

int main(void)
{
    char dir[] = "/tmp/yoke-unit-XXXXXX";
    if (!mkdtemp(dir))
        return EXIT_FAILURE;
    const char *why = locale_make(dir);
    if (why)
        return skip(dir, why);
    bindtextdomain("yoke", dir);
    bind_textdomain_codeset("yoke", "UTF-8");
    textdomain("yoke");
    TCase *t = unit_begin("translate");
    tcase_add_test(t, a_sentence_is_chinese);
    tcase_add_test(t, every_sentence_keeps_its_arguments);
    tcase_add_test(t, every_error_is_chinese);
    tcase_add_test(t, a_fault_of_yoke_conf_is_chinese);
    tcase_add_test(t, a_fault_of_the_crm_language_is_chinese);
    int code = unit_end();
    nftw(dir, one_gone, 8, FTW_DEPTH | FTW_PHYS);
    return code;
}
