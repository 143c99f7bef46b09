/* SPDX-License-Identifier: GPL-2.0-or-later
 * diskio: one quorum disk, read and written by two threads of its own, so that a path that hangs
 * hangs nothing else. At most one read and one write are under way; the newest beat wins; the
 * mailbox holds the newest data frames.
 *
 * Happy path: diskio_start; its eventfd tells of news, diskio_take takes them: opened, a beat is on
 * the disk, the peer's blocks were read, with the frames that are new. Fails: news say failed, with
 * the reason, and both threads end. A thread that hangs in the kernel cannot be ended: diskio_free
 * then says so, and is tried again later.
 * The functions below belong to the main thread. */
#ifndef YOKE_DAEMON_DISKIO_H
#define YOKE_DAEMON_DISKIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/str.h"
#include "lib/wire/block.h"

enum { DISKIO_UUIDS_MAX = 4, DISKIO_REASON_LEN = 320 };

/* What is remembered of a disk while it is closed and opened again. Zeroed: nothing. */
struct diskio_memory {
    struct block_seen seen[2]; /* by enum block_kind */
    uint64_t made_s;           /* of the header: a disk that was prepared anew is another one */
    uint64_t since_us;         /* when it was first seen here with that header */
};

struct diskio_plan {
    const char *name; /* [disk NAME]; all are copied */
    const char *path;
    const char *cluster;
    uint8_t uuid[DISKIO_UUIDS_MAX][BLOCK_UUID]; /* what the header may say */
    unsigned n_uuid;
    uint8_t self, peer; /* node ids */
    uint64_t boot;
    uint32_t interval_ms;  /* between two reads */
    uint64_t unwritten_us; /* an unwritten block says something after so long: preparing the disk
                              may have wiped a beat that nobody here has read */
    struct diskio_memory memory;
};

struct diskio_news {
    bool opened; /* since the last news */
    bool direct; /* with opened: reads come from the disk, not from this machine's cache */
    bool failed;
    char reason[DISKIO_REASON_LEN]; /* when failed */
    uint64_t wrote_us;              /* date of the newest beat that is on the disk since; 0: none */
    uint64_t read_us;       /* begin (CLOCK_MONOTONIC_RAW) of a read that brought the peer's blocks
                               whole, or found that it has never written any; 0: none since */
    enum block_state peer;  /* of its worse block, as last read */
    bool unwritten;         /* it has never written any, as far as is known */
    bool back;              /* its sequence had gone back: an older block than one seen before */
    struct block_pack beat; /* frames that were not there before: its newest beat, */
    struct block_pack mail; /* and data frames */
};

struct diskio;

/* NULL: no memory, thread or descriptor. */
struct diskio *diskio_start(const struct diskio_plan *plan);
int diskio_fd(const struct diskio *io); /* readable when there are news */
/* A sealed frame; sent_us: its date, told again when it is on the disk. */
void diskio_beat(struct diskio *io, const uint8_t *frame, size_t len, uint64_t sent_us);
void diskio_mail(struct diskio *io, const uint8_t *frame, size_t len);
void diskio_take(struct diskio *io, struct diskio_news *out);
/* For how long the read, the write (or the opening) that is under way has been so; 0: none is. */
uint64_t diskio_read_age_us(struct diskio *io);
uint64_t diskio_write_age_us(struct diskio *io);
/* Asks the threads to end. What waits to be written still is, if the disk takes it at once. */
void diskio_stop(struct diskio *io);
/* Frees it, once its threads have ended, for which it waits at most wait_ms. False: they hang.
 * memory may be NULL. */
bool diskio_free(struct diskio *io, unsigned wait_ms, struct diskio_memory *memory) MUST_CHECK;

#endif
