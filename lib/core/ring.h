/* SPDX-License-Identifier: GPL-2.0-or-later
 * ring: the engine corosync: the group of the daemons, the view that it agrees on, and the quorum.
 */
#ifndef YOKE_CORE_RING_H
#define YOKE_CORE_RING_H

#include "lib/base/json.h"
#include "lib/core/mind.h"

/* Corosync is the engine; everything below is called only then, unless it says otherwise. */
static inline bool ring_engine(const struct node *n)
{
    return n->conf.engine == ENGINE_COROSYNC;
}

void ring_event(struct node *n, const struct event *ev); /* EV_RING */
void ring_cast(struct node *n, const struct event *ev);  /* EV_CAST */
/* Between the events: what its time has come for. Nothing with engine pair. */
void ring_tick(struct node *n);
/* The state of a peer that is no member, and is not in the group either. */
void ring_peer_tick(struct node *n, unsigned p);

/* This node is out of its view until the group agrees on a new one. */
void ring_part(struct node *n);
/* The stream of our messages lost a piece: all of the group begin anew. */
void ring_again(struct node *n);
/* In a view with that member, so that messages go to it and are taken of it. */
bool ring_hears(const struct node *n, unsigned p);
/* In the group as far as the view is concerned: neither silent nor gone. */
nodeset ring_in(const struct node *n);

/* Without a quorum nothing is started (unless no-quorum-policy=ignore); false with engine pair. */
bool ring_forbids(const struct node *n, struct say *why);
/* What is decided here is known to whoever decides next: a quorum, and of three nodes and more most
 * daemons too, for a corosync without a daemon votes as well. True with engine pair. */
bool ring_decides(const struct node *n);
/* Without a quorum what this node has had all along is kept running: no-quorum-policy=freeze. */
bool ring_keeps(const struct node *n);
/* What the scheduler is told: corosync that is just being restarted is no lost quorum. */
bool ring_quorate(const struct node *n);
/* No member of the view, but heard on a link of ours: its services are left alone. False with
 * engine pair. */
bool ring_apart(const struct node *n, unsigned p);
/* What beats say: without a quorum, and nothing runs here. False with engine pair. */
bool ring_idle(const struct node *n);

/* Tells all of the group, ourselves included, that this incarnation is known to be stopped. */
void ring_stopped(struct node *n, unsigned p, enum proof proof, uint64_t boot);
/* Our last word, MSG_BYE or MSG_AWAY with its body. */
void ring_bye(struct node *n, unsigned type, const struct buf *body);
bool ring_bye_told(const struct node *n); /* it has come back to us, so it is in order for all */

/* A link's frame to a member, and whether the next beats may go: one bundle of them is under way at
 * most, so that a ring that stands still is not fed. */
void ring_frame_put(struct node *n, unsigned p, const uint8_t *at, size_t len);
bool ring_may_beat(const struct node *n);

void ring_status(struct json *j, const struct node *n); /* nothing with engine pair */
void ring_mix(void (*mix)(uint64_t *h, uint64_t v), uint64_t *h, const struct node *n);

#endif
