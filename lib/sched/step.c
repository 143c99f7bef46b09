/* SPDX-License-Identifier: GPL-2.0-or-later
 * step: the steps of a plan, in their natural order: what is in flight, fences, probes, stops (the
 * last in rank first), starts. Their dependencies are wait.c's.
 *
 * Happy path: step_make, once. Fails with ERR_FULL. */
#include <assert.h>
#include "lib/sched/draft.h"

static uint32_t step_add(struct draft *d, unsigned prim, unsigned node, enum rsc_op op)
{
    struct plan *plan = d->plan;
    assert(plan->n_steps < sched_steps_max(d->n_prims, d->n_nodes));
    plan->step[plan->n_steps] =
        (struct plan_step){.prim = (uint16_t)prim, .node = (uint8_t)node, .op = (uint8_t)op};
    return plan->n_steps++;
}

static void flights_add(struct draft *d)
{
    for (unsigned p = 0; p < d->n_prims; p++)
        for (unsigned n = 0; n < d->n_nodes; n++) {
            struct spot *spot = draft_spot(d, p, n);
            if (!spot->flying)
                continue;
            spot->step_fly = step_add(d, p, n, spot->flying);
            d->plan->step[spot->step_fly].in_flight = true;
        }
}

static void fences_add(struct draft *d)
{
    for (unsigned n = 0; n < d->n_nodes; n++)
        if (d->fence[n]) {
            d->step_fence[n] = step_add(d, CIB_NONE, n, OP_FENCE);
            d->plan->step[d->step_fence[n]].cause = (uint8_t)(d->fence[n] - 1);
        }
}

static void probes_add(struct draft *d)
{
    for (unsigned p = 0; p < d->n_prims; p++)
        for (unsigned n = 0; n < d->n_nodes; n++) {
            struct spot *spot = draft_spot(d, p, n);
            bool there = nodeset_has(d->able, n) && !nodeset_has(d->doomed, n);
            if (there && spot->is == SPOT_DARK && !spot->flying)
                spot->step_probe = step_add(d, p, n, OP_PROBE);
        }
}

static void stops_add(struct draft *d)
{
    for (unsigned i = d->n_prims; i-- > 0;) {
        unsigned p = d->rank[i];
        for (nodeset left = d->seat[p].leave; left; left &= (nodeset)(left - 1)) {
            unsigned n = draft_lowest(left);
            uint32_t step = step_add(d, p, n, OP_STOP);
            draft_spot(d, p, n)->step_stop = step;
            d->plan->step[step].blocked = d->seat[p].stop_blocked;
        }
    }
}

static void starts_add(struct draft *d)
{
    for (unsigned i = 0; i < d->n_prims; i++) {
        unsigned p = d->rank[i];
        struct seat *s = &d->seat[p];
        if (!s->starts)
            continue;
        struct spot *spot = draft_spot(d, p, s->to);
        if (spot->flying == OP_START && !s->must) {
            s->step_start = spot->step_fly;
            continue;
        }
        s->step_start = step_add(d, p, s->to, OP_START);
        d->plan->step[s->step_start].blocked = s->start_blocked;
    }
}

enum err step_make(struct draft *d)
{
    /* Exactly as many as there will be: memory is the shell's and the plan may be long-lived. */
    size_t n = 0;
    for (unsigned i = 0; i < d->n_nodes; i++)
        n += d->fence[i] != 0;
    for (unsigned p = 0; p < d->n_prims; p++) {
        n += d->seat[p].starts;
        for (unsigned i = 0; i < d->n_nodes; i++) {
            const struct spot *spot = draft_spot(d, p, i);
            n += (spot->flying != OP_NONE) + (spot->is == SPOT_DARK) +
                 nodeset_has(d->seat[p].leave, i);
        }
    }
    d->plan->step = arena_array(d->arena, n, sizeof(*d->plan->step));
    if (!d->plan->step)
        return ERR_FULL;
    flights_add(d);
    fences_add(d);
    probes_add(d);
    stops_add(d);
    starts_add(d);
    assert(d->plan->n_steps <= n);
    return ERR_OK;
}
