/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringnet: see ringnet.h.
 *
 * Happy path: a frame is one letter in the heap, due after a random delay, told to the node when it
 * arrives. Ways to fail: cut between the two (looked at when it is sent and when it arrives), loss,
 * repetition, long delay. */
#include "test/sim/ringnet.h"
#include <assert.h>
#include <string.h>
#include "lib/wire/frame.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringoracle.h"

static bool cut_off(const struct rworld *w, unsigned from, unsigned to)
{
    return w->cuts[RINGNET_LAN][from][to] > 0;
}

static void letter_go(struct rworld *w, unsigned from, unsigned to, struct letter *l)
{
    uint64_t lasts = prng_exponential(&w->net_prng, w->lan_rates.min_us, w->lan_rates.mean_us);
    if (w->lan_rates.stale && prng_chance(&w->net_prng, w->lan_rates.stale))
        lasts += prng_between(&w->net_prng, MSEC(50), MSEC(20000));
    struct ring_item *it = ringworld_add(w, RING_FRAME, to, w->now_us + lasts);
    it->a = from;
    it->letter = l;
    l->users++;
}

void ringnet_send(struct rworld *w, struct rhost *h, const struct action *a)
{
    unsigned to = a->send.node;
    if (a->send.link != w->lan || to >= w->nodes || to == h->self ||
        a->send.len + FRAME_TAIL > FRAME_MAX) {
        ringoracle_bark(w, "S8", "%s sends %zu bytes to %u on link %u", rhost_name(w, h->self),
                        a->send.len, to, a->send.link);
        return;
    }
    if (cut_off(w, h->self, to) || prng_chance(&w->net_prng, w->lan_rates.loss))
        return;
    struct letter *l = letter_new(a->send.at, a->send.len);
    letter_go(w, h->self, to, l);
    if (w->lan_rates.twice && prng_chance(&w->net_prng, w->lan_rates.twice))
        letter_go(w, h->self, to, l);
    letter_drop(l);
}

void ringnet_item(struct rworld *w, struct ring_item *it)
{
    struct rhost *h = &w->host[it->host];
    if (h->node && !cut_off(w, it->a, it->host)) {
        struct event ev = {.kind = EV_FRAME};
        ev.frame.link = (uint8_t)w->lan;
        ev.frame.at = it->letter->at;
        ev.frame.len = it->letter->len;
        ringhost_tell(w, h, &ev);
    }
    letter_drop(it->letter);
}

void ringnet_cut(struct rworld *w, const struct ring_cut *cut, bool on)
{
    coro_time(&w->coro, w->now_us);
    for (unsigned i = 0; i < w->nodes; i++)
        for (unsigned k = 0; k < w->nodes; k++)
            for (unsigned net = 0; net < 2; net++) {
                if (i == k || !(cut->nets >> net & 1) || !nodeset_has(cut->to[i], k))
                    continue;
                assert(on || w->cuts[net][i][k]);
                w->cuts[net][i][k] = (uint8_t)(w->cuts[net][i][k] + (on ? 1 : -1));
                if (net == RINGNET_CORO)
                    coro_hear(&w->coro, k, i, !w->cuts[net][i][k]);
            }
    coro_review(&w->coro);
    ringoracle_trouble(w);
}

void ringnet_heal(struct rworld *w)
{
    for (unsigned c = 0; c < RING_CUTS; c++)
        if (w->faults.cut[c].used) {
            ringnet_cut(w, &w->faults.cut[c], false);
            w->faults.cut[c].used = false;
        }
    w->lan_rates.loss = w->lan_rates.twice = w->lan_rates.stale = 0;
}
