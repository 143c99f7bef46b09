/* SPDX-License-Identifier: GPL-2.0-or-later
 * rec: what is known of one resource on one node, and how nodes tell each other. */
#ifndef YOKE_CORE_REC_H
#define YOKE_CORE_REC_H

#include "lib/core/mind.h"

/* Tells the members that a record of ours changed. */
void rec_tell(struct node *n, unsigned slot);
/* Tells a member all of our records; when it has them we are "reported". */
void rec_report(struct node *n, unsigned p);
void rec_take(struct node *n, unsigned p, struct buf *b);
/* A failure of an operation is counted in a record of ours. */
void rec_fail(struct node *n, unsigned slot, enum rsc_op op, int rc, const char *reason);
/* Forgets failures of that record. */
void rec_forget(struct rec *r);
bool rec_active(const struct rec *r); /* runs, or may run */
const char *rec_life_word(enum rsc_life life);
const char *rec_op_word(enum rsc_op op);

#endif
