/* SPDX-License-Identifier: GPL-2.0-or-later
 * blocktree: from a block device down to the disks that carry it, by sysfs: partitions, logical
 * volumes, software RAID, multipath maps, and the SCSI paths of each disk.
 *
 * Happy path: blocktree_number for a device's name, blocktree_disks for what lies under it. Both
 * only read sysfs and /dev, below a root that a test may choose. Fails: ERR_MISSING (no such
 * device), ERR_FULL (more disks or paths than fit). */
#ifndef YOKE_DAEMON_BLOCKTREE_H
#define YOKE_DAEMON_BLOCKTREE_H

#include <stdbool.h>
#include <stdint.h>
#include "daemon/scsi.h"
#include "lib/base/str.h"

enum { BLOCKTREE_PATHS_MAX = 16, BLOCKTREE_DISKS_MAX = 16, BLOCKTREE_DEV_LEN = 40 };

struct blocktree {
    const char *sys, *dev; /* "/sys", "/dev" */
};

struct block_number {
    unsigned major, minor;
};

struct disk_path {
    char dev[BLOCKTREE_DEV_LEN]; /* the kernel's name: "sdb" */
    struct block_number number;
};

enum disk_kind {
    DISK_SCSI,  /* takes SCSI commands, as far as sysfs tells */
    DISK_NVME,  /* never does */
    DISK_OTHER, /* only asking it tells: loop, virtio, ... */
};

struct shared_disk {
    char name[SCSI_NAME_LEN];     /* what it calls itself: "naa.6001405...", "" as yet unknown */
    char map[BLOCKTREE_DEV_LEN];  /* multipath map: "mpatha"; "" a plain disk */
    char used[BLOCKTREE_DEV_LEN]; /* the kernel's name of map or disk: "dm-3", "sdb" */
    uint8_t kind;                 /* enum disk_kind */
    unsigned n_paths;
    struct disk_path path[BLOCKTREE_PATHS_MAX];
};

struct disk_set { /* sorted by name, each once */
    unsigned n;
    struct shared_disk at[BLOCKTREE_DISKS_MAX];
};

/* path: a device node, or a link to one; ERR_UNKNOWN: it is there and is no block device. */
enum err blocktree_number(const struct blocktree *t, const char *path,
                          struct block_number *out) MUST_CHECK;
/* Adds the disks under a device. */
enum err blocktree_disks(const struct blocktree *t, struct block_number device,
                         struct disk_set *set) MUST_CHECK;
/* The name in sysfs of a path; "" when it has none there. */
void blocktree_name(const struct blocktree *t, struct block_number path, char name[SCSI_NAME_LEN]);
/* Adds the physical volumes' disks of an active volume group; ERR_MISSING: none is active. */
enum err blocktree_group(const struct blocktree *t, const char *group,
                         struct disk_set *set) MUST_CHECK;
void disk_set_sort(struct disk_set *set); /* and what is there twice goes */
/* What a disk is that takes no SCSI commands, and what to do: a sentence's end. */
const char *disk_kind_text(const struct shared_disk *d);

#endif
