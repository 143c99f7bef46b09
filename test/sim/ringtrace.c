/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringtrace: see ringtrace.h. Nothing of the other world but its clock, its configuration and its
 * first host's name and node is used. */
#include "test/sim/ringtrace.h"
#include <stdarg.h>
#include <stdio.h>
#include "test/sim/simtrace.h"

enum { NOTE_LEN = 600 };

bool ringtrace_on(const struct rworld *w)
{
    return w->shadow->trace->depth != TRACE_NONE;
}

static struct host *voice(struct rworld *w, const struct rhost *h)
{
    struct host *mouth = &w->shadow->host[0];
    if (w->shadow->conf.n_nodes != w->conf.n_nodes)
        w->shadow->conf = w->conf;
    w->shadow->now_us = w->now_us;
    mouth->self = h ? h->self : 0;
    mouth->node = h ? h->node : NULL;
    return h ? mouth : NULL;
}

void ringtrace_note(struct rworld *w, const struct rhost *h, const char *format, ...)
{
    char text[NOTE_LEN];
    va_list ap;
    if (!ringtrace_on(w))
        return;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    trace_note(w->shadow, voice(w, h), "%s", text);
}

void ringtrace_event(struct rworld *w, const struct rhost *h, const struct event *ev)
{
    if (ringtrace_on(w))
        trace_event(w->shadow, voice(w, h), ev);
}

void ringtrace_action(struct rworld *w, const struct rhost *h, const struct action *a)
{
    if (ringtrace_on(w))
        trace_action(w->shadow, voice(w, h), a);
}
