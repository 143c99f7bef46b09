/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_record: every kind of event comes back as it went in; cut and damaged recordings are refused.
 */
#include "test/unit/unit.h"
#include <string.h>
#include "lib/base/prng.h"
#include "lib/core/record.h"

enum { ROOM = 256 * 1024, BEAT = 80 };

static uint8_t room[ROOM];
static struct record writer, reader;

static void text_same(const char *a, const char *b)
{
    ck_assert(!a == !b);
    if (a)
        ck_assert_str_eq(a, b);
}

static void boot_same(const struct event *a, const struct event *b)
{
    ck_assert_uint_eq(a->boot.boot, b->boot.boot);
    ck_assert_uint_eq(a->boot.life, b->boot.life);
    ck_assert_uint_eq(a->boot.cores, b->boot.cores);
    text_same(a->boot.cib_text, b->boot.cib_text);
    ck_assert(!a->boot.kept == !b->boot.kept);
    if (!a->boot.kept)
        return;
    const struct kept *k = a->boot.kept, *l = b->boot.kept;
    ck_assert_uint_eq(k->epoch, l->epoch);
    ck_assert_uint_eq(k->cib_epoch, l->cib_epoch);
    ck_assert_uint_eq(k->cib_seq, l->cib_seq);
    ck_assert_uint_eq(k->common_epoch, l->common_epoch);
    ck_assert_uint_eq(k->common_seq, l->common_seq);
    ck_assert_uint_eq(k->alone_boot, l->alone_boot);
    ck_assert_uint_eq(k->orphan_boot, l->orphan_boot);
    ck_assert_uint_eq(k->n_fenced, l->n_fenced);
    for (unsigned i = 0; i < k->n_fenced; i++) {
        ck_assert_uint_eq(k->fenced[i].node_id, l->fenced[i].node_id);
        ck_assert_uint_eq(k->fenced[i].boot, l->fenced[i].boot);
    }
}

static void done_same(const struct event *a, const struct event *b)
{
    if (a->kind == EV_AGENT_DONE) {
        ck_assert_uint_eq(a->agent.op, b->agent.op);
        ck_assert_int_eq(a->agent.rc, b->agent.rc);
        ck_assert_int_eq(a->agent.timed_out, b->agent.timed_out);
        ck_assert_int_eq(a->agent.not_run, b->agent.not_run);
        ck_assert_uint_eq(a->agent.exec_ms, b->agent.exec_ms);
        text_same(a->agent.reason, b->agent.reason);
    } else if (a->kind == EV_FENCE_DONE) {
        ck_assert_uint_eq(a->fence.op, b->fence.op);
        ck_assert_int_eq(a->fence.rc, b->fence.rc);
        ck_assert_int_eq(a->fence.timed_out, b->fence.timed_out);
        text_same(a->fence.reason, b->fence.reason);
    } else if (a->kind == EV_KEPT) {
        ck_assert_uint_eq(a->kept.op, b->kept.op);
        ck_assert_int_eq(a->kept.err, b->kept.err);
    } else {
        ck_assert_uint_eq(a->planned.op, b->planned.op);
        ck_assert_int_eq(a->planned.err, b->planned.err);
        ck_assert_ptr_null(b->planned.plan);
    }
}

static void ring_same(const struct event *a, const struct event *b)
{
    if (a->kind == EV_CAST) {
        ck_assert_uint_eq(a->cast.node, b->cast.node);
        ck_assert_uint_eq(a->cast.len, b->cast.len);
        ck_assert_mem_eq(a->cast.at, b->cast.at, a->cast.len);
        return;
    }
    if (a->kind == EV_WIRES) {
        ck_assert_uint_eq(a->wires.n, b->wires.n);
        ck_assert_mem_eq(a->wires.has, b->wires.has, sizeof(a->wires.has));
        ck_assert_mem_eq(a->wires.up, b->wires.up, sizeof(a->wires.up));
        return;
    }
    ck_assert(a->ring.there == b->ring.there && a->ring.changed == b->ring.changed &&
              a->ring.quorate == b->ring.quorate);
    ck_assert_uint_eq(a->ring.group, b->ring.group);
    text_same(a->ring.reason, b->ring.reason);
}

static void same(const struct event *a, const struct event *b)
{
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_uint_eq(a->now_us, b->now_us);
    ck_assert_uint_eq(a->wall_s, b->wall_s);
    switch (a->kind) {
    case EV_BOOT: boot_same(a, b); break;
    case EV_FRAME:
        ck_assert_uint_eq(a->frame.link, b->frame.link);
        ck_assert_uint_eq(a->frame.len, b->frame.len);
        ck_assert_mem_eq(a->frame.at, b->frame.at, a->frame.len);
        break;
    case EV_FRAME_BAD:
        ck_assert_uint_eq(a->frame_bad.link, b->frame_bad.link);
        ck_assert_int_eq(a->frame_bad.why, b->frame_bad.why);
        ck_assert_uint_eq(a->frame_bad.count, b->frame_bad.count);
        break;
    case EV_LINK:
        ck_assert_uint_eq(a->link.link, b->link.link);
        ck_assert_int_eq(a->link.usable, b->link.usable);
        text_same(a->link.reason, b->link.reason);
        break;
    case EV_KEPT:
    case EV_PLANNED:
    case EV_AGENT_DONE:
    case EV_FENCE_DONE: done_same(a, b); break;
    case EV_RSC_GONE:
        ck_assert_uint_eq(a->rsc.slot, b->rsc.slot);
        text_same(a->rsc.what, b->rsc.what);
        break;
    case EV_ADMIN:
        ck_assert_uint_eq(a->admin.client, b->admin.client);
        ck_assert_uint_eq(a->admin.len, b->admin.len);
        ck_assert_mem_eq(a->admin.at, b->admin.at, a->admin.len);
        text_same(a->admin.user, b->admin.user);
        break;
    case EV_ADMIN_GONE: ck_assert_uint_eq(a->admin_gone.client, b->admin_gone.client); break;
    case EV_STALL: ck_assert_uint_eq(a->stall.lost_ms, b->stall.lost_ms); break;
    case EV_DISK:
        ck_assert_uint_eq(a->disk.link, b->disk.link);
        ck_assert_uint_eq(a->disk.wrote_us, b->disk.wrote_us);
        ck_assert_uint_eq(a->disk.read_us, b->disk.read_us);
        break;
    case EV_WATCHDOG:
        ck_assert_uint_eq(a->watchdog.kind, b->watchdog.kind);
        ck_assert_uint_eq(a->watchdog.timeout_ms, b->watchdog.timeout_ms);
        ck_assert(a->watchdog.armed == b->watchdog.armed && a->watchdog.ok == b->watchdog.ok &&
                  a->watchdog.due == b->watchdog.due);
        ck_assert_uint_eq(a->watchdog.until_us, b->watchdog.until_us);
        text_same(a->watchdog.reason, b->watchdog.reason);
        break;
    case EV_RESERVED:
        ck_assert_uint_eq(a->reserved.op, b->reserved.op);
        ck_assert_int_eq(a->reserved.err, b->reserved.err);
        ck_assert_uint_eq(a->reserved.state, b->reserved.state);
        ck_assert_uint_eq(a->reserved.others, b->reserved.others);
        ck_assert_uint_eq(a->reserved.slot, b->reserved.slot);
        ck_assert_uint_eq(a->reserved.disk, b->reserved.disk);
        text_same(a->reserved.reason, b->reserved.reason);
        break;
    case EV_RING:
    case EV_WIRES:
    case EV_CAST: ring_same(a, b); break;
    case EV_TIME:
    case EV_STOP:
    case EV_KIND_COUNT: break;
    }
}

static const char *invent_text(struct prng *p)
{
    static const char *const texts[] = {NULL, "", "no carrier", "process 4711 (postgres) ended"};
    return texts[prng_below(p, 4)];
}

static void invent_boot(struct prng *p, struct event *ev)
{
    static struct kept kept;
    kept = (struct kept){.epoch = (uint32_t)prng_next(p),
                         .cib_epoch = 7,
                         .cib_seq = 8,
                         .common_epoch = 9,
                         .common_seq = 10,
                         .alone_boot = prng_next(p),
                         .orphan_boot = prng_next(p),
                         .n_fenced = (uint8_t)prng_below(p, KEPT_FENCED_MAX + 1)};
    for (unsigned i = 0; i < kept.n_fenced; i++)
        kept.fenced[i] = (struct kept_fenced){(uint8_t)(i + 1), prng_next(p)};
    ev->boot.boot = prng_next(p);
    ev->boot.life = (uint16_t)prng_next(p);
    ev->boot.cores = 2;
    ev->boot.kept = prng_chance(p, 500000) ? &kept : NULL;
    ev->boot.cib_text = invent_text(p);
}

static uint8_t invented[1400];

static void invent_frame(struct prng *p, struct event *ev)
{
    static const size_t sizes[] = {BEAT, BEAT, RECORD_FRAME_MAX, RECORD_FRAME_MAX + 1, 1400, 0};
    ev->frame.link = (uint8_t)prng_below(p, CONF_LINKS_MAX);
    ev->frame.len = sizes[prng_below(p, 6)];
    for (unsigned i = 0; i < 12; i++)
        invented[prng_below(p, prng_chance(p, 900000) ? BEAT : sizeof invented)] =
            (uint8_t)prng_next(p);
    ev->frame.at = invented;
}

/* Operations that ended. */
static void invent_done(struct prng *p, uint32_t number, struct event *ev)
{
    if (ev->kind == EV_KEPT) {
        ev->kept.op = number;
        ev->kept.err = ERR_FULL;
    } else if (ev->kind == EV_PLANNED) {
        ev->planned.op = number;
        ev->planned.err = ERR_OK;
        ev->planned.plan = (const struct plan *)invented;
    } else if (ev->kind == EV_AGENT_DONE) {
        ev->agent.op = number;
        ev->agent.rc = (int)prng_below(p, 200) - 1;
        ev->agent.timed_out = number & 1;
        ev->agent.not_run = number & 2;
        ev->agent.exec_ms = number;
        ev->agent.reason = invent_text(p);
    } else {
        ev->fence.op = number;
        ev->fence.rc = -5;
        ev->fence.timed_out = number & 1;
        ev->fence.reason = invent_text(p);
    }
}

static void invent_reserved(struct prng *p, uint32_t number, struct event *ev)
{
    ev->reserved.op = number;
    ev->reserved.err = ERR_IO;
    ev->reserved.state = (uint16_t)number;
    ev->reserved.others = (nodeset)(number + 3);
    ev->reserved.slot = (uint16_t)(number + 1);
    ev->reserved.disk = (uint8_t)(number + 2);
    ev->reserved.reason = invent_text(p);
}

static void invent_ring(struct prng *p, uint32_t number, struct event *ev)
{
    if (ev->kind == EV_WIRES) {
        memset(&ev->wires, 0, sizeof(ev->wires));
        ev->wires.n = (uint8_t)prng_below(p, WIRES_MAX + 1);
        for (unsigned l = 0; l < ev->wires.n; l++) {
            ev->wires.has[l] = (nodeset)(number >> l);
            ev->wires.up[l] = (nodeset)(number >> (l + 3));
        }
        return;
    }
    ev->ring.there = number & 1;
    ev->ring.changed = number & 2;
    ev->ring.quorate = number & 4;
    ev->ring.group = (nodeset)(number >> 3);
    ev->ring.reason = invent_text(p);
}

/* Any event, from chance; what it points to stays until the next call. */
static void invent(struct prng *p, enum ev_kind kind, struct event *ev)
{
    uint32_t number = (uint32_t)(prng_next(p) >> prng_below(p, 64));
    ev->kind = kind;
    switch (kind) {
    case EV_BOOT: invent_boot(p, ev); break;
    case EV_FRAME: invent_frame(p, ev); break;
    case EV_FRAME_BAD:
        ev->frame_bad.link = 3;
        ev->frame_bad.why = ERR_CRC;
        ev->frame_bad.count = number;
        break;
    case EV_LINK:
        ev->link.link = 1;
        ev->link.usable = number & 1;
        ev->link.reason = invent_text(p);
        break;
    case EV_KEPT:
    case EV_PLANNED:
    case EV_AGENT_DONE:
    case EV_FENCE_DONE: invent_done(p, number, ev); break;
    case EV_RSC_GONE:
        ev->rsc.slot = (uint16_t)number;
        ev->rsc.what = invent_text(p);
        break;
    case EV_ADMIN:
        ev->admin.client = number;
        ev->admin.at = invented;
        ev->admin.len = prng_below(p, sizeof invented);
        ev->admin.user = invent_text(p);
        break;
    case EV_ADMIN_GONE: ev->admin_gone.client = number; break;
    case EV_STALL: ev->stall.lost_ms = number; break;
    case EV_DISK:
        ev->disk.link = (uint8_t)prng_below(p, CONF_LINKS_MAX);
        ev->disk.wrote_us = number & 1 ? ev->now_us - number : 0;
        ev->disk.read_us = number & 2 ? ev->now_us + number : 0;
        break;
    case EV_WATCHDOG:
        ev->watchdog.kind = (uint8_t)prng_below(p, WATCHDOG_KIND_COUNT);
        ev->watchdog.timeout_ms = number;
        ev->watchdog.armed = number & 1;
        ev->watchdog.ok = number & 2;
        ev->watchdog.due = number & 4;
        ev->watchdog.until_us = number & 8 ? ev->now_us + number : 0;
        ev->watchdog.reason = invent_text(p);
        break;
    case EV_RESERVED: invent_reserved(p, number, ev); break;
    case EV_WIRES:
    case EV_RING: invent_ring(p, number, ev); break;
    case EV_CAST:
        ev->cast.node = (uint8_t)prng_below(p, NODE_MAX);
        ev->cast.at = invented;
        ev->cast.len = prng_below(p, sizeof invented);
        break;
    default: break;
    }
}

/* Every kind, many times, each read back at once and compared. */
START_TEST(test_round_trip)
{
    struct prng chance;
    prng_seed(&chance, 1);
    record_init(&writer);
    record_init(&reader);
    struct event ev = {.now_us = 1ull << 62, .wall_s = 1795395600};
    for (unsigned i = 0; i < 20000; i++) {
        struct buf out, in;
        struct record_item item;
        invent(&chance, (enum ev_kind)(i % EV_KIND_COUNT), &ev);
        ev.now_us += prng_below(&chance, 200000);
        ev.wall_s += prng_below(&chance, 3) - 1; /* the wall clock may go back */
        buf_write_init(&out, room, sizeof room);
        record_put(&writer, &out, &ev);
        record_put_hash(&out, ev.now_us);
        ck_assert(!out.bad);
        buf_read_init(&in, room, out.pos);
        ck_assert_int_eq(record_get(&reader, &in, &item), ERR_OK);
        ck_assert(!item.is_hash);
        same(&ev, &item.ev);
        ck_assert_int_eq(record_get(&reader, &in, &item), ERR_OK);
        ck_assert(item.is_hash && item.hash == ev.now_us);
        ck_assert_int_eq(record_get(&reader, &in, &item), ERR_SHORT);
    }
}
END_TEST

/* The first item of its kind that each recording has, at the largest differences, fits its length.
 */
START_TEST(test_first_items)
{
    struct prng chance;
    prng_seed(&chance, 2);
    for (unsigned i = 0; i < 2000; i++) {
        struct event ev = {.now_us = UINT64_MAX - i, .wall_s = UINT64_MAX / 2};
        struct buf out;
        record_init(&writer);
        invent(&chance, (enum ev_kind)(i % EV_KIND_COUNT), &ev);
        for (unsigned k = 0; k < 2; k++) {
            buf_write_init(&out, room, sizeof room);
            record_put(&writer, &out, &ev);
            ck_assert(!out.bad);
            bool long_frame = ev.kind == EV_FRAME && ev.frame.len > RECORD_FRAME_MAX;
            if (ev.kind != EV_BOOT && ev.kind != EV_ADMIN && ev.kind != EV_CAST && !long_frame)
                ck_assert_uint_lt(out.pos, RECORD_SMALL);
            ev.now_us = 0;
        }
    }
}
END_TEST

/* A running beat: sequence, stamps and ages change, the rest stays. */
START_TEST(test_beat_is_small)
{
    uint8_t beat[BEAT];
    memset(beat, 0x5a, sizeof beat);
    record_init(&writer);
    struct event ev = {.kind = EV_FRAME, .frame = {.link = 2, .at = beat, .len = sizeof beat}};
    struct buf out;
    buf_write_init(&out, room, sizeof room);
    record_put(&writer, &out, &ev);
    for (unsigned i = 0; i < 10; i++) {
        size_t before = out.pos;
        ev.now_us += 100000;
        for (unsigned k = 0; k < 15; k++)
            beat[24 + k]++;
        record_put(&writer, &out, &ev);
        ck_assert_uint_le(out.pos - before, 33);
    }
}
END_TEST

/* A recording cut anywhere ends with ERR_SHORT after its last whole item. */
START_TEST(test_cut)
{
    struct prng chance;
    prng_seed(&chance, 3);
    record_init(&writer);
    size_t ends[EV_KIND_COUNT];
    struct buf out;
    buf_write_init(&out, room, sizeof room);
    for (unsigned i = 0; i < EV_KIND_COUNT; i++) {
        struct event ev = {.now_us = i};
        invent(&chance, (enum ev_kind)i, &ev);
        record_put(&writer, &out, &ev);
        ends[i] = out.pos;
    }
    for (size_t cut = 0; cut < out.pos; cut++) {
        struct buf in;
        struct record_item item;
        unsigned n = 0;
        record_init(&reader);
        buf_read_init(&in, room, cut);
        while (record_get(&reader, &in, &item) == ERR_OK)
            n++;
        ck_assert_uint_lt(n, EV_KIND_COUNT);
        ck_assert_uint_gt(ends[n], cut);
        ck_assert_uint_eq(in.pos, n ? ends[n - 1] : 0);
    }
}
END_TEST

/* Damage never leads out of the buffer (the sanitizers watch) and never hangs. */
START_TEST(test_damage)
{
    struct prng chance;
    prng_seed(&chance, 4);
    for (unsigned round = 0; round < 5000; round++) {
        struct buf out, in;
        struct record_item item;
        record_init(&writer);
        record_init(&reader);
        buf_write_init(&out, room, sizeof room);
        for (unsigned i = 0; i < 6; i++) {
            struct event ev = {.now_us = round};
            invent(&chance, (enum ev_kind)prng_below(&chance, EV_KIND_COUNT), &ev);
            record_put(&writer, &out, &ev);
        }
        for (unsigned i = 0; i < 1 + round % 3; i++)
            room[prng_below(&chance, out.pos)] ^= (uint8_t)(1u << prng_below(&chance, 8));
        uint8_t *copy = malloc(out.pos);
        memcpy(copy, room, out.pos);
        buf_read_init(&in, copy, out.pos);
        unsigned items = 0;
        while (record_get(&reader, &in, &item) != ERR_SHORT)
            ck_assert_uint_lt(items++, out.pos);
        free(copy);
    }
}
END_TEST

START_TEST(test_head)
{
    struct record_head h = {.limits = {.prims = 1000, .cib_bytes = 65536, .nodes = 2},
                            .self = 1,
                            .seed = 42,
                            .conf_text = "[cluster]\nname = x\n"};
    struct record_head got;
    struct buf b;
    buf_write_init(&b, room, sizeof room);
    record_put_head(&b, &h);
    ck_assert(!b.bad);
    size_t len = b.pos;
    buf_read_init(&b, room, len);
    ck_assert_int_eq(record_get_head(&b, &got), ERR_OK);
    ck_assert_uint_eq(got.limits.prims, 1000);
    ck_assert_uint_eq(got.limits.cib_bytes, 65536);
    ck_assert_uint_eq(got.limits.nodes, 2);
    ck_assert_uint_eq(got.self, 1);
    ck_assert_uint_eq(got.seed, 42);
    ck_assert_str_eq(got.conf_text, h.conf_text);
    for (size_t cut = 0; cut < len; cut++) {
        buf_read_init(&b, room, cut);
        ck_assert_int_ne(record_get_head(&b, &got), ERR_OK);
    }
    room[8]++;
    buf_read_init(&b, room, len);
    ck_assert_int_eq(record_get_head(&b, &got), ERR_VERSION);
    room[0]++;
    buf_read_init(&b, room, len);
    ck_assert_int_eq(record_get_head(&b, &got), ERR_SYNTAX);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("record");
    tcase_add_test(t, test_round_trip);
    tcase_add_test(t, test_first_items);
    tcase_add_test(t, test_beat_is_small);
    tcase_add_test(t, test_cut);
    tcase_add_test(t, test_damage);
    tcase_add_test(t, test_head);
    return unit_end();
}
