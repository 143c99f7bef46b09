/* SPDX-License-Identifier: GPL-2.0-or-later
 * quorum: the quorum disks of a world, and what the shells do with them. */
#ifndef YOKE_SIM_QUORUM_H
#define YOKE_SIM_QUORUM_H

#include "test/sim/host.h"

/* ACT_SEND on a disk link: a beat goes into the host's beat block, data into its mailbox. */
void quorum_send(struct world *w, struct host *h, const struct action *a);
/* A daemon starts: it begins to read. */
void quorum_open(struct world *w, unsigned link, unsigned host);
/* A path to the disk is back: what hung on it goes on. */
void quorum_back(struct world *w, unsigned link, unsigned host);
/* It cannot reach the disk. */
bool quorum_path_dead(const struct world *w, unsigned link, unsigned host);
void quorum_item(struct world *w, const struct item *it);

#endif
