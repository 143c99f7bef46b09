/* SPDX-License-Identifier: GPL-2.0-or-later
 * view: which nodes act together, under which epoch, and which of them coordinates (engine pair).
 */
#ifndef YOKE_CORE_VIEW_H
#define YOKE_CORE_VIEW_H

#include "lib/core/mind.h"

void view_boot(struct node *n);
void view_tick(struct node *n);
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
const char *view_state_word(enum view_state state);

#endif
