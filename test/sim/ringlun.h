/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringlun: the disks of the ring's services, which grant SCSI-3 reservations (test/unit/lun.c), and
 * what a host's shell does for ACT_RESERVE there: the real struct reservation, by one path. */
#ifndef YOKE_SIM_RINGLUN_H
#define YOKE_SIM_RINGLUN_H

#include "test/sim/ringworld.h"

/* Which services have disks, or write on those of their group; group[i]: of the service r(i + 1), 0
 * none. Only where reservations are sought. */
void ringlun_draw(struct rworld *w, struct prng *p, const uint8_t *group, unsigned n);

void ringlun_reserve(struct rworld *w, struct rhost *h, const struct act_reserve *a);
void ringlun_permit(struct rworld *w, const struct rhost *h, uint32_t op, uint64_t not_after_us);
void ringlun_item(struct rworld *w, const struct ring_item *it);
/* It has left its host, and does not care what becomes of that. */
bool ringlun_travels(const struct ring_item *it);
void ringlun_daemon_gone(struct rworld *w, const struct rhost *h);

/* What that host sends to the service's disk is refused there: it cannot do harm. False where it
 * has no disk. */
bool ringlun_shut(const struct rworld *w, const struct ring_service *s, unsigned host);
/* Its reads and writes go through; also where it has no disk. */
bool ringlun_works(const struct rworld *w, const struct ring_service *s, unsigned host);
/* The path of a host to a disk is gone, or back. The disk is reset: everybody is told so. */
void ringlun_path(struct rworld *w, unsigned host, unsigned unit, bool up);
void ringlun_reset(struct rworld *w, unsigned unit);
void ringlun_heal(struct rworld *w);

#endif
