/* SPDX-License-Identifier: GPL-2.0-or-later
 * agentrc: the result of an agent's run as the core wants it: an OCF exit code and a reason in
 * words. Pure, but for the words: no class but these knows exit codes. */
#ifndef YOKE_DAEMON_AGENTRC_H
#define YOKE_DAEMON_AGENTRC_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/core/action.h"
#include "daemon/child.h"

#define AGENTRC_LSB_DIR "/etc/init.d"
#define AGENTRC_UNIT    "yoke-unit" /* runs class systemd, see sysunit.h */

enum { /* OCF resource agent API 1.1 */
       AGENTRC_OK = 0,
       AGENTRC_GENERIC = 1,
       AGENTRC_UNIMPLEMENTED = 3,
       AGENTRC_INSTALLED = 5,
       AGENTRC_NOT_RUNNING = 7,
       AGENTRC_PROMOTED = 8,
       AGENTRC_MAX = 9,
       AGENTRC_DEGRADED = 190,
       AGENTRC_DEGRADED_PROMOTED = 191
};

struct agentrc {
    int rc;
    bool timed_out, not_run;
    uint32_t exec_ms;
    char reason[REASON_LEN];
};

void agentrc_set(struct agentrc *out, int rc, const char *reason);
/* Nothing was executed: why, as an errno. ETIME: its not-after date had passed. */
void agentrc_not_run(struct agentrc *out, int err);
/* Where the programs of a class are, colon separated. */
const char *agentrc_dirs(const char *class, const char *agent_dirs);
/* True for what we do not run at all: unknown classes and names, actions that lsb does not know. */
bool agentrc_refuse(struct agentrc *out, const struct act_agent *act);
/* class ocf, systemd and lsb */
void agentrc_from_end(struct agentrc *out, const struct child_end *end, const struct act_agent *act,
                      const char *agent_dirs);
/* class stonith: the monitor action of a fence agent */
void agentrc_from_device(struct agentrc *out, const struct child_end *end, const char *agent,
                         const char *fence_dirs);
/* OCF code for an init script's exit code (LSB 5.0, 22.2) after "status" (for monitor) or another.
 */
int agentrc_from_lsb(const char *action, int exit_code);

#endif
