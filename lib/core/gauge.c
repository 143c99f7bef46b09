/* SPDX-License-Identifier: GPL-2.0-or-later
 * gauge: from the last feeding of a peer's watchdog to its last beat.
 *
 * Happy path: a beat says that the peer's watchdog is fed no more (yoke watchdog test, or a date
 * that passed); the time of that beat is kept. The machine is reset, its beats end: the newest one
 * tells how long it lived. Ways to fail: its beats go on for longer than its time-out allows: an
 * alarm, and the leases of that incarnation prove nothing from then on. Both times are receipts of
 * beats, so that what the links take is in both; the difference is off by a beat at most.
 *
 * Allowed are W, a tenth of it (the rate of two clocks), and the time after which a link counts as
 * silent: so long the last beats may be on their way. */
#include <assert.h>
#include "lib/base/num.h"
#include "lib/base/str.h"
#include "lib/core/gauge.h"
#include "lib/core/path.h"

enum { UNIT_MS = 10 };

static uint64_t allowed_ms(const struct node *n, const struct gauge *g)
{
    return (uint64_t)g->timeout_ms + g->timeout_ms / 10 + n->timing.lost_ms;
}

static void seconds_arg(struct say *say, uint64_t ms)
{
    say_argf(say, "%llu.%llu", (unsigned long long)(ms / 1000),
             (unsigned long long)(ms / 100 % 10));
}

static void tell(struct node *n, unsigned p, enum say_id id)
{
    const struct gauge *g = &n->peer[p].gauge;
    struct say say;
    say_set(&say, id);
    say_arg(&say, node_name(n, p));
    seconds_arg(&say, g->lived_ms);
    seconds_arg(&say, g->timeout_ms);
    out_event(n, &say, NULL, node_name(n, p));
}

void gauge_beat(struct node *n, unsigned p, uint64_t boot, const struct frame_beat *beat)
{
    struct gauge *g = &n->peer[p].gauge;
    if (!(beat->flags & BEAT_DUE)) {
        if (g->boot == boot && !g->told)
            *g = (struct gauge){0}; /* it was fed again, or its daemon does not know */
        return;
    }
    if (g->boot != boot) {
        *g = (struct gauge){.boot = boot,
                            .begin_us = n->now_us,
                            .timeout_ms = (uint32_t)beat->watchdog_cs * UNIT_MS};
        tell(n, p, SAY_GAUGE_BEGINS);
    }
    g->heard_us = n->now_us;
    g->lived_ms = (g->heard_us - g->begin_us) / 1000;
    if (g->lived_ms > allowed_ms(n, g) && !g->failed) {
        g->failed = g->told = true;
        tell(n, p, SAY_GAUGE_FAILED);
    }
}

static void end(struct node *n, unsigned p)
{
    struct gauge *g = &n->peer[p].gauge;
    if (!g->boot || g->told)
        return;
    g->told = true;
    tell(n, p, SAY_GAUGE_ENDS);
}

void gauge_tick(struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        struct gauge *g = &n->peer[p].gauge;
        if (p == n->self || !g->boot || g->told)
            continue;
        uint64_t over_us = g->begin_us + US(allowed_ms(n, g));
        if (n->now_us > over_us && n->now_us - g->heard_us > US(n->timing.lost_ms))
            end(n, p);
        else
            out_wake(n, num_max(over_us, g->heard_us + US(n->timing.lost_ms)) + 1);
    }
}

void gauge_reborn(struct node *n, unsigned p)
{
    end(n, p);
}

bool gauge_failed(const struct node *n, unsigned p, uint64_t boot)
{
    const struct gauge *g = &n->peer[p].gauge;
    return boot && g->boot == boot && g->failed;
}

void gauge_status(struct json *j, const struct node *n, unsigned p)
{
    const struct gauge *g = &n->peer[p].gauge;
    if (!g->told)
        return;
    json_open(j, "watchdog_test", '{');
    json_u64(j, "lived_ms", g->lived_ms);
    json_u64(j, "timeout_ms", g->timeout_ms);
    json_bool(j, "ok", !g->failed);
    json_close(j, '}');
}
