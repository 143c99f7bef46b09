/* SPDX-License-Identifier: GPL-2.0-or-later
 * sysunit: yoke-unit ACTION UNIT, the agent of resources of class systemd: a program of its own,
 * run by yoked like any agent, so that systemd or a bus that hangs costs time-outs and never beats.
 *
 * Actions are start, stop and monitor. It ends with OCF's exit codes and a reason after
 * "ocf-exit-reason:". From its environment: OCF_RESKEY_CRM_meta_timeout and _interval (ms),
 * OCF_RESOURCE_INSTANCE, OCF_YOKE_FORCE, OCF_YOKE_RUN_DIR.
 * It ends by itself just before its time is over, because whoever is killed gives no reason. */
#ifndef YOKE_DAEMON_SYSUNIT_H
#define YOKE_DAEMON_SYSUNIT_H

#include "daemon/systemd.h"

enum {
    SYSUNIT_OK = 0,
    SYSUNIT_GENERIC = 1,
    SYSUNIT_ARGS = 2,
    SYSUNIT_UNIMPLEMENTED = 3,
    SYSUNIT_INSTALLED = 5,
    SYSUNIT_CONFIGURED = 6,
    SYSUNIT_NOT_RUNNING = 7,
    SYSUNIT_DEGRADED = 190
};

enum { SYSUNIT_LOOK_MS = 50 };

struct sysunit {
    struct systemd s;
    struct systemd_state state;
    char name[SYSTEMD_NAME_LEN + 16];
    const char *id, *run_dir; /* of the resource; NULL: not told */
    bool stopping, recurring, forced;
    uint32_t timeout_ms;
    uint64_t began, until, last; /* begun; the date to end by; and to be killed at, nearly */
};

/* The one end. format NULL: there is nothing to say. */
void sysunit_end(struct sysunit *u, int code, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
/* rc of a function of systemd.h, below 0: ends, with what that means for the action; else rc. */
int sysunit_must(struct sysunit *u, int rc);
/* Asks anew what state it is in. */
void sysunit_look(struct sysunit *u);
bool sysunit_is(const struct sysunit *u, const char *active);
/* Ends unless systemd could run it: not there, masked, or its file has faults. */
void sysunit_need_file(struct sysunit *u);
bool sysunit_in_time(const struct sysunit *u);
/* So much of its time, if so much is left. */
uint32_t sysunit_turn_ms(const struct sysunit *u, uint32_t most);
/* It is active: keeps where its processes are, see footprint.h. */
void sysunit_keep(struct sysunit *u);
/* What it says of the unit's last failure, as a clause: "its program ended with exit code 3". */
void sysunit_failure(struct sysunit *u, char *to, size_t size);

void sysunit_start(struct sysunit *u) __attribute__((noreturn));
void sysunit_stop(struct sysunit *u) __attribute__((noreturn));
void sysunit_monitor(struct sysunit *u) __attribute__((noreturn));

#endif
