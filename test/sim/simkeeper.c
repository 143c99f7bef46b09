/* SPDX-License-Identifier: GPL-2.0-or-later
 * simkeeper: keeper and watchdog of a host. See simkeeper.h.
 *
 * Happy path: fed until the date that the core gave last; the last feeding is at the date itself,
 * the worst that a keeper may do; the watchdog bites its time-out later.
 * Ways to fail: nobody moves the date on (it bites); the machine is frozen (a hardware watchdog
 * bites in real time, one feeding after the freeze at most; another waits with the machine); a date
 * comes after the old one has passed (too late: the reset is due). */
#include <assert.h>
#include "test/sim/oracle.h"
#include "test/sim/simkeeper.h"
#include "test/sim/simtrace.h"

static void bite_set(struct world *w, struct host *h, uint64_t at_us)
{
    struct keeper *k = &h->keeper;
    k->bite_us = at_us;
    k->token++;
    if (at_us == NEVER)
        return;
    struct item *it = world_add(w, ITEM_WATCHDOG, h->self, at_us);
    it->token = k->token;
    it->a = h->power_no;
}

/* By the host's clock until the date, then by the watchdog's own. */
static uint64_t bite_at(const struct world *w, const struct host *h)
{
    uint64_t last_us = host_world_us(w, h, h->keeper.until_us);
    return last_us == NEVER ? NEVER : last_us + MSEC(h->keeper.timeout_ms);
}

void keeper_speaks(struct world *w, struct host *h)
{
    if (h->keeper.kind == WATCHDOG_NONE)
        return;
    struct item *it =
        world_add(w, ITEM_KEEPER, h->self, w->now_us + world_lasts(w, &w->host_prng, 200, 2000));
    it->token = h->life_no;
}

void keeper_feed(struct world *w, struct host *h, uint64_t until_us)
{
    struct keeper *k = &h->keeper;
    if (k->kind == WATCHDOG_NONE) {
        oracle_bark(w, "S8", "%s feeds a watchdog that it has not", host_name(w, h->self));
        return;
    }
    if (k->armed && (k->due || host_local_us(w, h) > k->until_us)) {
        k->due = true;
    } else if (!until_us) {
        k->armed = false;
        k->until_us = 0;
        bite_set(w, h, NEVER);
    } else {
        k->armed = true;
        k->until_us = until_us;
        bite_set(w, h, bite_at(w, h));
    }
    keeper_speaks(w, h);
}

void keeper_frozen(struct world *w, struct host *h)
{
    struct keeper *k = &h->keeper;
    if (!k->armed || h->frozen == FROZEN_SHELL || h->frozen == AWAKE)
        return;
    if (k->kind != WATCHDOG_HARDWARE) {
        k->token++; /* it sleeps with the machine */
        return;
    }
    uint64_t soon = w->now_us + MSEC(k->timeout_ms);
    if (soon < k->bite_us)
        bite_set(w, h, soon);
}

void keeper_thawed(struct world *w, struct host *h, enum host_freeze kind, uint64_t lost_us)
{
    struct keeper *k = &h->keeper;
    if (!k->armed || kind == FROZEN_SHELL)
        return;
    bool in_time = host_local_us(w, h) <= k->until_us;
    if (in_time)
        bite_set(w, h, bite_at(w, h));
    else if (k->kind != WATCHDOG_HARDWARE)
        bite_set(w, h,
                 kind == FROZEN_CLOCK ? k->bite_us + lost_us : w->now_us + MSEC(k->timeout_ms));
}

void keeper_gone(struct host *h)
{
    struct keeper *k = &h->keeper;
    k->armed = k->due = false;
    k->until_us = 0;
    k->bite_us = NEVER;
    k->token++;
}

void keeper_starve(struct world *w, struct host *h, bool bites)
{
    struct keeper *k = &h->keeper;
    k->armed = k->due = true;
    bite_set(w, h, bites ? w->now_us + MSEC(k->timeout_ms) : NEVER);
    keeper_speaks(w, h);
}

static void speak(struct world *w, struct host *h)
{
    const struct keeper *k = &h->keeper;
    struct event ev = {.kind = EV_WATCHDOG};
    ev.watchdog.kind = k->kind;
    ev.watchdog.timeout_ms = k->timeout_ms;
    ev.watchdog.armed = k->armed;
    ev.watchdog.ok = true;
    ev.watchdog.due = k->due || (k->armed && host_local_us(w, h) > k->until_us);
    ev.watchdog.until_us = k->until_us;
    host_tell(w, h, &ev);
}

void keeper_item(struct world *w, const struct item *it)
{
    struct host *h = &w->host[it->host];
    if (it->kind == ITEM_KEEPER) {
        if (h->node && it->token == h->life_no)
            speak(w, h);
        return;
    }
    assert(it->kind == ITEM_WATCHDOG);
    if (!h->power || it->a != h->power_no || it->token != h->keeper.token || w->no_bite ||
        h->keeper.kind == WATCHDOG_FILE)
        return;
    w->counts[COUNT_BITES]++;
    host_reset(w, h, "its watchdog bites");
}
