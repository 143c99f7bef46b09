/* SPDX-License-Identifier: GPL-2.0-or-later
 * path: one peer on one link: beats out, frames in, and the judgement whether it carries both ways.
 */
#ifndef YOKE_CORE_PATH_H
#define YOKE_CORE_PATH_H

#include "lib/core/mind.h"

void path_boot(struct node *n);
/* A frame that the shell found authentic. */
void path_frame(struct node *n, unsigned link, const uint8_t *at, size_t len);
/* The shell was frozen: the silence meanwhile was our own. */
void path_stall(struct node *n, uint32_t lost_ms);
/* Judges every path and sends the beats that are due. */
void path_tick(struct node *n);
/* A new incarnation of the peer was accepted: nothing heard of the old one counts. */
void path_forget(struct node *n, unsigned peer);
/* Heard and confirmed on some link within that link's own limit, whether or not it can be used at
 * this moment: a connection that breaks is not yet a peer that is silent. */
bool path_any_alive(const struct node *n, unsigned peer);
/* The present incarnation was heard a moment ago, on some link. */
bool path_lively(const struct node *n, unsigned peer);
/* When the newest frame in its name came, whether or not it could prove itself; 0: never. */
uint64_t path_signed(const struct node *n, unsigned peer);
/* Some frame with its name came lately, whether or not it could prove itself: it is not dead. */
bool path_signs(const struct node *n, unsigned peer);
/* Until then the peer cannot have given us up: it heard what we sent one link's limit before. */
uint64_t path_confirmed_until(const struct node *n, unsigned peer);
bool path_any_up(const struct node *n, unsigned peer);
/* Beats at once on every link: something that the peer should know changed. */
void path_hurry(struct node *n);
/* Best link for control messages to the peer: IP before serial; CONF_LINKS_MAX if none is up. */
unsigned path_best(const struct node *n, unsigned peer);
/* Begins a frame: head written, b at the body, room for body_max bytes. */
void path_put_head(struct node *n, struct buf *b, unsigned peer, unsigned link,
                   enum frame_type type, size_t body_max);
void path_send(struct node *n, struct buf *b, unsigned peer, unsigned link, bool beat);
const char *path_state_word(enum path_state state);

#endif
