/* SPDX-License-Identifier: GPL-2.0-or-later
 * unit: yoke-unit ACTION UNIT, the agent of resources of class systemd: a program of its own, run
 * by yoked like any agent, so that systemd or a bus that hangs costs time-outs and never beats.
 *
 * Actions are start, stop and monitor. It ends with OCF's exit codes and a reason after
 * "ocf-exit-reason:". From its environment: OCF_RESKEY_CRM_meta_timeout and _interval (ms),
 * OCF_RESOURCE_INSTANCE, OCF_YOKE_FORCE, OCF_YOKE_RUN_DIR.
 * It ends by itself just before its time is over, because whoever is killed gives no reason. */
#ifndef YOKE_DAEMON_UNIT_H
#define YOKE_DAEMON_UNIT_H

#include "daemon/systemd.h"

enum {
    UNIT_OK = 0,
    UNIT_GENERIC = 1,
    UNIT_ARGS = 2,
    UNIT_UNIMPLEMENTED = 3,
    UNIT_INSTALLED = 5,
    UNIT_CONFIGURED = 6,
    UNIT_NOT_RUNNING = 7,
    UNIT_DEGRADED = 190
};

enum { UNIT_LOOK_MS = 50 };

struct unit {
    struct systemd s;
    struct systemd_state state;
    char name[SYSTEMD_NAME_LEN + 16];
    const char *id, *run_dir; /* of the resource; NULL: not told */
    bool stopping, recurring, forced;
    uint32_t timeout_ms;
    uint64_t began, until, last; /* begun; the date to end by; and to be killed at, nearly */
};

/* The one end. format NULL: there is nothing to say. */
void unit_end(struct unit *u, int code, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
/* rc of a function of systemd.h, below 0: ends, with what that means for the action; else rc. */
int unit_must(struct unit *u, int rc);
/* Asks anew what state it is in. */
void unit_look(struct unit *u);
bool unit_is(const struct unit *u, const char *active);
/* Ends unless systemd could run it: not there, masked, or its file has faults. */
void unit_need_file(struct unit *u);
bool unit_in_time(const struct unit *u);
/* So much of its time, if so much is left. */
uint32_t unit_turn_ms(const struct unit *u, uint32_t most);
/* It is active: keeps where its processes are, see footprint.h. */
void unit_keep(struct unit *u);
/* What it says of the unit's last failure, as a clause: "its program ended with exit code 3". */
void unit_failure(struct unit *u, char *to, size_t size);

void unit_start(struct unit *u) __attribute__((noreturn));
void unit_stop(struct unit *u) __attribute__((noreturn));
void unit_monitor(struct unit *u) __attribute__((noreturn));

#endif
