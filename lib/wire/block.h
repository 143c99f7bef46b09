/* SPDX-License-Identifier: GPL-2.0-or-later
 * block: what stands on a quorum disk, in blocks of 4096 bytes. Block 0 is the header; node i
 * (1..16) has its newest beat in block 2 i - 1 and its mailbox, the newest data frames, in block
 * 2 i. Each is written whole by one writer only. Little endian.
 *
 *   header   0 "YOKEDISK"   8 version u16   10 slots u16   12 block size u32   16 UUID 16 bytes
 *           32 made at u64 (seconds, for display)   40 cluster's name u16 + text   0 ...   4092 CRC
 *   slot     0 "YOKEBEAT" or "YOKEMAIL"   8 version u16   10 node id u8   11 0   12 frames u16
 *           14 length u16   16 UUID   32 boot id u64   40 sequence u64   48 number of the first
 *           frame u64   56 frames, each u16 length + sealed frame   0 ...   4092 CRC-32C
 *
 * The CRC stands last and covers everything before it, so that a write that reached the medium in
 * part shows, whichever part it was. Frames carry their own seal (auth.h); the CRC proves nothing
 * about origin.
 *
 * Happy path: block_put makes the bytes, block_get reads them, block_news tells whether they are
 * newer than the last ones. Fails: enum block_state tells apart what else can stand there. */
#ifndef YOKE_WIRE_BLOCK_H
#define YOKE_WIRE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

enum {
    BLOCK_BYTES = 4096,
    BLOCK_VERSION = 1,
    BLOCK_SLOTS = 16, /* node ids 1..16 */
    BLOCK_COUNT = 1 + 2 * BLOCK_SLOTS,
    BLOCK_UUID = 16,
    BLOCK_NAME_LEN = 64, /* of the cluster, with NUL */
    BLOCK_HEAD = 56,     /* of a slot: frames begin here */
    BLOCK_TAIL = 4,
    BLOCK_FRAMES_MAX = BLOCK_BYTES - BLOCK_HEAD - BLOCK_TAIL /* bytes, lengths included */
};

enum block_kind { BLOCK_BEAT, BLOCK_MAIL };

enum block_state {
    BLOCK_WHOLE,
    BLOCK_ZERO,      /* all bytes are 0: never written, or wiped */
    BLOCK_ALIEN,     /* no block of ours: something else is on this disk */
    BLOCK_TORN,      /* of ours, written in part, or damaged */
    BLOCK_NEWER,     /* of a later version */
    BLOCK_OLDER,     /* of an earlier version */
    BLOCK_FOREIGN,   /* of another cluster */
    BLOCK_MISPLACED, /* another node's, or of the other kind */
    BLOCK_STATES
};

struct block_header {
    uint8_t uuid[BLOCK_UUID];
    char cluster[BLOCK_NAME_LEN];
    uint64_t made_s; /* seconds since 1970, for display only */
};

struct block {
    enum block_kind kind;
    uint8_t node; /* id, 1..BLOCK_SLOTS */
    uint8_t uuid[BLOCK_UUID];
    uint64_t boot;     /* the writer's incarnation */
    uint64_t seq;      /* rises with every write of this block, over boots too; never 0 */
    uint64_t first;    /* number of its first frame: frames are counted from 1 within a boot */
    uint16_t n, len;   /* frames, and their bytes with lengths */
    const uint8_t *at; /* the frames, inside the block that was read; ends with it */
};

/* Number of a node's block on the disk; times BLOCK_BYTES it is the offset. */
unsigned block_place(enum block_kind kind, uint8_t node);
const char *block_state_word(enum block_state state); /* English, for JSON: "torn" */

void block_put_header(uint8_t to[BLOCK_BYTES], const struct block_header *h);
/* BLOCK_WHOLE, or why not; h is filled in when it is whole. */
enum block_state block_get_header(const uint8_t at[BLOCK_BYTES], struct block_header *h) MUST_CHECK;

/* b->at[0..len) holds the frames packed by block_pack. */
void block_put(uint8_t to[BLOCK_BYTES], const struct block *b);
/* The block of that place: uuid, kind and node are what must stand in it. *b is filled in when it
 * is whole. */
enum block_state block_get(const uint8_t at[BLOCK_BYTES], const uint8_t uuid[BLOCK_UUID],
                           enum block_kind kind, uint8_t node, struct block *b) MUST_CHECK;
/* The next frame of b; *pos begins at 0. NULL past the last. */
const uint8_t *block_frame(const struct block *b, size_t *pos, size_t *len);

/* A window of the newest frames, as they stand in a mailbox: what no longer fits goes, the oldest
 * first. Whoever reads too seldom lets the session send again. */
struct block_pack {
    uint8_t at[BLOCK_FRAMES_MAX];
    uint16_t n, len;
    uint64_t first; /* number of the first; 1 in an empty new one */
};
void block_pack_init(struct block_pack *p);
/* len is at most BLOCK_FRAMES_MAX - 2. */
void block_pack_add(struct block_pack *p, const uint8_t *frame, size_t len);

/* What a reader remembers of one block. Zeroed: nothing yet. */
struct block_seen {
    uint64_t boot, seq;
    uint64_t back_seq; /* of a block whose sequence had gone back; 0: none */
    uint64_t frames;   /* highest frame number taken in this boot */
};
enum block_news { BLOCK_NEW, BLOCK_SAME, BLOCK_BACK };
/* Compares and remembers. BLOCK_BACK: an older block than one seen before, from a cache or a mirror
 * that lags. If such a one goes on rising, its writer has begun to count anew: it is new then. */
enum block_news block_news(struct block_seen *seen, const struct block *b);
/* Is the i-th frame (from 0) of b one that was not taken yet? Call in order; remembers. */
bool block_frame_new(struct block_seen *seen, const struct block *b, unsigned i);

#endif
