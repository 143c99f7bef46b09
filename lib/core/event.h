/* SPDX-License-Identifier: GPL-2.0-or-later
 * event: what a node is told. The only way anything enters the core: time, chance (a seed at the
 * start), frames, completions, requests. What is pointed to belongs to the caller and is only read
 * during node_step. All times are the node's own CLOCK_MONOTONIC_RAW in microseconds. */
#ifndef YOKE_CORE_EVENT_H
#define YOKE_CORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/sched/sched.h"

enum { KEPT_FENCED_MAX = 8, REASON_LEN = 160 };

/* The little that must outlive a power cut. The shell writes it whole, in place, in two alternating
 * preallocated slots, so that a full disk does not stop a takeover. */
struct kept {
    uint32_t epoch;                    /* never goes back */
    uint32_t cib_epoch, cib_seq;       /* version of the kept configuration text */
    uint32_t common_epoch, common_seq; /* newest version that the peer had as well */
    uint64_t alone_boot;  /* boot in which this node got the right to start alone, 0: it has none.
                             It counts in that same boot only (a daemon restart): a later boot
                             cannot know what the peer did meanwhile */
    uint64_t orphan_boot; /* boot in which something was let go that may still run: no daemon of
                             that boot can say goodbye. 0: none */
    uint8_t n_fenced;     /* incarnations that were taken over: dead for ever */
    struct kept_fenced {
        uint8_t node_id;
        uint64_t boot;
    } fenced[KEPT_FENCED_MAX];
};

/* What stands behind the lease when this node hangs. Who is no "hardware" shares the fate of what
 * it is to guard, so its lease is no proof that the node is dead (unless the user accepts it). */
enum watchdog_kind {
    WATCHDOG_NONE,
    WATCHDOG_FILE,     /* a file or socket: tests only */
    WATCHDOG_SOFT,     /* the kernel's own timer */
    WATCHDOG_VIRTUAL,  /* stops when the virtual machine is paused */
    WATCHDOG_HARDWARE, /* runs whatever the machine does */
    WATCHDOG_KIND_COUNT
};

/* What ACT_RESERVE found, one bit each. */
enum reserve_state {
    RESERVE_DISKS = 1,      /* the resource has at least one disk, and each was identified */
    RESERVE_ABLE = 2,       /* each of them can do what is needed (WERO, APTPL) */
    RESERVE_MINE = 4,       /* our key is registered on each */
    RESERVE_HELD = 8,       /* each is reserved by us, or by all registrants with us among them */
    RESERVE_VICTIM = 16,    /* the victim's key is still on one of them */
    RESERVE_STRANGER = 32,  /* a key or reservation of neither node is on one of them */
    RESERVE_WHOLE = 64,     /* every path that answers is registered, on each of them */
    RESERVE_ABORTED = 128,  /* RESERVE_PREEMPT took the victim's key from each, and its commands
                               under  way were aborted. Not set: the key was not there any more, so
                               that  nobody knows of such commands: give them time */
    RESERVE_HARMLESS = 256, /* RESERVE_FIND: its agent says that running twice destroys nothing */
    RESERVE_ONDISK = 512    /* RESERVE_FIND: its agent says that all it writes lies on the disks of
                               its group */
};

enum ev_kind {
    EV_BOOT,       /* first event, once */
    EV_TIME,       /* node_deadline has passed, or just so */
    EV_FRAME,      /* an authentic frame came in */
    EV_FRAME_BAD,  /* something came in that was no frame of ours */
    EV_LINK,       /* the shell can, or can no longer, send on a link */
    EV_KEPT,       /* ACT_KEEP or ACT_KEEP_CIB done */
    EV_PLANNED,    /* ACT_PLAN done */
    EV_AGENT_DONE, /* ACT_AGENT_RUN ended */
    EV_RSC_GONE,   /* processes of a resource died outside of any operation */
    EV_FENCE_DONE, /* ACT_FENCE ended */
    EV_ADMIN,      /* a request of the command line */
    EV_ADMIN_GONE, /* its client went away */
    EV_STALL,      /* the shell was frozen for lost_ms; comes before any other event after it */
    EV_STOP,       /* leave: hand services over, stop the rest, then ACT_EXIT */
    EV_DISK,       /* the quorum disk: a beat of ours is on it, the peer's block was read */
    EV_WATCHDOG, /* the keeper's word: at its start, when anything of it changes, after ACT_FEED */
    EV_RESERVED, /* ACT_RESERVE ended, or the shell noticed a change (op 0) */
    EV_RING,     /* corosync: whether it is there, who is in our group, whether there is a quorum */
    EV_CAST,     /* a cast of a member of the group, our own included, in the one order */
    EV_WIRES,    /* corosync's own links: which of them work; n 0: nobody knows */
    EV_KIND_COUNT
};

enum { WIRES_MAX = 8 }; /* links that corosync can have */

/* Whether a copy of a promotable clone wants to be promoted: nothing new, it is so much, or the
 * agent takes back what it said before. */
enum fit_told { FIT_NOTHING, FIT_SCORE, FIT_UNSET };

struct event {
    enum ev_kind kind;
    uint64_t now_us; /* never goes back */
    uint64_t wall_s; /* seconds since 1970, for display only; never used to decide */
    union {
        struct {
            uint64_t boot;           /* the machine's incarnation, never 0 */
            uint16_t life;           /* 1 for the first start of the daemon in this boot */
            const struct kept *kept; /* NULL: first start ever */
            const char *cib_text;    /* kept configuration, NULL: none */
            uint16_t cores;          /* for node-action-limit's default */
        } boot;
        struct {
            uint8_t link;
            const uint8_t *at; /* header and body; MAC and CRC checked and taken off */
            size_t len;
        } frame;
        struct {
            uint8_t link;
            enum err why; /* ERR_AUTH, ERR_CRC, ERR_SYNTAX, ERR_SHORT */
            uint32_t count;
        } frame_bad;
        struct {
            uint8_t link;
            bool usable;
            const char *reason; /* "no carrier", "cannot open /dev/ttyS0: ..." */
        } link;
        struct {
            uint32_t op;
            enum err err;
        } kept;
        struct {
            uint32_t op;
            enum err err;            /* ERR_FULL: the arena was too small */
            const struct plan *plan; /* stays valid until the next ACT_PLAN is carried out */
        } planned;
        struct {
            uint32_t op;
            int rc; /* OCF exit code; 1 when killed */
            bool timed_out;
            bool not_run; /* could not be executed, or its not-after date had passed */
            uint32_t exec_ms;
            const char *reason; /* the agent's exit reason, "" if none; bounded by the shell */
            uint8_t fit_told;   /* enum fit_told: what the agent said of being promoted, */
            int32_t fit;        /* its score if that is FIT_SCORE */
        } agent;
        struct {
            uint16_t slot;    /* the resource's number, as in ACT_AGENT_RUN and ACT_WATCH */
            const char *what; /* "process 4711 (postgres) ended" */
        } rsc;
        struct {
            uint32_t op;
            int rc; /* 0 = confirmed */
            bool timed_out;
            const char *reason;
        } fence;
        struct {
            uint32_t client;   /* names the client in ACT_REPLY */
            const uint8_t *at; /* a cmd, encoded */
            size_t len;
            const char *user; /* who asks, for the journal */
        } admin;
        struct {
            uint32_t client;
        } admin_gone;
        struct {
            uint32_t lost_ms;
        } stall;
        struct {
            uint8_t link;      /* the disk's, of kind LINK_DISK */
            uint64_t wrote_us; /* the beat handed over then (its ACT_SEND's step) is on the disk; 0:
                                  nothing to tell */
            uint64_t read_us;  /* a read that began after then brought the peer's block whole,
                                  changed or not, and what it brought has been told before
                                  (EV_FRAME). 0: nothing to tell. Never of a read that failed, or
                                  found a torn, stale or foreign block */
        } disk;
        struct {
            uint8_t kind;        /* enum watchdog_kind */
            uint32_t timeout_ms; /* W as read back from the device: reset at most so long after the
                                    last feeding */
            bool armed;          /* runs now: no feeding, no mercy */
            bool ok;             /* the keeper is there and the device obeys it */
            bool due;            /* its date has passed: this machine is being reset */
            uint64_t until_us;   /* date that the keeper holds, 0: none. Of an earlier life of the
                                    daemon, perhaps */
            const char *reason;  /* when not ok */
        } watchdog;
        struct {
            uint32_t op;
            enum err err;   /* ERR_OK: done, read back and verified on every disk. ERR_BUSY: one of
                               the same disks is still under way */
            uint16_t state; /* bits of enum reserve_state, as read back */
            nodeset others; /* nodes but this one whose key is on one of them; told with three nodes
                               and more, with two RESERVE_VICTIM says it */
            uint16_t slot;  /* op 0: what it concerns, as in ACT_RESERVE */
            uint8_t disk;
            const char *reason; /* when err */
        } reserved;
        /* Casts and changes of the group come in one order that is the same at all its members:
         * whoever goes from one group to the next together has been given the same casts in
         * between. The quorum is not part of that order. */
        struct {
            bool there;    /* corosync answers, and this daemon is in the group */
            bool changed;  /* the group is another one now, even if of the same nodes: some daemon
                              left or came. Not set: only the quorum, or the reason, is news */
            bool quorate;  /* as votequorum says */
            nodeset group; /* by node index, ourselves among them; 0 when not there */
            const char *reason; /* when not there: why */
        } ring;
        struct {
            uint8_t n;                             /* wires, numbered from 0 */
            nodeset has[WIRES_MAX], up[WIRES_MAX]; /* by wire: to which nodes there is one, and
                                                      which of these work */
        } wires;
        struct {
            uint8_t node; /* index of the sender */
            const uint8_t *at;
            size_t len;
        } cast;
    };
};

#endif
