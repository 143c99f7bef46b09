/* SPDX-License-Identifier: GPL-2.0-or-later
 * net: the links between the two hosts, each of two directed wires: udp loses, repeats and
 * reorders, tcp holds back and breaks, serial is slow and noisy. */
#ifndef YOKE_SIM_NET_H
#define YOKE_SIM_NET_H

#include "test/sim/world.h"

/* Media from the configuration, quiet: no loss. */
void net_open(struct world *w);
void net_send(struct world *w, struct host *h, const struct action *a);
void net_item(struct world *w, const struct item *it);
/* A frozen host takes no more: drops the item's frame and says true. */
bool net_overflows(struct world *w, const struct item *it);
/* A daemon came or went: connections and usability follow. suddenly: without a word (power). */
void net_review(struct world *w, unsigned host, bool suddenly);
/* The direction from one host is cut or whole again; TCP connections notice in time. */
void net_cut(struct world *w, unsigned link, unsigned from, bool cut);
void net_carrier(struct world *w, unsigned link, unsigned host, bool there);
/* All wires whole, no loss, no noise. */
void net_heal(struct world *w);
/* Hands a host bytes as a frame of that link, as if the peer had sent them. */
void net_inject(struct world *w, unsigned link, unsigned to, const uint8_t *at, size_t len,
                uint64_t due_us);
/* Frames that were sent long ago come in once more, past any cut: somebody has recorded them. */
void net_play_old(struct world *w, unsigned to);
void net_noise(struct world *w, unsigned link, unsigned to, enum err why, uint32_t count);

#endif
