/* SPDX-License-Identifier: GPL-2.0-or-later
 * part: see part.h. No ways to fail. */
#include "lib/core/part.h"

#include <assert.h>
#include "lib/core/coord.h"
#include "lib/core/exec.h"
#include "lib/core/rec.h"

enum {
    RC_OK = 0,
    RC_NOT_RUNNING = 7,
    RC_PROMOTED = 8,
    RC_DEGRADED = 190,
    RC_DEGRADED_PROMOTED = 191
};

static const struct cib_prim *part_of(const struct node *n, unsigned slot)
{
    const struct cib_prim *prim = n->exec.slot[slot].used ? exec_prim(n, slot) : NULL;
    return prim && prim->part != PART_WHOLE ? prim : NULL;
}

/* Slot of the clone's copy of this node. */
static unsigned copy_slot(const struct node *n, const struct cib_prim *prim)
{
    const struct cib *c = n->store.cib;
    uint16_t copy = cib_copy(c, &c->clone[prim->clone], n->self);
    return copy == CIB_NONE ? CIB_NONE : n->store.slot_of_prim[copy];
}

unsigned part_twin(const struct node *n, unsigned slot)
{
    const struct cib_prim *prim = part_of(n, slot);
    if (!prim)
        return CIB_NONE;
    if (prim->part == PART_PROMOTED)
        return copy_slot(n, prim);
    uint16_t role = n->store.cib->clone[prim->clone].promoted;
    return prim->node == n->self && role != CIB_NONE ? n->store.slot_of_prim[role] : CIB_NONE;
}

bool part_busy(const struct node *n, unsigned slot)
{
    unsigned twin = part_twin(n, slot);
    return twin != CIB_NONE && n->exec.slot[twin].op != 0;
}

bool part_elsewhere(const struct node *n, unsigned slot, unsigned p)
{
    const struct cib_prim *prim = part_of(n, slot);
    return prim && prim->part == PART_COPY && prim->node != p;
}

int part_rc(const struct node *n, unsigned slot, enum rsc_op op, int rc)
{
    const struct cib_prim *prim = part_of(n, slot);
    if (!prim)
        return rc;
    bool role = prim->part == PART_PROMOTED;
    bool looked = op == OP_PROBE || op == OP_MONITOR ||
                  (op == OP_STOP && n->exec.slot[slot].stop_try == STOP_KILLED);
    if (!looked) /* what does not run is demoted */
        return role && op == OP_STOP && rc == RC_NOT_RUNNING ? RC_OK : rc;
    switch (rc) {
    case RC_PROMOTED: return RC_OK;
    case RC_DEGRADED_PROMOTED: return RC_DEGRADED;
    case RC_OK:
    case RC_DEGRADED: return role ? RC_NOT_RUNNING : rc;
    default: return rc;
    }
}

void part_doubt(struct node *n, unsigned slot, enum rsc_op op, int rc)
{
    const struct cib_prim *prim = part_of(n, slot);
    unsigned role = prim && prim->part == PART_COPY ? part_twin(n, slot) : CIB_NONE;
    bool promoted = op == OP_MONITOR && (rc == RC_PROMOTED || rc == RC_DEGRADED_PROMOTED);
    if (role == CIB_NONE || (op != OP_START && !promoted))
        return;
    struct rec *r = exec_rec(n, n->self, role);
    if (r->life != RSC_STOPPED || r->pending != OP_NONE)
        return;
    r->life = RSC_UNKNOWN;
    rec_tell(n, role);
    coord_touch(n);
}

void part_fit(struct node *n, unsigned slot, const struct event *ev)
{
    const struct cib_prim *prim = part_of(n, slot);
    unsigned copy = prim ? copy_slot(n, prim) : CIB_NONE;
    if (copy == CIB_NONE || ev->agent.fit_told == FIT_NOTHING)
        return;
    struct rec *r = exec_rec(n, n->self, copy);
    bool said = ev->agent.fit_told == FIT_SCORE;
    int32_t fit = said ? ev->agent.fit : 0;
    assert(fit >= -SCORE_INF && fit <= SCORE_INF);
    if (r->fit_said == said && r->fit == fit)
        return;
    r->fit_said = said;
    r->fit = fit;
    rec_tell(n, copy);
    coord_touch(n);
}
