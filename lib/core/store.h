/* SPDX-License-Identifier: GPL-2.0-or-later
 * store: the configuration of resources: one version in force, the same on all members. */
#ifndef YOKE_CORE_STORE_H
#define YOKE_CORE_STORE_H

#include "lib/core/mind.h"

void store_init(struct node *n);
/* The kept configuration; text NULL: none yet. */
void store_boot(struct node *n, const char *text);
/* Coordinator: a new text is to become the configuration. Faults stand in n->store.faults.
 * ERR_SYNTAX, ERR_BUSY (another change is being made), ERR_REFUSED (no link that carries it),
 * ERR_FULL. The request (index, or REQUESTS_MAX) is answered when it is in force. */
enum err store_change(struct node *n, const char *text, size_t len, unsigned request) MUST_CHECK;
/* Parses a text into the spare arena without using it: for checks and dry runs. */
enum err store_parse(struct node *n, const char *text, size_t len, struct cib **out) MUST_CHECK;
/* Coordinator: a member joined; makes both configurations equal. */
void store_meet(struct node *n, unsigned p);
void store_msg(struct node *n, unsigned p, unsigned type, struct buf *b);
/* The view broke while a change was under way. */
void store_part(struct node *n);
/* What this node has, or has as soon as what it removes is stopped: for its hello. */
void store_hello(const struct node *n, struct cib_version *version, uint32_t *hash);
/* A view was gathered (engine corosync): the coordinator makes the copies of all equal. */
void store_gathered(struct node *n);
void store_kept(struct node *n, uint32_t op, enum err err);
void store_tick(struct node *n);

#endif
