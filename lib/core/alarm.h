/* SPDX-License-Identifier: GPL-2.0-or-later
 * alarm: a binary heap of slots by the date of their next recurring monitor. */
#ifndef YOKE_CORE_ALARM_H
#define YOKE_CORE_ALARM_H

#include "lib/core/mind.h"

/* Puts the slot in, moves it, or takes it out (due_us == UINT64_MAX). O(log n). */
void alarm_set(struct exec *e, unsigned slot, uint64_t due_us);
/* The earliest date, UINT64_MAX when there is none; *slot is whose it is. */
uint64_t alarm_next(const struct exec *e, unsigned *slot);

#endif
