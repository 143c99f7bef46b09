/* SPDX-License-Identifier: GPL-2.0-or-later
 * lease: how long this node may run guarded resources, and when a silent peer's time is over. The
 * formulas and their proof are in lib/conf/timing.c, step 5. */
#ifndef YOKE_CORE_LEASE_H
#define YOKE_CORE_LEASE_H

#include "lib/core/mind.h"

void lease_disk(struct node *n, const struct event *ev); /* EV_DISK */
/* Before EV_LINK is taken in: a disk that comes back may get a write of before yet. */
void lease_link(struct node *n, unsigned l, bool usable);
void lease_watchdog(struct node *n, const struct event *ev); /* EV_WATCHDOG */
/* Before anything else of a step: did the date pass meanwhile? */
void lease_check(struct node *n);
/* Mode, feeding, what must be stopped or reset; a peer whose time is over. */
void lease_tick(struct node *n);

/* Configured: guard with lease, a quorum disk and a watchdog. When not, all below is as if there
 * were no lease: nothing is told, nothing is held up. */
bool lease_active(const struct node *n);
/* Until then this node may run guarded resources; 0: it may not; UINT64_MAX: no bound. */
uint64_t lease_date(const struct node *n);
/* Its date has passed, or it never had one: nothing that is known of a peer's end counts. */
bool lease_lapsed(const struct node *n);
/* A guarded start may be given to the shell now; why (may be NULL) when it may not at all. */
bool lease_allows(const struct node *n, struct say *why);
/* It may, but the watchdog does not run yet: it waits. */
bool lease_arming(const struct node *n);
/* Owner first: whose own lease had run out may have been taken over, and learns it before it
 * shoots; and who holds nothing does not shoot at who is heard to run something. */
bool lease_may_shoot(const struct node *n, unsigned p);
/* This one counts: not a fence device, not requires=nothing. */
bool lease_guards(const struct node *n, unsigned slot);
/* Something of that kind runs here, may run, or is just being started. */
bool lease_holds(const struct node *n);
/* Our part of a beat; the peer's. */
void lease_tell(const struct node *n, struct frame_beat *beat);
void lease_sign(struct node *n, unsigned p, uint64_t boot, const struct frame_beat *beat);
/* An incarnation was accepted: nothing of a stranger is left to fear of. */
/* From now on no member of our view calls that node one: with the newest renewal that any of us
 * gave it, its lease counts from now at the latest. */
void lease_parted(struct node *n, unsigned p);
void lease_accepted(struct node *n, unsigned p);
/* What its lease would prove, as it is configured and told; false: nothing. */
bool lease_proof(const struct node *n, unsigned p, struct say *say);
/* The verdict on a silent peer's lease as a sentence; false when its lease says nothing. */
bool lease_say(const struct node *n, unsigned p, struct say *say);
const char *watchdog_word(uint8_t kind);
const char *lease_mode_word(const struct node *n);

#endif
