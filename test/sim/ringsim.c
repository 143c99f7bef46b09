/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringsim: see ringsim.h.
 *
 * Happy path: draw, run until the faults end, heal, look. A broken rule is passed over where the
 * guard of a seed hides it. */
#include "test/sim/ringsim.h"
#include <stdio.h>
#include "test/sim/ringlive.h"
#include "test/sim/ringoracle.h"
#include "test/sim/ringswarm.h"
#include "test/sim/ringtrace.h"

const char *const ringsim_count[RINGSIM_COUNTS] = {
    "starts",    "fencings", "power cuts", "watchdog resets",
    "takeovers", "views",    "casts",      "changes acknowledged"};

static const struct ringsim_break {
    const char *name;
    unsigned rule, world;
    uint8_t with, without;
} break_table[] = {
    {"guard", BREAK_GUARD, 0, 0, 0},
    {"fence", BREAK_FENCE_TRUST, 0, GUARD_FENCE, GUARD_LEASE},
    {"epoch", BREAK_EPOCH, 0, 0, 0},
    {"stop", BREAK_STOP, 0, 0, 0},
    {"quorum", BREAK_QUORUM, 0, 0, 0},
    {"lease-heard", BREAK_LEASE_HEARD, 0, GUARD_LEASE, 0},
    {"lease-dead", BREAK_LEASE_DEAD, 0, GUARD_LEASE, 0},
    {"lease-arm", BREAK_LEASE_ARM, 0, GUARD_LEASE, 0},
    {"watchdog", 0, RING_BREAK_BITE, GUARD_LEASE, 0},
    {"liar", 0, RING_BREAK_FENCE, GUARD_FENCE, GUARD_LEASE},
    {"claim-quorum", BREAK_CLAIM_QUORUM, 0, GUARD_RESERVATION, 0},
    {"claim-stopped", BREAK_CLAIM_STOPPED, 0, GUARD_RESERVATION, 0},
    {"claim-readback", BREAK_CLAIM_READBACK, 0, GUARD_RESERVATION, 0},
    {"order", 0, RING_BREAK_ORDER, 0, 0},
    {"keep", 0, RING_BREAK_KEEP, 0, 0},
    {"mute", 0, RING_BREAK_MUTE, 0, 0},
};

static struct rworld ring;

static void draw(struct world *shadow, uint64_t seed, unsigned nodes,
                 const struct ringsim_break *rule, bool hashing)
{
    char text[600];
    struct str out;
    ring.shadow = shadow;
    shadow->conf.n_nodes = 0; /* another cluster: its names are taken over anew */
    ringswarm_draw(&ring, seed, nodes);
    ring.hashing = hashing;
    if (rule) {
        ring.broken = rule->rule;
        ring.world_broken = rule->world;
        ring.coro.loose = rule->world & RING_BREAK_ORDER;
    }
    if (!ringtrace_on(&ring))
        return;
    str_init(&out, text, sizeof(text));
    ringswarm_words(&ring, &out);
    printf("seed %llu: %s\n%s", (unsigned long long)seed, text, ring.cib_text);
}

static void verdict_give(struct world *shadow)
{
    shadow->now_us = ring.now_us;
    shadow->barked = ring.barked;
    str_copy(shadow->rule, sizeof(shadow->rule), ring.rule);
    str_copy(shadow->bark, sizeof(shadow->bark), ring.bark);
    for (unsigned i = 0; i < RINGSIM_COUNTS; i++)
        shadow->counts[i] = ring.counts[i];
}

static bool seed_finish(struct world *shadow)
{
    ringworld_run(&ring, ring.faults.until_us);
    if (!ring.barked)
        ringlive_run(&ring);
    verdict_give(shadow);
    return !ring.barked;
}

static bool seed_once(struct world *shadow, uint64_t seed, unsigned nodes, bool hashing)
{
    draw(shadow, seed, nodes, NULL, hashing);
    return seed_finish(shadow);
}

bool ringsim_seed(struct world *shadow, uint64_t seed, unsigned nodes, bool twice)
{
    if (!seed_once(shadow, seed, nodes, twice) || !twice)
        return !shadow->barked;
    uint64_t hash = ring.hash;
    if (seed_once(shadow, seed, nodes, true) && ring.hash != hash) {
        ringoracle_bark(&ring, "S9", "the same seed gave another hash when it was run again");
        verdict_give(shadow);
    }
    return !shadow->barked;
}

const struct ringsim_break *ringsim_rule(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(break_table); i++)
        if (str_eq(break_table[i].name, name))
            return &break_table[i];
    for (unsigned i = 0; i < ARRAY_LEN(break_table); i++)
        fprintf(stderr, "%s ", break_table[i].name);
    return NULL;
}

bool ringsim_bark(struct world *shadow, const struct ringsim_break *rule, uint64_t first,
                  uint64_t count, unsigned nodes)
{
    uint64_t runs = 0;
    for (uint64_t s = first; s < first + count; s++) {
        draw(shadow, s, nodes, rule, false);
        if ((ring.conf.guard & rule->with) != rule->with || (ring.conf.guard & rule->without))
            continue;
        runs++;
        if (seed_finish(shadow))
            continue;
        char rule_name[RULE_LEN], bark[BARK_LEN];
        uint64_t at_us = ring.now_us;
        str_copy(rule_name, sizeof(rule_name), ring.rule);
        str_copy(bark, sizeof(bark), ring.bark);
        if (!seed_once(shadow, s, nodes, false))
            continue; /* it barks anyhow */
        printf("seed %llu at %llu ms: %s: %s\nthe oracle barks, as it must (%llu seeds)\n",
               (unsigned long long)s, (unsigned long long)(at_us / 1000), rule_name, bark,
               (unsigned long long)runs);
        return true;
    }
    printf("no violation was found in %llu seeds, %llu of them in its field: the oracle is deaf to "
           "this rule\n",
           (unsigned long long)count, (unsigned long long)runs);
    return false;
}
