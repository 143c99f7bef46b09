/* SPDX-License-Identifier: GPL-2.0-or-later
 * shell: the body around one node. Turns descriptors into events and actions into system calls, and
 * decides nothing.
 *
 * Happy path: main fills a struct shell, shell_open, qb_loop_run, shell_close. Every module that
 * learns something calls shell_event. Everything here belongs to the main thread.
 * Fails: shell_open gives an exit code after telling why; afterwards only ACT_EXIT, ACT_RESET_SELF
 * or an assert end it. */
#ifndef YOKE_DAEMON_SHELL_H
#define YOKE_DAEMON_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <qb/qbloop.h>
#include "lib/conf/conf.h"
#include "lib/conf/timing.h"
#include "lib/core/action.h"
#include "lib/core/node.h"

struct agents;   /* agent.h */
struct fences;   /* fence.h */
struct control;  /* control.h */
struct corosync; /* corosync.h */
struct knet;     /* knet.h */
struct feeder;   /* feeder.h */
struct journal;  /* journal.h */
struct keep;     /* keep.h */
struct links;    /* link.h */
struct planner;  /* planner.h */
struct recorder; /* recorder.h */
struct reserves; /* reserve.h */
struct rundir;   /* rundir.h */
struct service;  /* service.h */
struct setup;    /* setup.h */
struct wake;     /* shell.c: the timer and the queue of events that wait */

enum { SHELL_PRIMS_MAX = 1000, SHELL_CIB_BYTES = 1024 * 1024, SHELL_CORES_MAX = 1024 };

/* Exit codes of yoked, as in yoked(8). */
enum shell_exit {
    SHELL_EXIT_OK = 0,     /* left the cluster, nothing runs here any more */
    SHELL_EXIT_FAULT = 1,  /* something of the machine failed: memory, descriptors */
    SHELL_EXIT_USAGE = 2,  /* wrong command line */
    SHELL_EXIT_CONFIG = 3, /* yoke.conf, key file or own name not usable */
    SHELL_EXIT_STATE = 4,  /* state or run directory not usable, or state damaged */
    SHELL_EXIT_RUNNING = 5 /* another yoked has this run directory */
};

struct shell {
    qb_loop_t *loop;
    struct conf conf;
    struct timing timing;
    struct limits limits;
    unsigned self;             /* own index in conf.node[] */
    uint64_t boot;             /* this machine's incarnation, never 0 */
    uint16_t life;             /* start of the daemon within it, from 1 */
    const struct setup *setup; /* what the files said at the start */
    struct node *node;
    struct outbox *out;
    struct journal *journal;
    struct links *links;
    struct keep *keep;
    struct recorder *recorder;
    struct planner *planner;
    struct service *service;
    struct agents *agents;
    struct fences *fences;
    struct reserves *reserves;
    struct control *control;
    struct corosync *corosync;
    struct knet *knet;
    struct feeder *feeder;
    struct wake *wake;
    struct rundir *rundir; /* rundir.h */
    bool exit_again;       /* after the loop: start over by exec */
    bool ended;            /* ACT_EXIT was carried out: events are dropped */
};

/* Tells the node one event: stamps now_us and wall_s, puts EV_STALL before it when the daemon was
 * frozen, records, steps, carries the actions out in order and arms the timer anew. What ev points
 * to is only read during the call. Called while actions are being carried out (by a module that
 * fails at once, say), the event is copied and comes after them; no more than SHELL_QUEUE_BYTES of
 * such events may wait, which is asserted. EV_PLANNED cannot be queued. */
enum { SHELL_QUEUE_BYTES = 512 * 1024 };
void shell_event(struct shell *s, struct event *ev);

/* For main. setup: what the files said; it must outlive the shell. Starts everything up to EV_BOOT
 * and the control socket; SHELL_EXIT_OK, or an exit code after the journal was told. */
enum shell_exit shell_open(struct shell *s, const struct setup *setup) MUST_CHECK;
/* After qb_loop_run, or after a shell_open that failed. */
void shell_close(struct shell *s);

#endif
