/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_confparse: texts to values, every kind of fault with its line, and all of them at once. */
#include <stdlib.h>
#include "lib/conf/timing.h"
#include "test/unit/conftext.h"
#include "test/unit/unit.h"

static struct conf conf;
static struct conf_origin origin;
static struct conf_faults faults;

static enum err parse(const char *text)
{
    return conf_parse_origin(text, &conf, &origin, NULL, &faults);
}

#define MUST_FAULT(line, words)                                                                    \
    do {                                                                                           \
        const struct conf_fault *fault_ = conftext_fault(&faults, line, words);                    \
        if (fault_ == NULL)                                                                        \
            conftext_show(&faults);                                                                \
        ck_assert_msg(fault_ != NULL, "line %u: %s", (unsigned)(line), words);                     \
    } while (0)

START_TEST(sample_is_read)
{
    enum err err = parse(CONFTEXT_SAMPLE);
    conftext_show(&faults);
    ck_assert_int_eq(err, ERR_OK);
    ck_assert_uint_eq(faults.n, 0);
    ck_assert_str_eq(conf.cluster, "treasury");
    ck_assert_int_eq(conf.engine, ENGINE_PAIR);
    ck_assert_uint_eq(conf.takeover_ms, 10000);
    ck_assert_uint_eq(conf.deadtime_ms, 0);
    ck_assert_uint_eq(conf.n_nodes, 2);
    ck_assert_str_eq(conf.node[0].name, "db1");
    ck_assert_uint_eq(conf.node[1].id, 2);
    ck_assert_uint_eq(conf.n_links, 2);
    ck_assert_str_eq(conf.link[0].name, "lan");
    ck_assert_int_eq(conf.link[0].type, LINK_UDP);
    ck_assert_uint_eq(conf.link[0].port, 5410);
    ck_assert_str_eq(conf.link[0].addr[1], "192.168.10.12");
    ck_assert_int_eq(conf.link[1].type, LINK_SERIAL);
    ck_assert_uint_eq(conf.link[1].baud, 115200);
    ck_assert_str_eq(conf.link[1].addr[0], "/dev/ttyS0");
    ck_assert_uint_eq(conf.guard, GUARD_FENCE);
    ck_assert_int_eq(conf.auth, AUTH_HMAC_SHA256);
    ck_assert_str_eq(conf.keyfile, "/etc/yoke/key");
    ck_assert_str_eq(conf.group, "yoke");
    ck_assert(conf.realtime && conf.lock_memory && conf.switch_off_on_fenced);
    ck_assert_uint_eq(conf_node_index(&conf, "db2"), 1);
    ck_assert_uint_eq(conf_node_index(&conf, "db3"), NODE_NONE);
    ck_assert_uint_eq(conf_node_by_id(&conf, 2), 1);
    ck_assert_uint_eq(conf_node_by_id(&conf, 3), NODE_NONE);
}
END_TEST

START_TEST(example_is_read)
{
    static char text[CONF_TEXT_MAX];
    const char *dir = getenv("srcdir");
    char path[512];
    snprintf(path, sizeof path, "%s/etc/yoke.conf.example", dir != NULL ? dir : ".");
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s", path);
    size_t len = fread(text, 1, sizeof text - 1, f);
    text[len] = '\0';
    fclose(f);
    enum err err = parse(text);
    conftext_show(&faults);
    ck_assert_int_eq(err, ERR_OK);
    ck_assert_uint_eq(faults.n, 0);
    ck_assert_uint_eq(conf.n_links, 2);
}
END_TEST

START_TEST(lines_are_remembered)
{
    ck_assert_int_eq(parse(CONFTEXT_SAMPLE), ERR_OK);
    const struct opt *takeover = opt_find(OPT_CLUSTER, "takeover", NULL);
    const struct opt *deadtime = opt_find(OPT_CLUSTER, "deadtime", NULL);
    const struct opt *id = opt_find(OPT_NODE, "id", NULL);
    const struct opt *baud = opt_find(OPT_LINK, "baud", NULL);
    ck_assert_uint_eq(origin.row[conf_place(OPT_CLUSTER, 0)][opt_index(takeover)], 4);
    ck_assert_uint_eq(origin.row[conf_place(OPT_CLUSTER, 0)][opt_index(deadtime)], 0);
    ck_assert_uint_eq(origin.row[conf_place(OPT_NODE, 1)][opt_index(id)], 8);
    ck_assert_uint_eq(origin.row[conf_place(OPT_LINK, 1)][opt_index(baud)], 17);
    ck_assert_uint_eq(origin.row[conf_place(OPT_LINK, 0)][opt_index(baud)], 0);
    ck_assert_uint_eq(origin.addr[0][1], 12);
    ck_assert_uint_eq(origin.head[conf_place(OPT_LINK, 1)], 13);
    ck_assert_uint_eq(origin.section[OPT_GUARD], 18);
    ck_assert_uint_eq(origin.section[OPT_DAEMON], 0);
}
END_TEST

START_TEST(nodes_are_sorted_by_id)
{
    ck_assert_int_eq(parse("[link a]\ntype=udp\nzeta=10.0.0.1\nalpha=10.0.0.2\n"
                           "[link b]\ntype=serial\nzeta=/dev/z\nalpha=/dev/a\n"
                           "[node zeta]\nid=9\n[node alpha]\nid=3\n[cluster]\nname=x\n"),
                     ERR_OK);
    ck_assert_str_eq(conf.node[0].name, "alpha");
    ck_assert_uint_eq(conf.node[0].id, 3);
    ck_assert_str_eq(conf.link[0].addr[0], "10.0.0.2");
    ck_assert_str_eq(conf.link[1].addr[1], "/dev/z");
    ck_assert_uint_eq(origin.addr[0][1], 3);
    ck_assert_uint_eq(origin.head[conf_place(OPT_NODE, 0)], 11);
    unsigned id = opt_index(opt_find(OPT_NODE, "id", NULL));
    ck_assert_uint_eq(origin.row[conf_place(OPT_NODE, 1)][id], 10);
    ck_assert_uint_eq(origin.row[conf_place(OPT_NODE, 0)][id], 12);
}
END_TEST

START_TEST(layout_does_not_matter)
{
    ck_assert_int_eq(parse("\xef\xbb\xbf# Windows wrote this\r\n\r\n  [ cluster ] ; head\r\n"
                           "\tname: x\r\n    takeover=12s;not a comment\r\n"),
                     ERR_SYNTAX);
    MUST_FAULT(5, "12s;not a comment is not a time");
    ck_assert_str_eq(conf.cluster, "x");
    ck_assert_int_eq(parse("\xef\xbb\xbf  [ cluster ] # head\r\n\tname: x\r\n"
                           "    takeover=12s ; a comment\r\n"
                           "[node\ta]\nid=1\n   [node b ]\n    id=2\n"
                           "[link l]\n  type=udp\n  a=fd00::1\n  b=fd00::2\n"
                           "[link m]\ntype=tcp\na=10.0.0.1\nb=10.0.0.2"),
                     ERR_OK);
    ck_assert_uint_eq(conf.takeover_ms, 12000);
    ck_assert_str_eq(conf.link[0].addr[1], "fd00::2");
    ck_assert_str_eq(conf.link[1].addr[1], "10.0.0.2");
}
END_TEST

/* One fault a line, or nearly. */
static const char wrong[] = "early = 1\n"             /* 1 */
                            "[clutser]\n"             /* 2 */
                            "name = skipped\n"        /* 3 */
                            "[cluster]\n"             /* 4 */
                            "name = x\n"              /* 5 */
                            "takover = 10s\n"         /* 6 */
                            "takeover = soon\n"       /* 7 */
                            "deadtime = 9min\n"       /* 8 */
                            "engine = quorosync\n"    /* 9 */
                            "keyfile = /etc/k\n"      /* 10 */
                            "name = y\n"              /* 11 */
                            "just words\n"            /* 12 */
                            "join-wait =\n"           /* 13 */
                            "[node a]\n"              /* 14 */
                            "id = 256\n"              /* 15 */
                            "[node b]\n"              /* 16 */
                            "idd = 2\n"               /* 17 */
                            "[node a]\n"              /* 18 */
                            "[link lan]\n"            /* 19 */
                            "type = upd\n"            /* 20 */
                            "initdead = 3\n"          /* 21 */
                            "c = 10.0.0.1\n"          /* 22 */
                            "udpport = 694\n"         /* 23 */
                            "[guard]\n"               /* 24 */
                            "use = lease, fense\n"    /* 25 */
                            "on-fenced = reset # x\n" /* 26 */
                            "[guard]\n"               /* 27 */
                            "[disk quorum]\n"         /* 28 */
                            "device = dev/sdb\n"      /* 29 */
                            "[node]\n"                /* 30 */
                            "[security now]\n"        /* 31 */
                            "[daemon\n"               /* 32 */
                            "[wheels]\n"              /* 33 */
                            "[link a b]\n";           /* 34 */

START_TEST(all_faults_at_once)
{
    ck_assert_int_eq(parse(wrong), ERR_SYNTAX);
    MUST_FAULT(1, "before the first section");
    MUST_FAULT(2, "did you mean [cluster]?");
    ck_assert_ptr_null(conftext_fault(&faults, 3, ""));
    MUST_FAULT(6, "did you mean takeover?");
    MUST_FAULT(7,
               "takeover = soon is not a time such as 500ms, 10s or 2min; allowed: 100ms .. 10min");
    MUST_FAULT(8, "out of bounds; allowed: 100ms .. 5min, derived");
    MUST_FAULT(9, "engine = quorosync");
    MUST_FAULT(10, "keyfile belongs into [security]");
    MUST_FAULT(11, "name is set twice, first in line 5");
    MUST_FAULT(12, "neither [section] nor key = value");
    MUST_FAULT(13, "join-wait has no value");
    MUST_FAULT(15, "id = 256 is out of bounds; allowed: 1 .. 255");
    MUST_FAULT(16, "[node b] lacks the key id");
    MUST_FAULT(17, "did you mean id?");
    MUST_FAULT(18, "[node a] is there twice, first in line 14");
    MUST_FAULT(20, "did you mean udp?");
    MUST_FAULT(21, "initdead belongs into [cluster]");
    MUST_FAULT(22, "there is no [node c]");
    MUST_FAULT(23, "udpport is called port here");
    ck_assert(conftext_fault(&faults, 23, "")->warning);
    ck_assert_uint_eq(conf.link[0].port, 694);
    MUST_FAULT(25, "use = lease, fense cannot be; allowed: fence, lease, reservation, none");
    MUST_FAULT(26, "a comment behind a value begins with a semicolon");
    MUST_FAULT(27, "[guard] is there twice, first in line 24");
    MUST_FAULT(29, "device = dev/sdb cannot be; allowed: an absolute path, none");
    MUST_FAULT(30, "[node] needs a name");
    MUST_FAULT(31, "[security] takes no name");
    MUST_FAULT(32, "a section head is");
    MUST_FAULT(33, "there is no section [wheels]; the sections are");
    MUST_FAULT(34, "a name has letters");
    for (unsigned i = 1; i < faults.n; i++)
        ck_assert_uint_le(faults.at[i - 1].line - 1, faults.at[i].line - 1);
    unsigned errors = 0;
    for (unsigned i = 0; i < faults.n; i++)
        errors += !faults.at[i].warning;
    ck_assert_uint_eq(errors, faults.n_errors);
}
END_TEST

START_TEST(disks_come_behind_the_links)
{
    ck_assert_int_eq(parse("[disk q1]\ndevice = /dev/disk/by-id/q1\n"
                           "[disk q2]\ndevice = /dev/q2\ndb2 = /dev/other\ninterval = 1s\n"
                           "[disk q3]\ndb1 = /dev/a\ndb2 = /dev/b\n"
                           "[watchdog]\ndevice = /dev/watchdog\ntimeout = 10s\n"
                           "accept-weak-watchdog = yes\n" CONFTEXT_SAMPLE),
                     ERR_OK);
    ck_assert_uint_eq(conf.n_links, 5);
    ck_assert_uint_eq(conf_disks(&conf), 3);
    ck_assert_str_eq(conf.link[1].name, "com");
    for (unsigned i = 2; i < 5; i++)
        ck_assert_uint_eq(conf.link[i].type, LINK_DISK);
    ck_assert_str_eq(conf.link[2].name, "q1");
    ck_assert_str_eq(conf.link[2].addr[0], "/dev/disk/by-id/q1");
    ck_assert_str_eq(conf.link[2].addr[1], "/dev/disk/by-id/q1");
    ck_assert_str_eq(conf.link[3].addr[0], "/dev/q2");
    ck_assert_str_eq(conf.link[3].addr[1], "/dev/other");
    ck_assert_uint_eq(conf.link[3].interval_ms, 1000);
    ck_assert_str_eq(conf.link[4].device, "");
    ck_assert_str_eq(conf.link[4].addr[1], "/dev/b");
    ck_assert_str_eq(conf.watchdog_device, "/dev/watchdog");
    ck_assert_uint_eq(conf.watchdog_ms, 10000);
    ck_assert(conf.accept_weak_watchdog);
    ck_assert_int_eq(parse(CONFTEXT_SAMPLE), ERR_OK);
    ck_assert_str_eq(conf.watchdog_device, "");
    ck_assert_uint_eq(conf_disks(&conf), 0);
    ck_assert_int_eq(parse(CONFTEXT_SAMPLE "[disk a]\ndevice=/a\n[disk b]\ndevice=/b\n"
                                           "[disk c]\ndevice=/c\n[disk d]\ndevice=/d\n"),
                     ERR_SYNTAX);
    MUST_FAULT(30, "[disk d] is one too many: at most 3 such sections");
    ck_assert_int_eq(parse(CONFTEXT_SAMPLE "[disk lan]\ndevice=/a\n"), ERR_SYNTAX);
    MUST_FAULT(24, "[disk lan] is there twice, first in line 9");
}
END_TEST

START_TEST(nothing_is_something_missing)
{
    ck_assert_int_eq(parse(""), ERR_SYNTAX);
    MUST_FAULT(0, "the section [cluster] is missing; it needs the key name");
    MUST_FAULT(0, "needs two nodes, here are 0");
    MUST_FAULT(0, "there is no link");
    ck_assert_int_eq(parse("\n[cluster]\ntakeover=1s\n"), ERR_SYNTAX);
    MUST_FAULT(2, "[cluster] lacks the key name");
}
END_TEST

START_TEST(limits_hold)
{
    static char text[CONF_TEXT_MAX + 16];
    struct str s;

    str_init(&s, text, sizeof text);
    str_add(&s, CONFTEXT_SAMPLE);
    for (unsigned i = 0; i < CONF_LINKS_MAX; i++)
        str_addf(&s, "[link x%u]\ntype = udp\ndb1=10.1.%u.1\ndb2=10.1.%u.2\n", i, i, i);
    ck_assert_int_eq(parse(text), ERR_SYNTAX);
    ck_assert_uint_eq(faults.n_errors, 2);
    MUST_FAULT(24 + 4 * (CONF_LINKS_MAX - 2), "at most 8 such sections");

    str_init(&s, text, sizeof text);
    for (unsigned i = 0; i < 100; i++)
        str_add(&s, "nonsense\n");
    ck_assert_int_eq(parse(text), ERR_SYNTAX);
    ck_assert_uint_eq(faults.n, CONF_FAULTS_MAX);
    ck_assert_uint_ge(faults.n_errors, 100);

    str_init(&s, text, sizeof text);
    str_add(&s, "[cluster]\nname = ");
    for (unsigned i = 0; i < 1000; i++)
        str_add_char(&s, 'x');
    str_add(&s, "\ntakeover = 7s\n");
    ck_assert_int_eq(parse(text), ERR_SYNTAX);
    MUST_FAULT(2, "the line is too long");
    ck_assert_uint_eq(conf.takeover_ms, 7000);

    str_init(&s, text, sizeof text);
    while (!s.cut)
        str_add(&s, "# a very long file\n");
    ck_assert_int_eq(parse(text), ERR_SYNTAX);
    MUST_FAULT(0, "is longer than");
}
END_TEST

START_TEST(faults_are_clean_text)
{
    ck_assert_int_eq(parse("[cluster]\n\x1b[2Jname = a\n"
                           "takeover = \x1b]0;\a\n"
                           "nam\xe5\x90\x8d = \xe5\x90\x8d\xe5\x90\x8d\xe5\x90\x8d\n"),
                     ERR_SYNTAX);
    for (unsigned i = 0; i < faults.n; i++)
        for (const char *at = faults.at[i].text; *at != '\0'; at++)
            ck_assert((unsigned char)*at >= ' ' && *at != '\x7f');
    struct conf_faults f = {0};
    char wide[3 * 100 + 1] = "";
    for (unsigned i = 0; i < 100; i++)
        strcat(wide, "\xe5\x90\x8d");
    conf_fault_add(&f, 1, false, "%s", wide);
    ck_assert_uint_eq(strlen(f.at[0].text), (CONF_FAULT_LEN - 1) / 3 * 3);
    conf_fault_add(&f, 1, false, "ab%s", wide);
    ck_assert_uint_eq((strlen(f.at[1].text) - 2) % 3, 0);
}
END_TEST

static const char *shout(const char *text)
{
    return strstr(text, "neither") != NULL ? "TRANSLATED" : text;
}

START_TEST(sentences_are_translated)
{
    ck_assert_int_eq(conf_parse_origin("[cluster]\nx\n", &conf, NULL, shout, &faults), ERR_SYNTAX);
    MUST_FAULT(2, "TRANSLATED");
}
END_TEST

START_TEST(timing_is_asked)
{
    ck_assert_int_eq(conf_parse("[cluster]\nname=x\ntakeover=10s\ndeadtime=150ms\n"
                                "[node a]\nid=1\n[node b]\nid=2\n"
                                "[link com]\ntype=serial\nbaud=9600\na=/dev/a\nb=/dev/b\n",
                                &conf, &faults),
                     ERR_SYNTAX);
    MUST_FAULT(4,
               "deadtime = 150ms cannot be kept by the link com; the smallest deadtime that can be "
               "is 906ms");
    ck_assert_int_eq(parse("[cluster]\nname=x\ntakeover=10s\ndeadtime=150ms\n"
                           "[node a]\nid=1\n[node b]\nid=2\n"
                           "[link com]\ntype=serial\nbaud=115200\na=/dev/a\nb=/dev/b\n"),
                     ERR_OK);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("confparse");
    tcase_add_test(t, sample_is_read);
    tcase_add_test(t, example_is_read);
    tcase_add_test(t, lines_are_remembered);
    tcase_add_test(t, nodes_are_sorted_by_id);
    tcase_add_test(t, layout_does_not_matter);
    tcase_add_test(t, all_faults_at_once);
    tcase_add_test(t, disks_come_behind_the_links);
    tcase_add_test(t, nothing_is_something_missing);
    tcase_add_test(t, limits_hold);
    tcase_add_test(t, faults_are_clean_text);
    tcase_add_test(t, sentences_are_translated);
    tcase_add_test(t, timing_is_asked);
    return unit_end();
}
