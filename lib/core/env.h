/* SPDX-License-Identifier: GPL-2.0-or-later
 * env: what an agent is told: the environment of an OCF agent, the input of a fence agent. */
#ifndef YOKE_CORE_ENV_H
#define YOKE_CORE_ENV_H

#include "lib/core/mind.h"

/* The environment of one action as NAME=VALUE texts, each ended by NUL, in the outbox; *len without
 * the final empty text. started: with the parameters of the last start instead of the present ones.
 * NULL when there is too much of it: an agent that was told half would do something else. */
const char *env_agent(struct node *n, unsigned slot, const char *action, const struct cib_op *op,
                      uint32_t interval_ms, uint32_t timeout_ms, bool started, size_t *len);
/* Remembers the present parameters as those of the last start. */
void env_remember(struct node *n, unsigned slot);
/* Standard input of a fence agent: name=value lines, in the outbox; NULL when it is too long. */
const char *env_fence(struct node *n, const struct cib_prim *prim, const char *node,
                      const char *action);

#endif
