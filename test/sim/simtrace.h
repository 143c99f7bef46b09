/* SPDX-License-Identifier: GPL-2.0-or-later
 * simtrace: what happened, one line each: virtual ms, host, what. Three depths: nothing, the story
 * (what a person would tell), everything (each event and action of each node). */
#ifndef YOKE_SIM_TRACE_H
#define YOKE_SIM_TRACE_H

#include <stdio.h>
#include "test/sim/world.h"

enum trace_depth { TRACE_NONE, TRACE_STORY, TRACE_ALL };
enum { TRACE_BYTES = 512 * 1024 };

struct trace {
    enum trace_depth depth;
    FILE *to; /* lines go here, or, when NULL, into text */
    struct str text;
    char bytes[TRACE_BYTES];
};

void trace_open(struct trace *t, enum trace_depth depth, FILE *to);
/* What the world does to a host (NULL: to all). */
void trace_note(struct world *w, const struct host *h, const char *format, ...) PRINTF_LIKE(3, 4);
/* What comes of it. */
void trace_story(struct world *w, const struct host *h, const char *format, ...) PRINTF_LIKE(3, 4);
void trace_event(struct world *w, const struct host *h, const struct event *ev);
void trace_action(struct world *w, const struct host *h, const struct action *a);
/* What EV_RESERVED found, and the verbs of ACT_RESERVE, in words. */
void trace_reserve_words(unsigned state, struct str *out);
const char *trace_reserve_verb(unsigned verb);

#endif
