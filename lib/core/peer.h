/* SPDX-License-Identifier: GPL-2.0-or-later
 * peer: the other nodes: which incarnation of each is the present one, whether it is there, and how
 * it is known to be stopped when it is not. */
#ifndef YOKE_CORE_PEER_H
#define YOKE_CORE_PEER_H

#include "lib/core/mind.h"

void peer_boot(struct node *n);
void peer_tick(struct node *n);
void peer_beat(struct node *n, unsigned p, const struct frame_beat *beat);
/* This incarnation was taken over: it is dead for ever. */
bool peer_is_dead(const struct node *n, unsigned p, uint64_t boot);
void peer_tell_fenced(struct node *n, unsigned p, unsigned link, uint64_t boot);
void peer_tell_twin(struct node *n, unsigned p, unsigned link);
/* Its former incarnation is alive beside the present one: what was believed of its end was wrong.
 */
void peer_twin(struct node *n, unsigned p, unsigned link);
/* Another (boot, life) of the peer proved itself; the one before it is over. */
void peer_incarnation(struct node *n, unsigned p, uint64_t boot, uint16_t life);
void peer_incompatible(struct node *n, unsigned p, unsigned version);
/* The peer says that we were fenced: this incarnation must not run on. */
void peer_fenced_us(struct node *n, unsigned p, struct buf *b);
/* The one door of peer states; asserts the legal pairs. */
void peer_set(struct node *n, unsigned p, enum peer_state state, const struct say *why);
/* Out of the view with it, for that reason. */
void peer_lose(struct node *n, unsigned p, const struct say *why);
/* It ends its daemon and leaves running what nobody manages: its silence from now on is no reason
 * to fence it, and proves nothing. Holds until a later life of its daemon is met. */
void peer_away(struct node *n, unsigned p, struct buf *b);
/* It stopped everything, gave up its right to run, and says so. */
void peer_goodbye(struct node *n, unsigned p);
/* Its incarnation is known to be stopped, by that proof: its resources are free. */
void peer_stopped(struct node *n, unsigned p, enum proof proof, uint64_t boot);
/* The same, as far as this node is concerned: with corosync all have been told. */
void peer_stopped_now(struct node *n, unsigned p, enum proof proof, uint64_t boot);
const char *peer_state_word(enum peer_state state);
const char *proof_word(enum proof proof);

#endif
