/* SPDX-License-Identifier: GPL-2.0-or-later
 * swarm: what a seed is made of: configuration, resources, behaviours, rates; each seed draws a
 * subset of all that can differ, so that together they cover much and each alone stays readable. */
#ifndef YOKE_SIM_SWARM_H
#define YOKE_SIM_SWARM_H

#include "test/sim/world.h"

/* Draws everything and puts the first boots. */
void swarm_draw(struct world *w);
/* A conf of two nodes, db1 and db2, without links, for swarm and stories. */
void swarm_conf(struct conf *c);
/* What the guard may use: bits of enum conf_guard. */
void swarm_guard(struct conf *c, unsigned kinds);
void swarm_link(struct conf *c, const char *name, enum link_type type, uint32_t baud);
/* One line that tells what was drawn. */
void swarm_words(const struct world *w, struct str *out);

#endif
