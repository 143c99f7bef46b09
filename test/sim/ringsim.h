/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringsim: seeds of the ring, for the program sim. */
#ifndef YOKE_SIM_RINGSIM_H
#define YOKE_SIM_RINGSIM_H

#include "test/sim/ringworld.h"

enum { RINGSIM_COUNTS = 8 };
extern const char *const ringsim_count[RINGSIM_COUNTS];

struct ringsim_break;

/* One seed, with its faults and its healing; twice: once more, for the same hashes (S9). nodes 0:
 * as many as the seed says. Verdict, time and counts are left in the shadow, which also traces. */
bool ringsim_seed(struct world *shadow, uint64_t seed, unsigned nodes, bool twice);
/* NULL: no such rule; its names are told. */
const struct ringsim_break *ringsim_rule(const char *name);
/* A negative control: true when the oracle barks for one of the seeds. */
bool ringsim_bark(struct world *shadow, const struct ringsim_break *rule, uint64_t first,
                  uint64_t count, unsigned nodes);

#endif
