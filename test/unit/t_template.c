/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_template: templates read, right ones and wrong ones, their values checked, and the text that is
 * made of them: optional parts, defaults, and values that try to be more than values. */
#include <unistd.h>
#include "cli/fillin.h"
#include "test/unit/capture.h"
#include "test/unit/unit.h"

#define HEAD                                                                                       \
    "# a comment\nabout en A thing\nabout zh 东西\nnote en One\nnote en Two\n\n"                 \
    "param name name default thing\n    en Name\n    zh 名\n    example x\n"                      \
    "param ip ip required\n\ten Address\n\texample 10.0.0.1\n"                                     \
    "param nic text optional\n    en Interface\n"                                                  \
    "param vg text optional\n    en Group\n"                                                       \
    "param home path default /opt/${name}/x\n    en Home\n"                                        \
    "param nfs yesno default no\n    en NFS\n"
#define BODY                                                                                       \
    "body\n# what follows is optional\n?vg primitive ${name}-vg ocf:x:lvm\n"                       \
    "    params vgname=${vg}\n"                                                                    \
    "primitive ${name}-ip ocf:x:ip\n    params ip=${ip} nic=${nic} both=${nic}${ip}\n"             \
    "    nic2=${nic}\n    ?nfs ?vg both=1\n    !vg home=${home}\n"                                 \
    "group ${name}\n    ?vg ${name}-vg\n    ${name}-ip\n"

static struct template *t;
static struct fillin f;

static void teardown(void)
{
    template_free(t);
    t = NULL;
}

/* Reads one that is right, and takes the values. */
static int begin(const char *text, const char *const *word)
{
    int code = EXIT_OK;
    template_free(t);
    capture_begin(STDERR_FILENO);
    t = template_parse("thing", "thing.tmpl", text);
    capture_end();
    ck_assert_msg(t != NULL, "%s", captured);
    fillin_init(&f, t);
    capture_begin(STDERR_FILENO);
    for (; *word && code == EXIT_OK; word++)
        code = fillin_take(&f, *word);
    if (code == EXIT_OK)
        code = fillin_finish(&f);
    capture_end();
    return code;
}

#define BEGIN(text, ...) begin(text, (const char *const[]){__VA_ARGS__, NULL})

static const char *filled(void)
{
    static char text[8192];
    struct str s;
    str_init(&s, text, sizeof(text));
    template_fill(t, f.value, &s);
    ck_assert(!s.cut);
    return text;
}

START_TEST(test_read)
{
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=10.0.0.9"), EXIT_OK);
    ck_assert_str_eq(t->about[TEMPLATE_EN], "A thing");
    ck_assert_str_eq(t->about[TEMPLATE_ZH], "东西");
    ck_assert_str_eq(t->note[TEMPLATE_EN], "One\nTwo");
    ck_assert_ptr_null(t->note[TEMPLATE_ZH]);
    ck_assert_uint_eq(t->n_params, 6);
    ck_assert_str_eq(t->param[0].question[TEMPLATE_ZH], "名");
    ck_assert_str_eq(t->param[0].example, "x");
    ck_assert(t->param[1].required && !t->param[1].value && t->param[1].type == TEMPLATE_IP);
    ck_assert_str_eq(template_said(t->param[2].question), "Interface");
    ck_assert_int_eq(strncmp(t->body, "# what follows", 14), 0);
    /* Words without a value are left out, and lines that had only such. */
    ck_assert_str_eq(filled(), "primitive thing-ip ocf:x:ip \\\n\tparams ip=10.0.0.9 \\\n"
                               "\thome=/opt/thing/x\ngroup thing \\\n"
                               "\tthing-ip\n");
}
END_TEST

START_TEST(test_conditions)
{
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=10.0.0.9", "vg=v", "name=db", "nic=eth0", "nfs=yes"),
                     EXIT_OK);
    ck_assert_str_eq(filled(),
                     "primitive db-vg ocf:x:lvm \\\n\tparams vgname=v\n"
                     "primitive db-ip ocf:x:ip \\\n"
                     "\tparams ip=10.0.0.9 nic=eth0 both=eth010.0.0.9 \\\n\tnic2=eth0 \\\n"
                     "\tboth=1\ngroup db \\\n\tdb-vg \\\n\tdb-ip\n");
    /* no is nothing; an empty value is none, also where there is a default. */
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=::1", "vg=v", "nfs=no", "home="), EXIT_OK);
    ck_assert_ptr_null(strstr(filled(), "both=1"));
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=::1", "home="), EXIT_OK);
    ck_assert_ptr_null(strstr(filled(), "home"));
}
END_TEST

/* A value is one word of the configuration, whatever is in it. */
START_TEST(test_values_stay_values)
{
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=10.0.0.9", "nic=a b \"c\" ${ip} \\ 'd' params x=1"),
                     EXIT_OK);
    ck_assert_ptr_nonnull(
        strstr(filled(), " nic=\"a b \\\"c\\\" ${ip} \\\\ 'd' params x=1\" both="));
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=10.0.0.9", "nic=a\nprimitive evil ocf:x:y"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "without control characters"));
}
END_TEST

/* What belongs to something that is not wanted is not needed. */
START_TEST(test_if)
{
    static const char text[] = "about en x\nparam a text optional\n  en A\n"
                               "param b text required\n  en B\n  if a\nbody\ngroup g x ${b}\n";
    ck_assert_int_eq(begin(text, (const char *const[]){NULL}), EXIT_OK);
    ck_assert_str_eq(filled(), "group g x\n");
    ck_assert_int_eq(BEGIN(text, "a=1"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "needs a value for b"));
    ck_assert_int_eq(BEGIN(text, "a=1", "b=2"), EXIT_OK);
}
END_TEST

START_TEST(test_wrong_values)
{
    ck_assert_int_eq(BEGIN(HEAD BODY, "name=x"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "thing needs a value for ip: give PARAM=VALUE"));
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip="), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "needs a value for ip"));
    ck_assert_int_eq(BEGIN(HEAD BODY, "ipp=1"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "thing has no parameter ipp; did you mean ip?"));
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "'ip' is not PARAM=VALUE"));
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=10.0.0.9/24"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "ip=10.0.0.9/24 is not right: it must be an address"));
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=::1", "name=a b"), EXIT_USAGE);
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=::1", "home=opt"), EXIT_USAGE);
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=::1", "nfs=maybe"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "yes or no"));
    char big[TEMPLATE_VALUE_LEN + 8] = "nic=";
    memset(big + 4, 'x', TEMPLATE_VALUE_LEN);
    ck_assert_int_eq(BEGIN(HEAD BODY, "ip=::1", big), EXIT_USAGE);
}
END_TEST

START_TEST(test_kinds)
{
    static const struct {
        enum template_type type;
        const char *right[4], *wrong[5];
    } row[] = {
        {TEMPLATE_NAME, {"a", "db-1.x_y"}, {"1a", "a b", "a/b", "a${b", ""}},
        {TEMPLATE_IP, {"10.0.0.1", "fd00::1"}, {"10.0.0", "host", "10.0.0.1/8", "10.0.0.256"}},
        {TEMPLATE_IPS,
         {"10.0.0.1", " 10.0.0.1  ::1 "},
         {"", " ", "10.0.0.1,10.0.0.2", "10.0.0.1 x"}},
        {TEMPLATE_NETMASK, {"24", "255.255.255.0", "0.0.0.0"}, {"129", "255.0.255.0", "x", "-1"}},
        {TEMPLATE_PATH, {"/a", "/a b"}, {"/", "a", "", "./a"}},
        {TEMPLATE_DEVICE,
         {"/dev/sda", "UUID=1-2", "LABEL=x", "nas:/x"},
         {"sda", "/", "x=/y", ":/"}},
        {TEMPLATE_NUMBER, {"0", "999"}, {"-1", "1.5", "x", "10000000000"}},
        {TEMPLATE_PORT, {"1", "65535"}, {"0", "65536", "http"}},
        {TEMPLATE_USER, {"oracle", "dm_1"}, {"1", "a b", "a:b", "-r"}},
        {TEMPLATE_YESNO, {"yes", "no"}, {"Yes", "1", ""}},
        {TEMPLATE_TEXT, {"", "x y", "达梦"}, {"a\tb", "\x1b[0m"}},
    };
    char reason[256];
    struct str why;
    for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
        str_init(&why, reason, sizeof(reason));
        for (unsigned k = 0; k < 4 && row[i].right[k]; k++)
            ck_assert_msg(fillin_right(row[i].type, row[i].right[k], &why), "%s %s",
                          template_type_name(row[i].type), row[i].right[k]);
        for (unsigned k = 0; k < 5 && row[i].wrong[k]; k++) {
            str_init(&why, reason, sizeof(reason));
            ck_assert_msg(!fillin_right(row[i].type, row[i].wrong[k], &why), "%s %s",
                          template_type_name(row[i].type), row[i].wrong[k]);
            ck_assert_uint_gt(why.len, 0);
        }
    }
}
END_TEST

/* Every fault is told, each with its line. */
START_TEST(test_wrong_files)
{
    static const struct {
        const char *text, *told;
    } row[] = {
        {"", "no line 'about en'"},
        {"about en x\n", "there is no body"},
        {"about en x\nbody\n", "there is no body"},
        {"about zh x\nbody\ngroup a b\n", "no line 'about en'"},
        {"about fr x\n", "x.tmpl:1: 'fr' is no language"},
        {"about en\n", "x.tmpl:1: nothing stands behind en"},
        {"about en a\nabout en b\n", "x.tmpl:2: en stands here twice"},
        {"abuot en a\n", "x.tmpl:1: 'abuot' is nothing"},
        {"\n  en x\n", "x.tmpl:2: an indented line belongs to the param above"},
        {"param A text optional\n", "x.tmpl:1: 'A' is no name"},
        {"param a\n", "is no kind of value"},
        {"param a adress required\n", "x.tmpl:1: 'adress' is no kind of value"},
        {"param a ip\n", "required, optional, or default"},
        {"param a ip required x\n", "required, optional, or default"},
        {"param a ip default\n", "required, optional, or default"},
        {"param a ip optional\nparam a ip optional\n", "x.tmpl:2: there is a parameter a already"},
        {"param a ip optional\nbody\ngroup x y\n", "the parameter a has no line 'en'"},
        {"param a ip default ${b}\n  en q\n", "there is no parameter b before this"},
        {"param a ip default ${a}\n  en q\n", "there is no parameter a before this"},
        {"param a ip optional\n  example\n", "x.tmpl:2: nothing stands behind example"},
        {"param a ip optional\n  if a\n", "x.tmpl:2: there is no parameter a before this"},
        {"body\n  x\n", "x.tmpl:2: an indented line goes on with the definition above"},
        {"body\nproperty stonith-enabled=false\n", "x.tmpl:2: a template cannot define 'property'"},
        {"body\nprimitive\n", "x.tmpl:2: primitive needs a name"},
        {"body\ngroup a ${b}\n", "x.tmpl:2: there is no parameter b before this"},
        {"body\ngroup a ${b\n", "x.tmpl:2: ${ is opened and not closed"},
        {"body\ngroup a \"b\n", "x.tmpl:2: a quote is opened and not closed"},
        {"body\n?b group a b\n", "x.tmpl:2: there is no parameter b before this"},
        {"param b ip optional\nbody\n?b\n", "nothing stands behind the conditions"},
        {"param b ip optional\nbody\n?b ?b ?b ?b !b group x y\n", "too many conditions"},
    };
    for (unsigned i = 0; i < ARRAY_LEN(row); i++) {
        capture_begin(STDERR_FILENO);
        struct template *bad = template_parse("x", "x.tmpl", row[i].text);
        capture_end();
        ck_assert_msg(!bad, "%s", row[i].text);
        ck_assert_msg(strstr(captured, row[i].told) != NULL, "%s: %s", row[i].text, captured);
    }
}
END_TEST

START_TEST(test_limits)
{
    static char text[65536];
    struct str s;
    str_init(&s, text, sizeof(text));
    str_add(&s, "about en x\n");
    for (int i = 0; i <= TEMPLATE_PARAMS; i++)
        str_addf(&s, "param p%d text optional\n en q\n", i);
    str_add(&s, "body\n");
    for (int i = 0; i <= TEMPLATE_LINES; i++)
        str_add(&s, "group a b\n");
    capture_begin(STDERR_FILENO);
    struct template *bad = template_parse("x", "x.tmpl", text);
    capture_end();
    ck_assert_ptr_null(bad);
    ck_assert_ptr_nonnull(strstr(captured, "more than 64 parameters"));
    ck_assert_ptr_nonnull(strstr(captured, "more than 512 lines"));
}
END_TEST

int main(void)
{
    TCase *c = unit_begin("template");
    tcase_add_checked_fixture(c, NULL, teardown);
    tcase_add_test(c, test_read);
    tcase_add_test(c, test_conditions);
    tcase_add_test(c, test_values_stay_values);
    tcase_add_test(c, test_if);
    tcase_add_test(c, test_wrong_values);
    tcase_add_test(c, test_kinds);
    tcase_add_test(c, test_wrong_files);
    tcase_add_test(c, test_limits);
    return unit_end();
}
