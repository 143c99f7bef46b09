/* SPDX-License-Identifier: GPL-2.0-or-later
 * sched: the passes of one calculation, in order; each is a file of its own. Happy path: sched_run.
 * Fails with ERR_FULL when the arena is too small; the plan is then not to be used. */
#include <assert.h>
#include "lib/sched/draft.h"

enum err sched_run(const struct sched_in *in, struct arena *arena, struct plan *out)
{
    struct draft d;
    enum err err = draft_new(&d, in, arena, out);
    if (err)
        return err;
    /* What is. */
    failure_read(&d);
    probe_read(&d);
    duty_read(&d);
    fencing_decide(&d);
    multiple_judge(&d);
    gate_judge(&d);
    /* What ought to be. */
    score_fill(&d);
    score_hold(&d);
    err = colocate_order(&d);
    if (err)
        return err;
    colocate_influence(&d);
    place_all(&d);
    /* What must be done for it. */
    err = order_read(&d);
    if (err)
        return err;
    order_freeze(&d);
    order_spread(&d);
    err = step_make(&d);
    if (err)
        return err;
    err = wait_link(&d);
    if (err)
        return err;
    /* And why. */
    reason_fill(&d);
    assert(out->n_steps <= sched_steps_max(d.n_prims, d.n_nodes));
    return ERR_OK;
}
