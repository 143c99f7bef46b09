/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringhost: one machine of the ring with its daemon: power, clock, disk, and the shell that turns
 * what happens into events of the node and the node's actions into what happens. */
#ifndef YOKE_SIM_RINGHOST_H
#define YOKE_SIM_RINGHOST_H

#include "lib/wire/cmd.h"
#include "test/sim/ringworld.h"

/* A new incarnation; its daemon starts daemon_us later (NEVER: not by itself). */
void ringhost_power_on(struct rworld *w, struct rhost *h, uint64_t daemon_us);
void ringhost_power_off(struct rworld *w, struct rhost *h, const char *why);
/* It loses power for a moment and boots anew. */
void ringhost_reset(struct rworld *w, struct rhost *h, const char *why);
void ringhost_daemon_start(struct rworld *w, struct rhost *h);
/* The daemon's process dies; resources run on, agents in flight die with it. */
void ringhost_daemon_kill(struct rworld *w, struct rhost *h, const char *why);
void ringhost_daemon_stop(struct rworld *w, struct rhost *h);
void ringhost_freeze(struct rworld *w, struct rhost *h, enum host_freeze kind, uint64_t for_us);
void ringhost_thaw(struct rworld *w, struct rhost *h);
/* Corosync on this machine. */
void ringhost_coro_start(struct rworld *w, struct rhost *h);
void ringhost_coro_end(struct rworld *w, struct rhost *h, bool clean);

/* A request of the command line; its client's number, 0: nobody is there to be asked. */
uint32_t ringhost_ask(struct rworld *w, struct rhost *h, const struct cmd *c);
/* Tells the node one event (time is filled in) and carries out what it answers. */
void ringhost_tell(struct rworld *w, struct rhost *h, struct event *ev);
void ringhost_time(struct rworld *w, struct rhost *h);
void ringhost_item(struct rworld *w, const struct ring_item *it);
void ringhost_news(struct rworld *w, struct rhost *h, const struct coro_news *news);
void ringhost_news_drop(struct rhost *h);
uint64_t ringhost_local_us(const struct rworld *w, const struct rhost *h);
/* World time at which the host's clock shows local_us, or a little after. */
uint64_t ringhost_world_us(const struct rworld *w, const struct rhost *h, uint64_t local_us);

#endif
