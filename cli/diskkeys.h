/* SPDX-License-Identifier: GPL-2.0-or-later
 * diskkeys: what `yoke reservation show` and `check` share: which disks are meant, and whose the
 * keys on them are. */
#ifndef YOKE_CLI_DISKKEYS_H
#define YOKE_CLI_DISKKEYS_H

#include "cli/cli.h"
#include "daemon/reserver.h"

struct diskkeys_user { /* of the cluster, as far as it is known here */
    bool known;        /* uuid and node are */
    uint8_t uuid[16];  /* for keys */
    uint8_t node;      /* own node id */
    struct blocktree tree;
};

/* One disk that is shown or checked; its daemon need not run. */
struct diskkeys_disk {
    const char *owner; /* resource or [disk NAME] that uses it, "" */
    const struct shared_disk *disk;
};

typedef int diskkeys_fn(struct ctx *x, const struct diskkeys_user *u, const struct diskkeys_disk *d,
                        json_t *out);

/* Calls fn for each disk meant by a word (device, resource, group, [disk NAME]), or for all; the
 * worst exit code. What cannot do reservations at all is told. */
int diskkeys_each(struct ctx *x, int argc, char **argv, diskkeys_fn *fn);
/* "db1", "node 7 of this cluster", "a stranger (0x12)" */
void diskkeys_whose(const struct ctx *x, const struct diskkeys_user *u, uint64_t key,
                    struct str *out);
const char *diskkeys_name(const struct shared_disk *d);

#endif
