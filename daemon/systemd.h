/* SPDX-License-Identifier: GPL-2.0-or-later
 * systemd: talks with the service manager, process 1, over D-Bus (libsystemd), for yoke-unit.
 *
 * Happy path: systemd_init, systemd_load, then properties and jobs of that unit. root has a socket
 * of process 1 itself, which systemctl uses as well; only where that is missing the system bus is
 * used, so a bus daemon that hangs or is being restarted stops nobody.
 * Nothing here waits beyond its limit: sd-bus alone would, in its handshake. A connection that
 * breaks is made anew, and what was asked is asked again; every request here can bear that.
 * Ways to fail: minus an errno, and s->why in words. -ENOENT, -ECONNREFUSED: nobody is there;
 * -ETIMEDOUT: no answer in time; -EREMOTEIO: systemd refused, s->refused is the D-Bus name. */
#ifndef YOKE_DAEMON_SYSTEMD_H
#define YOKE_DAEMON_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include "lib/base/err.h"

#define SYSTEMD_ERROR "org.freedesktop.systemd1."

enum {
    SYSTEMD_NAME_LEN = 256 + 1, /* as systemd has it */
    SYSTEMD_PATH_LEN = 1024,    /* D-Bus path of a unit: each byte may become three */
    SYSTEMD_WORD_LEN = 32,
    SYSTEMD_WHY_LEN = 256,
    SYSTEMD_NAMES_MAX = 8,
    SYSTEMD_ENDED_MAX = 32
};

struct systemd {
    sd_bus *bus; /* NULL: not connected */
    bool listens;
    char unit[SYSTEMD_NAME_LEN], path[SYSTEMD_PATH_LEN]; /* its name without aliases; D-Bus path */
    char iface[SYSTEMD_WORD_LEN * 2];                    /* of its type: ...systemd1.Service */
    struct {
        char path[96], result[SYSTEMD_WORD_LEN];
    } ended[SYSTEMD_ENDED_MAX]; /* jobs that ended while we listened: a ring */
    unsigned n_ended;
    char why[SYSTEMD_WHY_LEN], refused[96];
};

/* Of the unit, as they are now. */
struct systemd_state {
    char load[SYSTEMD_WORD_LEN], active[SYSTEMD_WORD_LEN], sub[SYSTEMD_WORD_LEN];
};

struct systemd_names {
    char at[SYSTEMD_NAMES_MAX][SYSTEMD_NAME_LEN];
    unsigned n;
};

/* What it is called: UNIT.service unless the name ends with another type of unit. False: too long.
 */
bool systemd_name(char *to, size_t size, const char *type) MUST_CHECK;
uint64_t systemd_now_ms(void);

void systemd_init(struct systemd *s);
void systemd_close(struct systemd *s);

/* Everything below waits until the date, in ms of systemd_now_ms, at most. */

/* Has systemd read the unit's files; sets unit, path and iface. A unit that has none loads too. */
int systemd_load(struct systemd *s, const char *name, uint64_t until) MUST_CHECK;
int systemd_look(struct systemd *s, struct systemd_state *state, uint64_t until) MUST_CHECK;
/* One property of the unit, by its interface: NULL: Unit. Booleans are "yes" and "no". */
int systemd_text(struct systemd *s, const char *iface, const char *name, char *to, size_t size,
                 uint64_t until) MUST_CHECK;
int systemd_number(struct systemd *s, const char *iface, const char *name, int64_t *to,
                   uint64_t until) MUST_CHECK;
/* A list of texts. 1: word is among them, 0: it is not. first, if any, gets the first few. */
int systemd_lists(struct systemd *s, const char *name, const char *word,
                  struct systemd_names *first, uint64_t until) MUST_CHECK;
/* A word of any other unit. */
int systemd_other(struct systemd *s, const char *unit, const char *name, char *to, size_t size,
                  uint64_t until) MUST_CHECK;

/* StartUnit or StopUnit; job: its path. */
int systemd_job(struct systemd *s, const char *method, const char *mode, char *job, size_t size,
                uint64_t until) MUST_CHECK;
/* Waits for it to end, at most that long. 1: ended, and result is systemd's word, or "" when nobody
 * heard it; 0: not yet. */
int systemd_job_wait(struct systemd *s, const char *job, uint32_t wait_ms, char *result,
                     size_t size, uint64_t until) MUST_CHECK;
/* Is that job held back, and by the job of that unit alone? 1 or 0. */
int systemd_job_held(struct systemd *s, const char *job, const char *by, uint64_t until) MUST_CHECK;
int systemd_signal(struct systemd *s, int number, uint64_t until) MUST_CHECK;
/* Processes of the unit that are there; the name of one, if any. */
int systemd_processes(struct systemd *s, char *one, size_t size, uint64_t until) MUST_CHECK;
/* A method of the manager: "ResetFailedUnit" with the unit's name, "Reload" with NULL. */
int systemd_tell(struct systemd *s, const char *method, const char *unit,
                 uint64_t until) MUST_CHECK;
void systemd_sleep(struct systemd *s, uint32_t ms);

#endif
