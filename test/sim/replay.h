/* SPDX-License-Identifier: GPL-2.0-or-later
 * replay: one node, fed with the events that a daemon recorded. */
#ifndef YOKE_SIM_REPLAY_H
#define YOKE_SIM_REPLAY_H

#include "test/sim/world.h"

bool replay_run(struct world *w, const char *path, bool trace);

#endif
