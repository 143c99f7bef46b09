/* SPDX-License-Identifier: GPL-2.0-or-later
 * action: what a node asks for. The shell carries out an outbox in order, and decides nothing.
 * Every asynchronous action carries an operation number; its completion event returns it. The core
 * waits for EV_KEPT before it does what must not be forgotten; so KEEP never delays a beat, and the
 * shell needs no queue of held-back actions. */
#ifndef YOKE_CORE_ACTION_H
#define YOKE_CORE_ACTION_H

#include "lib/core/event.h"

/* Twice the longest answer: the core begins no further work when less than one is left. */
/* What corosync takes in one piece without holding the others up. */
enum { CAST_MAX = 16 * 1024 };
enum { OUT_ACTIONS_MAX = 512, OUT_BYTES_MAX = 5 * 1024 * 1024 };

enum act_kind {
    ACT_SEND,       /* a frame on a link; lost silently if it cannot go */
    ACT_KEEP,       /* make struct kept durable -> EV_KEPT */
    ACT_KEEP_CIB,   /* make the configuration text durable -> EV_KEPT */
    ACT_SAVE_LOST,  /* save a configuration copy that lost a merge; no completion */
    ACT_PLAN,       /* run sched_run on the input -> EV_PLANNED */
    ACT_AGENT_RUN,  /* -> EV_AGENT_DONE */
    ACT_AGENT_KILL, /* kill the process group of a running agent; its EV_AGENT_DONE still comes */
    ACT_WATCH,      /* begin or end to watch a resource's processes (EV_RSC_GONE) */
    ACT_FENCE,      /* run a fence agent -> EV_FENCE_DONE */
    ACT_REPLY,      /* answer, or part of an answer, to a client */
    ACT_EVENT,      /* one sentence for the journal */
    ACT_RESET_SELF, /* this incarnation must not run on: kill it at once, never by a clean shutdown
                     */
    ACT_EXIT,       /* the daemon ends; nothing runs here any more */
    ACT_FEED,       /* the keeper may feed the watchdog until then -> EV_WATCHDOG */
    ACT_PERMIT,     /* an ACT_RESERVE under way may send what registers until later */
    ACT_RESERVE,    /* SCSI-3 persistent reservation of a resource's disks -> EV_RESERVED */
    ACT_CAST,       /* to all of the group, ourselves included, in one order -> EV_CAST */
    ACT_KIND_COUNT
};

struct act_agent {
    uint32_t op;
    uint16_t slot; /* the resource's number: stable while the daemon runs, whatever is configured */
    const char *id, *class, *provider, *type;
    const char *action; /* start stop monitor promote demote notify validate-all ... */
    uint32_t timeout_ms;
    uint64_t not_after_us; /* looked at just before exec; 0: none */
    bool recurring;        /* a monitor's regular run: lowest priority when many wait */
    bool promotable; /* of a promotable clone: what the agent says of being promoted is read */
    bool kill;       /* first what is left of its processes is killed, and waited for a little */
    const char *env; /* NAME=VALUE, each ended by NUL, the last by two */
    size_t env_len;
};

struct act_fence {
    uint32_t op;
    const char *device; /* id of the stonith primitive */
    const char *agent;  /* fence_xyz */
    const char *params; /* name=value lines for its standard input, action= and plug= included */
    uint32_t timeout_ms;
    bool monitor; /* a check of the device, not a fencing */
};

enum reserve_verb {
    RESERVE_FIND,     /* which disks has it, and can they do it? Changes nothing */
    RESERVE_REGISTER, /* our key on every path */
    RESERVE_HOLD,     /* register and reserve */
    RESERVE_PREEMPT,  /* preempt and abort the victim's key, then hold */
    RESERVE_READ,     /* which keys are there? Changes nothing */
    RESERVE_CLEAR,    /* unregister; the reservation ends with the last key */
    RESERVE_VERB_COUNT
};

struct act_reserve {
    uint32_t op;
    uint8_t verb;   /* enum reserve_verb */
    uint8_t disk;   /* link of a quorum disk, CONF_LINKS_MAX: the disks of a resource */
    uint16_t slot;  /* the resource's number */
    const char *id; /* the resource, NULL for a quorum disk */
    const char *class, *provider, *type; /* its agent; NULL for a quorum disk */
    const char *env;                     /* its parameters, as in act_agent */
    size_t env_len;
    uint64_t key, victim_key; /* pr_key_make of conf.uuid; the victim's is the peer's, told with
                                 RESERVE_READ too, so that RESERVE_VICTIM can be answered */
    bool again; /* RESERVE_REGISTER, RESERVE_HOLD: our key was there. Where it is on no path now, it
                   was taken, and is not registered anew: ERR_REFUSED */
    uint64_t not_after_us; /* RESERVE_REGISTER, RESERVE_HOLD: looked at before each command that
                                 registers is sent; 0: none. A daemon that was frozen must not go on
                                 with it: it would undo what the peer has taken meanwhile */
    uint32_t limit_ms;     /* with it: such a command is aborted after this long; 0: as any */
};

struct action {
    enum act_kind kind;
    union {
        struct {
            uint8_t link;
            uint8_t node; /* index of the peer */
            const uint8_t
                *at; /* header and body; the shell seals it (FRAME_TAIL bytes of room after) */
            size_t len;
            bool beat; /* goes before anything queued on the link */
        } send;
        struct {
            uint32_t op;
            struct kept kept;
        } keep;
        struct {
            uint32_t op;
            const char *text;
            uint32_t epoch, seq; /* version: kept beside the text */
        } keep_cib;
        struct {
            const char *text;
            uint32_t epoch, seq;
        } save_lost;
        struct {
            uint32_t op;
            const struct sched_in *in; /* stays valid and unchanged until EV_PLANNED of this op */
        } plan;
        struct act_agent agent;
        struct {
            uint32_t op;
        } agent_kill;
        struct {
            uint16_t slot;
            const char *id;
            bool on;
        } watch;
        struct act_fence fence;
        struct {
            uint32_t client;
            const char *text; /* JSON */
            size_t len;
            bool last;
        } reply;
        struct {
            struct say say;
            const char *rsc, *node; /* fields for the journal, NULL when not concerned */
        } event;
        struct {
            const char *why; /* English, for the console */
            bool taken; /* its services were taken over: [guard] on-fenced says how it ends; else it
                           starts anew */
        } reset;
        struct {
            bool again; /* start over (exec), resources left running */
        } exit;
        struct {
            uint64_t until_us; /* core time; 0: nothing guarded is here, disarm it cleanly */
        } feed;
        struct {
            uint32_t op;           /* of the ACT_RESERVE; one that is over is no fault */
            uint64_t not_after_us; /* in place of its own */
        } permit;
        struct act_reserve reserve;
        struct {
            const uint8_t *at; /* at most CAST_MAX bytes. Waits in the shell, in order, when
                                  corosync takes nothing at the moment; dropped when it goes away */
            size_t len;
        } cast;
    };
};

/* Filled by one node_step; the caller empties it (outbox_clear) before the next. */
struct outbox {
    struct action at[OUT_ACTIONS_MAX];
    unsigned n;
    size_t used;
    char bytes[OUT_BYTES_MAX]; /* what the actions point to */
};

static inline void outbox_clear(struct outbox *o)
{
    o->n = 0;
    o->used = 0;
}

#endif
