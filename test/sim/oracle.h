/* SPDX-License-Identifier: GPL-2.0-or-later
 * oracle: the rules that must hold after every step, whatever happened. It sees the truth.
 *
 *   S1  no guarded resource runs on two powered machines at once; except where the older one is
 *       fenced from all its disks, and the rest of it does no harm
 *   S2  a guarded resource is started only by who may: the peer is in the same view and does not
 *       run it, or the starter had it last, or was told that the peer is known stopped, or the peer
 *       is fenced from all its disks
 *   S3  a fencing counts only if the machine was really off since it was asked for
 *   S4  nobody declares a lease dead whose owner still may run what is guarded; nor does anything
 *       guarded begin without a running watchdog
 *   S5  the watchdog is fed no further than the lease's date; nor is anything started over a reset
 *       that is due
 *   S6  epochs never go back, not even over a restart
 *   S8  limits hold: actions, operations, frames and writes in flight; time goes on
 *   S9  the same seed gives the same hashes
 *   S10 an incarnation that was taken over starts nothing
 *   S11 of two members of one view one coordinates
 *   S12 no view stands on links that carry one way only
 *   S13 no view breaks without a cause: noise, old frames, agents and operators are none
 *
 * S7 and S14 to S16 are the umpire's (disks); liveness barks L1 to L5. */
#ifndef YOKE_SIM_ORACLE_H
#define YOKE_SIM_ORACLE_H

#include "test/sim/world.h"

/* Notes the first violation; the run ends. */
void oracle_bark(struct world *w, const char *rule, const char *format, ...) PRINTF_LIKE(3, 4);
/* After a node's step and its actions. */
void oracle_step(struct world *w, struct host *h);
/* The node has ordered a start of s on its host; it is being executed. */
void oracle_ordered(struct world *w, struct host *h, const struct service *s);
void oracle_running(struct world *w, struct host *h, const struct service *s);
/* The host is being told that its peer is known stopped: all lives of its daemon up to that one. */
void oracle_proof(struct world *w, struct host *h, uint32_t life);
/* The host's daemon is about to start: if it had left in good order, that still holds for its past.
 */
void oracle_returns(struct world *w, const struct host *h);
/* Something guarded may still run there. */
bool oracle_busy(const struct world *w, const struct host *h);
/* Something happens that may well break a view. */
void oracle_trouble(struct world *w);
/* A frame that the host has just sent reached its peer's node. */
void oracle_reached(struct world *w, struct host *h);
/* A frame leaves the host. */
void oracle_sent(struct world *w, struct host *h, const uint8_t *at, size_t len);
/* A date goes to the keeper; a sentence to the journal. */
void oracle_fed(struct world *w, const struct host *h, uint64_t until_us);
void oracle_said(struct world *w, const struct host *h, const struct say *say);

#endif
