/* SPDX-License-Identifier: GPL-2.0-or-later
 * simagent: agents and what they manage. Knows the truth: which resource runs where, whatever its
 * agent said. */
#ifndef YOKE_SIM_AGENT_H
#define YOKE_SIM_AGENT_H

#include "test/sim/world.h"

enum task_verb { TASK_START, TASK_STOP, TASK_MONITOR, TASK_OTHER };

/* The service of that name, made with ordinary behaviour when it is new. */
struct service *service_get(struct world *w, const char *id);
/* Its processes die by themselves. */
void service_dies(struct world *w, struct service *s, unsigned host);

void agent_run(struct world *w, struct host *h, const struct act_agent *a);
void agent_kill(struct world *w, struct host *h, uint32_t op);
void agent_watch(struct world *w, struct host *h, const struct action *a);
void agent_item(struct world *w, const struct item *it);
void agent_daemon_gone(struct world *w, struct host *h);
void agent_power_off(struct world *w, struct host *h);
/* A free place among the agents in flight; barks when there is none. */
struct task *task_new(struct world *w, struct host *h, uint32_t op);

#endif
