/* SPDX-License-Identifier: GPL-2.0-or-later
 * monitor: recurring monitors of what runs on this node.
 *
 * Happy path: monitor_begin when a resource has started; monitor_tick runs each when it is due, its
 * end sets the next date. Ways to fail: too many at a time, or the other part of a clone is at
 * work: it comes later. */
#ifndef YOKE_CORE_MONITOR_H
#define YOKE_CORE_MONITOR_H

#include "lib/core/mind.h"

void monitor_begin(struct node *n, unsigned slot);
void monitor_end(struct node *n, unsigned slot);
/* The configuration changed while the resource runs: monitors that are new begin, those that are
 * gone end, a shorter interval counts at once. */
void monitor_follow(struct node *n, unsigned slot);
/* Date of one of its monitors, 0: none. */
void monitor_set(struct node *n, unsigned slot, unsigned monitor, uint64_t due_us);
/* Look at it now. */
void monitor_look(struct node *n, unsigned slot);
void monitor_tick(struct node *n);

#endif
