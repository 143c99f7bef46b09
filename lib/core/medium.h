/* SPDX-License-Identifier: GPL-2.0-or-later
 * medium: a link as a whole, whoever sent on it. */
#ifndef YOKE_CORE_MEDIUM_H
#define YOKE_CORE_MEDIUM_H

#include "lib/core/mind.h"

/* Something came that is not of this cluster: kept as the reason why the link is down, and told. */
void medium_foreign(struct node *n, unsigned link, enum say_id id, const char *what);
/* EV_FRAME_BAD */
void medium_noise(struct node *n, unsigned link, enum err why, uint32_t count);
/* EV_LINK */
void medium_usable(struct node *n, unsigned link, bool usable, const char *reason);

#endif
