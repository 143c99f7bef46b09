/* SPDX-License-Identifier: GPL-2.0-or-later
 * umpire: the oracle's rules about disks with reservations. It sees the medium.
 *
 *   S7  no two winners: nobody takes keys from whom it lost keys to
 *   S14 no write of an older owner is done after a newer one's start began, nor a write of a
 *       machine that boots while the other one uses the disk
 *   S15 who was fenced from a disk writes nothing there until it is readmitted
 *   S16 nor does it register there
 *   S17 owner first: who runs nothing waits before it takes a disk from who does
 *
 * And what S1 and S2 ask it: whether the other node is fenced from all disks of a resource. */
#ifndef YOKE_SIM_UMPIRE_H
#define YOKE_SIM_UMPIRE_H

#include "test/sim/world.h"

/* Keys of the other node were taken by this one, as its core asked for then. */
void umpire_taken(struct world *w, struct unit *u, unsigned by, const struct lun_cmd *c);
/* A node has a key more than before. */
void umpire_registered(struct world *w, struct unit *u, unsigned host, const struct lun_cmd *c);
/* A write is on the medium. */
void umpire_written(struct world *w, const struct unit *u, const struct lun_cmd *c);
/* Both are in one view: who was fenced is readmitted. */
void umpire_together(struct world *w);
/* That host can write to none of the disks of s, or of its group if s is harmless or on disk; and
 * there is one. by: the host whose configuration tells the group. */
bool umpire_fenced(const struct world *w, const struct service *s, unsigned host,
                   const struct host *by);

#endif
