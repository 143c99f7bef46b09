/* SPDX-License-Identifier: GPL-2.0-or-later
 * warning: what a resource's own monitor says that somebody must look at, though it works: OCF's
 * exit codes "degraded" (190, 191). Told once for each new text, and once when it is over; it
 * stands in the record until then, for everybody's status. Nothing moves. */
#ifndef YOKE_CORE_WARNING_H
#define YOKE_CORE_WARNING_H

#include "lib/core/mind.h"

/* A recurring monitor of ours, that one of the resource's, ended with that code and reason (NULL:
 * none). */
void warning_take(struct node *n, unsigned slot, unsigned monitor, int rc, const char *reason);

#endif
