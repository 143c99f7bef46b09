/* SPDX-License-Identifier: GPL-2.0-or-later
 * dropin: the file below /run/systemd/system that adds two settings to a unit of ours, until boot:
 *   Before=yoked.service   at shutdown systemd stops yoked first, and the unit only when yoked has
 *                          stopped it in its order, or is gone. (At start it orders nothing: yoked
 *                          runs already when it starts the unit. After= would deadlock.) Left out
 *                          for a unit that is itself ordered after yoked: systemd stops that one
 *                          first, whatever yoke says.
 *   Restart=no             what has died is yoke's business: it counts failures, and it must be
 *                          able to kill what may not run here without systemd starting it anew.
 * Happy path: dropin_set, 0; systemd reads its files anew only when these settings are not in
 * force, so that mostly nothing happens; a probe has done it before anything needs to be quick.
 * Fails as systemd.h has it, or with an errno of the file system. It stays when the unit is
 * stopped: writing it again would cost each takeover a daemon-reload. */
#ifndef YOKE_DAEMON_DROPIN_H
#define YOKE_DAEMON_DROPIN_H

#include "daemon/systemd.h"

#define DROPIN_OURS "yoked.service"

/* The unit must be loaded. */
int dropin_set(struct systemd *s, uint64_t until) MUST_CHECK;

#endif
