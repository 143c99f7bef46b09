/* SPDX-License-Identifier: GPL-2.0-or-later
 * world: two nodes, their machines, wires and power switch, in virtual time, in one process. A heap
 * of things to come, ordered by due time, then by the order in which they were thought of; so a
 * seed has one history only. Everything lives in this one struct: a world is reset by clearing it.
 *
 * Happy path: world_open, then swarm or a story fills in configuration and services, host_power_on,
 * world_run until some time. A violated rule is noted once (oracle_bark) and ends the run. */
#ifndef YOKE_SIM_WORLD_H
#define YOKE_SIM_WORLD_H

#include "lib/base/prng.h"
#include "lib/core/node.h"
#include "lib/core/reservation.h"
#include "test/unit/lun.h"

enum {
    SIM_NODES = 2,
    SERVICES_MAX = 64,
    TASKS_MAX = 192,   /* agents in flight on one host */
    KEEPS_MAX = 64,    /* writes in flight on one host */
    ITEMS_MAX = 32768, /* things to come */
    OLD_FRAMES = 24,
    LINE_MAX = 64,       /* frames waiting on one direction of a serial line */
    PARCEL_BYTES = 1408, /* one frame without its seal */
    PARCELS_MAX = 16384,
    CIB_BYTES = 16384,
    UNITS_MAX = 8,       /* disks of the array */
    UNIT_PATHS = 2,      /* from each host to each of them */
    SERVICE_UNITS = 2,   /* that one resource uses */
    LUN_COMMANDS = 512,  /* under way to all of them */
    LUN_DATA = 160,      /* bytes of an answer that are kept */
    RESERVINGS_MAX = 96, /* operations of both shells */
    STEPS_MAX = 4000000, /* of one run: more is a run-away */
    RULE_LEN = 24,
    BARK_LEN = 400
};

#define SEC(s)   ((uint64_t)(s)*1000000u)
#define MSEC(ms) ((uint64_t)(ms)*1000u)
#define NEVER    UINT64_MAX

enum item_kind {
    ITEM_FRAME,   /* a frame reaches host */
    ITEM_NOISE,   /* bytes that are no frame reach host */
    ITEM_LINE,    /* a serial line has carried one frame and takes the next */
    ITEM_LINK,    /* the shell of host learns that a link is usable or not */
    ITEM_CONNECT, /* a TCP connection comes about */
    ITEM_HANGUP,  /* a TCP connection is given up */
    ITEM_KEPT,    /* a write is durable, or has failed */
    ITEM_PLANNED,
    ITEM_EXEC,       /* an agent is executed now */
    ITEM_AGENT_END,  /* an agent ends now */
    ITEM_GONE,       /* the kernel tells of a resource's death */
    ITEM_FENCE_HIT,  /* the power switch acts */
    ITEM_FENCE_END,  /* the fence agent ends */
    ITEM_POWER_ON,   /* a machine boots */
    ITEM_DAEMON_ON,  /* a daemon starts */
    ITEM_THAW,       /* a frozen host goes on */
    ITEM_FAULT,      /* the fault schedule's next turn */
    ITEM_MEND,       /* a fault ends */
    ITEM_SCRIPT,     /* a story's next line */
    ITEM_DISK_WROTE, /* a block is on a quorum disk, or is lost on the way there */
    ITEM_DISK_READ,  /* a host's shell begins to read a quorum disk */
    ITEM_DISK_GOT,   /* what it read is there */
    ITEM_KEEPER,     /* the keeper has done what it was told, and says so */
    ITEM_WATCHDOG,   /* the watchdog bites, unless it was fed */
    ITEM_LUN,        /* a command or a write has come to the array, or is done there */
    ITEM_LUN_BACK,   /* a host's shell sends a command, has its answer, or waits no longer */
    ITEM_RESERVED,   /* a host's shell answers its core */
    ITEM_WRITE       /* a resource writes */
};

struct item {
    uint64_t due_us, seq;
    uint8_t kind, host, link, flag;
    uint32_t token; /* of the life it belongs to: stale ones are dropped */
    uint32_t a, b;
    struct parcel *parcel;
};

struct parcel { /* a frame on its way */
    struct parcel *next;
    uint32_t len, users;
    uint8_t at[PARCEL_BYTES];
};

/* ---- ground truth about one resource ------------------------------------------------------- */

struct behaviour {                          /* rates are per million runs */
    uint32_t start_ms, stop_ms, monitor_ms; /* means */
    uint32_t start_fails, stop_fails, monitor_fails;
    uint32_t hangs, blind; /* never ends / monitor says running though it is not */
    uint32_t killable;     /* where its processes are gone, nothing is left of it */
};

struct service {
    char id[CIB_ID_LEN];
    bool guarded;
    bool harmless, ondisk; /* as its agent's meta-data says */
    uint8_t n_units;
    uint8_t unit[SERVICE_UNITS]; /* where its data is */
    uint32_t write_ms;           /* between two writes, the mean */
    uint32_t starts;             /* executed so far, on any host */
    uint8_t owner;               /* host that executed the last start, NODE_NONE */
    uint32_t owner_power;        /* its machine incarnation then */
    struct behaviour is;
    bool fits;   /* a copy of a promotable clone: its agent says how much it wants to be promoted */
    int32_t fit; /* namely so much */
    bool resumes; /* what died promoted comes back promoted with its next start */
    struct {      /* scripted outcome of the next runs, by host: stories */
        char action[16];
        int rc;
        uint32_t times;
        bool hang;
    } script[SIM_NODES];
    struct {
        bool active; /* may touch its data: from exec of start until a stop has succeeded */
        bool alive;  /* works */
        bool watched;
        bool was_promoted;  /* when it died */
        uint64_t stuck_us;  /* since when its stop has failed, 0: it has not */
        uint32_t ran_life;  /* life of the daemon that last started it well */
        uint32_t start_no;  /* its newest start here; 0: none */
        uint16_t writes;    /* under way */
        uint32_t slot_life; /* life of the daemon that knows it by slot */
        uint32_t noticed;   /* what that daemon was told last, unasked: state + 1; 0: nothing */
        uint16_t slot;
    } on[SIM_NODES];
};

struct task { /* an agent in flight */
    bool used, executed, recurring, scripted, kill;
    uint8_t verb; /* enum task_verb */
    uint16_t service;
    uint32_t op, timeout_ms, generation;
    uint64_t not_after_us, began_us;
    bool timed_out, killed;
    int rc;
    bool plug; /* a fencing: see fencedev */
    uint8_t target;
    bool hits, reboots;
    char action[16];
};

struct keep { /* a write in flight */
    uint32_t op;
    bool cib, fails;
    struct kept kept;
    uint32_t epoch, seq;
    char *text; /* one of the host's buffers, when cib */
};

enum host_freeze { AWAKE, FROZEN_SHELL, FROZEN_MACHINE, FROZEN_CLOCK };

/* The keeper and its watchdog: they outlive the daemon. */
struct keeper {
    uint8_t kind; /* enum watchdog_kind; WATCHDOG_NONE: there is no keeper */
    bool removed; /* negative control: never bites */
    bool armed, due;
    uint32_t timeout_ms;
    uint64_t until_us; /* host's clock */
    uint64_t bite_us;  /* world time, NEVER */
    uint32_t token;
};

struct host {
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
    uint8_t frozen; /* enum host_freeze */
    uint64_t frozen_at_us, thaw_us;
    unsigned buffered;   /* frames held while frozen */
    uint64_t timer_us;   /* when EV_TIME is due, NEVER while down */
    unsigned idle_turns; /* EV_TIME in a row that moved no deadline */
    bool leaving;        /* it was asked to leave, and had stopped all when it ended */
    bool stays_off;      /* an off, not a reboot: somebody must switch it on */
    bool no_exec, no_keep;
    /* durable */
    bool has_kept;
    struct kept kept, kept_at_boot;
    char cib[CIB_BYTES];
    uint32_t cib_epoch, cib_seq; /* version of the text, kept beside it */
    /* in flight */
    struct task task[TASKS_MAX];
    struct keep keep[KEEPS_MAX];
    unsigned keep_first, keep_n;
    uint64_t keep_due_us;
    char keep_text[4][CIB_BYTES];
    unsigned keep_text_next;
    char *plan_memory;
    struct arena plan_arena;
    struct plan plan;
    enum err plan_err;
    uint32_t plan_no;
    /* what the oracle knows of it */
    nodeset view; /* last seen */
    bool coordinator;
    /* last change of the view, last frame that the peer heard, last thaw */
    uint64_t view_us, reached_us, thawed_us, paused_us; /* paused: last thaw of its clock */
    uint32_t epoch_seen, epoch_kept;
    bool proof;           /* it was told, in this boot, that the peer is known stopped: */
    uint32_t proof_life;  /* every life of the peer's daemon up to this one */
    uint32_t fenced_life; /* its own newest life that the power switch has ended */
    uint64_t taken_us;    /* its incarnation is taken over since then; 0: it is not */
    uint32_t taken_power; /* by that incarnation of the peer */
    uint64_t over_us;     /* when it was last to be seen that the peer's lease was over */
    bool fence_refused;   /* the last fencing of the peer that it heard of had failed */
    uint32_t heard_first, heard_power; /* first and newest incarnation of the peer that it heard */
    uint32_t together_life;            /* life of the peer when last in one view */
    uint32_t met_life;                 /* own life when last in one view */
    uint32_t together_power;           /* incarnation of the peer when last in one view */
    uint8_t twist_version;             /* stories: frames it sends claim this version */
    bool twist_cluster;                /* or another cluster */
    uint64_t off_at_us, down_at_us;    /* since when without power, without daemon */
    uint64_t seq_sent[CONF_LINKS_MAX];
    uint32_t clients, replies, refusals;
    struct keeper keeper;
    uint64_t key; /* that its core reserves with, 0: none yet */
};

/* ---- wires ------------------------------------------------------------------------------- */

/* A quorum disk: beat and mailbox of each node. The wires of its medium are the hosts' paths to it.
 */
struct quorum {
    struct {
        struct parcel *beat, *mail[2];
        uint64_t beat_no, mail_no; /* rising: which writing this is */
        struct parcel *before;     /* what the beat's block held before, and its number */
        uint64_t before_no;
        bool torn; /* the beat's block is not whole */
    } of[SIM_NODES];
    struct {
        bool busy;                     /* a write of the beat is under way */
        struct parcel *flying;         /* that beat */
        struct parcel *next;           /* the newest one behind it */
        uint64_t flying_us, next_us;   /* core times of their handing over */
        uint64_t seen_beat, seen_mail; /* what this host's shell told its core of the peer */
        uint64_t writes;               /* of the beat, begun so far */
    } by[SIM_NODES];
    uint32_t mean_us; /* of one write or read */
    /* Per million writes: takes seconds; lands after power is off; half; fails, and lands later,
     * perhaps over a newer one. Per million reads: brings what was there before. */
    uint32_t hangs, late, torn, overtakes, stale;
};

struct path_rates {
    uint32_t loss, twice, stale, garble, mirror; /* per million frames */
    uint32_t min_us, mean_us;
};
struct wire { /* one direction of a link */
    bool cut;
    struct path_rates rates;
    uint64_t last_due_us; /* TCP: nothing overtakes */
    /* serial */
    bool busy;
    unsigned n;
    struct {
        struct parcel *parcel;
        bool beat;
    } line[LINE_MAX];
};
struct medium {
    uint8_t type; /* enum link_type */
    uint32_t baud;
    bool carrier[SIM_NODES];
    bool told[SIM_NODES]; /* usable, as last said to the host's shell */
    bool connected, connecting;
    uint32_t connection; /* token of TCP items */
    struct wire from[SIM_NODES];
};

/* ---- the disk array ------------------------------------------------------------------------ */

struct unit {
    char name[16];
    uint8_t link; /* of the quorum disk that it is; CONF_LINKS_MAX: it holds data */
    bool alien;   /* a stranger is registered */
    bool queues;  /* writes wait for a path, for ever; else they fail */
    struct lun lun;
    bool down[SIM_NODES][UNIT_PATHS];
    uint8_t port[SIM_NODES][UNIT_PATHS]; /* a path may come back by another port: another nexus */
    uint64_t up_us[SIM_NODES];           /* since when all paths are up */
    uint32_t noticed[SIM_NODES];         /* of a quorum disk, as in struct service */
    uint32_t mean_us;
    uint32_t hangs, lost; /* per million: take seconds; answers that never come */
    struct {
        uint32_t power_no; /* the machine whose key was taken by the other; 0: none */
        uint32_t by_power;
        uint64_t at_us;
    } taken[SIM_NODES];
};

enum lun_stage {
    LUN_LEAVES,   /* in the host, about to go */
    LUN_HELD,     /* in the host, which has no path */
    LUN_TRAVELS,  /* on its way to the array */
    LUN_ACCEPTED, /* a write: the array will do it */
    LUN_RETURNS   /* its answer is on its way */
};
struct lun_cmd {
    bool used, write, booting;
    bool keyed; /* a write: its nexus was registered when the array accepted it */
    uint8_t host, unit, path, nexus;
    uint8_t stage; /* enum lun_stage */
    uint8_t tries;
    uint32_t generation, power_no;
    uint64_t sent_us;
    /* a reservation command */
    struct pr_command pr;
    uint64_t not_after_us, asked_us; /* asked: by the core */
    uint32_t limit_ms;               /* its host's kernel aborts it then */
    bool asked_busy;                 /* its host ran something when it asked */
    uint16_t who;
    uint32_t who_generation;
    enum pr_outcome outcome;
    uint16_t len;
    uint8_t data[LUN_DATA];
    /* a write */
    uint16_t service;
    uint32_t start_no;
};

struct reserving {    /* one ACT_RESERVE under way */
    bool used, waits; /* waits: the unit is busy with another one */
    uint8_t host, verb, disk;
    uint8_t n_units, at;
    uint8_t unit[SERVICE_UNITS];
    uint16_t service, slot;
    uint16_t all, any; /* state bits of every disk, of some disk */
    uint32_t op, life_no, generation;
    uint64_t key, victim, not_after_us, began_us;
    uint32_t register_ms;
    bool again, busy; /* busy: its host ran something when it asked */
    enum err err;
    const char *reason;
    struct reservation r;
    uint32_t out[UNIT_PATHS]; /* number of the command that this path has to answer, 0: none */
    uint32_t out_no;
};

struct old_frame { /* kept to come again much later, whatever happened to its sender */
    struct parcel *parcel;
    uint8_t link, from;
    uint32_t power_no;
};

struct switchbox {                                /* the fence device */
    uint32_t fails, hangs, mute, kills_but_fails; /* per million */
    uint32_t delay_ms;
    bool dead, stays_off;
    bool lies;             /* stories only: says success without acting */
    bool lies_on;          /* and its status says off as well */
    char only[CIB_ID_LEN]; /* stories: what is wrong is so with this device alone; "": with all */
    int script_rc;         /* stories: outcome of the next times runs */
    uint32_t script_times;
};

/* ---- faults ---------------------------------------------------------------------------------- */

enum { FAULT_KINDS = 28, MENDS_MAX = 64 };
struct faults {
    struct prng prng;
    uint32_t weight[FAULT_KINDS]; /* 0: not in this seed's swarm */
    uint32_t weight_sum;
    uint64_t gap_us; /* mean time between two */
    uint64_t until_us;
    bool on;
};

struct trace; /* simtrace.h */

struct world {
    uint64_t seed, now_us, seq, steps;
    struct item heap[ITEMS_MAX];
    unsigned n_items;
    struct parcel *free_parcels;
    unsigned parcels_used;
    struct prng net_prng, agent_prng, fence_prng, host_prng, lun_prng;
    struct conf conf;
    struct timing timing;
    struct limits limits;
    char cib_text[CIB_BYTES];
    struct host host[SIM_NODES];
    struct medium medium[CONF_LINKS_MAX];
    struct quorum quorum[CONF_LINKS_MAX]; /* of the links that are disks */
    struct old_frame old[OLD_FRAMES];
    struct switchbox box;
    struct service service[SERVICES_MAX];
    unsigned n_services;
    struct unit unit[UNITS_MAX];
    unsigned n_units;
    struct lun_cmd lun_cmd[LUN_COMMANDS];
    unsigned lun_cmds; /* places used so far */
    struct reserving reserving[RESERVINGS_MAX];
    uint32_t starved; /* per million commands that register: their program gets no time for long */
    bool boot_writes; /* machines write to their disks before any daemon runs */
    bool agent_faults, quiet_wires;
    bool lenient; /* stories: violations are told, not judged */
    bool exact;   /* stories: everything lasts as long as its mean */
    struct faults faults;
    unsigned broken; /* enum node_break of this run */
    struct trace *trace;
    bool hashing;
    uint64_t hash;
    uint64_t trouble_us; /* last time something happened that may break a view */
    /* verdict */
    bool barked;
    char rule[RULE_LEN], bark[BARK_LEN];
    bool no_bite;       /* negative control: watchdogs never bite */
    uint64_t counts[8]; /* enum world_count */
};
/* Rules that a negative control breaks here, beside those of the core (enum node_break). */
#define SIM_BREAK_WATCHDOG 0x80000000u /* watchdogs never bite */
#define SIM_BREAK_ABORT    0x40000000u /* a take ends no commands under way */
#define SIM_BREAK_PROOF    0x20000000u /* to prove a path registered, it is registered */
#define SIM_BREAK_RETURN   0x10000000u /* a path that comes back is registered */
#define SIM_BREAK_LATE     0x08000000u /* the date of what unfences is not looked at */
#define SIM_BREAK_MEMORY   0x04000000u /* keys do not outlive the array's power */
#define SIM_BREAK_SENT     0x02000000u /* a take that was sent is not read back */

enum world_count {
    COUNT_STARTS,
    COUNT_FENCES,
    COUNT_FRAMES,
    COUNT_KILLS,
    COUNT_TAKEOVERS,
    COUNT_BITES,
    COUNT_TAKES,
    COUNT_REFUSED
};

/* Clears a world and gives its hosts memory out of the process's pool. */
void world_open(struct world *w, uint64_t seed);
/* Puts one thing to come; returns it, to fill in the rest at once (not to be kept). */
struct item *world_add(struct world *w, enum item_kind kind, unsigned host, uint64_t due_us);
/* Goes on until nothing is left before until_us, or a rule was violated; now is until_us then. */
void world_run(struct world *w, uint64_t until_us);

/* A frame in flight; users counts who will still read it. */
struct parcel *parcel_new(struct world *w, const uint8_t *at, size_t len);
void parcel_drop(struct world *w, struct parcel *p);

/* How long something takes: exponential, at least min; in a story just the mean. */
static inline uint64_t world_lasts(const struct world *w, struct prng *p, uint64_t min,
                                   uint64_t mean)
{
    return w->exact ? mean : prng_exponential(p, min, mean);
}

static inline unsigned other(unsigned host)
{
    return 1u - host;
}
static inline const char *host_name(const struct world *w, unsigned host)
{
    return w->conf.node[host].name;
}

#endif
