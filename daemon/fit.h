/* SPDX-License-Identifier: GPL-2.0-or-later
 * fit: what an agent says of having its copy promoted. It writes a whole number, or "unset", into
 * the file that OCF_YOKE_PROMOTION names; agents of other cluster managers do it by crm_master or
 * crm_attribute --promotion, for which programs of these names stand in front of their PATH.
 *
 * Happy path: fit_env before the agent runs, fit_read after it. Ways to fail: what cannot be read
 * is nothing new. The file stays until the machine boots, so that a new life of the daemon knows
 * what was said to the one before. */
#ifndef YOKE_DAEMON_FIT_H
#define YOKE_DAEMON_FIT_H

#include "lib/core/action.h"
#include "lib/core/event.h"
#include "daemon/agentenv.h"

void fit_env(struct agentenv *env, const char *run_dir, const struct act_agent *act);
/* ev: an EV_AGENT_DONE that is being made. */
void fit_read(const char *run_dir, const struct act_agent *act, struct event *ev);

#endif
