/* SPDX-License-Identifier: GPL-2.0-or-later
 * operator: the person at the keyboard: commands at bad moments, and the tidying up afterwards. */
#ifndef YOKE_SIM_OPERATOR_H
#define YOKE_SIM_OPERATOR_H

#include "lib/wire/cmd.h"
#include "test/sim/world.h"

/* One command drawn at random, on a random node that is up. */
void operator_acts(struct world *w, struct prng *p);
/* Puts the seed's configuration into the empty cluster, then or as soon as somebody takes it. */
void operator_puts_later(struct world *w, uint64_t due_us);
bool operator_item(struct world *w, const struct item *it);
/* Clears failures, standby and the like, on any node that is up. */
void operator_tidies(struct world *w);
/* One command of words: "move RSC [NODE]", "standby NODE", ... ; false when it is none. */
bool operator_asks(struct world *w, struct host *h, char *const *word, unsigned n);

#endif
