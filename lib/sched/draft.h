/* SPDX-License-Identifier: GPL-2.0-or-later
 * draft: the working state of one calculation, and the passes that fill it. Inner header of
 * lib/sched.
 *
 * Happy path: draft_new, then the passes in the order of sched.c; each reads what the earlier ones
 * wrote and writes fields of its own. All of it lives in the caller's arena; the only failure is
 * ERR_FULL, and only in passes that allocate (they return enum err). */
#ifndef YOKE_SCHED_DRAFT_H
#define YOKE_SCHED_DRAFT_H

#include "lib/sched/sched.h"

#define STEP_NONE UINT32_MAX

/* One primitive on one node, as far as placing and stepping are concerned. */
enum spot_is {
    SPOT_OFF,   /* not active, or its failure is to be ignored */
    SPOT_ON,    /* active and well, or being started */
    SPOT_BAD,   /* failed: stop it first */
    SPOT_STUCK, /* could not be stopped */
    SPOT_DARK   /* nobody has looked yet */
};
enum ban { BAN_NONE, BAN_COUNT, BAN_HARD, BAN_FATAL };
struct spot {
    uint8_t is;     /* enum spot_is */
    uint8_t flying; /* enum rsc_op in flight that changes something: probe, start, stop */
    uint8_t ban;    /* enum ban: failures forbid this node */
    uint8_t todo;   /* enum on_fail of the failure that stands here, ON_FAIL_DEFAULT if none does */
    uint32_t step_fly, step_probe, step_stop; /* indices of steps, STEP_NONE if none */
};

/* Why a primitive is treated as it is; reason.c puts it into words. */
enum cause {
    CAUSE_NONE,
    /* locked: left alone */
    CAUSE_UNMANAGED,
    CAUSE_MAINTENANCE,
    CAUSE_MAINTENANCE_NODE,
    CAUSE_MAINTENANCE_ALL,
    CAUSE_FAIL_BLOCK,
    CAUSE_STUCK,
    CAUSE_MULTIPLE_BLOCK,
    CAUSE_HALF_DEAD,
    /* off: wanted nowhere */
    CAUSE_ROLE,
    CAUSE_STOP_ALL,
    CAUSE_QUORUM,
    CAUSE_LAPSED,
    CAUSE_FAIL_STOP,
    CAUSE_MULTIPLE_STOP,
    /* gate: not to be started now */
    CAUSE_UNCLEAN,
    CAUSE_JOINING,
    CAUSE_FREEZE,
    CAUSE_BLIND,   /* active or unknown on a node that cannot run anything */
    CAUSE_FENCING, /* active on a node that is to be fenced */
    /* must: stop it where it runs well, then start it */
    CAUSE_MULTIPLE,
    CAUSE_OUTDATED,
    CAUSE_ASKED,
    CAUSE_FIRST /* one that it is ordered after is restarted */
};

/* One primitive. */
struct seat {
    uint8_t to;   /* node where it ought to be, NODE_NONE */
    uint8_t home; /* node that its stickiness speaks for, NODE_NONE */
    uint8_t lock; /* enum cause: not managed */
    uint8_t lock_node;
    uint8_t off;  /* enum cause: wanted nowhere */
    uint8_t gate; /* enum cause: may not be started now, but see gate_shut */
    uint8_t gate_node;
    uint8_t must; /* enum cause: restart although well */
    bool held;    /* stays where it is as long as the gate is shut */
    bool starts, stops;
    bool start_blocked, stop_blocked;
    uint16_t first;  /* prim that a restart or a start waits for, CIB_NONE */
    uint16_t frozen; /* prim ordered after it that cannot be stopped, CIB_NONE; itself if it is the
                        one */
    uint16_t with;   /* prim that it must be placed with and that is nowhere, CIB_NONE */
    nodeset active;  /* members where it is ON, BAD or STUCK */
    nodeset well;    /* members where it is ON */
    nodeset leave;   /* members where it is to be stopped */
    nodeset dark;    /* members where it is DARK: to be probed */
    nodeset only;    /* where it may be at all, by resource-discovery=exclusive; 0 for anywhere */
    nodeset named;   /* by location constraints: all that counts without symmetric-cluster */
    bool gate_hard;  /* known to be active elsewhere: owning it does not open the gate */
    uint16_t root;   /* the one that it waits for in the end, itself if for nothing */
    uint16_t rank;   /* its place in draft.rank */
    uint32_t step_start;
};

enum unit_mark { UNIT_NEW, UNIT_OPEN, UNIT_DONE, UNIT_PLACED };

/* What is placed as one: a group, or a primitive outside any. */
struct unit {
    bool is_group;
    uint16_t index; /* group or prim */
    const uint16_t *member;
    uint16_t n_members;
    int32_t priority;
    uint8_t wish; /* NODE_NONE */
    nodeset avoid;
    uint8_t mark;               /* enum unit_mark */
    uint32_t first_tie, n_ties; /* colocations of this unit with others */
};

/* Mandatory or optional order of two primitives, both by start; groups are chains of it. */
struct link {
    uint16_t first, then;
    bool mandatory, symmetrical;
};

/* step `step` waits for step `on`. */
struct wait {
    uint32_t step, on;
};

struct draft {
    const struct sched_in *in;
    const struct cib *cib;
    struct arena *arena;
    struct plan *plan;
    unsigned n_prims, n_nodes, n_units;
    struct spot *spot; /* n_prims * n_nodes */
    struct seat *seat; /* n_prims */
    int32_t *own;   /* n_prims * n_nodes: what the primitive itself may and wants; is plan->score */
    int32_t *total; /* n_units * n_nodes: with its members and with those placed with it */
    struct unit *unit;
    uint16_t *unit_of; /* by prim */
    uint16_t *unit_of_group;
    uint16_t *turn;    /* units in the order of placing */
    uint16_t *tie;     /* colocations sorted by the unit of rsc */
    uint32_t *load;    /* primitives placed so far, by node */
    struct link *link; /* sorted by then */
    uint32_t n_links;
    uint32_t *link_of; /* first link of each prim, n_prims + 1 */
    uint16_t *rank;    /* prims in an order in which they may be started */
    struct wait *wait;
    uint32_t n_waits;
    nodeset members; /* LIFE_MEMBER */
    nodeset able;    /* members that can run commands */
    nodeset unclean; /* as life says, unless the guard is none */
    nodeset joining;
    nodeset standby;         /* by configuration or by a failure */
    nodeset doomed;          /* members that are to be fenced */
    nodeset open;            /* where something may be placed */
    uint8_t fence[NODE_MAX]; /* 0 none, else cause + 1 */
    uint32_t step_fence[NODE_MAX];
};

static inline struct spot *draft_spot(const struct draft *d, unsigned prim, unsigned node)
{
    return &d->spot[(size_t)prim * d->n_nodes + node];
}
static inline const struct sched_state *draft_state(const struct draft *d, unsigned prim,
                                                    unsigned node)
{
    return &d->in->state[(size_t)prim * d->n_nodes + node];
}
static inline int32_t *draft_own(const struct draft *d, unsigned prim)
{
    return &d->own[(size_t)prim * d->n_nodes];
}
static inline int32_t *draft_total(const struct draft *d, unsigned unit)
{
    return &d->total[(size_t)unit * d->n_nodes];
}
static inline const struct cib_meta *draft_meta(const struct draft *d, unsigned prim)
{
    return &d->cib->prim[prim].effective;
}

/* Where `first` is a copy of a clone, only what is on the copy's own node waits for it: that node;
 * NODE_NONE where all does. */
static inline unsigned draft_local(const struct draft *d, unsigned first, unsigned then)
{
    const struct cib_prim *f = &d->cib->prim[first], *t = &d->cib->prim[then];
    return f->part == PART_COPY && t->part != PART_COPY ? f->node : NODE_NONE;
}

/* Allocates all that depends only on sizes; numbers the units. */
enum err draft_new(struct draft *d, const struct sched_in *in, struct arena *arena,
                   struct plan *plan) MUST_CHECK;
/* True when running it twice for a moment does no harm: it asks for no proof. */
bool draft_harmless(const struct draft *d, unsigned prim);
/* Lowest node of a set, NODE_NONE for the empty one. */
unsigned draft_lowest(nodeset set);

/* failure.c: states and failures to spots; bans; nodes that failures put on standby; recheck_ms. */
void failure_read(struct draft *d);
/* Primitives of a resource as constraints name it; not of a clone, whose parts are named. */
const uint16_t *draft_members(const struct draft *d, struct rsc_ref *ref, unsigned *n);
unsigned draft_unit(const struct draft *d, struct rsc_ref ref);

/* duty.c: who is managed and who is wanted at all. */
void duty_read(struct draft *d);
/* fencing.c: nodes to be fenced, and why; those that cannot be are locked instead. */
void fencing_decide(struct draft *d);
bool fencing_possible(const struct draft *d, unsigned node);
/* probe.c: where nobody needs to look, by resource-discovery. */
void probe_read(struct draft *d);
/* multiple.c: active on several members. */
void multiple_judge(struct draft *d);
/* gate.c: the safety rule. */
void gate_judge(struct draft *d);
bool gate_shut(const struct draft *d, unsigned prim, unsigned node);
/* score.c: own scores. */
void score_fill(struct draft *d);
void score_hold(struct draft *d);
/* The promoted role is nowhere, and that copy is just being started: nobody is promoted, and
 * nothing goes where somebody might be, before it has had its say. CIB_NONE: there is none. */
uint16_t score_awaited(const struct draft *d, unsigned prim);
bool score_available(const struct draft *d, const int32_t *table);
/* Adds add[] to table[] unless that leaves no node; scratch copy on the stack. False: rolled back.
 */
bool score_merge(const struct draft *d, int32_t *table, const int32_t *add);
/* colocate.c: order of placing, influence of dependents, effects of those placed before. */
enum err colocate_order(struct draft *d) MUST_CHECK;
void colocate_influence(struct draft *d);
void colocate_apply(struct draft *d, unsigned unit);
/* place.c */
void place_all(struct draft *d);
/* order.c: what waits for what, who restarts because of whom. */
enum err order_read(struct draft *d) MUST_CHECK;
void order_freeze(struct draft *d);
void order_spread(struct draft *d);
/* step.c: steps; wait.c: their dependencies, and the final order of both. */
enum err step_make(struct draft *d) MUST_CHECK;
enum err wait_link(struct draft *d) MUST_CHECK;
/* reason.c */
void reason_fill(struct draft *d);

#endif
