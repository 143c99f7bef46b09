/* SPDX-License-Identifier: GPL-2.0-or-later
 * trait: what an agent declares in its meta-data about running twice:
 *   <?yoke-twice harmless?>   running twice destroys nothing
 *   <?yoke-data disk?>        all that it writes lies on the disks of its group
 * (processing instructions, as the DTD of the meta-data has no room for an element). An agent that
 * says nothing, or cannot be asked, has neither. Asked once for each type while the daemon runs.
 * Waits for the agent: never from the main thread. */
#ifndef YOKE_DAEMON_TRAIT_H
#define YOKE_DAEMON_TRAIT_H

#include <stdint.h>

enum { TRAIT_LIMIT_MS = 5000, TRAIT_TYPES_MAX = 128 };

/* RESERVE_HARMLESS, RESERVE_ONDISK. dirs: roots that hold resource.d, colon separated. */
uint16_t trait_find(const char *dirs, const char *provider, const char *type);
uint16_t trait_get(const char *meta_data); /* of the text */

#endif
