/* SPDX-License-Identifier: GPL-2.0-or-later
 * disk: a link over a quorum disk. Not served yet: the link says so and is never usable. */
#include "daemon/journal.h"
#include "daemon/link.h"

static bool disk_open(struct link *l)
{
    link_down(l, _("this version of yoked does not use quorum disks yet"));
    return false;
}

static void disk_close(struct link *l)
{
    (void)l;
}

static void disk_send(struct link *l, const uint8_t *frame, size_t len, bool beat)
{
    (void)l;
    (void)frame;
    (void)len;
    (void)beat;
}

const struct link_driver link_disk = {"disk", 1, disk_open, disk_close, disk_send};
