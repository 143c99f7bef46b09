/* SPDX-License-Identifier: GPL-2.0-or-later
 * simwrite: what running resources write to their disks, and what a machine writes when it boots.
 * The real rule is looked at here: no write of an older owner reaches the medium after a newer one
 * has begun. */
#ifndef YOKE_SIM_WRITE_H
#define YOKE_SIM_WRITE_H

#include "test/sim/world.h"

/* Its start is executed: it writes from now on, now and then. */
void write_begins(struct world *w, struct host *h, struct service *s);
void write_item(struct world *w, const struct item *it);
/* A machine boots: fsck, LVM and mdadm look at its disks before any daemon of ours runs. */
void write_booting(struct world *w, struct host *h);
/* A write is on the medium, or was refused or lost on its way there. */
void write_landed(struct world *w, struct unit *u, const struct lun_cmd *c);
void write_refused(struct world *w, struct unit *u, const struct lun_cmd *c, bool conflict);
/* Its host has a path to each of its disks. */
bool write_reaches(const struct world *w, const struct service *s, unsigned host);
/* Writes of it that are neither done nor refused. */
bool write_pending(const struct world *w, const struct service *s, unsigned host);

#endif
