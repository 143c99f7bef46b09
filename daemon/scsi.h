/* SPDX-License-Identifier: GPL-2.0-or-later
 * scsi: one command to one path of a disk, by ioctl(SG_IO), and the name that a disk gives itself
 * (VPD page 0x83). Every call may hang as long as the path does: never from the main thread.
 *
 * Happy path: scsi_send. Fails: as enum pr_outcome; a device that takes no SCSI commands at all is
 * PR_UNSUPPORTED. */
#ifndef YOKE_DAEMON_SCSI_H
#define YOKE_DAEMON_SCSI_H

#include "lib/base/str.h"
#include "lib/wire/pr.h"

enum {
    SCSI_NAME_LEN = 96,
    /* After this the kernel aborts the command and then resets device and bus, which would disturb
     * a slow disk: far more than anybody here waits. */
    SCSI_ABORT_MS = 30000
};

/* data[PR_REPLY_MAX] and *len: what the device sent. abort_ms 0: SCSI_ABORT_MS; less is for what
 * must not be carried out late, whatever that disturbs. */
enum pr_outcome scsi_send(int fd, const struct pr_command *c, unsigned abort_ms, uint8_t *data,
                          size_t *len);
/* "naa.6001405...", as the kernel writes it in sysfs. */
enum pr_outcome scsi_name(int fd, char name[SCSI_NAME_LEN]);
/* The best name in a page 0x83 of len bytes; false: it has none. */
bool scsi_name_get(const uint8_t *page, size_t len, char name[SCSI_NAME_LEN]);

#endif
