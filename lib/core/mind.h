/* SPDX-License-Identifier: GPL-2.0-or-later
 * mind: what struct node consists of. Private to lib/core: each part is a plain struct, changed
 * only by the file of its name; all of it is flat memory without pointers to the outside, except
 * the configuration (in arenas of the node's own), the current plan (the shell's, valid until the
 * next ACT_PLAN) and the outbox of the step under way. */
#ifndef YOKE_CORE_MIND_H
#define YOKE_CORE_MIND_H

#include "lib/base/prng.h"
#include "lib/base/str.h"
#include "lib/cib/model.h"
#include "lib/cib/parse.h"
#include "lib/core/node.h"
#include "lib/wire/cmd.h"
#include "lib/wire/frame.h"

enum {
    NOTICES_MAX = 6,   /* that wait for one copy of a clone */
    MONITORS_MAX = 3,  /* recurring monitors of one resource */
    PARAMS_MAX = 2048, /* parameters that a resource was started with, as env text */
    HISTOGRAM_MAX = 8, /* buckets of a path's lateness */
    REQUESTS_MAX = 32, /* requests of clients and peers not yet answered */
    FENCES_MAX = 4,    /* fencings at a time */
    FENCE_HISTORY_MAX = 16,
    DRILLS_MAX = 32, /* fence devices that are tested; more are used but not tested */
    SEGMENT_MAX = FRAME_MAX - FRAME_TAIL - FRAME_HEAD - 32,
    SERIAL_CIB_MAX = 4096,              /* longest configuration that goes over a serial line */
    EPOCH_MAX = 0x7fffffff,             /* no cluster ever gets there: more is nonsense */
    AWAY_MAX_MS = 7 * 24 * 3600 * 1000, /* longest time that a daemon may ask to be away for */
    LEAVE_WAIT_MS = 2000 /* how long a leaving node waits for its goodbye to be heard */
};

#define US(ms) ((uint64_t)(ms)*1000u)

/* ---- path: one peer on one link ---------------------------------------------------------- */

enum path_state { PATH_DOWN, PATH_ONE_WAY, PATH_UP };

struct path {
    uint8_t state; /* enum path_state */
    struct say why;
    uint64_t since_us;
    uint64_t heard_us;     /* newest frame of the peer's present incarnation; 0: none */
    uint64_t sign_us;      /* newest frame in its name, whether it proves anything or not */
    uint64_t echoed_us;    /* when our newest echoed frame was sent; 0: none. Bent after a stall */
    uint64_t confirmed_us; /* the same, never bent: the peer is known to have heard us then */
    uint64_t agreed_us;    /* the same, by a beat that did not say that we are out of its view */
    uint64_t seq_top;      /* highest sequence seen, and which of the 64 below it */
    uint64_t seq_seen;
    uint32_t echo_seq, echo_stamp;      /* what our next beat echoes, of the present incarnation */
    uint8_t good;                       /* two-way beats in a row, up to what brings the path up */
    uint64_t beat_due_us, beat_last_us; /* ours: next, last sent */
    uint64_t beat_heard_us;             /* theirs: last, for lateness */
    /* a frame of an incarnation that has not yet proved itself by an echo: answered by a beat */
    uint64_t stranger_boot, stranger_us;
    uint32_t stranger_seq, stranger_stamp;
    uint64_t stranger_answer_us;
    uint16_t hurried; /* beats sent faster than the rhythm since the peer was heard again */
    uint32_t rtt_us, rtt_min_us, rtt_max_us, rtt_mean_us;
    uint64_t fresh_us;   /* went down because the peer began anew: not told if it comes back soon */
    uint64_t hearing_us; /* heard since, without an echo yet; 0: not so */
    uint64_t sent_seq;   /* frames sent on this path: upper part of their sequence number */
    bool deaf;           /* the peer's newest beat said that it does not hear us here */
    uint64_t sent, received, lost, late;
    uint32_t lateness[HISTOGRAM_MAX];
};

struct link { /* what is counted per link, whoever sent it */
    bool usable;
    char reason[REASON_LEN];
    uint64_t bad_crc, bad_auth, bad_form, foreign, replayed, unproven;
    uint64_t told_us; /* last time a bad frame was told of: at most once a minute */
    struct say bad;   /* what the last bad frame was, for who asks why the link is down */
    uint64_t bad_us;  /* when it came; 0: none */
};

/* ---- peer -------------------------------------------------------------------------------- */

enum peer_state {
    PEER_UNMET,       /* never heard in this life of the daemon */
    PEER_MEETING,     /* heard both ways, not yet in the view */
    PEER_MEMBER,      /* in the view */
    PEER_LOST,        /* silent on all links, or no longer in the view */
    PEER_INCOMPATIBLE /* heard, but speaks a version that we do not */
};
enum proof {
    PROOF_NONE,
    PROOF_GOODBYE,
    PROOF_FENCE,
    PROOF_OPERATOR,
    PROOF_REBOOT,
    PROOF_RIGHT,
    PROOF_LEASE,
    PROOF_REPORT /* without quorum, and out of the view, it says that nothing runs there */
};

struct session {
    uint32_t mine, theirs; /* session numbers, 0: none */
    uint32_t theirs_last;  /* newest number of the peer's; older ones are dropped */
    uint32_t counter;      /* last number used by us */
    bool hello_sent, hello_got;
    uint64_t base, next, end; /* send stream: acknowledged, to be sent from, queued up to */
    uint64_t sent;            /* the furthest that was ever sent */
    uint64_t got;             /* receive stream: taken in up to */
    uint64_t resend_us;       /* when to send again from base; 0: nothing in flight */
    uint8_t tries;
    bool ack_due;
    bool waiting;      /* messages in `in` wait for a step with more room in its outbox */
    uint64_t stuck_us; /* since when nothing of what waits was acknowledged; 0: nothing waits */
    uint8_t *out;      /* ring of limits.cib_bytes + SESSION_SLACK */
    uint8_t *in;       /* the message being put together */
    size_t size, in_used;
};

/* What its beats told of its lease. Of an incarnation that has not proved itself: the worst of all.
 */
struct sign {
    uint64_t heard_us; /* 0: never */
    uint64_t dead_us;  /* its lease is over then, if no newer sign comes */
    uint64_t boot;
    uint32_t stamp;
    uint8_t kind; /* enum watchdog_kind: the weakest; WATCHDOG_NONE: it proves nothing */
    bool armed, runs;
};

/* How long a peer lived after its watchdog was last fed, see gauge.c. */
struct gauge {
    uint64_t boot;               /* the incarnation that is, or was, measured; 0: none */
    uint64_t begin_us, heard_us; /* its first and its newest beat that say so */
    uint64_t lived_ms;
    uint32_t timeout_ms;
    bool told, failed;
};

struct peer {
    uint8_t state; /* enum peer_state */
    struct say why;
    uint64_t since_us;
    uint64_t boot; /* present incarnation, 0: none accepted */
    uint16_t life;
    uint64_t heard_us;      /* on any link */
    uint64_t up_us;         /* some path was up */
    bool reported;          /* its records are whole: LIFE_MEMBER, else LIFE_JOINING */
    bool gone;              /* this incarnation said goodbye: nothing more is expected of it */
    bool away;              /* it went on purpose, leaving running what nobody manages */
    uint64_t away_until_us; /* away: until then, 0: until it is back */
    bool leaving, runs, no_exec, no_keep;
    uint64_t no_exec_us; /* no_exec: since then */
    bool half_dead_told; /* something was done about it */
    bool agrees;         /* its beats have said, since it is a member, that we are in its view */
    uint8_t proof;       /* enum proof: how it is known to be stopped */
    uint64_t proof_boot; /* incarnation it holds for; 0: whatever it was before it is met again */
    uint64_t proof_us;
    uint32_t epoch, cib_epoch, cib_seq, cib_hash; /* as its beats say */
    uint32_t orders_sent, orders_taken; /* within the common view: ours to it, its to us */
    uint64_t told_fenced_us, told_twin_us;
    uint64_t old_boot;          /* the incarnation before this one */
    uint64_t taken_us;          /* when this one was accepted */
    uint64_t rival_us;          /* another one proved itself while this one was there; 0: none */
    uint64_t twin_us;           /* two machines were alive under this id; 0: never */
    struct sign sign, stranger; /* of this incarnation, of others */
    bool sign_told;             /* since it was lost */
    struct gauge gauge;
    struct path path[CONF_LINKS_MAX];
    struct session session;
    struct hello {
        uint32_t epoch, view_age_ms;
        uint32_t cib_epoch, cib_seq, cib_hash, common_epoch, common_seq;
        uint16_t n_active; /* resources active there */
        bool alone;        /* was in a view without us */
        uint8_t size;      /* engine corosync: how many were in its last view with a quorum, */
        bool directed;     /* which it coordinated */
    } hello;
    uint64_t viewed_us; /* engine corosync: when our newest beat was sent of which it said, with us
                           in its view, that it had it; counts for our lease */
    bool apart, idle; /* out of the view, and heard all the same; it says that nothing runs there */
    bool apart_told;  /* that it is lost and heard all the same, since it was lost */
};

/* ---- ring: engine corosync ------------------------------------------------------------------ */

enum {
    RING_BUNDLE_MAX = 4096,             /* beats of one cast: a hundred bytes to each member */
    RING_DEAD_MAX = 2 * KEPT_FENCED_MAX /* incarnations of which hellos say that they are dead */
};

struct ring {
    bool there, quorate;
    bool had_quorum; /* since it was last looked at, for no-quorum-policy=fence */
    bool given_up;   /* it is away for so long that it counts as a lost quorum */
    bool gathering;  /* hellos are being gathered, a view follows */
    bool stale; /* it said that nothing runs here: others may have acted without it, and what it
                   knows of the end of others may be of before */
    uint32_t quorate_epoch; /* of the newest view of it with a quorum, 0: none in its life */
    uint32_t trusted;       /* the newest of those that the hellos tell, */
    unsigned remember;      /* how many of them tell one, */
    struct ring_teller {
        uint32_t quorate_epoch;
        bool stale;
    } teller[NODE_MAX]; /* and who tells what */
    bool idle;          /* no quorum, and nothing runs here */
    bool bye_back;      /* our last word has come back */
    uint64_t since_us;  /* there, or not, since then */
    char reason[REASON_LEN];
    nodeset group;     /* as corosync says */
    nodeset silent;    /* of these: left out until they cast again */
    nodeset gone;      /* left out until the group changes: they said goodbye, or are dead */
    nodeset said;      /* whose hello has come */
    uint64_t begun_us; /* of gathering */
    uint8_t behind[NODE_MAX][NODE_MAX]; /* [p][q]: paced bundles of q since the newest cast of p */
    uint32_t beats, beats_back; /* numbers of our newest bundle, and of the newest that came back */
    uint64_t paced_us;          /* our newest paced bundle */
    size_t bundle_len;
    uint8_t bundle[RING_BUNDLE_MAX];
    uint64_t boot[NODE_MAX]; /* as the hellos say */
    uint16_t life[NODE_MAX];
    struct ring_proof {
        uint8_t proof; /* enum proof */
        uint64_t boot;
    } proof[NODE_MAX][NODE_MAX]; /* [p][q]: of the end of p, by q */
    unsigned n_dead;
    struct kept_fenced dead[RING_DEAD_MAX];
    uint8_t dead_by[RING_DEAD_MAX]; /* who says so */
    uint64_t stopped_us[NODE_MAX];  /* when that proof was cast last */
};

struct wires { /* corosync's own links, as it told last */
    uint8_t n;
    nodeset has[WIRES_MAX], up[WIRES_MAX];
    nodeset told[WIRES_MAX]; /* that they are down */
    uint64_t since_us[WIRES_MAX][NODE_MAX];
};

/* ---- lease -------------------------------------------------------------------------------- */

enum lease_mode { /* what our beats tell: from the first to the last it lets us run for longer */
                  LEASE_SHORT,
                  LEASE_LONG, /* the peer is known to be stopped; counts once the quorum disks say
                                 so */
                  LEASE_FREE  /* no watchdog stands behind it: it proves nothing. Counts in the same
                                 way */
};
struct lease {
    struct {          /* as the keeper said last */
        uint8_t kind; /* enum watchdog_kind */
        uint32_t timeout_ms;
        bool armed, ok, due;
        uint64_t until_us;
        char reason[REASON_LEN];
    } watchdog;
    uint64_t wrote_us[CONF_LINKS_MAX]; /* by link, of disks: newest beat that is on it */
    /* The same, begun when no write of before could land over it any more; when that is. */
    uint64_t sure_us[CONF_LINKS_MAX], settled_us[CONF_LINKS_MAX];
    uint64_t read_us[CONF_LINKS_MAX]; /* newest whole read of the peer's block began then */
    uint8_t mode;                     /* enum lease_mode */
    uint64_t mode_us;                 /* since when our beats tell it */
    uint64_t echo_us;                 /* newest sending time that any peer has confirmed */
    uint64_t floor_us;                /* a shorter lease is told since then, and counts from then */
    uint64_t valid_us;                /* since when the date lies ahead without a break, 0: not */
    uint64_t fed_us;                  /* date that the keeper was given last, 0: none */
    uint64_t arm_us;                  /* first date given since it was disarmed last */
    bool settled;                     /* valid for as long as the peer takes to say otherwise */
    bool ending;                      /* so near its date that what is guarded is being stopped */
};

/* ---- claim: the reservations of the disks ------------------------------------------------------
 */

struct claim {      /* on all disks of one resource, or on one quorum disk */
    uint32_t op;    /* ACT_RESERVE under way, 0 if none */
    uint8_t verb;   /* of it, or of the newest that ended */
    uint8_t err;    /* enum err of the newest that ended */
    uint8_t victim; /* of that verb: whose key it takes */
    uint16_t state; /* bits of enum reserve_state: what is known */
    nodeset others; /* other nodes whose key was there at the newest look */
    bool found;     /* its disks have been looked for, with these parameters: */
    uint32_t digest;
    bool looked;         /* and its keys have been read */
    bool mine, held;     /* our key is there; it is reserved */
    bool bare;           /* on a path that answers our key is missing */
    bool barred;         /* a take found no path that it could go by: first ours are repaired */
    bool forgot;         /* it was there, and now nobody's is: the array has lost them */
    bool unable;         /* it refused what only an attempt can tell (no PREEMPT AND ABORT) */
    bool bad;            /* told that it cannot be used */
    bool cleared;        /* leaving: taken back, or tried */
    uint8_t tries;       /* that failed, one after the other */
    uint8_t looks;       /* in all, from 0 again and again */
    nodeset told;        /* of a slot: the others were told that it is free of these, see take.c */
    nodeset taken;       /* lost nodes whose key was taken from each disk, */
    uint64_t settled_us; /* and whose last commands are done by then */
    uint64_t ended_us;   /* when the newest answer came */
    uint64_t permit_us;  /* what registers may be sent until then, as told; and its limit */
    uint32_t limit_ms;
    char reason[96]; /* of err */
};
struct claims {
    struct claim *at;  /* by slot; behind them the quorum disks in the order of their links */
    nodeset parted;    /* lost, or not met yet */
    bool lost;         /* our key was taken: nothing is begun, nor registered, until readmitted */
    uint64_t doubt_us; /* frozen, or found without our key: who counts as a member is to say it
                          anew. 0: never */
    uint64_t clear_us; /* leaving: when to stop waiting for what is taken back, 0: not begun */
};

/* ---- view -------------------------------------------------------------------------------- */

enum view_state {
    VIEW_NONE, /* booted, has met nobody yet */
    VIEW_ALONE,
    VIEW_FORMING, /* alone; a common view is being agreed on */
    VIEW_TOGETHER
};
struct view {
    uint8_t state; /* enum view_state */
    uint32_t epoch;
    nodeset members;
    uint8_t coordinator; /* node index */
    uint64_t since_us;
    uint64_t alone_at_us;   /* VIEW_NONE: when to stop waiting for the peer */
    uint32_t offer;         /* VIEW_FORMING: epoch being agreed on */
    uint64_t form_until_us; /* FORMING: when to give up and begin anew */
    bool follow, offered;   /* FORMING: the other coordinates; our offer went out */
    bool right_asked;       /* ALONE: an earlier life of the daemon had the right to start alone */
    uint8_t last_size; /* engine corosync: of the last view with a quorum; 0: the last had none */
    uint32_t hello_epoch;     /* our epoch, as our hello said it */
    uint32_t hello_age_ms;    /* our time in the view, as our hello said it */
    uint32_t keep_generation; /* what must be durable before the next step of forming, or a start */
};

/* ---- durable state ------------------------------------------------------------------------ */

struct durable {
    struct kept want;                                        /* what should be on disk */
    struct kept flying;                                      /* what is being written */
    uint32_t op;                                             /* KEEP under way, 0 if none */
    uint32_t generation, flying_generation, done_generation; /* want / being written / on disk */
    uint64_t retry_us;
    bool failed;
    bool right_there; /* the disk may say that this boot has the right to start alone */
};

/* ---- configuration store ------------------------------------------------------------------- */

struct cib_version {
    uint32_t epoch, seq;
};
enum change_state {
    CHANGE_NONE,
    CHANGE_ASK,   /* coordinator: the member is keeping it */
    CHANGE_KEEP,  /* being made durable here */
    CHANGE_WAIT,  /* member: kept, waits for the coordinator's word */
    CHANGE_RETIRE /* resources that it removes are being stopped */
};
struct store {
    struct arena arena[2]; /* arena[at] holds cib, the other the change */
    char *text[2];
    uint8_t at;
    struct cib *cib; /* in force; never NULL after init (empty at first) */
    struct cib_version version, common;
    uint32_t hash;
    uint8_t change;   /* enum change_state */
    bool change_sync; /* it brings a member up to date, nobody asked for it */
    struct cib *next;
    struct cib_version next_version;
    uint32_t keep_op;
    bool cancelled;  /* CHANGE_KEEP: it is not wanted any more, and put back when it is written */
    nodeset asked;   /* CHANGE_ASK: members that have not said yet that they kept it */
    nodeset unmet;   /* engine corosync, coordinator: members whose copy is not yet like ours, */
    nodeset sent;    /* to which ours was sent; */
    uint8_t pulled;  /* the one whose newer copy was asked for, NODE_NONE */
    bool equal;      /* engine corosync: since the view began all copies are known to be the same */
    bool meet, pull; /* a text waits for a link that can carry it, or for a disk */
    uint64_t meet_us; /* not before */
    uint64_t change_us;
    uint16_t request;        /* index + 1 of the request that asked, 0 none */
    char orphan[CIB_ID_LEN]; /* what the newest change would have let go while it runs */
    struct cib_faults faults;
    uint16_t *slot_of_prim; /* by prim index of the configuration in force */
    uint16_t *next_slot_of_prim;
};

/* ---- resource records ------------------------------------------------------------------------ */

struct rec {         /* one resource on one node, by slot */
    uint8_t life;    /* enum rsc_life */
    uint8_t pending; /* enum rsc_op */
    uint8_t last_op, last_rc, fail_op, fail_rc;
    uint8_t fail_monitor; /* which of its monitors failed */
    bool owned, ever_ran, outdated;
    nodeset freed; /* another's record: lost nodes that can do no harm with it, as it has seen */
    bool fit_said; /* of a copy of a promotable clone: its agent has said how much it wants to be */
    int32_t fit;   /* promoted there */
    uint32_t fail_count;
    uint64_t fail_us; /* own clock; of other nodes' records computed from an age */
    uint32_t order;   /* the coordinator's, of another's record: its newest order for it, 0 none */
    uint32_t fail_wall_s, exec_ms;
    char reason[96];  /* exit reason of the last failure */
    char warning[96]; /* what its monitor says that somebody must look at, see warning.h */
};

enum stop_try { STOP_PLAIN, STOP_FORCED, STOP_KILLED };
struct notice {   /* what a copy of a clone is told of another, see herald.h */
    uint8_t when; /* enum notice_when */
    uint8_t op;   /* enum rsc_op: start, stop, promote or demote, */
    uint8_t node; /* done there */
};
enum notice_when { NOTICE_BEFORE = 1, NOTICE_AFTER };
struct slot { /* a resource of this cluster as long as the daemon runs */
    char id[CIB_ID_LEN];
    bool used;
    uint16_t prim; /* in the configuration in force, CIB_NONE when removed */
    uint32_t kind; /* crc32c of class, provider and type */
    /* the executor's, for this node only: */
    uint32_t op;          /* agent under way, 0 if none */
    uint8_t op_kind;      /* enum rsc_op */
    uint8_t op_monitor;   /* which recurring monitor */
    uint64_t op_until_us; /* its not-after date, 0: none */
    bool watched, gone, retire;
    bool skipped; /* a monitor was due in maintenance and was not run */
    bool held_up; /* a monitor was due while the other part of its clone had an agent under way */
    uint32_t digest; /* of the parameters it was started with */
    uint64_t monitor_due_us[MONITORS_MAX];
    uint8_t queued;   /* enum rsc_op waiting for a free place or for the running monitor */
    bool killed;      /* the running monitor was killed to make room for queued */
    uint8_t stop_try; /* enum stop_try of the stop under way */
    uint16_t refused; /* the guard's newest refusal of a start that was told, and when */
    uint64_t refused_us;
    uint8_t n_notices; /* that its agent has still to be told of, the one under way first */
    struct notice notice[NOTICES_MAX];
    uint8_t warner; /* which of its monitors gave the warning that stands */
};

struct exec {
    struct slot *slot;    /* limits.prims * 2: removed ones linger until stopped */
    unsigned n_slots;     /* size; used ones are marked */
    struct rec *rec;      /* rec[node * n_slots + slot] */
    char *params;         /* PARAMS_MAX bytes a slot: OCF_RESKEY_ lines of the last start */
    uint16_t *heap;       /* slots by next monitor date, see alarm.c */
    uint16_t *heap_place; /* place + 1 in heap, 0: not in it */
    uint64_t *heap_due;
    unsigned heap_n;
    unsigned running;    /* agents under way, other than recurring monitors */
    unsigned monitoring; /* recurring monitors under way */
    unsigned limit;      /* most at a time, of each */
    unsigned unwatched;  /* slots given up whose watch has still to end */
    unsigned n_queued;
    unsigned n_notices; /* of all slots */
    bool no_exec;       /* the newest agent could not even be executed */
    uint64_t try_us;    /* no_exec: when to look whether it can be done again, and at whom */
    uint16_t try_slot;
    bool report_all; /* send all our records to the members */
};

/* ---- coordination -----------------------------------------------------------------------------
 */

enum step_state {
    STEP_WAIT,
    STEP_TOLD, /* the copies of its clone are being told of it first */
    STEP_ISSUED,
    STEP_DONE,
    STEP_DROPPED
};

struct coord {
    bool dirty;                         /* a new plan is wanted */
    uint32_t plan_op;                   /* ACT_PLAN under way, 0 if none */
    uint32_t plan_serial, dirty_serial; /* input that the plan under way was made from */
    struct sched_in in;                 /* snapshot given to ACT_PLAN */
    struct sched_state *in_state;
    uint8_t *in_wish, *in_restart;
    nodeset *in_avoid, *in_freed;
    const struct plan *plan;           /* the shell's; NULL when none is in force */
    uint8_t *step;                     /* enum step_state, by step */
    uint32_t *left;                    /* dependencies not yet done, by step */
    uint32_t *after_first, *after;     /* reverse dependencies */
    uint32_t *of_prim, *of_next;       /* steps of a primitive, as lists; UINT32_MAX ends */
    uint32_t *todo, todo_at, todo_end; /* steps that have become possible, in order */
    uint64_t hold_us;                  /* no new plan before */
    uint64_t wish_us;                  /* when the newest wish was made */
    const struct cib *plan_cib;        /* configuration that the plan under way was made from */
    uint16_t dry_request;              /* index + 1 of the request that the plan under way is for */
    uint32_t steps_max, deps_max;
    uint32_t issued; /* steps under way */
    uint32_t done;   /* steps of the plan in force that were done */
    uint64_t recheck_us;
    uint8_t *wish;   /* by slot: node, NODE_NONE */
    bool *wish_met;  /* by slot: it has run there since */
    nodeset *avoid;  /* by slot */
    bool *restart;   /* by slot */
    struct say *why; /* by slot, of the newest plan */
    uint8_t *want;   /* by slot: where it ought to be */
    uint8_t *last;   /* by slot: where it ran last, NODE_NONE */
    uint8_t *heard;  /* by slot and node: what its clone's copies were told of last, see herald.c */
    uint8_t *flags;  /* by slot: enum rsc_flag */
};
enum rsc_flag { RSC_UNMANAGED = 1, RSC_BLOCKED = 2 };

/* ---- fencing
 * ------------------------------------------------------------------------------------- */

enum fence_state { FENCE_IDLE, FENCE_RUNNING, FENCE_PAUSE };
enum fence_step {
    FENCE_OFF,    /* switch the level's next device off */
    FENCE_LOOK,   /* ask it whether that is so */
    FENCE_ON,     /* all are off: that is the proof; switch them on again */
    FENCE_REBOOT, /* the device's own reboot, as the configuration asks */
    FENCE_PEEK,   /* it waits to let the other be first: has that any power at all? */
    FENCE_ASKED,  /* there is no device: it was asked to reset itself */
    FENCE_LATE    /* another lane was first: its answer changes nothing, but it may still act */
};
struct fence {
    uint8_t state;         /* enum fence_state */
    uint8_t step;          /* enum fence_step */
    uint8_t target;        /* node index */
    uint8_t cause;         /* enum fence_cause */
    uint8_t again;         /* cause + 1 of a wish that came while it was being switched on */
    uint8_t level, place;  /* of the device under way: which level, and which one of it */
    bool beside;           /* a further lane: begun at a later level because another one hangs */
    uint8_t lanes;         /* further lanes that were begun since this one began its level */
    uint8_t looks;         /* times that the device was asked whether it is off */
    bool waited;           /* the device's own delay is over */
    bool verified;         /* every device so far has said by its status that it is off */
    uint64_t boot;         /* incarnation aimed at */
    uint32_t op, cib_hash; /* agent under way; configuration that the level was begun with */
    uint16_t attempts;     /* levels tried */
    uint64_t retry_us, begun_us, step_us;
    char device[CIB_ID_LEN];
    struct say why;
};
struct fence_history {
    uint8_t target;
    bool ok;
    char device[CIB_ID_LEN];
    char reason[96];
    uint32_t wall_s, took_ms;
};
struct fencer {
    struct fence fence[FENCES_MAX];
    struct fence_history history[FENCE_HISTORY_MAX];
    unsigned n_history; /* in all; the ring's next place is n_history % MAX */
};

/* ---- drill: fence devices are tested before they are needed
 * ------------------------------------------------------------------------------------- */

struct drill_device {
    bool used, known, ok; /* known: a test has ended */
    bool asked;           /* by an operator: his request waits for it */
    uint32_t op;          /* test under way, 0 if none */
    uint64_t due_us, begun_us;
    uint32_t wall_s, took_ms;
    char id[CIB_ID_LEN];
    char reason[96];
};
struct drill {
    struct drill_device device[DRILLS_MAX];
    uint32_t cib_hash; /* configuration that the table was made from */
    bool made;
};

/* ---- requests
 * --------------------------------------------------------------------------------------- */

enum request_wait {
    WAIT_NOTHING,
    WAIT_CHANGE,
    WAIT_IDLE,
    WAIT_PEER,
    WAIT_FENCE,
    WAIT_PLAN,
    WAIT_DRILL
};
struct request {
    bool used;
    uint8_t wait;    /* enum request_wait */
    uint8_t from;    /* node index it came from; self: a client of ours */
    uint32_t client; /* client, or the asking node's number of the request */
    uint32_t number; /* WAIT_PEER: what the answer names; never used twice */
    uint16_t flags;  /* of the cmd */
    uint8_t kind;    /* enum cmd_kind */
    uint8_t target;  /* WAIT_FENCE */
    uint64_t since_us;
    uint32_t serial; /* coord.dirty_serial when it was taken: WAIT_IDLE needs a newer plan */
};

/* ---- the whole
 * ------------------------------------------------------------------------------------------ */

struct node {
    struct limits limits;
    struct conf conf;
    struct timing timing;
    unsigned self;
    unsigned broken; /* enum node_break */
    struct prng prng;
    struct outbox *out; /* of the step under way */
    uint64_t now_us, wall_s;
    uint64_t deadline_us;
    uint32_t op;  /* last operation number given */
    uint64_t seq; /* last frame sequence */
    uint64_t boot;
    uint16_t life;
    uint16_t cores;
    bool booted, leaving, left, fenced, exiting;
    bool again; /* the daemon is to start over: it ends as soon as nothing is under way */
    uint64_t leave_us;
    uint64_t away_ms;    /* so long the daemon is to be away; 0: until it is back */
    bool bye_sent, away; /* its last word is out; it was "leave alone what runs here" */
    uint32_t cluster_crc;
    struct cib_names names;
    struct kept kept; /* as on disk */
    struct durable durable;
    struct link link[CONF_LINKS_MAX];
    struct peer peer[NODE_MAX];
    struct lease lease;
    struct claims claims;
    struct view view;
    struct ring ring;
    struct wires wires;
    struct store store;
    struct exec exec;
    struct coord coord;
    struct fencer fencer;
    struct drill drill;
    struct request request[REQUESTS_MAX];
    uint32_t request_no; /* last number of a forwarded request */
    char *scratch;       /* limits.cib_bytes: for edits, records, replies */
    size_t scratch_size;
    struct arena edit_arena;
};

/* outbox.c: one function per kind of action */
struct action *out_action(struct node *n, enum act_kind kind);
void *out_bytes(struct node *n, size_t len);
/* Room for at most max bytes at the outbox's end, of which out_close takes len: nothing else may be
 * put there in between. */
void *out_open(struct node *n, size_t max);
void out_close(struct node *n, size_t len);
/* There is room for one more piece of work of any kind. When not, the work waits for the next step,
 * which out_wake(n, n->now_us) asks for: so the outbox cannot overflow, whatever comes at once. */
bool out_roomy(const struct node *n);
const char *out_text(struct node *n, const char *text);
uint32_t out_op(struct node *n); /* a fresh operation number, never 0 */
void out_event(struct node *n, const struct say *say, const char *rsc, const char *node);
void out_wake(struct node *n, uint64_t at_us); /* node_deadline must not be later */

static inline const char *node_name(const struct node *n, unsigned i)
{
    return i < n->conf.n_nodes ? n->conf.node[i].name : "?";
}

#endif
