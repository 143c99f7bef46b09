/* SPDX-License-Identifier: GPL-2.0-or-later
 * lun: a logical unit in memory that takes SCSI commands as bytes and behaves as arrays do:
 * registrations for each nexus (initiator and port), one reservation, unit attentions after resets
 * and preemptions, commands that it has accepted and does later, a memory that may not outlive its
 * power. What it cannot do can be taken from it. After SPC-4 5.12, and what LIO was seen to do. */
#ifndef YOKE_TEST_LUN_H
#define YOKE_TEST_LUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/wire/pr.h"

enum { LUN_NEXUSES = 16, LUN_TASKS = 8 };

struct lun {
    uint64_t key[LUN_NEXUSES]; /* 0: not registered */
    bool held;
    uint8_t holder, type;
    bool aptpl;
    uint32_t generation;
    uint16_t attention[LUN_NEXUSES]; /* ASC and ASCQ of what waits to be told, 0: nothing */
    uint8_t tasks[LUN_NEXUSES];      /* writes that were accepted and are not done */
    unsigned done[LUN_NEXUSES];      /* writes on the medium */
    bool no_pr, no_aptpl, no_abort, no_wero, no_abilities;
    unsigned room;     /* registrations that fit, 0: LUN_NEXUSES */
    unsigned commands; /* taken so far */
};

struct lun_answer {
    uint8_t status;
    uint8_t sense[18];
    size_t sense_len, len;
    uint8_t data[PR_REPLY_MAX];
};

void lun_init(struct lun *l);
void lun_command(struct lun *l, unsigned nexus, const uint8_t *cdb, const uint8_t *param,
                 struct lun_answer *out);
/* One pr_command through its bytes: what reservation_reply wants. */
enum pr_outcome lun_do(struct lun *l, unsigned nexus, const struct pr_command *c,
                       struct lun_answer *out);
/* A write comes in: 0 it is accepted (lun_tasks_do does it), else the SCSI status. */
uint8_t lun_write(struct lun *l, unsigned nexus);
void lun_task_do(struct lun *l, unsigned nexus); /* the oldest of that nexus, if any */
bool lun_writable(const struct lun *l, unsigned nexus);
void lun_reset(struct lun *l);       /* LUN reset: nothing under way is done, all are told */
void lun_power_cycle(struct lun *l); /* and without APTPL all registrations are lost */

#endif
