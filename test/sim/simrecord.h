/* SPDX-License-Identifier: GPL-2.0-or-later
 * simrecord: a recording of one simulated node, as the daemon would make it; for tests of replay.
 */
#ifndef YOKE_SIM_RECORD_H
#define YOKE_SIM_RECORD_H

#include "test/sim/world.h"

/* From now on the newest life of that host's daemon is recorded. */
void simrecord_open(struct world *w, unsigned host);
/* A life begins: what was recorded of the one before is forgotten. */
void simrecord_life(struct world *w, const struct host *h, uint64_t seed);
/* The node is about to be told that; afterwards it has that hash. */
void simrecord_event(struct world *w, const struct host *h, const struct event *ev);
void simrecord_hash(struct world *w, const struct host *h);
/* Writes it to a file; false, with the reason on stderr, when it cannot. */
bool simrecord_close(struct world *w, const char *path);

#endif
