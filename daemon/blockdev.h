/* SPDX-License-Identifier: GPL-2.0-or-later
 * blockdev: the file or device behind a quorum disk: opened for direct I/O, read and written in
 * whole blocks. Every call may hang as long as the disk does: never from the main thread of yoked.
 *
 * Happy path: blockdev_open, blockdev_read and blockdev_write from and to aligned memory,
 * blockdev_close. Fails with a sentence (open) or an errno (read, write). */
#ifndef YOKE_DAEMON_BLOCKDEV_H
#define YOKE_DAEMON_BLOCKDEV_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/str.h"
#include "lib/wire/block.h"

struct blockdev {
    int fd;
    bool direct; /* false: a plain file that can only be read and written through the cache */
    uint64_t bytes;
};

enum blockdev_use { BLOCKDEV_READ, BLOCKDEV_WRITE, BLOCKDEV_OWN };

/* BLOCKDEV_OWN: for writing, and refused while anything of this machine (a mount, a volume group,
 * another program that asks the same) has the device. ERR_MISSING, ERR_DENIED, ERR_BUSY, ERR_SHORT
 * (too small), ERR_SYNTAX (no device, no file), ERR_IO. */
enum err blockdev_open(struct blockdev *d, const char *path, enum blockdev_use use,
                       struct str *why) MUST_CHECK;
void blockdev_close(struct blockdev *d);
/* n blocks from number `first`, whole or not at all: 0, or an errno. */
int blockdev_read(const struct blockdev *d, unsigned first, unsigned n, uint8_t *to) MUST_CHECK;
int blockdev_write(const struct blockdev *d, unsigned first, unsigned n,
                   const uint8_t *at) MUST_CHECK;
/* Memory for n blocks, aligned as direct I/O wants it, zeroed; free() it. NULL: none. */
uint8_t *blockdev_memory(unsigned n);

/* Is this the header of our cluster's disk? name: as the user knows the disk, [disk NAME] or a
 * path; uuid[0..n_uuid): what may stand there (one for each key).
 * True, or a sentence that says what to do. */
bool blockdev_header_ok(const uint8_t *block, const char *name, const char *cluster,
                        const uint8_t uuid[][BLOCK_UUID], unsigned n_uuid,
                        struct block_header *header, struct str *why) MUST_CHECK;

#endif
