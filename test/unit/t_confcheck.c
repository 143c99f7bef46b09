/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_confcheck: nodes, links and addresses against each other; each rule broken once, alone. */
#include "lib/conf/audit.h"
#include "test/unit/conftext.h"
#include "test/unit/unit.h"

static struct conf conf;
static struct conf_faults faults;

#define HEAD  "[cluster]\nname = x\n"                                  /* 1, 2 */
#define NODES HEAD "[node a]\nid = 1\n[node b]\nid = 2\n"              /* 3 .. 6 */
#define LAN   NODES "[link lan]\ntype = udp\na=10.0.0.1\nb=10.0.0.2\n" /* 7 .. 10 */

/* Exactly this one fault: an error, or with ERR_OK a warning. */
static void one(const char *text, enum err want, unsigned line, const char *words)
{
    enum err err = conf_parse(text, &conf, &faults);
    const struct conf_fault *f = conftext_fault(&faults, line, words);
    unsigned seen = 0;
    for (unsigned i = 0; i < faults.n; i++)
        seen += faults.at[i].warning == (want == ERR_OK);
    if (f == NULL || err != want || seen != 1)
        conftext_show(&faults);
    ck_assert_int_eq(err, want);
    ck_assert_msg(f != NULL, "line %u: %s", line, words);
    ck_assert(f->warning == (want == ERR_OK));
    ck_assert_uint_eq(seen, 1);
}

static void fine(const char *text)
{
    enum err err = conf_parse(text, &conf, &faults);
    conftext_show(&faults);
    ck_assert_int_eq(err, ERR_OK);
    ck_assert_uint_eq(faults.n, 0);
}

START_TEST(nodes_are_two)
{
    one(HEAD "[node a]\nid=1\n[link l]\ntype=udp\na=10.0.0.1\n", ERR_SYNTAX, 0, "here are 1");
    one(NODES "[node c]\nid=3\n[link l]\ntype=udp\na=10.0.0.1\nb=10.0.0.2\nc=10.0.0.3\n",
        ERR_SYNTAX, 0, "here are 3");
}
END_TEST

#define RING  "[cluster]\nname = x\nengine = corosync\ntakeover = 20s\n"    /* 1 .. 4 */
#define THREE RING "[node a]\nid = 1\n[node b]\nid = 2\n[node c]\nid = 3\n" /* 5 .. 10 */
#define LAN3                                                                                       \
    THREE "[link lan]\ntype = udp\na=10.0.0.1\nb=10.0.0.2\nc=10.0.0.3\n" /* 11 .. 15 */            \
          "[link two]\ntype = udp\na=10.0.1.1\nb=10.0.1.2\nc=10.0.1.3\n" /* 16 .. 20 */

#define PAIR                                                                                       \
    "[node a]\nid = 1\n[node b]\nid = 2\n"             /* 5 .. 8 */                                \
    "[link lan]\ntype = udp\na=10.0.0.1\nb=10.0.0.2\n" /* 9 .. 12 */                               \
    "[link two]\ntype = tcp\na=10.0.1.1\nb=10.0.1.2\n" /* 13 .. 16 */

START_TEST(corosync_has_more)
{
    fine(LAN3);
    ck_assert_uint_eq(conf_ring(&conf), 2);
    ck_assert_str_eq(conf.link[2].name, "corosync");
    one(RING "[node a]\nid = 1\n[link l]\ntype=udp\na=10.0.0.1\n", ERR_SYNTAX, 0, "here are 1");
    fine(LAN3 "[link com]\ntype = serial\na = /dev/ttyS0\nc = /dev/ttyS0\n");
    ck_assert(conf_link_joins(&conf.link[2], 0, 2) && !conf_link_joins(&conf.link[2], 0, 1));
    one(LAN3 "[link com]\ntype = serial\na = /dev/ttyS0\n", ERR_SYNTAX, 21,
        "a serial line connects two nodes, here are 1");
    one(LAN3 "[disk q]\ndevice = /dev/q\n", ERR_SYNTAX, 21, "a quorum disk for two nodes only");
    one(THREE "[link lan]\ntype = tcp\na=10.0.0.1\nb=10.0.0.2\nc=10.0.0.3\n"
              "[link two]\ntype = udp\na=10.0.1.1\nb=10.0.1.2\nc=10.0.1.3\n",
        ERR_SYNTAX, 11, "tcp is for two nodes");
    one(THREE "[link corosync]\ntype = udp\na=10.0.0.1\nb=10.0.0.2\nc=10.0.0.3\n"
              "[link two]\ntype = udp\na=10.0.1.1\nb=10.0.1.2\nc=10.0.1.3\n",
        ERR_SYNTAX, 11, "a link cannot be called corosync");
}
END_TEST

START_TEST(corosync_and_its_guard)
{
    fine(LAN3 "[guard]\nuse = lease\n[watchdog]\ndevice = /dev/watchdog\n");
    ck_assert(conf_lease(&conf));
    one(LAN3 "[guard]\nuse = lease\n", ERR_SYNTAX, 22, "use = lease needs a watchdog");
    one(LAN3 "[guard]\nuse = reservation\n", ERR_OK, 22, "reservation alone frees only what");
    fine(LAN3 "[guard]\nuse = fence, reservation\n");
    ck_assert(conf_reservation(&conf));
    one(HEAD "[node a]\nid = 1\n[node b]\nid = 17\n[link lan]\ntype = udp\na=10.0.0.1\n"
             "b=10.0.0.2\n[link two]\ntype = udp\na=10.0.1.1\nb=10.0.1.2\n",
        ERR_OK, 6, "there are reservations for the ids 1 to 16 only");
    ck_assert(!conf_reservation(&conf));
    /* Two nodes have no quorum that tells who is silent: there a lease still needs its disk. */
    one(RING PAIR "[guard]\nuse = lease\n[watchdog]\ndevice = /dev/watchdog\n", ERR_SYNTAX, 18,
        "use = lease needs a quorum disk");
    fine(RING PAIR "[guard]\nuse = lease\n[watchdog]\ndevice = /dev/watchdog\n"
                   "[disk q]\ndevice = /dev/q\n");
    ck_assert(conf_lease(&conf));
}
END_TEST

/* From one node to one too many; the ring is behind the links and in front of the disks. */
START_TEST(corosync_of_any_size)
{
    char text[8192];
    for (unsigned nodes = 1; nodes <= NODE_MAX + 1; nodes++) {
        struct str s;
        str_init(&s, text, sizeof text);
        str_add(&s, RING);
        for (unsigned n = 1; n <= nodes; n++)
            str_addf(&s, "[node n%u]\nid = %u\n", n, n);
        for (unsigned l = 0; l < 2; l++) {
            str_addf(&s, "[link l%u]\ntype = udp\n", l);
            for (unsigned n = 1; n <= nodes && n <= NODE_MAX; n++)
                str_addf(&s, "n%u = 10.0.%u.%u\n", n, l, n);
        }
        ck_assert(!s.cut);
        if (nodes == 1)
            one(text, ERR_SYNTAX, 0, "two to sixteen nodes, here are 1");
        else if (nodes > NODE_MAX)
            one(text, ERR_SYNTAX, 5 + 2 * NODE_MAX, "at most 16 such sections");
        else
            fine(text);
        if (nodes >= 2 && nodes <= NODE_MAX)
            ck_assert_uint_eq(conf_ring(&conf), 2);
    }
    fine(RING PAIR "[disk q]\ndevice = /dev/q\n");
    ck_assert_uint_eq(conf.n_links, 4);
    ck_assert_uint_eq(conf_ring(&conf), 2);
    ck_assert_uint_eq(conf_disks(&conf), 1);
    fine(RING PAIR "[link com]\ntype = serial\na = /dev/ttyS0\nb = /dev/ttyS0\n");
    ck_assert_uint_eq(conf_ring(&conf), 3);
}
END_TEST

START_TEST(corosync_needs_room)
{
    char text[8192];
    for (unsigned links = CONF_LINKS_MAX - 1; links <= CONF_LINKS_MAX; links++) {
        struct str s;
        str_init(&s, text, sizeof text);
        str_add(&s, THREE);
        for (unsigned l = 0; l < links; l++)
            str_addf(&s, "[link l%u]\ntype = udp\na=10.0.%u.1\nb=10.0.%u.2\nc=10.0.%u.3\n", l, l, l,
                     l);
        if (links < CONF_LINKS_MAX)
            fine(text);
        else
            one(text, ERR_SYNTAX, 11, "there is room for 7");
    }
}
END_TEST

START_TEST(nodes_differ)
{
    one(HEAD "[node a]\nid=2\n[node b]\nid=2\n[link l]\ntype=udp\na=10.0.0.1\nb=10.0.0.2\n",
        ERR_SYNTAX, 6, "nodes a and b have the same id 2");
    ck_assert_int_eq(conf_parse(HEAD "[node port]\nid=1\n[node b]\nid=2\n"
                                     "[link l]\ntype=serial\nb=/dev/b\n",
                                &conf, &faults),
                     ERR_SYNTAX);
    ck_assert_ptr_nonnull(conftext_fault(&faults, 3, "a node cannot be called port"));
}
END_TEST

START_TEST(links_are_there)
{
    one(NODES, ERR_SYNTAX, 0, "there is no link");
    one(LAN, ERR_OK, 7, "only one link");
    one(LAN "[link l2]\ntype=tcp\na=10.0.0.3\nb=10.0.0.4\n", ERR_OK, 11, "on one network");
    fine(LAN "[link l2]\ntype=tcp\na=10.0.1.3\nb=10.0.1.4\n");
    fine(LAN "[link l2]\ntype=tcp\na=fd00::3\nb=fd00::4\n");
    fine(LAN "[link com]\ntype=serial\na=/dev/ttyS0\nb=/dev/ttyS0\n");
    one(NODES "[link l]\ntype=udp\na=fd00::3\nb=fd00::4\n"
              "[link m]\ntype=udp\na=fd00::5\nb=fd00::6\n",
        ERR_OK, 11, "on one network");
}
END_TEST

START_TEST(each_end_is_there)
{
    one(NODES "[link l]\ntype=udp\na=10.0.0.1\n", ERR_SYNTAX, 7,
        "[link l] lacks the end at node b: write b = ");
    one(NODES "[link l]\ntype=serial\nb=/dev/b\n", ERR_SYNTAX, 7, "write a = /dev/ttyS0");
}
END_TEST

START_TEST(addresses_are_valid)
{
    static const char *const bad[] = {"10.0.0",   "10.0.0.256", "10.0.0.1/24", "db1",
                                      "fd00:::1", "/dev/ttyS0", "010.0.0.1"};
    static const char *const useless[] = {"0.0.0.0", "224.0.0.1", "255.255.255.255",
                                          "::",      "fe80::1",   "ff02::1"};
    char text[512];
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        snprintf(text, sizeof text, NODES "[link l]\ntype=udp\na=%s\nb=10.0.0.2\n", bad[i]);
        one(text, ERR_SYNTAX, 9, "is no IPv4 or IPv6 address");
    }
    for (unsigned i = 0; i < ARRAY_LEN(useless); i++) {
        snprintf(text, sizeof text, NODES "[link l]\ntype=udp\na=%s\nb=%s\n", useless[i],
                 strchr(useless[i], ':') != NULL ? "fd00::2" : "10.0.0.2");
        one(text, ERR_SYNTAX, 9, "cannot be used between two servers");
    }
    one(NODES "[link l]\ntype=udp\na=10.0.0.1\nb=fd00::2\n", ERR_SYNTAX, 10, "both ends must be");
    one(NODES "[link l]\ntype=serial\na=/dev/a\nb=ttyS0\n", ERR_SYNTAX, 10,
        "needs the path of a device");
}
END_TEST

START_TEST(ends_are_not_shared)
{
    one(NODES "[link l]\ntype=udp\na=10.0.0.1\nb=10.0.0.1\n", ERR_SYNTAX, 10,
        "10.0.0.1 is used twice, by [link l] and [link l]");
    one(LAN "[link m]\ntype=tcp\na=10.0.1.1\nb=10.0.0.2\nport=99\n", ERR_SYNTAX, 14,
        "10.0.0.2 is used twice, by [link lan] and [link m]");
    one(NODES "[link l]\ntype=udp\na=fd00::1\nb=fd00::2\n"
              "[link m]\ntype=udp\na=fd00:0::1\nb=fd00::3\n",
        ERR_SYNTAX, 13, "is used twice");
    one(NODES "[link l]\ntype=serial\na=/dev/s\nb=/dev/s\n"
              "[link m]\ntype=serial\na=/dev/t\nb=/dev/s\n",
        ERR_SYNTAX, 14, "/dev/s is used twice");
}
END_TEST

START_TEST(keys_fit_the_type)
{
    one(LAN "[link com]\ntype=serial\na=/dev/a\nb=/dev/b\nport=1\n", ERR_SYNTAX, 15,
        "port is not for a link of type serial");
    one(LAN "baud=9600\n[link com]\ntype=serial\na=/dev/a\nb=/dev/b\n", ERR_SYNTAX, 11,
        "baud is not for a link of type udp");
}
END_TEST

START_TEST(no_guard_is_unsafe)
{
    one(LAN "[link com]\ntype=serial\na=/dev/a\nb=/dev/b\n[guard]\nuse = none\n", ERR_OK, 16,
        "UNSAFE");
}
END_TEST

/* Nothing written: whatever can be had is sought, and nothing is complained about. */
START_TEST(guard_by_default)
{
    static const char links[] = LAN "[link com]\ntype=serial\na=/dev/a\nb=/dev/b\n";
    fine(links);
    ck_assert_uint_eq(conf.guard, GUARD_ALL);
    ck_assert(!conf_lease(&conf));
    fine(LAN "[disk q]\ndevice = /dev/q\n[watchdog]\ndevice = /dev/watchdog\n");
    ck_assert(conf_lease(&conf));
    fine(LAN "[disk q]\ndevice = /dev/q\n[guard]\nuse = fence\n[watchdog]\n"
             "device = /dev/watchdog\n");
    ck_assert(!conf_lease(&conf));
}
END_TEST

START_TEST(values_alone_can_be_checked)
{
    ck_assert_int_eq(conf_parse(LAN, &conf, &faults), ERR_OK);
    memset(&faults, 0, sizeof faults);
    conf_check(&conf, NULL, &faults);
    ck_assert_uint_eq(faults.n_errors, 0);
    conf.node[0].id = 0;
    conf_check(&conf, NULL, &faults);
    ck_assert_uint_eq(faults.n_errors, 1);
}
END_TEST

START_TEST(disks_and_watchdogs)
{
    fine(LAN "[disk q]\ndevice = /dev/q\n");
    fine(LAN "[disk q]\na = /dev/q\nb = /dev/r\n");
    one(LAN "[disk q]\na = /dev/q\n", ERR_SYNTAX, 11, "[disk q] lacks its device at node b");
    one(LAN "[disk q]\ndevice = /dev/q\na = 10.0.0.3\n", ERR_SYNTAX, 13,
        "a disk needs the path of a device");
    one(LAN "[disk q]\ndevice = /dev/q\n[disk r]\na = /dev/q\nb = /dev/r\n"
            "[disk s]\ndevice = /dev/s\n",
        ERR_SYNTAX, 14, "/dev/q is used twice");
    one(LAN "[disk q]\ndevice = /dev/q\n[disk r]\ndevice = /dev/r\n", ERR_OK, 13,
        "two quorum disks are no majority");
    ck_assert_int_eq(conf_parse(NODES "[disk q]\ndevice = /dev/q\n", &conf, &faults), ERR_SYNTAX);
    ck_assert_ptr_nonnull(conftext_fault(&faults, 0, "there is no link"));
    ck_assert_int_eq(conf_parse(HEAD "[node a]\nid = 1\n[node b]\nid = 17\n[link lan]\n"
                                     "type = udp\na=10.0.0.1\nb=10.0.0.2\n[disk q]\n"
                                     "device=/dev/q\n",
                                &conf, &faults),
                     ERR_SYNTAX);
    ck_assert_ptr_nonnull(conftext_fault(&faults, 6, "the ids 1 to 16: give node b"));
    one(LAN "[disk q]\ndevice = /dev/q\n[guard]\nuse = lease\n", ERR_SYNTAX, 14,
        "use = lease needs a watchdog");
    one(LAN "[link com]\ntype = serial\na=/dev/a\nb=/dev/b\n[guard]\nuse = lease\n[watchdog]\n"
            "device = /dev/watchdog\n",
        ERR_SYNTAX, 16, "use = lease needs a quorum disk");
    fine(LAN "[disk q]\ndevice = /dev/q\n[guard]\nuse = lease\n[watchdog]\n"
             "device = /dev/watchdog\n");
    one(LAN "[link com]\ntype = serial\na=/dev/a\nb=/dev/b\n[guard]\nuse = reservation\n", ERR_OK,
        16, "reservation alone frees only what has disks");
    fine(LAN "[link com]\ntype = serial\na=/dev/a\nb=/dev/b\n[guard]\nuse = fence, reservation\n");
    one(LAN "[disk q]\ndevice = /dev/q\n[watchdog]\ntimeout = 5s\n", ERR_OK, 14,
        "timeout says nothing without a watchdog");
    one(LAN "[disk q]\ndevice = /dev/q\n[watchdog]\ndevice=/dev/watchdog\n"
            "accept-weak-watchdog = yes\n",
        ERR_OK, 15, "WEAK");
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("confcheck");
    tcase_add_test(t, nodes_are_two);
    tcase_add_test(t, corosync_has_more);
    tcase_add_test(t, corosync_and_its_guard);
    tcase_add_test(t, corosync_of_any_size);
    tcase_add_test(t, corosync_needs_room);
    tcase_add_test(t, nodes_differ);
    tcase_add_test(t, links_are_there);
    tcase_add_test(t, each_end_is_there);
    tcase_add_test(t, addresses_are_valid);
    tcase_add_test(t, ends_are_not_shared);
    tcase_add_test(t, keys_fit_the_type);
    tcase_add_test(t, no_guard_is_unsafe);
    tcase_add_test(t, guard_by_default);
    tcase_add_test(t, values_alone_can_be_checked);
    tcase_add_test(t, disks_and_watchdogs);
    return unit_end();
}
