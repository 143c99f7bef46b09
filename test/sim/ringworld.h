/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringworld: three to sixteen nodes on corosync in virtual time, in one process: the smaller world
 * beside world.h, which is about a pair. A heap of things to come, ordered by due time, then by the
 * order in which they were thought of; so a seed has one history only.
 *
 * Happy path: ringworld_open, ringswarm_draw (which switches everything on), ringworld_run until
 * some time. A violated rule is noted once (ringoracle_bark) and ends the run. */
#ifndef YOKE_SIM_RINGWORLD_H
#define YOKE_SIM_RINGWORLD_H

#include "lib/core/reservation.h"
#include "test/sim/ringcoro.h"
#include "test/unit/lun.h"
#include "test/sim/world.h" /* MSEC, struct behaviour, struct keeper, enum host_freeze */

enum {
    RING_SERVICES = 16,
    RING_UNITS = 4,
    RING_ANSWER = 256, /* bytes of a reservation command's answer */
    RING_TASKS = 96,
    RING_KEEPS = 64,
    RING_ITEMS = 65536,
    RING_NEWS = 4096,
    RING_CIB = 8192,
    RING_CUTS = 48,
    RING_CLIENTS = 48, /* requests whose answers are looked for */
    RING_KEYS = 6,     /* values that the operator changes and remembers */
    RING_COUNTS = 10,
    RING_STEPS = 1200000 /* of one run and node: more is a run-away */
};

enum ring_item_kind {
    RING_FRAME,    /* a frame reaches host on link lan */
    RING_NEWS_DUE, /* the daemon hears the next news of corosync */
    RING_CONNECT,  /* the daemon tries corosync again */
    RING_CORO_ON,  /* corosync starts */
    RING_KEPT,
    RING_PLANNED,
    RING_EXEC,
    RING_AGENT_END,
    RING_GONE,
    RING_FENCE_HIT,
    RING_FENCE_END,
    RING_POWER_ON,
    RING_DAEMON_ON,
    RING_DAEMON_OFF, /* the daemon is asked to leave */
    RING_THAW,
    RING_FAULT,
    RING_MEND,
    RING_OPERATOR, /* the operator puts the first configuration */
    RING_KEEPER,
    RING_WATCHDOG,
    RING_LUN
};

struct ring_item {
    uint64_t due_us, seq;
    uint8_t kind, host, flag;
    uint32_t token; /* of the life it belongs to: stale ones are dropped */
    uint32_t a, b;
    struct letter *letter;
};

/* ---- ground truth about one resource ----------------------------------------------------------
 */

struct ring_service {
    char id[CIB_ID_LEN];
    bool guarded;
    uint8_t owner;        /* host that executed the last start, NODE_NONE */
    uint32_t owner_power; /* its machine incarnation then */
    struct behaviour is;
    uint8_t unit;          /* its disk, NODE_NONE */
    uint8_t frees;         /* what cannot write to this disk does no harm with it, NODE_NONE */
    bool harmless, ondisk; /* why, when it is not its own */
    struct {
        bool active; /* may touch its data: from exec of start until a stop has succeeded */
        bool alive;  /* works */
        bool watched;
        uint16_t slot;
        uint64_t stuck_us; /* since when its stop has failed, 0: it has not */
    } on[NODE_MAX];
};

struct ring_task { /* an agent or a fence agent in flight */
    bool used, executed, recurring, kill, timed_out, killed, plug, hits, counts;
    uint8_t verb, target;
    uint16_t service;
    uint32_t op, timeout_ms, generation;
    uint64_t not_after_us, began_us;
    int rc;
};

struct ring_keep { /* a write in flight */
    uint32_t op;
    bool cib, fails;
    struct kept kept;
    uint32_t epoch, seq;
    char *text; /* one of the host's buffers, when cib */
};

struct rhost {
    unsigned self;
    void *memory;
    struct node *node; /* NULL: daemon not running */
    bool power;
    uint32_t power_no; /* machine incarnation, rises at every power on and off */
    uint32_t life_no;  /* daemon incarnation, rises at every start and end */
    uint64_t boot;
    uint16_t life;
    struct prng prng;
    /* clock: local = local_base + (now - ref) * (1e6 + ppm) / 1e6 */
    uint64_t ref_us, local_base_us, last_local_us;
    int32_t ppm;
    uint8_t frozen; /* enum host_freeze: the daemon alone, or the machine with its corosync */
    uint64_t frozen_at_us, thaw_us;
    unsigned buffered; /* frames held while frozen */
    uint64_t timer_us;
    unsigned idle_turns;
    bool leaving, no_exec, no_keep;
    uint32_t keep_mean_us;
    /* corosync as the daemon's shell has it */
    bool joined, quorate;
    uint32_t connection;
    nodeset group;
    struct coro_news news[RING_NEWS];
    unsigned news_first, news_n;
    uint64_t news_us;
    /* durable */
    bool has_kept;
    struct kept kept, kept_at_boot;
    char cib[RING_CIB];
    uint32_t cib_epoch, cib_seq;
    /* in flight */
    struct ring_task task[RING_TASKS];
    struct ring_keep keep[RING_KEEPS];
    unsigned keep_first, keep_n;
    uint64_t keep_due_us;
    char keep_text[4][RING_CIB];
    unsigned keep_text_next;
    struct arena plan_arena;
    struct plan plan;
    enum err plan_err;
    uint32_t plan_no;
    struct keeper keeper;
    /* what the oracle knows of it */
    nodeset view; /* last seen */
    uint8_t view_coordinator;
    uint64_t view_us;
    uint64_t out_us[NODE_MAX]; /* since when it is without that node, which answers */
    uint32_t epoch_seen, epoch_kept;
    uint32_t known_power;  /* newest incarnation that was in a view with a quorum */
    uint32_t proven_power; /* incarnations up to this one were fenced, and somebody was told */
    bool left_well;        /* it left with nothing guarded running, and did nothing since */
    uint64_t quorate_us;   /* has had the quorum since then; NEVER: has not */
    uint64_t idle_us;      /* when it was last seen to run nothing guarded */
    uint64_t on_at_us, off_at_us, down_at_us;
    uint32_t busy_power; /* newest incarnation that ran something guarded */
    uint32_t clients;
};

/* ---- disks that can be reserved ---------------------------------------------------------------
 */

struct ring_unit {
    struct lun lun; /* a host's only nexus has the host's number */
    bool down[NODE_MAX];
    uint32_t mean_us, lost; /* how long a command travels; answers that never come, per million */
};

struct ring_reserving { /* ACT_RESERVE of a host about a service */
    bool used, again;
    uint8_t host, service, verb;
    uint16_t slot;
    uint32_t op, number, register_ms; /* number: of the order and of its commands, rises always */
    uint64_t key, victim, not_after_us;
    struct reservation r;
    struct pr_command command; /* under way */
    enum pr_outcome outcome;   /* of it */
    size_t len;
    uint8_t data[RING_ANSWER];
};

/* ---- the operator's memory --------------------------------------------------------------------
 */

struct ring_asked { /* a change of a key, on its way */
    bool used;
    uint8_t host, key;
    uint32_t client, life_no, value;
    uint64_t asked_us;
};
struct ring_key {
    uint32_t acked; /* newest value that was acknowledged */
    uint64_t asked_us;
    bool open; /* one is under way, or its outcome is not known */
};

struct ring_cut { /* a fault of the network: whose packets do not reach whom */
    bool used;
    uint8_t nets; /* bit 0: corosync's, bit 1: lan */
    nodeset to[NODE_MAX];
};

struct ring_faults {
    struct prng prng;
    uint32_t weight[24], weight_sum;
    uint64_t gap_us, until_us;
    bool on;
    struct ring_cut cut[RING_CUTS];
};

enum ring_count {
    RING_COUNT_STARTS,
    RING_COUNT_FENCES,
    RING_COUNT_POWER,
    RING_COUNT_BITES,
    RING_COUNT_TAKEOVERS,
    RING_COUNT_VIEWS,
    RING_COUNT_CASTS,
    RING_COUNT_CHANGES,
    RING_COUNT_NO_QUORUM /* not shown */
};

/* Rules broken on purpose in the world itself, beside those of the core. */
enum {
    RING_BREAK_BITE = 1,
    RING_BREAK_FENCE = 2,
    RING_BREAK_ORDER = 4,
    RING_BREAK_KEEP = 8,
    RING_BREAK_MUTE = 16
};

struct rworld {
    uint64_t seed, now_us, seq, steps;
    unsigned nodes;
    struct ring_item heap[RING_ITEMS];
    unsigned n_items;
    struct prng net_prng, agent_prng, fence_prng, host_prng;
    struct conf conf;
    struct timing timing;
    struct limits limits;
    unsigned lan; /* link */
    char cib_text[RING_CIB];
    struct rhost host[NODE_MAX];
    struct coro coro;
    uint8_t cuts[2][NODE_MAX][NODE_MAX]; /* [net][from][to] */
    struct path_rates lan_rates;
    struct {
        uint32_t fails, hangs, kills_but_fails, delay_ms;
        bool dead;
    } box; /* the fence device */
    struct ring_service service[RING_SERVICES];
    unsigned n_services;
    struct ring_unit unit[RING_UNITS];
    unsigned n_units;
    struct ring_reserving reserving[NODE_MAX][RING_SERVICES];
    struct prng lun_prng;
    bool agent_faults;
    struct ring_faults faults;
    struct ring_asked asked[RING_CLIENTS];
    struct ring_key key[RING_KEYS];
    uint32_t key_value;
    uint32_t client; /* number of the next request */
    unsigned broken, world_broken;
    struct world *shadow; /* traces for this world, see ringtrace.h */
    bool hashing;
    uint64_t hash, trouble_us, looked_us;
    bool barked;
    char rule[RULE_LEN], bark[BARK_LEN];
    uint64_t counts[RING_COUNTS];
};

void ringworld_open(struct rworld *w, uint64_t seed, unsigned nodes);
/* Corosync and the hosts' memory, when the configuration is known. */
void ringworld_begin(struct rworld *w);
struct ring_item *ringworld_add(struct rworld *w, enum ring_item_kind kind, unsigned host,
                                uint64_t due_us);
void ringworld_run(struct rworld *w, uint64_t until_us);

static inline const char *rhost_name(const struct rworld *w, unsigned host)
{
    return w->conf.node[host].name;
}

#endif
