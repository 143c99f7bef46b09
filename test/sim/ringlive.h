/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringlive: a healed ring serves again. */
#ifndef YOKE_SIM_RINGLIVE_H
#define YOKE_SIM_RINGLIVE_H

#include "test/sim/ringworld.h"

/* Ends the faults, looks after what is down, and barks when the ring is not well in time. */
void ringlive_run(struct rworld *w);

#endif
