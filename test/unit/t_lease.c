/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_lease: what no story can show of the lease: disks that come back while a write of before may
 * still land. */
#include <string.h>
#include "lib/conf/timing.h"
#include "test/unit/corelab.h"
#include "test/unit/unit.h"

enum { QUORUM = 1, RHYTHM_MS = 100 };

static void link_told(struct lab *l, bool usable)
{
    struct event ev = {.kind = EV_LINK, .link = {.link = QUORUM, .usable = usable, .reason = ""}};
    lab_tell(l, 0, &ev);
}

/* So long the quorum disk takes every beat at once. */
static void disk_works(struct lab *l, uint32_t ms)
{
    for (uint32_t i = 0; i < ms / RHYTHM_MS; i++) {
        struct event ev = {.kind = EV_DISK,
                           .disk = {.link = QUORUM, .wrote_us = l->now_us, .read_us = l->now_us}};
        lab_tell(l, 0, &ev);
        lab_run(l, RHYTHM_MS);
    }
}

/* db1 alone under a lease, its daemon's life as told; db2 is called dead when the disk works. */
static struct lab *alone(unsigned life)
{
    static const char text[] = "primitive a ocf:yoke:app\n";
    struct timing_refusal no;
    struct lab *l = lab_open(16, 16384);
    struct conf_link *disk = &l->conf.link[l->conf.n_links++];
    str_copy(disk->name, sizeof(disk->name), "quorum");
    disk->type = LINK_DISK;
    l->conf.guard = GUARD_LEASE;
    l->conf.takeover_ms = 10000;
    str_copy(l->conf.watchdog_device, sizeof(l->conf.watchdog_device), "/dev/watchdog");
    ck_assert_int_eq(timing_solve(&l->conf, &l->timing, &no), ERR_OK);
    lab_boot(l, 0, text);
    for (unsigned i = 1; i < life; i++)
        lab_restart(l, 0);
    struct event dog = {
        .kind = EV_WATCHDOG,
        .watchdog = {.kind = WATCHDOG_HARDWARE, .timeout_ms = 2000, .ok = true, .reason = ""}};
    lab_tell(l, 0, &dog);
    link_told(l, true);
    return l;
}

static void called_dead(struct lab *l)
{
    struct cmd dead = {.kind = CMD_CONFIRM, .n_args = 2, .arg = {"db2", "db2"}};
    lab_ask(l, 0, 1, &dead);
    ck_assert_int_eq(l->at[0].n->peer[1].proof, PROOF_OPERATOR);
    ck_assert_int_eq(l->at[0].n->lease.mode, LEASE_LONG);
}

static bool counts_long(const struct lab *l)
{
    return node_lease_date(l->at[0].n) > l->now_us + US(2 * l->timing.lease_ms);
}

START_TEST(long_lease_counts_at_once)
{
    struct lab *l = alone(1);
    disk_works(l, 2000);
    called_dead(l);
    ck_assert(!counts_long(l)); /* the disk does not say it yet */
    disk_works(l, 300);
    ck_assert(counts_long(l));
}
END_TEST

/* In the step in which the peer is found dead the beats go out first: one of that very moment told
 * the short lease. */
START_TEST(long_lease_needs_a_later_beat)
{
    struct lab *l = alone(1);
    disk_works(l, 2000);
    called_dead(l);
    uint64_t mode_us = l->at[0].n->lease.mode_us;
    struct event ev = {.kind = EV_DISK, .disk = {.link = QUORUM, .wrote_us = mode_us}};
    lab_run(l, 10);
    lab_tell(l, 0, &ev);
    ck_assert(!counts_long(l));
    ev.disk.wrote_us = mode_us + 1;
    lab_tell(l, 0, &ev);
    ck_assert(counts_long(l));
}
END_TEST

/* A write failed, and told the short one: it may land over the long one for TIMING_LANDED. */
START_TEST(long_lease_waits_for_what_may_land)
{
    struct lab *l = alone(1);
    disk_works(l, 2000);
    link_told(l, false);
    link_told(l, true);
    disk_works(l, 300);
    called_dead(l);
    disk_works(l, TIMING_LANDED_MS - 1000);
    ck_assert(!counts_long(l));
    disk_works(l, 1000);
    ck_assert(counts_long(l));
    link_told(l, false); /* what counts goes on counting: what fails now told the long one */
    ck_assert(counts_long(l));
}
END_TEST

/* So may what an earlier life of the daemon had under way. */
START_TEST(long_lease_waits_after_a_restart)
{
    struct lab *l = alone(2);
    disk_works(l, 2000);
    called_dead(l);
    disk_works(l, 2000);
    ck_assert(!counts_long(l));
    disk_works(l, TIMING_LANDED_MS);
    ck_assert(counts_long(l));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("lease");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, long_lease_counts_at_once);
    tcase_add_test(t, long_lease_needs_a_later_beat);
    tcase_add_test(t, long_lease_waits_for_what_may_land);
    tcase_add_test(t, long_lease_waits_after_a_restart);
    return unit_end();
}
