/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringoracle: the rules that must hold for nodes on corosync after every step. It sees the truth.
 * Names are those of oracle.h where the rule is the same.
 *
 *   S1  no guarded resource runs on two powered machines at once, unless the disk that it writes
 *       to refuses what comes from one of them
 *   S2  a guarded resource is started only where nothing speaks for it running elsewhere: of each
 *       node outside of the starter's view there is a proof (that disk is one), or it is its own
 *   S4  nobody declares a lease dead whose owner still may run what is guarded; nor does anything
 *       guarded begin without a running watchdog
 *   S5  the watchdog is fed no further than the lease's date; nor is anything started over a reset
 *       that is due
 *   S6  epochs never go back, not even over a restart
 *   S8  limits hold: actions, operations, casts and writes in flight; time goes on
 *   S9  the same seed gives the same hashes
 *   S10 an incarnation that is put down as dead starts nothing
 *   S11 members of one view (epoch, members) agree on who coordinates
 *   S13 no view breaks without a cause
 *   S17 nothing guarded is started where there is no quorum
 *   S18 nobody who answers is left out of a view
 *   S19 a change of the configuration that was acknowledged is never lost
 *   S20 nobody takes keys without a quorum
 *
 * Liveness barks L1 (view), L2 (configuration), L3 (pending), L4 (services), L5 (dead ones), L6
 * (keys that are missing on a disk). */
#ifndef YOKE_SIM_RINGORACLE_H
#define YOKE_SIM_RINGORACLE_H

#include "test/sim/ringworld.h"

void ringoracle_bark(struct rworld *w, const char *rule, const char *format, ...) PRINTF_LIKE(3, 4);
void ringoracle_step(struct rworld *w, struct rhost *h); /* after a node's step */
void ringoracle_look(struct rworld *w);                  /* now and then, whoever did something */
void ringoracle_ordered(struct rworld *w, struct rhost *h, const struct ring_service *s);
void ringoracle_running(struct rworld *w, struct rhost *h, const struct ring_service *s);
void ringoracle_fed(struct rworld *w, const struct rhost *h, uint64_t until_us);
void ringoracle_said(struct rworld *w, const struct rhost *h, const struct say *say);
bool ringoracle_busy(const struct rworld *w, const struct rhost *h);
/* Something happens that may well break a view. */
void ringoracle_trouble(struct rworld *w);

#endif
