/* SPDX-License-Identifier: GPL-2.0-or-later
 * model: resources and constraints as the rest of the house sees them, parsed from the crm
 * language. One struct cib lives wholly in one arena; nothing in it is changed after parsing, edits
 * make a new text and parse it. Primitives are numbered in the order of the text; that number
 * ("prim index") is what scheduler, executor and status use.
 *
 * Indices instead of pointers between objects: a cib can be copied with its arena and compared. */
#ifndef YOKE_CIB_MODEL_H
#define YOKE_CIB_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/arena.h"
#include "lib/base/nodeset.h"

enum {
    CIB_PRIM_MAX = 2048,       /* primitives in one configuration */
    CIB_ID_LEN = 64,           /* longest object id, with NUL */
    CIB_TEXT_MAX = 1024 * 1024 /* longest configuration text */
};
enum { CIB_NONE = 0xffff };

/* Scores: 1 000 000 is infinity, as cluster administrators know it; -INF beats +INF. */
enum { SCORE_INF = 1000000 };
static inline int32_t score_add(int32_t a, int32_t b)
{
    if (a <= -SCORE_INF || b <= -SCORE_INF)
        return -SCORE_INF;
    if (a >= SCORE_INF || b >= SCORE_INF)
        return SCORE_INF;
    int32_t sum = a + b;
    return sum > SCORE_INF ? SCORE_INF : sum < -SCORE_INF ? -SCORE_INF : sum;
}

struct nv {
    const char *name, *value;
};
struct nvlist {
    const struct nv *at;
    uint16_t n;
};

enum on_fail { /* in order of severity, see scheduler rules 4.11.4 */
               ON_FAIL_DEFAULT,
               ON_FAIL_IGNORE,
               ON_FAIL_DEMOTE,
               ON_FAIL_RESTART,
               ON_FAIL_BLOCK,
               ON_FAIL_STOP,
               ON_FAIL_STANDBY,
               ON_FAIL_FENCE
};

struct cib_op {
    const char *name; /* start stop monitor promote demote notify ... */
    uint32_t interval_ms, timeout_ms, start_delay_ms; /* timeout 0: not written */
    enum on_fail on_fail;
    bool enabled;
    const char *role;      /* NULL when not written */
    struct nvlist extra;   /* op instance attributes, e.g. OCF_CHECK_LEVEL */
    struct nvlist written; /* every attribute as written, in order, for printing */
};

enum target_role { ROLE_UNSET, ROLE_STOPPED, ROLE_STARTED, ROLE_UNPROMOTED, ROLE_PROMOTED };
enum requires { REQUIRES_UNSET, REQUIRES_NOTHING, REQUIRES_QUORUM, REQUIRES_FENCING };

/* Effective meta attributes: own, then the group's where inherited, then rsc_defaults, then ours.
 * Defaults that differ from the incumbent's are marked *. */
struct cib_meta {
    int32_t priority;                       /* 0 */
    int32_t stickiness;                     /* * SCORE_INF: failback is manual */
    int32_t migration_threshold;            /* * 3; 0 = never */
    uint32_t failure_timeout_ms;            /* * 600000 (10 min); 0 = never */
    enum target_role target_role;           /* ROLE_STARTED */
    enum requires requires;                 /* REQUIRES_FENCING; stonith: REQUIRES_NOTHING */
    bool is_managed, maintenance, critical; /* true, false, true */
    bool block_on_multiple;                 /* multiple-active=block; otherwise stop_start */
    bool stop_only_on_multiple;             /* multiple-active=stop_only */
};

/* A primitive of a clone stands in the tables once for each node, and a promotable one once more
 * for its promoted role, see expand.h. */
enum cib_part { PART_WHOLE, PART_COPY, PART_PROMOTED };

struct cib_prim {
    const char *id, *class, *provider, *type; /* provider NULL unless class is ocf */
    const char *name; /* as written, and as its agent is told: the same for all of a clone */
    const char *description;
    struct nvlist params, meta; /* as written */
    const struct cib_op *op;    /* as written */
    uint16_t n_ops;
    uint16_t group; /* index into cib.group or CIB_NONE */
    uint16_t place; /* position within its group, 0 first */
    struct cib_meta effective;
    struct nvlist all_params; /* effective instance parameters: own, then the group's */
    uint32_t
        digest; /* of class, type and all_params: changes when the running copy is out of date */
    bool is_stonith;
    uint8_t part;   /* enum cib_part */
    uint8_t node;   /* of a PART_COPY: the only one where it may be; NODE_NONE else */
    uint16_t clone; /* index into cib.clone or CIB_NONE */
};

/* One primitive on every node at once; promotable: one of them has a special role. */
struct cib_clone {
    const char *id, *description;
    uint16_t prim;     /* as written; CIB_NONE when that is wrong. Then the copy of node 0 */
    uint16_t copies;   /* prim index of the copy of node 1, the others follow */
    uint16_t promoted; /* prim index of the promoted role, CIB_NONE if there is none */
    bool promotable, notify;
    struct nvlist params, meta;
    struct cib_meta effective;
};

struct cib_group {
    const char *id, *description;
    const uint16_t *member; /* prim indices in start order */
    uint16_t n_members;
    struct nvlist params, meta;
    struct cib_meta effective;
};

/* A resource as constraints name it: a primitive, a group or a clone. */
enum rsc_kind { RSC_PRIM, RSC_GROUP, RSC_CLONE };
struct rsc_ref {
    uint8_t kind;   /* enum rsc_kind */
    uint16_t index; /* prim, group or clone index */
};

struct cib_location {
    const char *id;
    struct rsc_ref rsc;
    const char *node;   /* as written */
    uint8_t node_index; /* into the names given to cib_parse; NODE_NONE when not of this cluster */
    int32_t score;
    enum target_role role; /* ROLE_UNSET, or the role= attribute */
    uint8_t discovery;     /* 0 always, 1 never, 2 exclusive */
    bool spread;           /* others behind it say the same of the parts of a clone */
};
struct cib_colocation {
    const char *id;
    int32_t score;
    struct rsc_ref rsc, with; /* rsc is placed where `with` is */
    enum target_role rsc_role, with_role;
    bool spread; /* as with location */
};
enum order_kind { ORDER_MANDATORY, ORDER_OPTIONAL, ORDER_SERIALIZE };
enum cib_action { ACTION_START, ACTION_STOP, ACTION_PROMOTE, ACTION_DEMOTE };
struct cib_order {
    const char *id;
    enum order_kind kind;
    struct rsc_ref first, then;
    enum cib_action first_action, then_action;
    bool symmetrical;
    bool spread; /* as with location */
};

/* One level of a fencing_topology: all its devices must succeed, or the next level is tried. Levels
 * stand in the order of the text, those of one target together or not. */
enum { CIB_LEVELS_MAX = 256, CIB_LEVELS_OF_MAX = 9 }; /* in all; of one node */
struct cib_level {
    const char *target; /* node name as written; NULL: all nodes that have no levels of their own */
    uint8_t node_index; /* NODE_NONE when not of this cluster, and for NULL */
    const uint16_t *device; /* prim indices */
    uint16_t n_devices;
};

struct cib_node { /* `node NAME attributes standby=on ...` */
    const char *name;
    uint8_t node_index; /* NODE_NONE when not of this cluster */
    const char *description;
    struct nvlist attributes;
    bool standby, maintenance;
};

/* What becomes of services where there is no quorum. */
enum quorum_policy { POLICY_STOP, POLICY_FREEZE, POLICY_IGNORE, POLICY_DEMOTE, POLICY_FENCE };

struct cib_properties {          /* effective; unknown names are refused by the parser */
    bool symmetric_cluster;      /* true */
    bool maintenance_mode;       /* false */
    bool stop_all_resources;     /* false */
    bool start_failure_is_fatal; /* * false: a start failure is retried with decay */
    bool stonith_enabled;        /* true; fencing-enabled is the same */
    bool startup_fencing;        /* * false: never shoot a peer that was merely not met yet */
    bool fencing_off;            /* stonith-action: false reboot, true off */
    uint32_t stonith_timeout_ms; /* 60000 */
    uint32_t priority_fencing_delay_ms; /* 0 */
    bool priority_fencing_delay_auto;   /* * true unless one is written: see lib/core/fencer.c */
    uint16_t stonith_max_attempts;      /* 10 */
    uint16_t batch_limit;               /* 0: no limit over the cluster */
    uint16_t node_action_limit;         /* 0: 2 x cores of the node */
    uint8_t no_quorum_policy;           /* enum quorum_policy; engine corosync */
};

/* One object as written, in text order: what print, diff and edit walk over. */
enum cib_kind {
    CIB_NODE,
    CIB_PRIMITIVE,
    CIB_GROUP,
    CIB_CLONE,
    CIB_LOCATION,
    CIB_COLOCATION,
    CIB_ORDER,
    CIB_TOPOLOGY, /* one at most; its id is its keyword */
    CIB_PROPERTY,
    CIB_RSC_DEFAULTS,
    CIB_OP_DEFAULTS,
    CIB_KIND_COUNT
};
struct cib_object {
    enum cib_kind kind;
    uint16_t index;      /* into the array of its kind */
    const char *id;      /* set id for property and defaults */
    const char *comment; /* lines that stood before it, with their '#', or NULL */
    unsigned line;
};
#define CIB_TOPOLOGY_ID "fencing_topology"
/* Ids of the sets that no id was written for, as other tools have them. */
#define CIB_SET_PROPERTY     "cib-bootstrap-options"
#define CIB_SET_RSC_DEFAULTS "rsc-options"
#define CIB_SET_OP_DEFAULTS  "op-options"
struct cib_set { /* property, rsc_defaults, op_defaults as written */
    const char *id;
    struct nvlist nvs;
};

struct cib {
    struct cib_object *object;
    uint16_t n_objects;
    struct cib_prim *prim;
    uint16_t n_prims;
    struct cib_group *group;
    uint16_t n_groups;
    struct cib_clone *clone;
    uint16_t n_clones;
    uint8_t n_copies; /* of each clone: one for each node; 0 when the nodes are not known */
    struct cib_location *location;
    uint16_t n_locations;
    struct cib_colocation *colocation;
    uint16_t n_colocations;
    struct cib_order *order;
    uint16_t n_orders;
    struct cib_level *level;
    uint16_t n_levels;
    struct cib_node *node;
    uint16_t n_nodes;
    struct cib_set *set[3]; /* property, rsc_defaults, op_defaults */
    uint16_t n_sets[3];
    struct cib_properties properties;
    uint32_t default_timeout_ms;  /* op_defaults timeout, else 20000 */
    uint32_t default_interval_ms; /* monitor that nobody wrote: 20000 */
    uint16_t *by_id; /* prims (index), groups (n_prims + index), clones behind them, then the names
                        of what was cloned, which are its clone's: sorted by id */
    uint16_t n_ids;
    uint16_t *by_object; /* places in object[], sorted by id; nodes, whose names are no ids, last */
    const char *comment; /* lines after the last object, with their '#', or NULL */
};

/* The primitive, group or clone of that name; false when there is none. What was cloned is found as
 * its clone. */
bool cib_find(const struct cib *c, const char *id, struct rsc_ref *out);
/* Id of the i-th of by_id's numbers. */
const char *cib_id_at(const struct cib *c, unsigned i);
/* Id of a resource. */
const char *cib_rsc_id(const struct cib *c, struct rsc_ref rsc);
/* Prim index of the i-th part of a resource: members of a group, of a clone its copies and then its
 * promoted role; CIB_NONE past the last. */
uint16_t cib_part(const struct cib *c, struct rsc_ref rsc, unsigned i);
/* Prim index of a clone's copy for that node, CIB_NONE when there is none. */
uint16_t cib_copy(const struct cib *c, const struct cib_clone *clone, unsigned node);
/* What the agent is asked for: for the promoted role promote is its start, demote its stop. */
const char *cib_action(const struct cib_prim *p, const char *action);
/* Place in object[] of the object of that id (for CIB_NODE: of that node), CIB_NONE if none. */
uint16_t cib_find_object(const struct cib *c, const char *id, bool node);
/* Meta attributes or parameters of a primitive, group or clone as written; NULL: it has none such.
 */
const struct nvlist *cib_object_list(const struct cib *c, const struct cib_object *o, bool meta);
/* Value of a name in a list, NULL when absent; the last one written counts. */
const char *nvlist_get(const struct nvlist *l, const char *name);
/* Value of an option in property, rsc_defaults or op_defaults, NULL when not written. Other
 * spellings are other names. */
const char *cib_set_get(const struct cib *c, enum cib_kind kind, const char *name);
/* The n-th level (from 0) of that node: its own, else those for all; NULL past the last. */
const struct cib_level *cib_level_get(const struct cib *c, unsigned node_index, unsigned n);
/* The op of that name with the given role or none; NULL when not written. */
const struct cib_op *cib_op_find(const struct cib_prim *p, const char *name);
/* Time an action may take: the op's own, else op_defaults, else 20 s. */
uint32_t cib_timeout_ms(const struct cib *c, const struct cib_prim *p, const char *action);
/* Interval of the n-th recurring monitor (n from 0), 0 past the last. A primitive with none written
 * has one of default_interval_ms, unless it is written with enabled=false or interval=0 only. */
uint32_t cib_monitor_ms(const struct cib *c, const struct cib_prim *p, unsigned n,
                        const struct cib_op **op);
/* What happens when that action fails, after defaults: never ON_FAIL_DEFAULT. */
enum on_fail cib_on_fail(const struct cib *c, const struct cib_prim *p, const char *action);

#endif
