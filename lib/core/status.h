/* SPDX-License-Identifier: GPL-2.0-or-later
 * status: what a node knows, as JSON, for answers to clients. The members written here are the
 * command line's input and the documented form of `--json`. */
#ifndef YOKE_CORE_STATUS_H
#define YOKE_CORE_STATUS_H

#include "lib/base/json.h"
#include "lib/core/mind.h"

void status_all(struct json *j, struct node *n);
void status_links(struct json *j, const struct node *n);
void status_guard(struct json *j, const struct node *n);
void status_version(struct json *j, const struct node *n);
/* Every resource that is not where it should be, and why. */
void status_whys(struct json *j, const struct node *n);
void status_plan(struct json *j, const struct node *n, const struct sched_in *in,
                 const struct plan *plan, bool scores);
void status_faults(struct json *j, const struct cib_faults *faults, bool on);
void status_say(struct json *j, const char *key, const struct say *say);

#endif
