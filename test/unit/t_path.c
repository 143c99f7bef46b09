/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_path: whose frames count: twins, other versions, signs of life that prove nothing, and how
 * often beats go out. */
#include "test/unit/unit.h"
#include <string.h>
#include "lib/core/guard.h"
#include "lib/core/path.h"
#include "test/unit/corelab.h"

static const char one[] = "primitive a ocf:yoke:app\n";

static struct lab *together(void)
{
    struct lab *l = lab_open(16, 16384);
    lab_boot(l, 0, one);
    lab_boot(l, 1, one);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3));
    return l;
}

/* A frame from db2 to db1 as somebody with db2's key could make it; the beat echoes what db1 sent
 * a moment ago, so it proves its sender. */
static void beat_from(struct lab *l, uint64_t boot, uint64_t seq, uint8_t version)
{
    uint8_t at[FRAME_MAX];
    struct buf b;
    struct frame_head h = {
        .version = version,
        .type = FRAME_BEAT,
        .src = 2,
        .dst = 1,
        .life = 1,
        .cluster = l->at[0].n->cluster_crc,
        .boot = boot,
        .seq = seq << 8,
    };
    struct frame_beat beat = {
        .stamp = (uint32_t)l->now_us,
        .echo_boot = l->at[0].boot,
        .echo_stamp = (uint32_t)l->now_us - 1000,
        .min_version = 1,
    };
    buf_write_init(&b, at, sizeof(at));
    frame_put_head(&b, &h);
    frame_put_beat(&b, &beat);
    struct event ev = {.kind = EV_FRAME};
    ev.frame.at = at;
    ev.frame.len = frame_finish(&b);
    ck_assert_uint_gt(ev.frame.len, 0);
    lab_tell(l, 0, &ev);
}

/* Two machines with one id: who is there is not declared dead because another one proves itself. */
START_TEST(twin_does_not_end_who_is_alive)
{
    struct lab *l = together();
    const struct peer *peer = &l->at[0].n->peer[1];
    uint64_t boot = peer->boot;
    for (unsigned i = 1; i < 40; i++) {
        beat_from(l, 0x77, i, 1);
        lab_run(l, 50);
        ck_assert_uint_eq(peer->boot, boot);
    }
    ck_assert(node_has_view(l->at[0].n, 3));
    ck_assert_uint_gt(peer->told_twin_us, 0);
}
END_TEST

/* A machine that boots anew is silent before; it is accepted, and its end before was the end. */
START_TEST(reboot_is_accepted_after_silence)
{
    struct lab *l = together();
    lab_down(l, 1);
    lab_run(l, 3u * l->timing.link[0].interval_ms + 10);
    beat_from(l, 0x77, 1, 1);
    ck_assert_uint_eq(l->at[0].n->peer[1].boot, 0x77);
    ck_assert_uint_eq(l->at[0].n->peer[1].twin_us, 0);
}
END_TEST

/* It was cut off, a twin took its place, and it is back: nothing that was believed holds. */
START_TEST(twin_after_silence_is_doubt)
{
    struct lab *l = together();
    l->cut[1] = true;
    lab_run(l, 3u * l->timing.link[0].interval_ms + 10);
    beat_from(l, 0x77, 1, 1);
    ck_assert_uint_eq(l->at[0].n->peer[1].boot, 0x77);
    l->cut[1] = false;
    lab_run(l, 1000);
    ck_assert_uint_gt(l->at[0].n->peer[1].twin_us, 0);
    ck_assert_int_eq(guard_life(l->at[0].n, 1), LIFE_UNCLEAN);
    ck_assert_uint_eq(l->at[0].n_fences, 0);
}
END_TEST

/* A single frame of another version (recorded long ago, or a twin's) parts nobody. */
START_TEST(version_of_one_frame_parts_nobody)
{
    struct lab *l = together();
    beat_from(l, 0x77, 1, 9);
    lab_run(l, 1000);
    ck_assert(node_has_view(l->at[0].n, 3));
    lab_down(l, 1);
    lab_run(l, 3u * l->timing.link[0].interval_ms + 10);
    beat_from(l, 0x77, 1, 9);
    ck_assert_int_eq(l->at[0].n->peer[1].state, PEER_INCOMPATIBLE);
}
END_TEST

/* Beats that come, though ours do not arrive and so nothing is proved, are a sign of life. */
START_TEST(confirm_is_refused_while_anything_is_heard)
{
    struct lab *l = together();
    struct cmd c = {.kind = CMD_CONFIRM, .n_args = 2, .arg = {"db2", "db2"}};
    l->cut[0] = true;
    lab_boot(l, 0, NULL);
    lab_run(l, 10000);
    ck_assert_int_eq(l->at[0].n->peer[1].state, PEER_UNMET);
    ck_assert_int_eq(l->at[0].n->view.state, VIEW_ALONE);
    lab_ask(l, 0, 1, &c);
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "CMD_STILL_HEARD"));
    lab_down(l, 1);
    lab_run(l, 3000);
    lab_ask(l, 0, 1, &c);
    ck_assert_ptr_nonnull(strstr(l->at[0].reply, "\"ok\":true"));
}
END_TEST

/* A link that stays one way is not beaten on fifty times a second for ever. */
START_TEST(one_way_is_not_hurried_for_ever)
{
    struct lab *l = together();
    const struct path *path = &l->at[0].n->peer[1].path[0];
    l->cut[0] = true;
    lab_run(l, 20000);
    uint64_t sent = path->sent;
    lab_run(l, 10000);
    ck_assert_uint_le(path->sent - sent, 10000 / l->timing.link[0].interval_ms + 2);
    l->cut[0] = false;
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("path");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, twin_does_not_end_who_is_alive);
    tcase_add_test(t, reboot_is_accepted_after_silence);
    tcase_add_test(t, twin_after_silence_is_doubt);
    tcase_add_test(t, version_of_one_frame_parts_nobody);
    tcase_add_test(t, confirm_is_refused_while_anything_is_heard);
    tcase_add_test(t, one_way_is_not_hurried_for_ever);
    return unit_end();
}
