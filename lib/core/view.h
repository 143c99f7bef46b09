/* SPDX-License-Identifier: GPL-2.0-or-later
 * view: which nodes act together, under which epoch, and which of them coordinates; how two of them
 * agree on it by themselves (engine pair; with corosync it is gather.h).
 */
#ifndef YOKE_CORE_VIEW_H
#define YOKE_CORE_VIEW_H

#include "lib/core/mind.h"

void view_boot(struct node *n);
void view_tick(struct node *n);
/* The one door of view states; asserts the legal pairs. */
void view_set(struct node *n, enum view_state state);
/* The epoch of the view; nothing is started before it is on disk. */
void view_epoch(struct node *n, uint32_t epoch);
void view_hello_send(struct node *n, unsigned p);
void view_hello_take(struct node *n, unsigned p, struct buf *b);
void view_offer_take(struct node *n, unsigned p, struct buf *b);
void view_ack_take(struct node *n, unsigned p, struct buf *b);
/* The peer is no longer with us: alone under a new epoch. */
void view_part(struct node *n, unsigned p);
/* The peer's session began anew without a loss: part, and meet again. */
void view_restart(struct node *n, unsigned p);
/* This node directs: it is in a view and its coordinator. */
bool view_directs(const struct node *n);
/* Everybody may be told to run what does not run here: the other node, or with corosync any. */
bool view_whole(const struct node *n);
const char *view_state_word(enum view_state state);

#endif
