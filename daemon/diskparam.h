/* SPDX-License-Identifier: GPL-2.0-or-later
 * diskparam: which disks a resource uses, by its parameters: block devices that they name
 * (/dev/..., UUID=, LABEL=, PARTUUID=, PARTLABEL=) and LVM volume groups (vgname, volgrpname, or
 * the group in the name of a logical volume that is not active here) and software RAID that is not
 * assembled here.
 *
 * Happy path: diskparam_find; a resource that names none has none, and that is no fault. Fails:
 * ERR_MISSING, and `why` says what is not there; ERR_FULL. May run pvs or mdadm, for LIMIT_MS at
 * most: never from the main thread. */
#ifndef YOKE_DAEMON_DISKPARAM_H
#define YOKE_DAEMON_DISKPARAM_H

#include "daemon/blocktree.h"

enum { DISKPARAM_PVS_MS = 5000 };

/* env: NAME=VALUE texts, each ended by NUL, the last by two. dirs: where pvs is looked for. */
enum err diskparam_find(const struct blocktree *t, const char *dirs, const char *env,
                        size_t env_len, struct disk_set *set, struct str *why) MUST_CHECK;

#endif
