/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_quoting: words to text and back, held against lib/cib's own reader. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/quoting.h"
#include "lib/base/prng.h"
#include "lib/cib/parse.h"
#include "test/unit/unit.h"

static char text[4096];
static struct str out;

static void split_is(const char *line, int n, const char *const *words)
{
    int argc = -1;
    char **argv = quoting_split(line, &argc);
    ck_assert_ptr_nonnull(argv);
    ck_assert_int_eq(argc, n);
    for (int i = 0; i < n; i++)
        ck_assert_str_eq(argv[i], words[i]);
    ck_assert_ptr_null(argv[n]);
    free(argv);
}

START_TEST(test_split)
{
    split_is("", 0, NULL);
    split_is(" \t\n", 0, NULL);
    split_is("a b  c\n", 3, (const char *const[]){"a", "b", "c"});
    split_is("a=\"b c\" 'd e'", 2, (const char *const[]){"a=b c", "d e"});
    split_is("a=\"say \\\"x\\\" \\\\ \"", 1, (const char *const[]){"a=say \"x\" \\ "});
    split_is("'a\\b' \"\"", 2, (const char *const[]){"a\\b", ""});
    split_is("primitive x \\\n\tparams a=1", 4,
             (const char *const[]){"primitive", "x", "params", "a=1"});
    split_is("a\\", 1, (const char *const[]){"a"});
    split_is("a\\b", 1, (const char *const[]){"a\\b"});
}
END_TEST

START_TEST(test_open_quote)
{
    int argc;
    ck_assert_ptr_null(quoting_split("a \"b c", &argc));
    ck_assert_ptr_null(quoting_split("'", &argc));
}
END_TEST

static const char *word(const char *w)
{
    str_init(&out, text, sizeof(text));
    quoting_word(&out, w);
    return text;
}

START_TEST(test_word)
{
    ck_assert_str_eq(word("abc"), "abc");
    ck_assert_str_eq(word("a=b"), "a=b");
    ck_assert_str_eq(word("a=b c"), "a=\"b c\"");
    ck_assert_str_eq(word("a=b=c d"), "a=\"b=c d\"");
    ck_assert_str_eq(word("a b=c"), "\"a b=c\"");
    ck_assert_str_eq(word("a="), "a=\"\"");
    ck_assert_str_eq(word(""), "\"\"");
    ck_assert_str_eq(word("a=\"x\\"), "a=\"\\\"x\\\\\"");
}
END_TEST

START_TEST(test_continues)
{
    ck_assert(quoting_continues("a \\"));
    ck_assert(quoting_continues("a \\ \n"));
    ck_assert(!quoting_continues("a \\ b"));
    ck_assert(!quoting_continues(""));
}
END_TEST

/* Any value, put into words and read by lib/cib, is that value again. */
START_TEST(test_cib_agrees)
{
    static const char letter[] = "ab \t\"'\\=#:{}";
    struct prng p;
    prng_seed(&p, 7);
    size_t size = cib_arena_need(sizeof(text));
    void *room = malloc(size);
    struct cib_faults *faults = calloc(1, sizeof(*faults));
    struct cib_names names = {.node = {NULL}};
    ck_assert(room && faults);
    for (unsigned i = 0; i < 2000; i++) {
        char value[16] = "v", nv[32];
        struct arena arena;
        struct cib *c;
        for (unsigned k = 1; k < 2 + i % 10; k++)
            value[k] = letter[prng_below(&p, sizeof(letter) - 1)];
        snprintf(nv, sizeof(nv), "a=%s", value);
        char *argv[] = {(char *)"primitive", (char *)"x", (char *)"ocf:yoke:Dummy",
                        (char *)"params", nv};
        str_init(&out, text, sizeof(text));
        quoting_join(&out, 5, argv);
        arena_init(&arena, room, size);
        ck_assert_msg(cib_parse(text, &names, &arena, &c, faults) == ERR_OK, "%s: %s", text,
                      faults->at[0].text);
        ck_assert_str_eq(nvlist_get(&c->prim[0].params, "a"), value);
        split_is(text, 5, (const char *const *)argv);
    }
    free(faults);
    free(room);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("quoting");
    tcase_add_test(t, test_split);
    tcase_add_test(t, test_open_quote);
    tcase_add_test(t, test_word);
    tcase_add_test(t, test_continues);
    tcase_add_test(t, test_cib_agrees);
    return unit_end();
}
