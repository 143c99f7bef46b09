/* SPDX-License-Identifier: GPL-2.0-or-later
 * listener: a shell that only listens: gives the daemon's modules a struct shell with a real main
 * loop and a directory of their own, and keeps the events that they raise. For unit tests. */
#ifndef YOKE_TEST_LISTENER_H
#define YOKE_TEST_LISTENER_H

#include "lib/base/str.h"
#include "daemon/shell.h"

enum { LISTENER_MAX = 512, LISTENER_WAIT_MS = 20000 };

struct heard {
    enum ev_kind kind;
    uint32_t number; /* op or client */
    uint16_t slot;
    int rc;
    bool timed_out, not_run;
    uint64_t at_ms;
    char text[256]; /* reason, what, user */
};

struct listener {
    struct shell shell;
    char dir[256]; /* removed at the end; also holds ocf/resource.d/t and fence/ */
    struct heard heard[LISTENER_MAX];
    unsigned n;
    void (*on_admin)(struct listener *l, const struct event *ev); /* NULL: nothing */
};

extern struct listener listener;

/* Around the whole test program, in main: whatever a failed test leaves, processes in their cgroups
 * and files, is removed at the end. False without cgroup v2; why says the reason. */
bool listener_begin(struct str *why);
void listener_end(void);
/* Around each test. */
void listener_open(void);
void listener_close(void);
/* A text file below dir, executable if mode says so. */
void listener_file(const char *name, unsigned mode, const char *text);
/* An agent ocf:t:NAME; the shell script's first line is added. */
void listener_agent(const char *name, const char *body);
void listener_fence(const char *name, const char *body);
/* The whole of a file below dir, "" while it is not there; in a static buffer. */
const char *listener_read(const char *name);
/* Runs the main loop until the condition holds; false after LISTENER_WAIT_MS. */
bool listener_until(bool (*condition)(void *data), void *data);
void listener_for(unsigned ms);
/* Until an event of that kind and number (op, client; slot for EV_RSC_GONE) was heard; NULL: not
 * heard in time. */
const struct heard *listener_hear(enum ev_kind kind, uint32_t number);
unsigned listener_count(enum ev_kind kind);
/* Until the file below dir is there with a whole line. */
bool listener_file_there(const char *name);
bool process_alive(int pid);
/* Until the process is gone or a zombie. */
bool process_gone(int pid);
uint64_t listener_now_ms(void);

#endif
