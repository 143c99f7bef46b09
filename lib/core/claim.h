/* SPDX-License-Identifier: GPL-2.0-or-later
 * claim: this node's registrations and reservations on the disks of the resources, and on the
 * quorum disks: which disks there are, whether they can do it, whether our key is there. What a
 * lost peer has there is take.h's. */
#ifndef YOKE_CORE_CLAIM_H
#define YOKE_CORE_CLAIM_H

#include "lib/base/json.h"
#include "lib/core/mind.h"

/* Configured. When not, nothing below does, asks or forbids anything. */
bool claim_active(const struct node *n);
void claim_done(struct node *n, const struct event *ev); /* EV_RESERVED */
void claim_tick(struct node *n);
/* The machine was frozen: look again at once. */
void claim_doubt(struct node *n);
/* What uses that resource's disks has failed: are our keys still there? */
void claim_suspect(struct node *n, unsigned slot);
/* Something changed: what failed before is tried again at once. */
void claim_urge(struct node *n);
/* Leaving, with the peer there and all stopped: our keys are taken back where that ends nobody's
 * reservation. True when that is done, or has taken too long. */
bool claim_clear(struct node *n);

/* A start of that slot waits: its disks are just being looked for, or reserved. */
bool claim_arming(const struct node *n, unsigned slot);
/* Its disks, if it has any that can be reserved, are: why (may be NULL) when not. */
bool claim_holds(const struct node *n, unsigned slot, struct say *why);

/* The node's claims are counted: slots first, then quorum disks. */
unsigned claim_count(const struct node *n);
/* It is asked about at all: a resource's that may have disks, or a quorum disk's. */
bool claim_concerns(const struct node *n, unsigned i);
/* Disks are there, known, and can be reserved. */
bool claim_able(const struct claim *c);
/* "data", "quorum": the resource's or the disk's name. */
const char *claim_name(const struct node *n, unsigned i);
/* "reservations": what is known of each, as this node sees it. */
void claim_status(struct json *j, const struct node *n);

#endif
