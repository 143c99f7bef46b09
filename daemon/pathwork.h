/* SPDX-License-Identifier: GPL-2.0-or-later
 * pathwork: commands to the paths of disks, each in a thread of its own, so that a path that hangs
 * in the kernel hangs nobody else. A path has one command at a time; one that hangs is waited for
 * by nobody, and gets no other until it came back. Any thread may call.
 *
 * Happy path: pathwork_begin, pathwork_take when pathwork_wait woke up. Fails: PATHWORK_BUSY while
 * an earlier command still hangs, PATHWORK_FULL when PATHWORK_MAX of them do. */
#ifndef YOKE_DAEMON_PATHWORK_H
#define YOKE_DAEMON_PATHWORK_H

#include "daemon/blocktree.h"
#include "lib/wire/pr.h"

enum { PATHWORK_MAX = 64 };

enum pathwork_begun { PATHWORK_BEGUN, PATHWORK_BUSY, PATHWORK_FULL };

/* What is to be done on a path. map: not "": by multipathd for the whole map of that name. */
struct pathwork_order {
    struct disk_path path;
    char map[BLOCKTREE_DEV_LEN];
    char name[SCSI_NAME_LEN]; /* the path must lead to this disk; "": to any */
    struct blocktree tree;
    struct pr_command command;
    bool naming;           /* only ask for the disk's name */
    uint64_t not_after_us; /* looked at just before it is sent, 0: none */
    uint32_t abort_ms;     /* the kernel takes it back then, 0: SCSI_ABORT_MS */
};

struct pathwork;

/* The path's thread works on it; *out is to be taken or left. */
enum pathwork_begun pathwork_begin(const struct pathwork_order *order,
                                   struct pathwork **out) MUST_CHECK;
/* True: it has ended; outcome, data[PR_REPLY_MAX] and *len are filled (naming: data is a text), and
 * it is freed. */
bool pathwork_take(struct pathwork *w, enum pr_outcome *outcome, uint8_t *data, size_t *len);
/* Nobody waits for it any more. */
void pathwork_leave(struct pathwork *w);
/* Until any command of anybody ends, or until then (CLOCK_MONOTONIC_RAW). seen: from
 * pathwork_seen before what is waited for was looked at, so that no end is missed. */
uint64_t pathwork_seen(void);
void pathwork_wait(uint64_t seen, uint64_t until_us);
/* How many commands hang that nobody waits for. */
unsigned pathwork_stuck(void);

#endif
