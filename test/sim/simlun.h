/* SPDX-License-Identifier: GPL-2.0-or-later
 * simlun: the disk array: logical units with SCSI-3 reservations, the paths to them, and what is on
 * its way: reservation commands of daemons, writes of what runs. */
#ifndef YOKE_SIM_LUN_H
#define YOKE_SIM_LUN_H

#include "test/sim/world.h"

/* A disk that holds data, or, by its link, a quorum disk. */
struct unit *unit_new(struct world *w, const char *name, unsigned link);
/* The unit of that name, or of that quorum disk; NULL: there is none. */
struct unit *unit_find(struct world *w, const char *name);
const struct unit *unit_of_link(const struct world *w, unsigned link);
/* The service keeps its data there. */
void unit_give(struct world *w, struct unit *u, struct service *s);

/* May any nexus of that host write? */
bool unit_writable(const struct unit *u, unsigned host);
/* By a path that is there and may write. */
bool unit_reaches(const struct world *w, const struct unit *u, unsigned host);
/* Has it a key there, on any nexus? */
bool unit_registered(const struct unit *u, unsigned host);
bool unit_path_up(const struct world *w, const struct unit *u, unsigned host, unsigned path);
void unit_path(struct world *w, struct unit *u, unsigned host, unsigned path, bool up, bool bare);
void unit_reset(struct world *w, struct unit *u);
void unit_power_cycle(struct world *w, struct unit *u);
/* A program of no node's registers, and reserves what nobody has reserved; or leaves. */
void unit_stranger(struct world *w, struct unit *u, bool comes);

/* A command goes out, by its host's shell; answered by reserve_answered with who. */
void lun_send(struct world *w, struct host *h, struct unit *u, const struct reservation_step *step,
              uint64_t not_after_us, unsigned who, uint32_t generation);
/* A write of a service's data goes out by whatever path works. no: the start that it belongs to. */
void lun_write_send(struct world *w, struct host *h, struct unit *u, unsigned service, uint32_t no);
void simlun_item(struct world *w, const struct item *it);
/* Its adapters log in anew: the array drops what was under way from before (I_T nexus loss, SAM-5).
 */
void simlun_power_on(struct world *w, const struct host *h);
/* What waits in its memory is lost; what is on its way may arrive. */
void simlun_power_off(struct world *w, struct host *h);

#endif
