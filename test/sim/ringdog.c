/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringdog: see ringdog.h.
 *
 * Happy path: fed until the date that the core gave last, the worst that a keeper may do; the
 * watchdog bites its time-out later. Ways to fail: nobody moves the date on (it bites); the machine
 * is frozen (it bites in real time, one feeding after the freeze at most); a date comes after the
 * old one has passed (too late: the reset is due). */
#include "test/sim/ringdog.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringoracle.h"

static void bite_set(struct rworld *w, struct rhost *h, uint64_t at_us)
{
    struct keeper *k = &h->keeper;
    k->bite_us = at_us;
    k->token++;
    if (at_us == NEVER)
        return;
    struct ring_item *it = ringworld_add(w, RING_WATCHDOG, h->self, at_us);
    it->token = k->token;
    it->a = h->power_no;
}

/* By the host's clock until the date, then by the watchdog's own. */
static uint64_t bite_at(const struct rworld *w, const struct rhost *h)
{
    uint64_t last_us = ringhost_world_us(w, h, h->keeper.until_us);
    return last_us == NEVER ? NEVER : last_us + MSEC(h->keeper.timeout_ms);
}

void ringdog_speaks(struct rworld *w, struct rhost *h)
{
    if (h->keeper.kind != WATCHDOG_NONE)
        ringworld_add(w, RING_KEEPER, h->self,
                      w->now_us + prng_exponential(&w->host_prng, 200, 2000))
            ->token = h->life_no;
}

void ringdog_feed(struct rworld *w, struct rhost *h, uint64_t until_us)
{
    struct keeper *k = &h->keeper;
    if (k->kind == WATCHDOG_NONE) {
        ringoracle_bark(w, "S8", "%s feeds a watchdog that it has not", rhost_name(w, h->self));
        return;
    }
    if (k->armed && (k->due || ringhost_local_us(w, h) > k->until_us)) {
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
    ringdog_speaks(w, h);
}

void ringdog_frozen(struct rworld *w, struct rhost *h)
{
    struct keeper *k = &h->keeper;
    uint64_t soon = w->now_us + MSEC(k->timeout_ms);
    if (k->armed && soon < k->bite_us)
        bite_set(w, h, soon);
}

void ringdog_thawed(struct rworld *w, struct rhost *h)
{
    struct keeper *k = &h->keeper;
    if (k->armed && ringhost_local_us(w, h) <= k->until_us)
        bite_set(w, h, bite_at(w, h));
}

void ringdog_gone(struct rhost *h)
{
    struct keeper *k = &h->keeper;
    k->armed = k->due = false;
    k->until_us = 0;
    k->bite_us = NEVER;
    k->token++;
}

void ringdog_item(struct rworld *w, const struct ring_item *it)
{
    struct rhost *h = &w->host[it->host];
    const struct keeper *k = &h->keeper;
    if (it->kind == RING_KEEPER) {
        struct event ev = {.kind = EV_WATCHDOG};
        if (!h->node || it->token != h->life_no)
            return;
        ev.watchdog.kind = k->kind;
        ev.watchdog.timeout_ms = k->timeout_ms;
        ev.watchdog.armed = k->armed;
        ev.watchdog.ok = true;
        ev.watchdog.due = k->due || (k->armed && ringhost_local_us(w, h) > k->until_us);
        ev.watchdog.until_us = k->until_us;
        ringhost_tell(w, h, &ev);
        return;
    }
    if (!h->power || it->a != h->power_no || it->token != k->token ||
        (w->world_broken & RING_BREAK_BITE))
        return;
    w->counts[RING_COUNT_BITES]++;
    ringhost_reset(w, h, "its watchdog bites");
}
