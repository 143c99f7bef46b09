/* SPDX-License-Identifier: GPL-2.0-or-later
 * host: one machine with its daemon: power, clock, memory, disk, and the shell that turns items of
 * the world into events of the node and the node's actions into items. */
#ifndef YOKE_SIM_HOST_H
#define YOKE_SIM_HOST_H

#include "test/sim/world.h"
#include "lib/wire/cmd.h"

/* Power comes on: a new incarnation; its daemon starts daemon_us later (NEVER: not by itself). */
void host_power_on(struct world *w, struct host *h, uint64_t daemon_us);
/* All of it is gone at once. */
void host_power_off(struct world *w, struct host *h, const char *why);
void host_daemon_start(struct world *w, struct host *h);
/* The daemon's process dies; resources run on, agents in flight die with it. */
void host_daemon_kill(struct world *w, struct host *h, const char *why);
/* It is asked to leave (systemctl stop). */
void host_daemon_stop(struct world *w, struct host *h);
void host_freeze(struct world *w, struct host *h, enum host_freeze kind, uint64_t for_us);
void host_thaw(struct world *w, struct host *h);
/* A request of the command line on this host; nothing when its daemon is not running. */
void host_ask(struct world *w, struct host *h, const struct cmd *c);

/* Tells the node one event (time is filled in) and carries out what it answers. */
void host_tell(struct world *w, struct host *h, struct event *ev);
void host_time(struct world *w, struct host *h);
void host_item(struct world *w, const struct item *it);
/* The host's own clock now. */
uint64_t host_local_us(const struct world *w, const struct host *h);
/* World time at which the host's clock shows local_us, or a little after. */
uint64_t host_world_us(const struct world *w, const struct host *h, uint64_t local_us);
/* It loses power for a moment and boots anew. */
void host_reset(struct world *w, struct host *h, const char *why);
static inline bool host_up(const struct host *h)
{
    return h->node != NULL;
}

#endif
