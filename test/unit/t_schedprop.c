/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_schedprop: random configurations and states; plans are carried out, partly, late and with
 * failures, and made again. After the chaos everything must come to rest within a few rounds.
 *
 * Held after every step: nothing is started that is, or may be, active elsewhere; nothing before
 * what it is ordered after, nothing stopped under what needs it; nothing on a node that is no
 * member; the same input gives the same plan. Happy path: "N seeds" and exit 0. On a fault: the
 * seed, the configuration, the input and the plan. Arguments: FIRST COUNT; one seed with COUNT 0 is
 * traced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/prng.h"
#include "test/unit/schedtext.h"

enum {
    PRIMS = 8,
    CHAOS_ROUNDS = 10,
    CALM_ROUNDS = 8,
    STARTS_MAX = 4, /* of one primitive in the calm: more is ping-pong */
    SEEDS = 1500,
    ARENA_MAX = 4 * 1024 * 1024
};

struct world {
    struct prng prng;
    struct sched_in in;
    struct cib *cib;
    char text[4096];
    struct sched_state state[PRIMS * NODE_MAX];
    bool hidden[PRIMS * NODE_MAX]; /* what a probe will find */
    uint8_t wish[PRIMS], restart[PRIMS];
    nodeset avoid[PRIMS];
    unsigned starts[PRIMS];
    bool fences; /* a fence succeeds */
    bool fencing[NODE_MAX];
    unsigned joins; /* how often a node came back to a cluster at rest */
    bool trace;
    char plan_text[16384];
    char wrong[512];
};

static char *arena_at, *cib_arena_at;

static bool wrong(struct world *w, const char *what, unsigned prim, unsigned node)
{
    if (!w->wrong[0])
        snprintf(w->wrong, sizeof(w->wrong), "%s: %s on %s", what, w->cib->prim[prim].id,
                 node < NODE_MAX ? w->in.node[node].name : "-");
    return false;
}

static bool chance(struct world *w, unsigned percent)
{
    return prng_chance(&w->prng, percent * 10000);
}

static unsigned below(struct world *w, unsigned n)
{
    return (unsigned)prng_below(&w->prng, n);
}

static struct sched_state *state_of(struct world *w, unsigned p, unsigned n)
{
    return &w->state[p * w->in.n_nodes + n];
}

static bool active(uint8_t life)
{
    return life > RSC_STOPPED;
}

/* ---- a configuration ----------------------------------------------------------------------- */

static void meta_add(struct world *w, struct str *s)
{
    static const char *const some[] = {
        "resource-stickiness=0", "resource-stickiness=100", "migration-threshold=1",
        "migration-threshold=0", "is-managed=false",        "target-role=Stopped",
        "requires=nothing",      "critical=false",          "priority=10",
        "multiple-active=block", "failure-timeout=0",
    };
    if (chance(w, 40))
        str_addf(s, " meta %s", some[below(w, ARRAY_LEN(some))]);
    if (chance(w, 10))
        str_addf(s, " op monitor interval=10s timeout=20s on-fail=%s",
                 (const char *[]){"ignore", "block", "stop", "standby", "fence"}[below(w, 5)]);
}

/* Primitives p0.., some in groups of neighbours; names[] are what constraints may speak of, in an
 * order that no order constraint goes against. */
static unsigned resources_add(struct world *w, struct str *s, unsigned n, char names[][16])
{
    char groups[512];
    struct str g;
    unsigned n_names = 0;
    str_init(&g, groups, sizeof(groups));
    for (unsigned p = 0; p < n; p++) {
        str_addf(s, "primitive p%u ocf:yoke:Dummy", p);
        meta_add(w, s);
        str_add(s, "\n");
    }
    for (unsigned p = 0; p < n;) {
        unsigned members = chance(w, 40) ? 2 + below(w, 3) : 1;
        if (members > n - p)
            members = n - p;
        if (members > 1) {
            snprintf(names[n_names++], 16, "g%u", p);
            str_addf(&g, "group g%u", p);
            for (unsigned m = 0; m < members; m++)
                str_addf(&g, " p%u", p + m);
            str_add(&g, "\n");
        } else {
            snprintf(names[n_names++], 16, "p%u", p);
        }
        p += members;
    }
    str_add(s, groups);
    return n_names;
}

/* Draws stand in statements of their own: the order of arguments is the compiler's choice. */
static void constraints_add(struct world *w, struct str *s, unsigned n, char names[][16])
{
    static const char *const where[] = {"inf", "100", "0", "-100", "-inf"};
    static const char *const score[] = {"inf", "inf", "-inf", "100", "-100"};
    static const char *const kind[] = {"Mandatory", "Mandatory", "Optional", "Serialize"};
    for (unsigned i = 0, k = below(w, 4); i < k; i++) {
        unsigned a = below(w, n), b = below(w, ARRAY_LEN(where)), c = below(w, w->in.n_nodes);
        str_addf(s, "location l%u %s %s: n%u\n", i, names[a], where[b], 1 + c);
    }
    for (unsigned i = 0, k = n > 1 ? below(w, 4) : 0; i < k; i++) {
        unsigned a = below(w, n), b = below(w, n), c = below(w, ARRAY_LEN(score));
        if (a != b)
            str_addf(s, "colocation c%u %s: %s %s\n", i, score[c], names[a], names[b]);
    }
    for (unsigned i = 0, k = n > 1 ? below(w, 4) : 0; i < k; i++) {
        unsigned a = below(w, n), b = below(w, n), c = below(w, ARRAY_LEN(kind));
        bool one_way = chance(w, 20);
        if (a < b)
            str_addf(s, "order o%u %s: %s %s%s\n", i, kind[c], names[a], names[b],
                     one_way ? " symmetrical=false" : "");
    }
}

static void config_make(struct world *w)
{
    struct str s;
    char names[PRIMS][16];
    unsigned n_prims = 1 + below(w, PRIMS - 1);
    str_init(&s, w->text, sizeof(w->text));
    if (chance(w, 50))
        str_add(&s, "primitive sw stonith:fence_dummy\n");
    unsigned n = resources_add(w, &s, n_prims, names);
    constraints_add(w, &s, n, names);
    if (chance(w, 15))
        str_addf(&s, "property %s\n",
                 (const char *[]){"stonith-enabled=false", "symmetric-cluster=false",
                                  "start-failure-is-fatal=true",
                                  "no-quorum-policy=freeze"}[below(w, 4)]);
}

static bool world_make(struct world *w, uint64_t seed)
{
    static const char *const name[] = {"n1", "n2", "n3"};
    static struct cib_faults faults;
    struct arena arena;
    struct cib_names names = {.node = {NULL}};
    bool trace = w->trace;
    unsigned joins = w->joins;
    memset(w, 0, sizeof(*w));
    w->joins = joins;
    w->trace = trace;
    prng_seed(&w->prng, seed);
    w->in.n_nodes = chance(w, 75) ? 2 : 3;
    w->in.now_ms = 1000000;
    w->in.quorate = chance(w, 95);
    w->in.guard_none = chance(w, 5);
    w->fences = chance(w, 60);
    for (unsigned n = 0; n < w->in.n_nodes; n++) {
        w->in.node[n].name = names.node[n] = name[n];
        w->in.node[n].life = chance(w, 80) ? LIFE_MEMBER : (enum node_life)below(w, 4);
    }
    config_make(w);
    arena_init(&arena, cib_arena_at, ARENA_MAX);
    if (cib_parse(w->text, &names, &arena, &w->cib, &faults)) {
        snprintf(w->wrong, sizeof(w->wrong), "crm: line %u: %s", faults.at[0].line,
                 faults.at[0].text);
        return false;
    }
    w->in.cib = w->cib;
    w->in.state = w->state;
    w->in.wish = w->wish;
    w->in.avoid = w->avoid;
    w->in.restart = w->restart;
    return true;
}

/* ---- what happens to it ---------------------------------------------------------------------- */

static void state_make(struct world *w)
{
    for (unsigned p = 0; p < w->cib->n_prims; p++) {
        unsigned at = below(w, w->in.n_nodes + 1);
        w->wish[p] = NODE_NONE;
        for (unsigned n = 0; n < w->in.n_nodes; n++) {
            struct sched_state *s = state_of(w, p, n);
            bool here = (n == at || chance(w, 3)) && w->in.node[n].life != LIFE_STOPPED;
            s->life = here ? RSC_STARTED : RSC_STOPPED;
            s->owned = s->ever_ran = s->last = here;
            w->hidden[p * w->in.n_nodes + n] = here;
            if (chance(w, 15) || w->in.node[n].life == LIFE_JOINING) {
                s->life = RSC_UNKNOWN;
            } else if (here && chance(w, 15)) {
                s->life = chance(w, 80) ? RSC_FAILED : RSC_STOP_FAILED;
                s->fail_op = s->life == RSC_FAILED ? OP_MONITOR : OP_STOP;
                s->fail_rc = 1;
                s->fail_count = 1 + below(w, 3);
                s->fail_ms = w->in.now_ms - below(w, 700000);
            }
            s->outdated = here && chance(w, 5);
        }
    }
}

static void node_lost(struct world *w, unsigned n, enum node_life life)
{
    w->in.node[n].life = life;
    for (unsigned p = 0; p < w->cib->n_prims; p++) {
        struct sched_state *s = state_of(w, p, n);
        s->pending = OP_NONE;
        if (life == LIFE_STOPPED) {
            memset(s, 0, sizeof(*s));
            s->life = RSC_STOPPED;
            w->hidden[p * w->in.n_nodes + n] = false;
        }
    }
}

/* One more thing goes wrong, or is asked for. */
static void disturb(struct world *w)
{
    unsigned n = below(w, w->in.n_nodes), p = below(w, w->cib->n_prims);
    struct sched_node *node = &w->in.node[n];
    switch (below(w, 8)) {
    case 0: node->standby = !node->standby; break;
    case 1: node->leaving = !node->leaving && chance(w, 30); break;
    case 2:
        if (node->life == LIFE_MEMBER)
            node_lost(w, n, LIFE_UNCLEAN);
        break;
    case 3:
        if (node->life == LIFE_STOPPED || node->life == LIFE_JOINING) {
            node->life = LIFE_MEMBER;
            for (unsigned i = 0; i < w->cib->n_prims; i++)
                state_of(w, i, n)->life = RSC_UNKNOWN;
        }
        break;
    case 4: w->wish[p] = (uint8_t)n; break;
    case 5: w->restart[p] = 1; break;
    case 6: node->no_exec = !node->no_exec && chance(w, 20); break;
    default:
        if (state_of(w, p, n)->life == RSC_STARTED && node->life == LIFE_MEMBER) {
            state_of(w, p, n)->life = RSC_FAILED;
            state_of(w, p, n)->fail_op = OP_MONITOR;
            state_of(w, p, n)->fail_rc = 7;
            state_of(w, p, n)->fail_count++;
            state_of(w, p, n)->fail_ms = w->in.now_ms;
        }
    }
}

/* ---- carrying out ------------------------------------------------------------------------------
 */

static bool start_safe(struct world *w, unsigned p, unsigned n)
{
    const struct cib_prim *prim = &w->cib->prim[p];
    bool harmless = prim->effective.requires == REQUIRES_NOTHING || prim->is_stonith;
    for (unsigned o = 0; o < w->in.n_nodes; o++) {
        const struct sched_state *s = state_of(w, p, o);
        enum node_life life = w->in.node[o].life;
        if (prim->part == PART_COPY && o != prim->node)
            continue; /* it may be on its own node only */
        if (life == LIFE_STOPPED || (o == n && s->life == RSC_STOPPED))
            continue;
        if (life == LIFE_UNCLEAN && (harmless || w->in.guard_none || state_of(w, p, n)->owned))
            continue;
        if (life == LIFE_JOINING && s->life == RSC_UNKNOWN &&
            (harmless || state_of(w, p, n)->owned))
            continue;
        if (harmless && (w->in.node[o].no_exec || w->fencing[o] || s->life == RSC_STOP_FAILED))
            continue;
        if (life == LIFE_UNCLEAN || s->life != RSC_STOPPED || s->pending)
            return wrong(w, "started, but perhaps active elsewhere", p, o);
    }
    return true;
}

static bool runs(struct world *w, unsigned p)
{
    for (unsigned n = 0; n < w->in.n_nodes; n++) {
        const struct sched_state *s = state_of(w, p, n);
        bool failed_ignored = s->life == RSC_FAILED; /* on-fail=ignore */
        if (w->in.node[n].life == LIFE_MEMBER && (s->life == RSC_STARTED || failed_ignored))
            return true;
    }
    return false;
}

/* Members of the two sides of an order: those that must be up before, and those that come after. */
static bool order_good(struct world *w, unsigned first, unsigned then, unsigned p, unsigned node,
                       enum rsc_op op)
{
    bool spare = false;
    for (unsigned n = 0; n < w->in.n_nodes; n++)
        spare = spare || (n != node && w->in.node[n].life == LIFE_MEMBER &&
                          state_of(w, first, n)->life == RSC_STARTED);
    if (op == OP_START && then == p && !runs(w, first))
        return wrong(w, "started before what it needs", p, NODE_NONE);
    /* One of two copies may go: the other one serves. */
    for (unsigned n = 0; op == OP_STOP && first == p && !spare && n < w->in.n_nodes; n++)
        if (w->in.node[n].life == LIFE_MEMBER && active(state_of(w, then, n)->life))
            return wrong(w, "stopped under what needs it", p, n);
    return true;
}

static bool orders_good(struct world *w, unsigned p, unsigned node, enum rsc_op op)
{
    bool good = true;
    for (unsigned g = 0; g < w->cib->n_groups; g++)
        for (unsigned m = 1; m < w->cib->group[g].n_members && good; m++)
            good = order_good(w, w->cib->group[g].member[m - 1], w->cib->group[g].member[m], p,
                              node, op);
    for (unsigned i = 0; i < w->cib->n_orders && good; i++) {
        const struct cib_order *o = &w->cib->order[i];
        const struct cib_group *fg = o->first.kind ? &w->cib->group[o->first.index] : NULL;
        const struct cib_group *tg = o->then.kind ? &w->cib->group[o->then.index] : NULL;
        if (o->kind != ORDER_MANDATORY || (op == OP_STOP && !o->symmetrical))
            continue;
        good = order_good(w, fg ? fg->member[fg->n_members - 1] : o->first.index,
                          tg ? tg->member[0] : o->then.index, p, node, op);
    }
    return good;
}

static void step_end(struct world *w, unsigned p, unsigned n, enum rsc_op op, unsigned fail_percent)
{
    struct sched_state *s = state_of(w, p, n);
    bool fails = op != OP_PROBE && chance(w, fail_percent);
    s->pending = OP_NONE;
    if (op == OP_PROBE) {
        s->life = w->hidden[p * w->in.n_nodes + n] ? RSC_STARTED : RSC_STOPPED;
    } else if (fails) {
        s->life = op == OP_START ? RSC_FAILED : RSC_STOP_FAILED;
        s->fail_op = (uint8_t)op;
        s->fail_rc = chance(w, 20) ? 5 : 1;
        s->fail_count++;
        s->fail_ms = w->in.now_ms;
    } else {
        s->life = op == OP_START ? RSC_STARTED : RSC_STOPPED;
    }
    if (active(s->life)) {
        for (unsigned o = 0; o < w->in.n_nodes; o++)
            state_of(w, p, o)->last = o == n;
        s->owned = true;
        s->ever_ran = s->ever_ran || s->life == RSC_STARTED;
        if (w->wish[p] == n)
            w->wish[p] = NODE_NONE;
    } else {
        /* In a common view another may have it from now on; alone it stays ours. */
        bool common = true;
        for (unsigned o = 0; o < w->in.n_nodes; o++)
            common =
                common && w->in.node[o].life != LIFE_UNCLEAN && w->in.node[o].life != LIFE_JOINING;
        s->owned = s->owned && !common;
        s->outdated = false;
        w->restart[p] = 0;
    }
    w->hidden[p * w->in.n_nodes + n] = active(s->life);
}

static bool step_met(struct world *w, const struct plan_step *s)
{
    if (s->op == OP_FENCE)
        return w->in.node[s->node].life == LIFE_STOPPED;
    const struct sched_state *state = state_of(w, s->prim, s->node);
    if (state->pending)
        return false;
    return s->op == OP_START ? state->life == RSC_STARTED : state->life == RSC_STOPPED;
}

/* Does one step; false when it broke a rule. left: some is yet to be done in a later round. */
static bool step_do(struct world *w, const struct plan *plan, uint32_t i, bool chaos, bool *left)
{
    const struct plan_step *s = &plan->step[i];
    if (s->op == OP_FENCE) {
        if (w->fences && !s->blocked) {
            node_lost(w, s->node, LIFE_STOPPED);
            *left = true;
        }
        return true;
    }
    if (s->blocked)
        return true;
    for (unsigned k = 0; k < s->n_deps; k++)
        if (!step_met(w, &plan->step[plan->dep[s->first_dep + k]]))
            return true;
    *left = true;
    struct sched_state *state = state_of(w, s->prim, s->node);
    if (w->in.node[s->node].life != LIFE_MEMBER)
        return true; /* lost since the plan was made */
    if (state->pending && !s->in_flight)
        return wrong(w, "two operations at once", s->prim, s->node);
    if (!s->in_flight && s->op == OP_START && !start_safe(w, s->prim, s->node))
        return false;
    if (!s->in_flight && s->op != OP_PROBE && !orders_good(w, s->prim, s->node, (enum rsc_op)s->op))
        return false;
    if (s->op == OP_START && !chaos && ++w->starts[s->prim] > STARTS_MAX)
        return wrong(w, "started again and again", s->prim, s->node);
    if (chaos && chance(w, 30))
        state->pending = s->op;
    else
        step_end(w, s->prim, s->node, (enum rsc_op)s->op, chaos ? 10 : 0);
    return true;
}

/* Plans and does; left: something was done. */
static bool round_run(struct world *w, bool chaos, bool *left)
{
    struct arena arena;
    struct plan plan;
    struct str s, error;
    char again[sizeof(w->plan_text)];
    arena_init(&arena, arena_at, ARENA_MAX);
    str_init(&error, w->wrong, sizeof(w->wrong));
    *left = false;
    for (int i = 0; i < 2; i++) {
        str_init(&s, i ? again : w->plan_text, sizeof(w->plan_text));
        if (sched_run(&w->in, &arena, &plan)) {
            str_add(&error, "sched_run: no room");
            return false;
        }
        sched_text_plan(&w->in, &plan, &s);
    }
    if (w->trace)
        printf("%s\n", w->plan_text);
    if (!str_eq(again, w->plan_text)) {
        str_add(&error, "not the same plan twice");
        return false;
    }
    if (!sched_text_check(&w->in, &plan, &error))
        return false;
    memset(w->fencing, 0, sizeof(w->fencing));
    for (uint32_t i = 0; i < plan.n_steps; i++)
        w->fencing[plan.step[i].node] =
            w->fencing[plan.step[i].node] || plan.step[i].op == OP_FENCE;
    for (uint32_t i = 0; i < plan.n_steps; i++) {
        if (chaos && chance(w, 20))
            continue;
        if (!step_do(w, &plan, i, chaos, left))
            return false;
        if (plan.step[i].op == OP_FENCE && step_met(w, &plan.step[i]))
            return true; /* a node's life has changed: a new plan */
    }
    return true;
}

/* All is where it should be, by default stickiness and without a failure. */
static bool at_rest(struct world *w)
{
    struct arena arena;
    struct plan plan;
    arena_init(&arena, arena_at, ARENA_MAX);
    if (sched_run(&w->in, &arena, &plan) || plan.n_steps || plan.recheck_ms != UINT64_MAX)
        return false;
    for (unsigned p = 0; p < w->cib->n_prims; p++) {
        if (plan.rsc[p].why.id || w->cib->prim[p].effective.stickiness < SCORE_INF)
            return false;
        for (unsigned n = 0; n < w->in.n_nodes; n++)
            if (state_of(w, p, n)->fail_op || state_of(w, p, n)->fail_count)
                return false;
    }
    return true;
}

/* A node comes back: it is looked at, and nothing that runs well is touched. */
static bool join_run(struct world *w)
{
    unsigned joins = NODE_NONE;
    bool left = true;
    for (unsigned n = 0; n < w->in.n_nodes; n++)
        if (w->in.node[n].life == LIFE_STOPPED)
            joins = n;
    if (joins == NODE_NONE || !at_rest(w))
        return true;
    w->joins++;
    w->in.node[joins] = (struct sched_node){.name = w->in.node[joins].name, .life = LIFE_JOINING};
    for (unsigned p = 0; p < w->cib->n_prims; p++) {
        state_of(w, p, joins)->life = RSC_UNKNOWN;
        w->starts[p] = 0;
    }
    for (int i = 0; i < 4 && left; i++) {
        if (!round_run(w, false, &left))
            return false;
        if (strstr(w->plan_text, " stop ") || strstr(w->plan_text, " start "))
            return wrong(w, "touched because a node came back", 0, joins);
        if (i == 0) {
            w->in.node[joins].life = LIFE_MEMBER;
            left = true;
        }
    }
    return true;
}

static bool seed_run(struct world *w, uint64_t seed)
{
    bool left = true;
    if (!world_make(w, seed))
        return false;
    state_make(w);
    if (w->trace)
        printf("%s\n", w->text);
    for (int i = 0; i < CHAOS_ROUNDS; i++) {
        if (chance(w, 40))
            disturb(w);
        if (!round_run(w, true, &left))
            return false;
        w->in.now_ms += below(w, 60000);
    }
    for (int i = 0; i < CALM_ROUNDS && left; i++)
        if (!round_run(w, false, &left))
            return false;
    if (left)
        snprintf(w->wrong, sizeof(w->wrong), "does not come to rest");
    return !left && join_run(w);
}

int main(int argc, char **argv)
{
    static struct world w;
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : SEEDS;
    unsigned failed = 0;
    w.trace = count == 0;
    count += count == 0;
    arena_at = malloc(ARENA_MAX);
    cib_arena_at = malloc(ARENA_MAX);
    if (!arena_at || !cib_arena_at)
        return 1;
    for (uint64_t seed = first; seed < first + count && failed < 3; seed++)
        if (!seed_run(&w, seed)) {
            failed++;
            printf("seed %llu: %s\n%s%s", (unsigned long long)seed, w.wrong, w.text, w.plan_text);
            printf("trace it with: t_schedprop %llu 0\n", (unsigned long long)seed);
        }
    free(arena_at);
    free(cib_arena_at);
    printf("%llu seeds, %u joins, %u failed\n", (unsigned long long)count, w.joins, failed);
    return failed != 0 || (count > 1000 && w.joins == 0);
}
