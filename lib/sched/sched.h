/* SPDX-License-Identifier: GPL-2.0-or-later
 * sched: (configuration, state, now) -> plan. A pure function: no clock, no chance, no memory
 * between calls. It decides where each resource ought to be, what must be done for that and in
 * which order, and why each resource is where it is.
 *
 * Happy path: sched_run fills a plan; the coordinator carries out its steps as their dependencies
 * are met. An empty plan means that all is as wanted. Fails only for want of arena room. */
#ifndef YOKE_SCHED_SCHED_H
#define YOKE_SCHED_SCHED_H

#include "lib/base/say.h"
#include "lib/cib/model.h"

/* What the guard lets us believe about a node. */
enum node_life {
    LIFE_MEMBER,  /* in the view: runs what it is told to */
    LIFE_JOINING, /* in the view but has not yet reported its state: nothing is placed or counted */
    LIFE_STOPPED, /* known stopped: nothing runs there */
    LIFE_UNCLEAN  /* silent and not known stopped, or never met: may run anything it had */
};

struct sched_node {
    const char *name;
    enum node_life life;
    bool standby, maintenance; /* from the configuration or from on-fail=standby */
    bool leaving;              /* asked to stop: its services are handed over */
    bool no_exec;              /* half dead: says itself that it cannot start anything */
};

/* What is known of one primitive on one node. */
enum rsc_life {
    RSC_UNKNOWN, /* not probed since the node joined */
    RSC_STOPPED,
    RSC_STARTED,
    RSC_PROMOTED,
    RSC_FAILED, /* active or half active after a failure: must be stopped before anything else */
    RSC_STOP_FAILED /* could not be stopped: only fencing, or a cleanup by hand, goes on */
};
enum rsc_op {
    OP_NONE,
    OP_PROBE,
    OP_START,
    OP_STOP,
    OP_MONITOR,
    OP_PROMOTE,
    OP_DEMOTE,
    OP_FENCE,
    OP_NOTIFY /* of a copy of a clone; no step of a plan */
};

struct sched_state {
    uint8_t life;     /* enum rsc_life */
    uint8_t pending;  /* enum rsc_op in flight there, OP_NONE if none */
    uint8_t last_rc;  /* OCF exit code of the last finished operation */
    uint8_t fail_op;  /* enum rsc_op of the last failure, OP_NONE if none */
    uint8_t fail_how; /* enum on_fail of the monitor that failed, where it has one of its own */
    uint8_t fail_rc;  /* its exit code: 2,4,5 ban this node; 6 bans all */
    bool owned; /* this node has had it, with the guard's leave, since it was last known not to run
                   elsewhere: it may be restarted here even while another node is unclean */
    bool last;  /* of all nodes this one ran it last: while it runs nowhere (between the stop and
                   the start of a restart, say) its stickiness holds it here */
    bool ever_ran;       /* it has run successfully there in this boot: a failed stop may fence */
    bool outdated;       /* runs with parameters that are no longer the configured ones */
    uint32_t fail_count; /* SCORE_INF after a fatal one */
    bool fit_said;       /* of a copy of a promotable clone: its agent said how much it wants it */
    int32_t fit;         /* promoted there; as long as it has not, that counts as -1: not at all */
    const char *fail_reason; /* the agent's own words about it, for the reasons only; NULL: none */
    uint64_t fail_ms;        /* when the last failure was, by now_ms's clock */
};

struct sched_in {
    const struct cib *cib;
    uint64_t now_ms;
    unsigned n_nodes;
    struct sched_node node[NODE_MAX];
    /* n_prims * n_nodes, state[prim * n_nodes + node] */
    const struct sched_state *state;
    /* One-shot wishes by prim index: node that a `move` asked for, NODE_NONE if none; may be NULL.
     */
    const uint8_t *wish;
    /* One-shot bans by prim index (move away without a target): nodeset to avoid; may be NULL. */
    const nodeset *avoid;
    /* Prims to be restarted once (resource restart): nonzero; may be NULL. */
    const uint8_t *restart;
    /* By prim index: unclean nodes that were fenced from its disks, so that it may be started
     * elsewhere although they may still run it in vain; may be NULL. */
    const nodeset *freed;
    bool quorate;    /* engine pair: always true */
    bool lapsed;     /* this node's lease is over, or nearly: what needs a guard is stopped,
                        whatever no-quorum-policy says */
    bool guard_none; /* takeover without proof was chosen: unclean nodes count as stopped */
};

enum { PLAN_NO_NODE = NODE_NONE };

struct plan_step {
    uint16_t prim;  /* CIB_NONE for OP_FENCE */
    uint8_t node;   /* where it is done; for OP_FENCE the target */
    uint8_t op;     /* enum rsc_op */
    uint8_t cause;  /* for OP_FENCE: 0 silence, 1 failed stop, 2 on-fail=fence */
    bool blocked;   /* cannot be done now (the why of the prim says); kept in the plan to show it */
    bool in_flight; /* already being done (state.pending): steps that wait for it name it */
    uint32_t first_dep; /* into plan.dep */
    uint16_t n_deps;    /* indices of steps that must succeed before this one */
};

struct plan_rsc {   /* one per prim */
    uint8_t node;   /* where it ought to be, PLAN_NO_NODE for nowhere */
    uint8_t now;    /* where it is active, PLAN_NO_NODE for nowhere (the first, when on several) */
    bool managed;   /* false: is-managed=false, maintenance, or blocked after a failure */
    bool blocked;   /* nothing will happen without an operator or a proof */
    struct say why; /* set whenever it is not where it should be, or not managed; else id 0 */
};

struct plan {
    struct plan_step *step;
    uint32_t n_steps;
    uint32_t *dep;
    uint32_t n_deps;
    struct plan_rsc *rsc; /* n_prims */
    int32_t *score;       /* final score[prim * n_nodes + node], for `resource scores` */
    uint64_t recheck_ms;  /* now_ms clock: when a failure expires; UINT64_MAX for never */
};

/* Contract with who carries the plan out. A dependency is met when its step ended as the plan
 * assumed: a start with the resource started, a stop with it stopped, a fence with the node
 * stopped, and a probe with the resource found *stopped*. Any other end, a change of a node's life,
 * a new failure and the end of what made a step blocked ask for a new plan. in_flight steps are
 * never issued again; a step on the same node and prim that follows one depends on it. wish and
 * avoid are looked at as long as they are set; restart stops and starts once, so it is to be
 * cleared when the stop has been ordered. */

/* Most steps and dependencies that a plan can have. */
static inline uint32_t sched_steps_max(uint32_t prims, uint32_t nodes)
{
    return nodes + prims * (2 * nodes + 1);
}
static inline uint32_t sched_deps_max(uint32_t prims, uint32_t nodes, uint32_t orders)
{
    /* A primitive's own steps and its group's chain; per order a stop on each node for each. Twice
     * that, so that groups may be serialized; a plan that needs more is ERR_FULL. */
    return 2 * (prims + orders) * (nodes * nodes + 5 * nodes + 2);
}

/* Everything of *out lives in arena. ERR_FULL is the only failure. Steps are in an order in which
 * they could be done one by one (dependencies come first). Work is O(prims * nodes + constraints),
 * apart from sorting. in->state's UNKNOWN entries on members become OP_PROBE steps, and nothing of
 * that prim is started before they are done. */
enum err sched_run(const struct sched_in *in, struct arena *arena, struct plan *out) MUST_CHECK;

#endif
