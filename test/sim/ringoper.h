/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringoper: the operator of a ring: asks for things, and remembers what was promised. */
#ifndef YOKE_SIM_RINGOPER_H
#define YOKE_SIM_RINGOPER_H

#include "test/sim/ringworld.h"

void ringoper_acts(struct rworld *w, struct prng *p); /* something at random */
void ringoper_puts_later(struct rworld *w, uint64_t due_us);
void ringoper_item(struct rworld *w, const struct ring_item *it);
void ringoper_tidies(struct rworld *w); /* one thing after the other, until nothing is asked for */
void ringoper_answered(struct rworld *w, struct rhost *h, uint32_t client, bool ok);
/* Barks when a change that was acknowledged is not in that configuration. */
void ringoper_judge(struct rworld *w, const struct rhost *h);

#endif
