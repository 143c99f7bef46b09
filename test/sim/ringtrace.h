/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringtrace: what happens in a ring, in the words of simtrace: an empty pair of the other world
 * lends its voice. */
#ifndef YOKE_SIM_RINGTRACE_H
#define YOKE_SIM_RINGTRACE_H

#include "test/sim/ringworld.h"

bool ringtrace_on(const struct rworld *w);
void ringtrace_note(struct rworld *w, const struct rhost *h, const char *format, ...)
    PRINTF_LIKE(3, 4);
void ringtrace_event(struct rworld *w, const struct rhost *h, const struct event *ev);
void ringtrace_action(struct rworld *w, const struct rhost *h, const struct action *a);

#endif
