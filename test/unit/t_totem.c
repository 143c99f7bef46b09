/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_totem: corosync.conf: what is written passes the check, for two to sixteen nodes; each thing
 * that can disagree, once, alone; and what is no corosync.conf at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/conf/totem.h"
#include "test/unit/conftext.h"
#include "test/unit/unit.h"

static struct conf conf;
static struct timing timing;
static struct conf_faults faults;
static char text[TOTEM_WRITTEN_MAX], other[TOTEM_WRITTEN_MAX + 1024];

static void conf_make(unsigned nodes, bool v6)
{
    static char yoke[16 * 1024];
    char why[256];
    struct str s, w;
    str_init(&s, yoke, sizeof yoke);
    str_add(&s, "[cluster]\nname = treasury\nengine = corosync\ntakeover = 10s\n");
    for (unsigned n = 1; n <= nodes; n++)
        str_addf(&s, "[node db%u]\nid = %u\n", n, n);
    for (unsigned l = 0; l < 2; l++) {
        str_addf(&s, "[link net%u]\ntype = udp\n", l);
        for (unsigned n = 1; n <= nodes; n++)
            str_addf(&s, v6 ? "db%u = fd00:%u::%x\n" : "db%u = 10.0.%u.%u\n", n, l, n);
    }
    str_init(&w, why, sizeof why);
    ck_assert_int_eq(conf_parse(yoke, &conf, &faults), ERR_OK);
    ck_assert_int_eq(timing_derive(&conf, &timing, &w), ERR_OK);
    str_init(&s, text, sizeof text);
    totem_print(&conf, &timing, "/etc/corosync/authkey", &s);
    ck_assert(!s.cut);
}

static enum err check(const char *what)
{
    return totem_check(what, &conf, &timing, NULL, &faults);
}

START_TEST(what_is_written_is_right)
{
    for (unsigned nodes = 2; nodes <= 16; nodes++)
        for (unsigned v6 = 0; v6 < 2; v6++) {
            conf_make(nodes, v6);
            enum err err = check(text);
            conftext_show(&faults);
            ck_assert_int_eq(err, ERR_OK);
            ck_assert_uint_eq(faults.n, 0);
            ck_assert((strstr(text, "two_node: 1") != NULL) == (nodes == 2));
        }
}
END_TEST

/* The same change, which changes nothing. */
static void as_good(const char *from, const char *to)
{
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "%s", from);
    snprintf(other, sizeof other, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    enum err err = check(other);
    conftext_show(&faults);
    ck_assert_int_eq(err, ERR_OK);
    ck_assert_uint_eq(faults.n, 0);
}

/* The text with the first `from` replaced by `to`: exactly this one fault. */
static void differs(const char *from, const char *to, bool warning, const char *words)
{
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "%s", from);
    snprintf(other, sizeof other, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    enum err err = check(other);
    if (faults.n != 1 || strstr(faults.at[0].text, words) == NULL)
        conftext_show(&faults);
    ck_assert_uint_eq(faults.n, 1);
    ck_assert_msg(strstr(faults.at[0].text, words) != NULL, "%s", words);
    ck_assert(faults.at[0].warning == warning);
    ck_assert_int_eq(err, warning ? ERR_OK : ERR_SYNTAX);
}

START_TEST(each_disagreement)
{
    conf_make(3, false);
    const char *at = strstr(text, "nodeid: 2");
    snprintf(other, sizeof other, "%.*snodeid: 7%s", (int)(at - text), text, at + 9);
    ck_assert_int_eq(check(other), ERR_SYNTAX);
    ck_assert_uint_eq(faults.n, 2);
    ck_assert_ptr_nonnull(conftext_fault(&faults, 0, "node db2 (nodeid 2) is missing"));
    ck_assert_ptr_nonnull(conftext_fault(&faults, 23, "nodeid 7 is not in yoke.conf"));
    differs("name: db2", "name: db3", false, "nodeid 2 is db3 here and db2");
    differs("ring0_addr: 10.0.0.2", "ring0_addr: 10.0.0.9", true, "yoke.conf has 10.0.0.2");
    differs("ring0_addr: 10.0.0.2", "ring0_addr: db2.example", true, "is a name, db2.example");
    differs("ring0_addr: 10.0.0.2", "", false, "has no ring0_addr: write 10.0.0.2");
    differs("ring1_addr: 10.0.1.2", "", true, "has no ring1_addr");
    differs("token_coefficient: 0", "token_coefficient: 650", false, "1.2 times the token");
    differs("cluster_name: treasury", "cluster_name: bank", true, "is \"bank\" here");
    differs("crypto_hash: sha256", "crypto_hash: none", true, "nothing is authenticated");
    differs("transport: knet", "transport: udpu", true, "has one link only");
    differs("provider: corosync_votequorum", "", false, "the quorum has no provider");
    differs("votequorum\n", "votequorum\ntwo_node: 1\n", false, "two_node: 1 is for two nodes");
    differs("votequorum\n", "votequorum\nexpected_votes: 5\n", false, "expected_votes: 5 for 3");
    differs("votequorum\n", "votequorum\ndevice {\nmodel: net\n}\n", true, "a quorum device");
    differs("ring0_addr: 10.0.0.2", "ring0_addr: db2", true, "is a name, db2");
    differs("consensus: ", "consensus: 1", false, "settles after");
    conf_make(2, false);
    differs("two_node: 1", "", false, "lose the quorum");
}
END_TEST

START_TEST(what_is_as_good)
{
    conf_make(3, true);
    as_good("ring1_addr: fd00:1::2", "ring1_addr: FD00:0001::0:2");
    as_good("    crypto_hash: sha256\n", "    secauth: on\n");
    as_good("crypto_cipher: aes256", "crypto_cipher: none"); /* authenticated all the same */
    as_good("}\nnodelist", "    interface {\n        mcastport: 5409\n        linknumber: 1\n    "
                           "}\n}\nnodelist");
    as_good("consensus: ", "window_size: 50\n    consensus: ");
}
END_TEST

/* A link of ours may have one of corosync's ports: then corosync is given another. */
START_TEST(ports_that_are_ours)
{
    struct str s;
    conf_make(3, false);
    conf.link[0].port = 5406;
    conf.link[1].port = 5406;
    str_init(&s, text, sizeof text);
    totem_print(&conf, &timing, "/etc/corosync/authkey", &s);
    ck_assert_ptr_nonnull(strstr(text, "linknumber: 1\n        mcastport: 5408\n"));
    ck_assert_ptr_null(strstr(text, "linknumber: 0"));
    as_good("mcastport: 5408", "mcastport: 5410");
    differs("mcastport: 5408", "mcastport: 5406", false, "on the addresses of [link net1]");
    differs("mcastport: 5408", "mcastport: x", false, "x is no number");
    differs("    interface {\n        linknumber: 1\n        mcastport: 5408\n    }\n", "", false,
            "on the addresses of [link net1]");
}
END_TEST

START_TEST(times_that_do_not_fit)
{
    char token[64];
    conf_make(2, false);
    snprintf(token, sizeof token, "token: %u", timing_token_ms(timing.settle_ms));
    const char *at = strstr(text, token);
    ck_assert_ptr_nonnull(at);
    snprintf(other, sizeof other, "%.*stoken: 20000\nconsensus: 24000%s", (int)(at - text), text,
             strstr(at, "\n}"));
    ck_assert_int_eq(check(other), ERR_SYNTAX);
    ck_assert_uint_eq(faults.n, 1);
    ck_assert_ptr_nonnull(strstr(faults.at[0].text, token));
    ck_assert_ptr_nonnull(strstr(faults.at[0].text, "settles after 44000 ms"));
    /* Corosync's own defaults, three nodes: 3000 + 650, and 1.2 times that. */
    conf_make(3, false);
    at = strstr(text, "    token:");
    snprintf(other, sizeof other, "%.*s%s", (int)(at - text), text, strstr(at, "}"));
    enum err err = check(other);
    bool fits = 3650 + 4380 <= timing.settle_ms;
    ck_assert_int_eq(err, fits ? ERR_OK : ERR_SYNTAX);
}
END_TEST

START_TEST(what_is_none)
{
    conf_make(3, false);
    static const char *const none[] = {
        "totem {\n",   "}\n",    "just words\n",       "a { \nb {\nc {\nd {\ne {\n",
        "nodelist {}", "{\n}\n", "totem {\ntoken\n}\n"};
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++) {
        ck_assert_int_eq(check(none[i]), ERR_SYNTAX);
        ck_assert_ptr_nonnull(strstr(faults.at[faults.n - 1].text, "no corosync.conf"));
    }
    ck_assert_int_eq(check(""), ERR_SYNTAX);
    char *large = malloc(TOTEM_TEXT_MAX + 2);
    memset(large, '#', TOTEM_TEXT_MAX + 1);
    large[TOTEM_TEXT_MAX + 1] = '\0';
    ck_assert_int_eq(check(large), ERR_SYNTAX);
    ck_assert_ptr_nonnull(strstr(faults.at[0].text, "longer than"));
    free(large);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("totem");
    tcase_add_test(t, what_is_written_is_right);
    tcase_add_test(t, each_disagreement);
    tcase_add_test(t, what_is_as_good);
    tcase_add_test(t, ports_that_are_ours);
    tcase_add_test(t, times_that_do_not_fit);
    tcase_add_test(t, what_is_none);
    return unit_end();
}
