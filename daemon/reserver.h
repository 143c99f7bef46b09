/* SPDX-License-Identifier: GPL-2.0-or-later
 * reserver: one thing done with the reservations of one resource's disks, from beginning to end, in
 * the calling thread: finds the disks, works them one after another in the order of their names,
 * each by lib/core/reservation and pathwork. Takes as long as the disks take, within limits: never
 * from the main thread.
 *
 * Happy path: reserver_find, reserver_work. Fails: an enum err, and a sentence that says what is
 * wrong and what to do. */
#ifndef YOKE_DAEMON_RESERVER_H
#define YOKE_DAEMON_RESERVER_H

#include "daemon/blocktree.h"
#include "lib/core/reservation.h"

enum { RESERVER_REASON_LEN = 400 };

struct reserver_order {
    struct blocktree tree;
    uint8_t verb;
    uint64_t key, victim;
    _Atomic uint64_t not_after_us; /* for commands that register, 0: none; it may be moved on */
    uint32_t register_ms;          /* and their limit, 0: RESERVATION_LIMIT_MS */
    bool again;                    /* our key was there: where it is on no path now, it was taken */
};

struct reserver_result {
    enum err err;
    uint16_t state;  /* enum reserve_state, of all disks together */
    uint32_t others; /* as reservation_others has it, of any of them */
    char reason[RESERVER_REASON_LEN];
};

/* The disks of a device ("/dev/..."), or by a resource's parameters; sets their names. An empty set
 * is no fault. ERR_MISSING, ERR_FULL, ERR_UNKNOWN (a disk that takes no SCSI commands), ERR_TIMEOUT
 * or ERR_IO (does not answer). */
enum err reserver_find(const struct blocktree *t, const char *device, const char *env,
                       size_t env_len, struct disk_set *set, struct str *why) MUST_CHECK;
/* One command to one path, within RESERVATION_LIMIT_MS; not for changes that could unfence. data:
 * PR_REPLY_MAX bytes. */
enum pr_outcome reserver_ask(const struct blocktree *t, const struct shared_disk *d, unsigned path,
                             const struct pr_command *c, uint8_t *data, size_t *len);
/* One disk. r: how it went, and what was found. */
void reserver_disk(const struct reserver_order *o, const struct shared_disk *d,
                   struct reservation *r);
/* Will multipathd keep our registrations? For disks that are maps. */
enum err reserver_map_check(uint64_t key, struct str *why) MUST_CHECK;
/* All of them. */
void reserver_work(const struct reserver_order *o, const struct disk_set *set,
                   struct reserver_result *out);
/* What a reason means, as the end of a sentence that begins with the disk. */
const char *reserver_why_words(enum reservation_why why);
/* What an operation that failed means, and what to do. */
void reserver_why(const struct shared_disk *d, const struct reservation *r, struct str *out);

#endif
