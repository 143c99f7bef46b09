/* SPDX-License-Identifier: GPL-2.0-or-later
 * gate: the safety rule. A primitive is started on a node only if every other node is known not to
 * run it: a member that was probed, a node known stopped, or one that was fenced from its disks. An
 * unclean or unreported node shuts the gate; a node that already owns the resource may restart it
 * all the same, because nobody else can have been given it. What loses nothing by running twice
 * (requires=nothing) asks for no proof.
 *
 * Happy path: gate_judge, once; then gate_shut for each start. No ways to fail: in doubt it is
 * shut. Members that are not yet probed do not shut the gate: their probes are steps that the start
 * waits for, and a probe that finds it running makes a new plan. */
#include "lib/sched/draft.h"

/* Known to be active on a node where no step can stop it. */
static enum cause hard_of(const struct draft *d, unsigned prim, unsigned node)
{
    enum spot_is is = draft_spot(d, prim, node)->is;
    bool active = is != SPOT_OFF && is != SPOT_DARK;
    if (nodeset_has(d->joining, node))
        return active ? CAUSE_JOINING : CAUSE_NONE;
    if (!nodeset_has(d->members, node) || draft_harmless(d, prim))
        return CAUSE_NONE;
    if (nodeset_has(d->doomed, node))
        return active || is == SPOT_DARK ? CAUSE_FENCING : CAUSE_NONE;
    if (!nodeset_has(d->able, node))
        return active || is == SPOT_DARK ? CAUSE_BLIND : CAUSE_NONE;
    return CAUSE_NONE;
}

static enum cause soft_of(const struct draft *d, unsigned prim, unsigned node)
{
    if (draft_harmless(d, prim))
        return CAUSE_NONE;
    bool freed = d->in->freed && nodeset_has(d->in->freed[prim], node);
    if (nodeset_has(d->unclean, node) && !freed)
        return CAUSE_UNCLEAN;
    if (nodeset_has(d->joining, node) && draft_spot(d, prim, node)->is == SPOT_DARK)
        return CAUSE_JOINING;
    return CAUSE_NONE;
}

static void seat_judge(struct draft *d, unsigned prim)
{
    struct seat *s = &d->seat[prim];
    for (unsigned n = 0; n < d->n_nodes; n++) {
        enum cause hard = hard_of(d, prim, n);
        enum cause soft = soft_of(d, prim, n);
        if (hard && !s->gate_hard) {
            s->gate = (uint8_t)hard;
            s->gate_node = (uint8_t)n;
            s->gate_hard = true;
        } else if (soft && (!s->gate || (soft == CAUSE_UNCLEAN && s->gate == CAUSE_JOINING)) &&
                   !s->gate_hard) {
            s->gate = (uint8_t)soft;
            s->gate_node = (uint8_t)n;
        }
    }
    if (!s->gate && !d->in->quorate && !draft_harmless(d, prim) &&
        d->cib->properties.no_quorum_policy == POLICY_FREEZE)
        s->gate = CAUSE_FREEZE;
}

void gate_judge(struct draft *d)
{
    for (unsigned n = 0; n < d->n_nodes; n++) {
        const struct sched_node *node = &d->in->node[n];
        nodeset one = nodeset_one(n);
        if ((d->able & one) && !((d->standby | d->doomed) & one) && !node->maintenance &&
            !node->leaving)
            d->open |= one;
    }
    for (unsigned p = 0; p < d->n_prims; p++)
        seat_judge(d, p);
}

bool gate_shut(const struct draft *d, unsigned prim, unsigned node)
{
    const struct seat *s = &d->seat[prim];
    if (!s->gate)
        return false;
    return s->gate_hard || !draft_state(d, prim, node)->owned;
}
