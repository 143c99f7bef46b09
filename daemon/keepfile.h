/* SPDX-License-Identifier: GPL-2.0-or-later
 * keepfile: the files of the state directory. Everything here may block for as long as the disk
 * does, so it is called before the main loop runs, or from keep's thread.
 * Functions return 0 or an errno. */
#ifndef YOKE_DAEMON_KEEPFILE_H
#define YOKE_DAEMON_KEEPFILE_H

#include "daemon/keep.h"
#include "daemon/keepslot.h"

enum { KEEPFILE_PATH = 320, KEEPFILE_CIB_MAX = 2 * 1024 * 1024 };

struct keepfile {
    char dir[KEEPFILE_PATH - 64];
    int dir_fd, state_fd;
    uint64_t generation; /* last one written or read */
    unsigned slot;       /* which has it */
};

/* Opens or makes everything, fills found. ERR_IO, ERR_FULL, ERR_CRC ... with a sentence in why. */
enum err keepfile_open(struct keepfile *f, const char *dir, struct keep_found *found,
                       struct str *why) MUST_CHECK;
void keepfile_close(struct keepfile *f);
int keepfile_state(struct keepfile *f, const struct kept *kept) MUST_CHECK;
int keepfile_cib(struct keepfile *f, const char *text, uint32_t epoch, uint32_t seq) MUST_CHECK;
/* name: the file's name inside the directory, for the journal. */
int keepfile_lost(struct keepfile *f, const char *text, uint32_t epoch, uint32_t seq, char *name,
                  size_t size) MUST_CHECK;

#endif
