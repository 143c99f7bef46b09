/* SPDX-License-Identifier: GPL-2.0-or-later
 * watchdog: one watchdog, whatever it is: a device of the kernel (/dev/watchdog*), or for tests a
 * file or a unix socket that behaves alike. Used by the keeper alone.
 *
 * The kernel's rules (watchdog_open, watchdog_write, watchdog_release), kept by all three:
 * opening starts it; every write feeds it; a close after a write that holds 'V' stops it, if the
 * driver has WDIOF_MAGICCLOSE and not nowayout; any other close feeds it and lets it run.
 *
 * Socket (SOCK_SEQPACKET, somebody else plays the watchdog): connecting opens it; "T<ms>" sets the
 * time-out and is answered by "T<ms>", the one in force; "p" feeds; "V" is the magic; the end of
 * the connection is the close.
 * File: one line, "armed FED_US TIMEOUT_MS BOOT" or "disarmed ...", written in place at each
 * feeding. Who reads it may play the watchdog; a close that is not ours feeds nothing, which is on
 * the safe side.
 *
 * Happy path: watchdog_open, watchdog_ping as often as needed, watchdog_release. Fails:
 * watchdog_open says why and has left nothing running. */
#ifndef YOKE_DAEMON_WATCHDOG_H
#define YOKE_DAEMON_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/core/event.h"
#include "lib/wire/feedmsg.h"

enum watchdog_way { WATCHDOG_BY_DEVICE, WATCHDOG_BY_SOCKET, WATCHDOG_BY_FILE };

struct watchdog {
    const char *path; /* the caller's */
    int fd;           /* -1: closed */
    enum watchdog_way way;
    uint8_t kind; /* enum watchdog_kind */
    char identity[FEED_IDENTITY_LEN];
    uint32_t timeout_ms;    /* as read back */
    uint32_t pretimeout_ms; /* 0: none */
    bool stoppable;         /* watchdog_release stops it */
    uint64_t boot;          /* for the file */
    /* Of a failed watchdog_open: */
    enum feed_why why;
    int error;
    uint32_t owner;
    char owner_name[16];
};

void watchdog_init(struct watchdog *w, const char *path, uint64_t boot);
/* Opens it, which starts it, and sets its time-out: want_ms, whole seconds for a device, rounded
 * up. Never over a pending reset. False: why, error and owner tell, and it is closed and stopped as
 * before. */
bool watchdog_open(struct watchdog *w, uint32_t want_ms) MUST_CHECK;
/* Finds out kind and identity as far as that can be known without opening it. */
void watchdog_look(struct watchdog *w);
/* False: error. */
bool watchdog_ping(struct watchdog *w) MUST_CHECK;
/* Stops it and closes it. False: closed, and it runs on (error tells why). */
bool watchdog_release(struct watchdog *w) MUST_CHECK;
/* Closes it without stopping it: feeds it one last time. */
void watchdog_close(struct watchdog *w);

/* What stands behind an identity; virtual_machine: this kernel runs in one, where every device is
 * the hypervisor's and stops with it. */
enum watchdog_kind watchdog_kind_of(const char *identity, bool virtual_machine);
bool watchdog_in_vm(void);

#endif
