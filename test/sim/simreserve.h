/* SPDX-License-Identifier: GPL-2.0-or-later
 * simreserve: what a host's shell does for ACT_RESERVE: the pure struct reservation on one disk of
 * the resource after the other, answered once; and what it notices by itself. */
#ifndef YOKE_SIM_RESERVE_H
#define YOKE_SIM_RESERVE_H

#include "test/sim/world.h"

void reserve_run(struct world *w, struct host *h, const struct act_reserve *a);
/* ACT_PERMIT */
void reserve_permit(struct world *w, struct host *h, uint32_t op, uint64_t not_after_us);
/* A command that was sent for `who` has ended. */
void reserve_answered(struct world *w, unsigned who, uint32_t generation, unsigned path,
                      enum pr_outcome outcome, const uint8_t *data, size_t len);
/* Something is wrong with what the host has there, or may be: its shell looks, and tells. */
void reserve_notice(struct world *w, struct host *h, const struct unit *u);
void reserve_item(struct world *w, const struct item *it);
void reserve_daemon_gone(struct world *w, const struct host *h);

#endif
