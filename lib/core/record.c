/* SPDX-License-Identifier: GPL-2.0-or-later
 * record: events as bytes and back.
 *
 *   head: "YOKEREC\n" u16 version  u32 prims  u64 cib_bytes  u32 nodes  u8 self  u64 seed
 *         u32 length of the conf text, the text, NUL
 *   item: length of what follows (varint), kind u8 (enum ev_kind, or 255: a hash), then for events
 *         the time since the event before in us and the wall clock's change in s (varints), then
 *         its fields. Texts: length varint, bytes, NUL; length 0 means NULL, else it is one more.
 *
 * varint: seven bits a byte, low ones first, the top bit says that more follow. Signed numbers are
 * folded (0 -1 1 -2 ...) first. */
#include "lib/core/record.h"

#include <assert.h>
#include <string.h>

enum { KIND_HASH = 255, LENGTH_BYTES = 4 };

static const char magic[8] = {'Y', 'O', 'K', 'E', 'R', 'E', 'C', '\n'};

/* ---- numbers and texts ---- */

static void put_number(struct buf *b, uint64_t v)
{
    while (v >= 0x80) {
        buf_put_u8(b, (uint8_t)(v | 0x80));
        v >>= 7;
    }
    buf_put_u8(b, (uint8_t)v);
}

static uint64_t get_number(struct buf *b)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = buf_get_u8(b);
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return v;
    }
    b->bad = true;
    return 0;
}

static uint64_t fold(uint64_t difference)
{
    return difference << 1 ^ (uint64_t) - (int64_t)(difference >> 63);
}

static uint64_t unfold(uint64_t v)
{
    return v >> 1 ^ (uint64_t) - (int64_t)(v & 1);
}

static void put_text(struct buf *b, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    put_number(b, text ? len + 1 : 0);
    if (text)
        buf_put_bytes(b, text, len + 1);
}

static const char *get_text(struct buf *b)
{
    uint64_t len = get_number(b);
    if (len == 0)
        return NULL;
    const char *text = len <= buf_left(b) ? (const char *)buf_get_view(b, len) : NULL;
    if (!text || memchr(text, '\0', len) != text + len - 1) {
        b->bad = true;
        return NULL;
    }
    return text;
}

static void put_bytes(struct buf *b, const uint8_t *at, size_t len)
{
    put_number(b, len);
    buf_put_bytes(b, at, len);
}

static const uint8_t *get_bytes(struct buf *b, size_t *len)
{
    uint64_t n = get_number(b);
    *len = 0;
    if (n > buf_left(b)) {
        b->bad = true;
        return NULL;
    }
    *len = n;
    return buf_get_view(b, n);
}

/* A number that must not be above max. */
static uint64_t get_below(struct buf *b, uint64_t max)
{
    uint64_t v = get_number(b);
    if (v > max) {
        b->bad = true;
        return 0;
    }
    return v;
}

/* ---- frames: what differs from the one before ---- */

/* Length, and if it is as the last one: a bit per byte that differs, then those bytes. */
static void put_frame(struct record *r, struct buf *b, uint8_t link, const uint8_t *at, size_t len)
{
    assert(link < CONF_LINKS_MAX);
    put_number(b, len);
    if (len > RECORD_FRAME_MAX) {
        buf_put_bytes(b, at, len);
        return;
    }
    uint8_t *last = r->last[link].at;
    if (r->last[link].len != len) {
        buf_put_bytes(b, at, len);
    } else {
        for (size_t i = 0; i < len; i += 8) {
            unsigned bits = 0;
            for (size_t k = i; k < len && k < i + 8; k++)
                bits |= (unsigned)(at[k] != last[k]) << (k - i);
            buf_put_u8(b, (uint8_t)bits);
        }
        for (size_t i = 0; i < len; i++)
            if (at[i] != last[i])
                buf_put_u8(b, at[i]);
    }
    memcpy(last, at, len);
    r->last[link].len = (uint16_t)len;
}

static const uint8_t *get_frame(struct record *r, struct buf *b, uint8_t link, size_t *out_len)
{
    assert(link < CONF_LINKS_MAX);
    size_t len = get_below(b, RECORD_ITEM_MAX);
    *out_len = len;
    if (len > RECORD_FRAME_MAX)
        return buf_get_view(b, len);
    uint8_t *last = r->last[link].at;
    if (r->last[link].len != len) {
        buf_get_bytes(b, last, len);
    } else {
        const uint8_t *bits = buf_get_view(b, (len + 7) / 8);
        for (size_t i = 0; bits && i < len; i++)
            if (bits[i / 8] >> i % 8 & 1)
                last[i] = buf_get_u8(b);
    }
    r->last[link].len = (uint16_t)len;
    return last;
}

/* ---- kept ---- */

static void put_kept(struct buf *b, const struct kept *k)
{
    buf_put_u8(b, k != NULL);
    if (!k)
        return;
    assert(k->n_fenced <= KEPT_FENCED_MAX);
    buf_put_u32(b, k->epoch);
    buf_put_u32(b, k->cib_epoch);
    buf_put_u32(b, k->cib_seq);
    buf_put_u32(b, k->common_epoch);
    buf_put_u32(b, k->common_seq);
    buf_put_u64(b, k->alone_boot);
    buf_put_u64(b, k->orphan_boot);
    buf_put_u8(b, k->n_fenced);
    for (unsigned i = 0; i < k->n_fenced; i++) {
        buf_put_u8(b, k->fenced[i].node_id);
        buf_put_u64(b, k->fenced[i].boot);
    }
}

static const struct kept *get_kept(struct record *r, struct buf *b)
{
    struct kept *k = &r->kept;
    memset(k, 0, sizeof *k);
    if (buf_get_u8(b) == 0)
        return NULL;
    k->epoch = buf_get_u32(b);
    k->cib_epoch = buf_get_u32(b);
    k->cib_seq = buf_get_u32(b);
    k->common_epoch = buf_get_u32(b);
    k->common_seq = buf_get_u32(b);
    k->alone_boot = buf_get_u64(b);
    k->orphan_boot = buf_get_u64(b);
    k->n_fenced = buf_get_u8(b);
    if (k->n_fenced > KEPT_FENCED_MAX) {
        k->n_fenced = 0;
        b->bad = true;
    }
    for (unsigned i = 0; i < k->n_fenced; i++) {
        k->fenced[i].node_id = buf_get_u8(b);
        k->fenced[i].boot = buf_get_u64(b);
    }
    return k;
}

/* ---- events ---- */

static void put_boot(struct buf *b, const struct event *ev)
{
    buf_put_u64(b, ev->boot.boot);
    buf_put_u16(b, ev->boot.life);
    buf_put_u16(b, ev->boot.cores);
    put_kept(b, ev->boot.kept);
    put_text(b, ev->boot.cib_text);
}

static void get_boot(struct record *r, struct buf *b, struct event *ev)
{
    ev->boot.boot = buf_get_u64(b);
    ev->boot.life = buf_get_u16(b);
    ev->boot.cores = buf_get_u16(b);
    ev->boot.kept = get_kept(r, b);
    ev->boot.cib_text = get_text(b);
}

enum { FLAG_TIMED_OUT = 1, FLAG_NOT_RUN = 2, FLAG_FIT = 4, FLAG_UNFIT = 8 };

/* Operations: agents, fences, what was kept or planned. */
static void put_done(struct buf *b, const struct event *ev)
{
    switch (ev->kind) {
    case EV_KEPT:
        put_number(b, ev->kept.op);
        put_number(b, ev->kept.err);
        break;
    case EV_PLANNED:
        put_number(b, ev->planned.op);
        put_number(b, ev->planned.err);
        break;
    case EV_AGENT_DONE:
        put_number(b, ev->agent.op);
        buf_put_u32(b, (uint32_t)ev->agent.rc);
        buf_put_u8(b, (uint8_t)((ev->agent.timed_out ? FLAG_TIMED_OUT : 0) |
                                (ev->agent.not_run ? FLAG_NOT_RUN : 0) |
                                (ev->agent.fit_told == FIT_SCORE ? FLAG_FIT : 0) |
                                (ev->agent.fit_told == FIT_UNSET ? FLAG_UNFIT : 0)));
        if (ev->agent.fit_told == FIT_SCORE)
            buf_put_u32(b, (uint32_t)ev->agent.fit);
        put_number(b, ev->agent.exec_ms);
        put_text(b, ev->agent.reason);
        break;
    default:
        assert(ev->kind == EV_FENCE_DONE);
        put_number(b, ev->fence.op);
        buf_put_u32(b, (uint32_t)ev->fence.rc);
        buf_put_u8(b, ev->fence.timed_out ? FLAG_TIMED_OUT : 0);
        put_text(b, ev->fence.reason);
        break;
    }
}

static void get_done(struct buf *b, struct event *ev)
{
    uint32_t op = (uint32_t)get_below(b, UINT32_MAX);
    switch (ev->kind) {
    case EV_KEPT:
        ev->kept.op = op;
        ev->kept.err = (enum err)get_below(b, ERR_COUNT - 1);
        break;
    case EV_PLANNED:
        ev->planned.op = op;
        ev->planned.err = (enum err)get_below(b, ERR_COUNT - 1);
        ev->planned.plan = NULL;
        break;
    case EV_AGENT_DONE: {
        ev->agent.op = op;
        ev->agent.rc = (int)buf_get_u32(b);
        uint8_t flags = buf_get_u8(b);
        ev->agent.timed_out = flags & FLAG_TIMED_OUT;
        ev->agent.not_run = flags & FLAG_NOT_RUN;
        ev->agent.fit_told = flags & FLAG_FIT     ? FIT_SCORE
                             : flags & FLAG_UNFIT ? FIT_UNSET
                                                  : FIT_NOTHING;
        if (ev->agent.fit_told == FIT_SCORE)
            ev->agent.fit = (int32_t)buf_get_u32(b);
        ev->agent.exec_ms = (uint32_t)get_below(b, UINT32_MAX);
        ev->agent.reason = get_text(b);
        break;
    }
    default:
        assert(ev->kind == EV_FENCE_DONE);
        ev->fence.op = op;
        ev->fence.rc = (int)buf_get_u32(b);
        ev->fence.timed_out = buf_get_u8(b) & FLAG_TIMED_OUT;
        ev->fence.reason = get_text(b);
        break;
    }
}

static void put_date(struct buf *b, const struct event *ev, uint64_t date_us)
{
    put_number(b, date_us ? fold(ev->now_us - date_us) + 1 : 0);
}

static uint64_t get_date(struct buf *b, const struct event *ev)
{
    uint64_t v = get_number(b);
    return v ? ev->now_us - unfold(v - 1) : 0;
}

enum { FLAG_ARMED = 1, FLAG_OK = 2, FLAG_DUE = 4 };

/* What stands behind the guard: disk, watchdog, reservation. */
static void put_guarding(struct buf *b, const struct event *ev)
{
    switch (ev->kind) {
    case EV_DISK:
        buf_put_u8(b, ev->disk.link);
        put_date(b, ev, ev->disk.wrote_us);
        put_date(b, ev, ev->disk.read_us);
        break;
    case EV_WATCHDOG:
        buf_put_u8(b, ev->watchdog.kind);
        put_number(b, ev->watchdog.timeout_ms);
        buf_put_u8(b,
                   (uint8_t)((ev->watchdog.armed ? FLAG_ARMED : 0) |
                             (ev->watchdog.ok ? FLAG_OK : 0) | (ev->watchdog.due ? FLAG_DUE : 0)));
        put_date(b, ev, ev->watchdog.until_us);
        put_text(b, ev->watchdog.reason);
        break;
    default:
        assert(ev->kind == EV_RESERVED);
        put_number(b, ev->reserved.op);
        put_number(b, ev->reserved.err);
        put_number(b, ev->reserved.state);
        put_number(b, ev->reserved.others);
        put_number(b, ev->reserved.slot);
        buf_put_u8(b, ev->reserved.disk);
        put_text(b, ev->reserved.reason);
        break;
    }
}

static void get_guarding(struct buf *b, struct event *ev)
{
    switch (ev->kind) {
    case EV_DISK:
        ev->disk.link = (uint8_t)get_below(b, CONF_LINKS_MAX - 1);
        ev->disk.wrote_us = get_date(b, ev);
        ev->disk.read_us = get_date(b, ev);
        break;
    case EV_WATCHDOG: {
        ev->watchdog.kind = (uint8_t)get_below(b, WATCHDOG_KIND_COUNT - 1);
        ev->watchdog.timeout_ms = (uint32_t)get_below(b, UINT32_MAX);
        uint8_t flags = buf_get_u8(b);
        ev->watchdog.armed = flags & FLAG_ARMED;
        ev->watchdog.ok = flags & FLAG_OK;
        ev->watchdog.due = flags & FLAG_DUE;
        ev->watchdog.until_us = get_date(b, ev);
        ev->watchdog.reason = get_text(b);
        break;
    }
    default:
        assert(ev->kind == EV_RESERVED);
        ev->reserved.op = (uint32_t)get_below(b, UINT32_MAX);
        ev->reserved.err = (enum err)get_below(b, ERR_COUNT - 1);
        ev->reserved.state = (uint16_t)get_below(b, UINT16_MAX);
        ev->reserved.others = (nodeset)get_below(b, UINT16_MAX);
        ev->reserved.slot = (uint16_t)get_below(b, UINT16_MAX);
        ev->reserved.disk = buf_get_u8(b);
        ev->reserved.reason = get_text(b);
        break;
    }
}

enum { FLAG_THERE = 1, FLAG_CHANGED = 2, FLAG_QUORATE = 4 };

static void put_ring(struct buf *b, const struct event *ev)
{
    if (ev->kind == EV_WIRES) {
        buf_put_u8(b, ev->wires.n);
        for (unsigned l = 0; l < ev->wires.n; l++) {
            put_number(b, ev->wires.has[l]);
            put_number(b, ev->wires.up[l]);
        }
        return;
    }
    buf_put_u8(b,
               (uint8_t)((ev->ring.there ? FLAG_THERE : 0) | (ev->ring.changed ? FLAG_CHANGED : 0) |
                         (ev->ring.quorate ? FLAG_QUORATE : 0)));
    put_number(b, ev->ring.group);
    put_text(b, ev->ring.reason);
}

static void get_ring(struct buf *b, struct event *ev)
{
    if (ev->kind == EV_WIRES) {
        ev->wires.n = (uint8_t)get_below(b, WIRES_MAX);
        for (unsigned l = 0; l < ev->wires.n; l++) {
            ev->wires.has[l] = (nodeset)get_below(b, (nodeset)~0u);
            ev->wires.up[l] = (nodeset)get_below(b, (nodeset)~0u);
        }
        return;
    }
    uint8_t flags = buf_get_u8(b);
    ev->ring.there = flags & FLAG_THERE;
    ev->ring.changed = flags & FLAG_CHANGED;
    ev->ring.quorate = flags & FLAG_QUORATE;
    ev->ring.group = (nodeset)get_below(b, (nodeset)~0u);
    ev->ring.reason = get_text(b);
}

static void put_fields(struct record *r, struct buf *b, const struct event *ev)
{
    switch (ev->kind) {
    case EV_BOOT: put_boot(b, ev); break;
    case EV_FRAME:
        buf_put_u8(b, ev->frame.link);
        put_frame(r, b, ev->frame.link, ev->frame.at, ev->frame.len);
        break;
    case EV_FRAME_BAD:
        buf_put_u8(b, ev->frame_bad.link);
        put_number(b, ev->frame_bad.why);
        put_number(b, ev->frame_bad.count);
        break;
    case EV_LINK:
        buf_put_u8(b, ev->link.link);
        buf_put_u8(b, ev->link.usable);
        put_text(b, ev->link.reason);
        break;
    case EV_KEPT:
    case EV_PLANNED:
    case EV_AGENT_DONE:
    case EV_FENCE_DONE: put_done(b, ev); break;
    case EV_RSC_GONE:
        put_number(b, ev->rsc.slot);
        put_text(b, ev->rsc.what);
        break;
    case EV_ADMIN:
        put_number(b, ev->admin.client);
        put_bytes(b, ev->admin.at, ev->admin.len);
        put_text(b, ev->admin.user);
        break;
    case EV_ADMIN_GONE: put_number(b, ev->admin_gone.client); break;
    case EV_STALL: put_number(b, ev->stall.lost_ms); break;
    case EV_TIME:
    case EV_STOP: break;
    case EV_DISK:
    case EV_WATCHDOG:
    case EV_RESERVED: put_guarding(b, ev); break;
    case EV_RING:
    case EV_WIRES: put_ring(b, ev); break;
    case EV_CAST:
        buf_put_u8(b, ev->cast.node);
        put_bytes(b, ev->cast.at, ev->cast.len);
        break;
    case EV_KIND_COUNT: assert(!"no such event");
    }
}

static void get_fields(struct record *r, struct buf *b, struct event *ev)
{
    switch (ev->kind) {
    case EV_BOOT: get_boot(r, b, ev); break;
    case EV_FRAME:
        ev->frame.link = (uint8_t)get_below(b, CONF_LINKS_MAX - 1);
        ev->frame.at = get_frame(r, b, ev->frame.link, &ev->frame.len);
        break;
    case EV_FRAME_BAD:
        ev->frame_bad.link = (uint8_t)get_below(b, CONF_LINKS_MAX - 1);
        ev->frame_bad.why = (enum err)get_below(b, ERR_COUNT - 1);
        ev->frame_bad.count = (uint32_t)get_below(b, UINT32_MAX);
        break;
    case EV_LINK:
        ev->link.link = (uint8_t)get_below(b, CONF_LINKS_MAX - 1);
        ev->link.usable = buf_get_u8(b) != 0;
        ev->link.reason = get_text(b);
        break;
    case EV_KEPT:
    case EV_PLANNED:
    case EV_AGENT_DONE:
    case EV_FENCE_DONE: get_done(b, ev); break;
    case EV_RSC_GONE:
        ev->rsc.slot = (uint16_t)get_below(b, UINT16_MAX);
        ev->rsc.what = get_text(b);
        break;
    case EV_ADMIN:
        ev->admin.client = (uint32_t)get_below(b, UINT32_MAX);
        ev->admin.at = get_bytes(b, &ev->admin.len);
        ev->admin.user = get_text(b);
        break;
    case EV_ADMIN_GONE: ev->admin_gone.client = (uint32_t)get_below(b, UINT32_MAX); break;
    case EV_STALL: ev->stall.lost_ms = (uint32_t)get_below(b, UINT32_MAX); break;
    case EV_TIME:
    case EV_STOP: break;
    case EV_DISK:
    case EV_WATCHDOG:
    case EV_RESERVED: get_guarding(b, ev); break;
    case EV_RING:
    case EV_WIRES: get_ring(b, ev); break;
    case EV_CAST:
        ev->cast.node = (uint8_t)get_below(b, NODE_MAX - 1);
        ev->cast.at = get_bytes(b, &ev->cast.len);
        break;
    case EV_KIND_COUNT: b->bad = true;
    }
}

/* ---- items ---- */

void record_init(struct record *r)
{
    memset(r, 0, sizeof *r);
}

/* The length comes first and is known last: room for LENGTH_BYTES of varint is left, padded with
 * bytes that say "more follows", so that nothing need be moved. Small items leave one byte. */
static size_t length_leave(struct buf *b, size_t bytes)
{
    size_t at = b->pos;
    for (size_t i = 0; i < bytes; i++)
        buf_put_u8(b, 0);
    return at;
}

static void length_fill(struct buf *b, size_t at, size_t bytes)
{
    if (b->bad)
        return;
    uint64_t len = b->pos - at - bytes;
    assert(len < (uint64_t)1 << 7 * bytes);
    for (size_t i = 0; i < bytes; i++)
        b->at[at + i] = (uint8_t)((len >> 7 * i & 0x7f) | (i + 1 < bytes ? 0x80 : 0));
}

void record_put(struct record *r, struct buf *b, const struct event *ev)
{
    assert(ev->kind < EV_KIND_COUNT);
    bool big = ev->kind == EV_BOOT || ev->kind == EV_ADMIN || ev->kind == EV_CAST ||
               (ev->kind == EV_FRAME && ev->frame.len > RECORD_FRAME_MAX);
    bool tiny = ev->kind == EV_TIME || ev->kind == EV_FRAME_BAD || ev->kind == EV_KEPT ||
                ev->kind == EV_PLANNED || ev->kind == EV_STALL ||
                (ev->kind == EV_FRAME && ev->frame.len <= 80);
    size_t bytes = big ? LENGTH_BYTES : tiny ? 1 : 2;
    size_t at = length_leave(b, bytes);
    buf_put_u8(b, (uint8_t)ev->kind);
    put_number(b, fold(ev->now_us - r->now_us));
    put_number(b, fold(ev->wall_s - r->wall_s));
    put_fields(r, b, ev);
    r->now_us = ev->now_us;
    r->wall_s = ev->wall_s;
    length_fill(b, at, bytes);
}

void record_put_hash(struct buf *b, uint64_t hash)
{
    size_t at = length_leave(b, 1);
    buf_put_u8(b, KIND_HASH);
    buf_put_u64(b, hash);
    length_fill(b, at, 1);
}

static bool take_item(struct buf *b, struct buf *item)
{
    size_t start = b->pos;
    uint64_t len = buf_left(b) > 0 ? get_number(b) : 0;
    if (b->bad || len == 0 || len > buf_left(b)) {
        b->pos = start;
        b->bad = false;
        return false;
    }
    const uint8_t *view = buf_get_view(b, len);
    assert(view);
    buf_read_init(item, view, len);
    return true;
}

enum err record_get(struct record *r, struct buf *b, struct record_item *item)
{
    struct buf in;
    memset(item, 0, sizeof *item);
    if (!take_item(b, &in))
        return ERR_SHORT;
    if (in.size > RECORD_ITEM_MAX)
        return ERR_RANGE;
    uint8_t kind = buf_get_u8(&in);
    if (kind == KIND_HASH) {
        item->is_hash = true;
        item->hash = buf_get_u64(&in);
        return in.bad || buf_left(&in) ? ERR_SYNTAX : ERR_OK;
    }
    if (kind >= EV_KIND_COUNT)
        return ERR_SYNTAX;
    struct event *ev = &item->ev;
    ev->kind = (enum ev_kind)kind;
    ev->now_us = r->now_us += unfold(get_number(&in));
    ev->wall_s = r->wall_s += unfold(get_number(&in));
    get_fields(r, &in, ev);
    return in.bad || buf_left(&in) ? ERR_SYNTAX : ERR_OK;
}

/* ---- head ---- */

void record_put_head(struct buf *b, const struct record_head *h)
{
    assert(h->conf_text);
    size_t len = strlen(h->conf_text);
    buf_put_bytes(b, magic, sizeof magic);
    buf_put_u16(b, RECORD_VERSION);
    buf_put_u32(b, h->limits.prims);
    buf_put_u64(b, h->limits.cib_bytes);
    buf_put_u32(b, h->limits.nodes);
    buf_put_u8(b, h->self);
    buf_put_u64(b, h->seed);
    buf_put_u32(b, (uint32_t)len);
    buf_put_bytes(b, h->conf_text, len + 1);
}

enum err record_get_head(struct buf *b, struct record_head *h)
{
    const uint8_t *m = buf_get_view(b, sizeof magic);
    memset(h, 0, sizeof *h);
    if (!m)
        return ERR_SHORT;
    if (memcmp(m, magic, sizeof magic) != 0)
        return ERR_SYNTAX;
    if (buf_get_u16(b) != RECORD_VERSION)
        return ERR_VERSION;
    h->limits.prims = buf_get_u32(b);
    h->limits.cib_bytes = buf_get_u64(b);
    h->limits.nodes = buf_get_u32(b);
    h->self = buf_get_u8(b);
    h->seed = buf_get_u64(b);
    size_t len = (size_t)buf_get_u32(b) + 1;
    if (b->bad || len > buf_left(b))
        return ERR_SHORT;
    h->conf_text = (const char *)buf_get_view(b, len);
    if (!h->conf_text || memchr(h->conf_text, '\0', len) != h->conf_text + len - 1)
        return ERR_SYNTAX;
    return ERR_OK;
}
