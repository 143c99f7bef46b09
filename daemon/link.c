/* SPDX-License-Identifier: GPL-2.0-or-later
 * link: what all links have in common: opening and trying again, the seal, counting what is bad.
 *
 * Happy path: links_open opens, drivers call link_up and link_frame. A frame may lead to a send,
 * and a send may find the link broken, while the driver still reads: so a driver's close is safe at
 * any time, and link_frame tells the driver when it was closed under it. */
#include "daemon/link.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/carrier.h"
#include "daemon/clock.h"
#include "daemon/journal.h"
#include "lib/base/num.h"

enum { MS = 1000 };

struct links {
    struct shell *shell;
    struct auth *auth;
    struct carrier *carrier;
    struct link at[CONF_LINKS_MAX];
    unsigned n;
    uint8_t frame[FRAME_MAX];
};

static void retry(void *context);

static uint64_t ms_to_ns(uint64_t ms)
{
    return ms * 1000000u;
}

const char *link_addr(const struct link *l, unsigned node)
{
    assert(node < NODE_MAX);
    return l->conf->addr[node];
}

enum err link_mark(const struct link *l, unsigned key, const char *text,
                   uint8_t out[AUTH_MARK_BYTES])
{
    return auth_mark(l->links->auth, key, text, out);
}

/* ---- state ---- */

static void tell(struct link *l, bool usable, const char *reason)
{
    if (l->told && l->usable == usable && str_eq(l->reason, reason))
        return;
    if (l->usable != usable || !l->told)
        journal_note(l->shell->journal, SAY_DEBUG, JOURNAL_LINK, _("link %s: %s"), l->conf->name,
                     usable ? _("open") : reason);
    l->told = true;
    l->usable = usable;
    (void)str_copy(l->reason, sizeof l->reason, reason);
    struct event ev = {.kind = EV_LINK,
                       .link = {.link = l->index, .usable = usable, .reason = l->reason}};
    shell_event(l->shell, &ev);
}

void link_up(struct link *l)
{
    assert(l->opened);
    l->retry_ms = LINK_RETRY_MIN_MS;
    l->up = true;
    if (!l->no_carrier)
        tell(l, true, "");
}

void link_wait(struct link *l, const char *format, ...)
{
    char reason[REASON_LEN];
    struct str s;
    va_list ap;
    str_init(&s, reason, sizeof reason);
    va_start(ap, format);
    str_addv(&s, format, ap);
    va_end(ap);
    l->up = false;
    tell(l, false, reason);
}

static void retry_arm(struct link *l)
{
    if (l->retry)
        return;
    if (qb_loop_timer_add(l->shell->loop, QB_LOOP_MED, ms_to_ns(l->retry_ms), l, retry,
                          &l->retry) != 0)
        l->retry = 0;
    /* Pauses grow, but not beyond two beats: a link that could work again is not left waiting. */
    uint64_t most = num_max(LINK_RETRY_MIN_MS, 2ull * l->timing->interval_ms);
    l->retry_ms = (uint32_t)num_min(l->retry_ms * 2, num_min(most, LINK_RETRY_MAX_MS));
}

void link_down(struct link *l, const char *format, ...)
{
    char reason[REASON_LEN];
    struct str s;
    va_list ap;
    str_init(&s, reason, sizeof reason);
    va_start(ap, format);
    str_addv(&s, format, ap);
    va_end(ap);
    if (l->opened) {
        l->opened = l->up = false;
        l->driver->close(l);
    }
    retry_arm(l);
    tell(l, false, reason);
}

static void try_open(struct link *l)
{
    assert(!l->opened);
    l->opened = true;
    l->opens++;
    (void)l->driver->open(l);
}

static void retry(void *context)
{
    struct link *l = context;
    l->retry = 0;
    if (!l->opened)
        try_open(l);
}

/* ---- in ---- */

static void bad_tell(void *context)
{
    static const enum err what[LINK_BAD_COUNT] = {ERR_AUTH, ERR_CRC, ERR_SYNTAX, ERR_SHORT};
    struct link *l = context;
    l->bad_timer = 0;
    l->bad_us = clock_raw_us();
    for (unsigned i = 0; i < LINK_BAD_COUNT; i++) {
        struct event ev = {.kind = EV_FRAME_BAD,
                           .frame_bad = {.link = l->index, .why = what[i], .count = l->bad[i]}};
        l->bad[i] = 0;
        if (ev.frame_bad.count)
            shell_event(l->shell, &ev);
    }
}

/* The first is told at once, those that follow together, so that a flood of rubbish costs little.
 */
void link_bad(struct link *l, enum link_bad why, uint32_t count)
{
    uint64_t since_us = clock_raw_us() - l->bad_us;
    l->bad[why] += count;
    if (l->bad_timer)
        return;
    if (since_us >= LINK_BAD_EVERY_MS * MS) {
        bad_tell(l);
        return;
    }
    if (qb_loop_timer_add(l->shell->loop, QB_LOOP_LOW, (LINK_BAD_EVERY_MS * MS - since_us) * 1000u,
                          l, bad_tell, &l->bad_timer) != 0)
        l->bad_timer = 0;
}

void link_framer_bad(struct link *l, const struct framer *f, uint64_t *skipped, uint64_t *broken)
{
    unsigned opens = l->opens;
    uint64_t noise = f->skipped - *skipped, damaged = f->broken - *broken;
    *skipped = f->skipped;
    *broken = f->broken;
    if (damaged)
        link_bad(l, LINK_BAD_CRC, (uint32_t)damaged);
    if (noise && !damaged && l->opened && l->opens == opens)
        link_bad(l, LINK_BAD_SYNTAX, 1);
}

bool link_frame(struct link *l, const uint8_t *at, size_t len, bool *authentic)
{
    unsigned opens = l->opens;
    size_t body_end;
    enum err err = auth_open(l->links->auth, at, len, &body_end);
    if (authentic)
        *authentic = !err;
    switch (err) {
    case ERR_OK: {
        struct event ev = {.kind = EV_FRAME,
                           .frame = {.link = l->index, .at = at, .len = body_end}};
        shell_event(l->shell, &ev);
        break;
    }
    case ERR_AUTH: link_bad(l, LINK_BAD_AUTH, 1); break;
    case ERR_CRC: link_bad(l, LINK_BAD_CRC, 1); break;
    case ERR_SHORT: link_bad(l, LINK_BAD_SHORT, 1); break;
    default: link_bad(l, LINK_BAD_SYNTAX, 1); break;
    }
    return l->opened && l->opens == opens;
}

/* ---- out ---- */

void links_send(struct links *ls, uint8_t link, uint8_t node, const uint8_t *at, size_t len,
                bool beat)
{
    struct link *l = &ls->at[link];
    size_t sealed;
    assert(link < ls->n && len >= FRAME_HEAD && len <= FRAME_MAX - FRAME_TAIL);
    if (!l->opened || !l->driver->send)
        return;
    memcpy(ls->frame, at, len);
    if (auth_seal(ls->auth, ls->frame, len, sizeof ls->frame, &sealed))
        return; /* libcrypto failed: as good as lost on the way, and the peer will notice */
    l->driver->send(l, node, ls->frame, sealed, beat);
}

void links_carrier(struct links *ls, unsigned link, const char *interface, bool carrier)
{
    struct link *l = &ls->at[link];
    char reason[REASON_LEN];
    struct str s;
    assert(link < ls->n);
    if (!interface) {
        bool had = l->had_address; /* 127.0.0.2 works without ever being listed */
        l->had_address = l->no_carrier = false;
        if (had && l->opened)
            link_down(l, _("address %s is no longer on this machine"),
                      link_addr(l, l->shell->self));
        return;
    }
    l->had_address = true;
    if (l->no_carrier == !carrier)
        return;
    l->no_carrier = !carrier;
    str_init(&s, reason, sizeof reason);
    str_addf(&s, _("no carrier on %s: check cable and switch"), interface);
    if (l->up)
        tell(l, carrier, carrier ? "" : reason);
}

bool links_hung(struct links *ls)
{
    bool hung = false;
    for (unsigned i = 0; i < ls->n; i++) {
        if (ls->at[i].conf->type != LINK_DISK || !disk_hung(&ls->at[i]))
            continue;
        journal_note(ls->shell->journal, SAY_ERROR, JOURNAL_LINK,
                     _("link %s: a read or write of the disk hangs, and yoked could not start over "
                       "before it came back: it goes on as it is"),
                     ls->at[i].conf->name);
        hung = true;
    }
    return hung;
}

void links_hurry(struct links *ls)
{
    for (unsigned i = 0; i < ls->n; i++) {
        struct link *l = &ls->at[i];
        if (l->opened || !l->retry)
            continue;
        qb_loop_timer_del(l->shell->loop, l->retry);
        l->retry = 0;
        l->retry_ms = LINK_RETRY_MIN_MS;
        try_open(l);
    }
}

/* ---- all of them ---- */

/* Corosync is a link for the core only, see corosync.c; and so is one that other nodes have. */
static bool ring_open(struct link *l)
{
    (void)l;
    return true;
}

static void ring_close(struct link *l)
{
    (void)l;
}

static const struct link_driver link_ring = {"corosync", 1, ring_open, ring_close, NULL};

static const struct link_driver *driver_of(unsigned type)
{
    static const struct link_driver *const table[] = {[LINK_UDP] = &link_udp,
                                                      [LINK_TCP] = &link_tcp,
                                                      [LINK_SERIAL] = &link_serial,
                                                      [LINK_DISK] = &link_disk,
                                                      [LINK_RING] = &link_ring};
    assert(type < ARRAY_LEN(table));
    return table[type];
}

/* The other end, of a link of two; udp has as many as there are. */
static uint8_t peer_of(const struct shell *s, const struct conf_link *l)
{
    for (unsigned p = 0; p < s->conf.n_nodes; p++)
        if (p != s->self && conf_link_joins(l, s->self, p))
            return (uint8_t)p;
    return s->self == 0 ? 1 : 0;
}

/* This node has an end of it. */
static bool link_here(const struct shell *s, const struct conf_link *l)
{
    return conf_link_joins(l, s->self, s->self);
}

struct links *links_new(struct shell *s, struct auth *auth)
{
    struct links *ls = calloc(1, sizeof *ls);
    if (!ls)
        return NULL;
    ls->shell = s;
    ls->auth = auth;
    for (unsigned i = 0; i < s->conf.n_links; i++) {
        struct link *l = &ls->at[ls->n++];
        l->shell = s;
        l->links = ls;
        l->conf = &s->conf.link[i];
        l->timing = &s->timing.link[i];
        l->index = (uint8_t)i;
        l->peer = peer_of(s, l->conf);
        l->driver = driver_of(link_here(s, l->conf) ? l->conf->type : (unsigned)LINK_RING);
        l->retry_ms = LINK_RETRY_MIN_MS;
        l->state = calloc(1, l->driver->size);
        if (!l->state) {
            links_free(ls);
            return NULL;
        }
    }
    ls->carrier = carrier_new(s, ls);
    return ls;
}

void links_open(struct links *ls)
{
    for (unsigned i = 0; i < ls->n; i++)
        try_open(&ls->at[i]);
    if (ls->carrier)
        carrier_look(ls->carrier);
}

void links_free(struct links *ls)
{
    if (!ls)
        return;
    for (unsigned i = 0; i < ls->n; i++) {
        struct link *l = &ls->at[i];
        if (l->opened)
            l->driver->close(l);
        l->opened = false;
        if (l->retry)
            qb_loop_timer_del(l->shell->loop, l->retry);
        if (l->bad_timer)
            qb_loop_timer_del(l->shell->loop, l->bad_timer);
        free(l->state);
    }
    carrier_free(ls->carrier);
    free(ls);
}
