/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringagent: agents and what they manage, on nodes of the ring. Knows the truth: which resource
 * runs where, whatever its agent said. */
#ifndef YOKE_SIM_RINGAGENT_H
#define YOKE_SIM_RINGAGENT_H

#include "test/sim/ringworld.h"

/* The service of that name, made with ordinary behaviour when it is new. */
struct ring_service *ringagent_service(struct rworld *w, const char *id);
void ringagent_dies(struct rworld *w, struct ring_service *s, unsigned host);
void ringagent_run(struct rworld *w, struct rhost *h, const struct act_agent *a);
void ringagent_kill(struct rworld *w, struct rhost *h, uint32_t op);
void ringagent_watch(struct rworld *w, struct rhost *h, const struct action *a);
void ringagent_item(struct rworld *w, const struct ring_item *it);
void ringagent_daemon_gone(struct rworld *w, struct rhost *h);
void ringagent_power_off(struct rworld *w, struct rhost *h);
/* A free place among the agents in flight; barks when there is none. */
struct ring_task *ringagent_task(struct rworld *w, struct rhost *h, uint32_t op);

#endif
