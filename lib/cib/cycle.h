/* SPDX-License-Identifier: GPL-2.0-or-later
 * cycle: constraints that lead back to where they began. */
#ifndef YOKE_CIB_CYCLE_H
#define YOKE_CIB_CYCLE_H

#include "lib/cib/parse.h"

/* Warns of each loop of orders and of colocations, by name, at most a few of each. The lines are
 * those of c->order and c->colocation. The arena's room may be given back. ERR_FULL: no room. */
enum err cycle_find(const struct cib *c, const unsigned *order_line,
                    const unsigned *colocation_line, struct arena *arena,
                    struct cib_faults *f) MUST_CHECK;

#endif
