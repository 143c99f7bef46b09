/* SPDX-License-Identifier: GPL-2.0-or-later
 * corelab: two nodes (or with corosync some) and the least that a shell can be, for unit tests of
 * lib/core: one network link, one clock, one order of casts without delays of its own, disks that
 * keep at once, agents that do what the test says. Where the simulator draws, a test decides. */
#ifndef YOKE_TEST_CORELAB_H
#define YOKE_TEST_CORELAB_H

#include "lib/core/mind.h"

enum {
    LAB_FRAMES = 16384,
    LAB_AGENTS = 4096,
    LAB_REPLY = 4 * 1024 * 1024,
    LAB_HELD = -1,
    LAB_CLIENTS = 65536,
    LAB_NODES = NODE_MAX,
    LAB_CASTS = 1024
};

struct lab_agent { /* under way */
    uint32_t op;
    uint16_t slot;
    int rc; /* LAB_HELD: until lab_agent_end */
    uint64_t due_us;
    char id[CIB_ID_LEN], action[16];
};

struct lab_node {
    struct node *n;
    void *memory;
    bool up;
    uint64_t boot;
    uint16_t life;
    struct kept kept;
    bool has_kept, disk_fails;
    char *cib; /* as kept, with its version */
    uint32_t cib_epoch, cib_seq;
    struct arena plan_arena;
    struct plan plan;
    bool plan_held; /* plans are not answered until lab_plan */
    uint32_t plan_op;
    const struct sched_in *plan_in;
    struct lab_agent agent[LAB_AGENTS];
    unsigned n_agents, agents_run; /* under way, begun in all */
    unsigned n_fences;             /* asked for */
    uint32_t fence_op; /* the newest; answered at once with fence_rc, unless that is LAB_HELD */
    int fence_rc;
    bool fence_says_off; /* asked for its status the device says that the node is off */
    char fence_input[4096];
    bool exited, reset;
    char *reply; /* the newest answer */
    uint32_t reply_client;
    unsigned n_replies;
    uint8_t answered[LAB_CLIENTS]; /* by client */
    uint64_t steps;
    unsigned most_actions; /* of one step */
    size_t most_bytes;
    struct say event; /* the newest */
    unsigned n_events;
};

struct lab {
    uint64_t now_us;
    struct conf conf;
    struct timing timing;
    struct limits limits;
    unsigned n_nodes;
    bool cut[LAB_NODES]; /* the network link, by sender */
    /* Corosync: who has the same number here is in one group, 0: it does not run there. */
    uint8_t part[LAB_NODES];
    bool net_parts; /* the network link is parted as corosync is */
    struct lab_cast {
        uint64_t due_us;
        uint8_t from, part;
        size_t len;
        uint8_t at[CAST_MAX];
    } * cast;
    unsigned first_cast, n_casts;
    bool casting;        /* one is being delivered: what changes the group comes after it */
    unsigned changed;    /* parts whose group has changed meanwhile */
    uint64_t cast_bytes; /* in all */
    uint64_t transit_us;
    struct lab_frame {
        uint64_t due_us;
        uint8_t to;
        size_t len;
        uint8_t at[FRAME_MAX];
    } * frame;
    unsigned first, n_frames;
    struct lab_node at[LAB_NODES];
    struct outbox *out;
    uint64_t agent_us;
    /* Exit code of an agent's run, or LAB_HELD; NULL: what is started runs. */
    int (*agent)(struct lab *l, unsigned node, const struct act_agent *a);
    bool running[LAB_NODES][LAB_AGENTS]; /* by slot, as the agents have it */
    /* What ACT_RESERVE brings, at once; false: no answer. NULL: there are no disks to reserve. */
    bool (*reserve)(struct lab *l, unsigned node, const struct act_reserve *a, struct event *done);
};

/* One lab at a time; `fence` as guard, takeover 2 s. */
struct lab *lab_open(unsigned prims, size_t cib_bytes);
/* So many nodes on corosync, which is there on all; guard as in the other lab. */
struct lab *lab_open_ring(unsigned nodes, unsigned prims, size_t cib_bytes);
/* Corosync of that node hears from now on those with the same number; 0: it ends. */
void lab_part(struct lab *l, unsigned node, unsigned part);
/* Machine and daemon start; text: kept configuration of version 1.1, or NULL for what was kept. */
void lab_boot(struct lab *l, unsigned node, const char *text);
/* The daemon alone, in the same boot. */
void lab_restart(struct lab *l, unsigned node);
void lab_down(struct lab *l, unsigned node);
void lab_run(struct lab *l, uint64_t ms);
void lab_tell(struct lab *l, unsigned node, struct event *ev);
/* A request of a client; the answer, if it came at once, is in reply. */
void lab_ask(struct lab *l, unsigned node, uint32_t client, const struct cmd *c);
/* A message to `node`, as if its peer had sent it over the session. */
void lab_message(struct lab *l, unsigned node, unsigned type, const struct buf *body);
/* Ends a held agent; false when there is none. */
bool lab_agent_end(struct lab *l, unsigned node, const char *id, const char *action, int rc,
                   bool not_run);
bool lab_agent_runs(const struct lab *l, unsigned node, const char *id, const char *action);
void lab_plan(struct lab *l, unsigned node); /* answers the held plan */
/* Record that `node` has of a resource on `of`. */
struct rec *lab_rec(struct lab *l, unsigned node, unsigned of, const char *id);

#endif
