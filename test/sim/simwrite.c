/* SPDX-License-Identifier: GPL-2.0-or-later
 * simwrite: what is written to the disks of resources. See simwrite.h.
 *
 * Happy path: a running resource sends a write now and then, to one of its disks; it is done.
 * Ways to fail: refused by the reservation (the resource fails, and its host's shell looks), lost
 * with its path (so it fails, too). A resource that is being stopped waits for what it has written:
 * a stop is no success before. */
#include <assert.h>
#include "test/sim/host.h"
#include "test/sim/oracle.h"
#include "test/sim/simlun.h"
#include "test/sim/simreserve.h"
#include "test/sim/simtrace.h"
#include "test/sim/simwrite.h"
#include "test/sim/umpire.h"

enum { WRITES_MOST = 6 };

static void next_write(struct world *w, unsigned host, const struct service *s, uint64_t in_us)
{
    struct item *it = world_add(w, ITEM_WRITE, host, w->now_us + in_us);
    it->a = (uint32_t)(s - w->service);
    it->b = s->on[host].start_no;
    it->token = w->host[host].power_no;
}

void write_begins(struct world *w, struct host *h, struct service *s)
{
    s->on[h->self].start_no = ++s->starts;
    if (s->n_units && s->write_ms)
        next_write(w, h->self, s, world_lasts(w, &w->lun_prng, MSEC(1), MSEC(s->write_ms) / 8 + 1));
}

void write_item(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    struct service *s = &w->service[it->a];
    if (!h->power || h->power_no != it->token || s->on[h->self].start_no != it->b ||
        !s->on[h->self].active)
        return;
    if (h->frozen == FROZEN_MACHINE || h->frozen == FROZEN_CLOCK) {
        next_write(w, h->self, s, h->thaw_us - w->now_us + 100);
        return;
    }
    /* What has failed still may have something to write, unless it is gone. */
    bool room = s->on[h->self].writes < WRITES_MOST; /* else it waits for them */
    if (room && (s->on[h->self].alive || prng_chance(&w->lun_prng, 300000))) {
        unsigned unit = s->unit[prng_below(&w->lun_prng, s->n_units)];
        s->on[h->self].writes++;
        lun_write_send(w, h, &w->unit[unit], it->a, it->b);
    }
    next_write(w, h->self, s, world_lasts(w, &w->lun_prng, MSEC(1), MSEC(s->write_ms)));
}

static bool uses(const struct world *w, const struct service *s, const struct unit *u)
{
    for (unsigned i = 0; i < s->n_units; i++)
        if (&w->unit[s->unit[i]] == u)
            return true;
    return false;
}

void write_booting(struct world *w, struct host *h)
{
    if (!w->boot_writes)
        return;
    for (unsigned i = 0; i < w->n_services; i++) {
        struct service *s = &w->service[i];
        for (unsigned k = 0; k < s->n_units; k++)
            lun_write_send(w, h, &w->unit[s->unit[k]], i, 0);
    }
}

/* ---- ends -------------------------------------------------------------------------------------
 */

static void under_way_less(struct world *w, const struct lun_cmd *c)
{
    struct service *s = &w->service[c->service];
    const struct host *h = &w->host[c->host];
    bool same = h->power && h->power_no == c->power_no && !c->booting;
    if (same && s->on[h->self].writes > 0)
        s->on[h->self].writes--;
}

void write_landed(struct world *w, struct unit *u, const struct lun_cmd *c)
{
    under_way_less(w, c);
    umpire_written(w, u, c);
}

void write_refused(struct world *w, struct unit *u, const struct lun_cmd *c, bool conflict)
{
    struct host *h = &w->host[c->host];
    struct service *s = &w->service[c->service];
    under_way_less(w, c);
    if (!h->power || h->power_no != c->power_no || c->booting)
        return;
    assert(uses(w, s, u));
    if (conflict)
        w->counts[COUNT_REFUSED]++;
    if (s->on[h->self].start_no == c->start_no && s->on[h->self].alive) {
        trace_note(w, h, "%s fails: its write to %s %s", s->id, u->name,
                   conflict ? "is refused" : "is lost");
        s->on[h->self].alive = false; /* what still runs of it is of no use */
    }
    if (conflict)
        reserve_notice(w, h, u);
}

bool write_pending(const struct world *w, const struct service *s, unsigned host)
{
    (void)w;
    return s->on[host].writes > 0;
}

bool write_reaches(const struct world *w, const struct service *s, unsigned host)
{
    for (unsigned i = 0; i < s->n_units; i++)
        if (!unit_path_up(w, &w->unit[s->unit[i]], host, 0) &&
            !unit_path_up(w, &w->unit[s->unit[i]], host, 1))
            return false;
    return true;
}
