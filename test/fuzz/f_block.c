/* SPDX-License-Identifier: GPL-2.0-or-later
 * f_block: any bytes as a block of a quorum disk. What reads as whole must be written back as the
 * same bytes; nothing may be read past the block's end. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/wire/block.h"
#include "test/fuzz/fuzz.h"

static const uint8_t uuid[BLOCK_UUID] = {7, 7, 7};

size_t fuzz_seed(unsigned i, uint8_t *to, size_t size)
{
    struct block_header h = {.cluster = "treasury", .made_s = 1700000000};
    struct block b = {.kind = i & 1, .node = 2, .boot = 9, .seq = i + 1};
    static struct block_pack pack;
    uint8_t frame[600] = {'Y', 'K'};
    FUZZ_MUST(size >= BLOCK_BYTES);
    memcpy(h.uuid, uuid, sizeof uuid);
    memcpy(b.uuid, uuid, sizeof uuid);
    if (i == 0) {
        block_put_header(to, &h);
        return BLOCK_BYTES;
    }
    if (i > 5)
        return 0;
    block_pack_init(&pack);
    for (unsigned k = 0; k < 3 * i; k++)
        block_pack_add(&pack, frame, 20 + 100 * i);
    b.first = pack.first;
    b.n = pack.n;
    b.len = pack.len;
    b.at = pack.at;
    block_put(to, &b);
    return BLOCK_BYTES;
}

static void look(const uint8_t *block)
{
    uint8_t again[BLOCK_BYTES];
    struct block_header h;
    struct block b;
    struct block_seen seen = {0};
    enum block_state header = block_get_header(block, &h);
    FUZZ_MUST(header < BLOCK_STATES);
    if (header == BLOCK_WHOLE) {
        block_put_header(again, &h);
        FUZZ_MUST(memcmp(again, block, 40) == 0 && strlen(h.cluster) < BLOCK_NAME_LEN);
    }
    for (unsigned kind = BLOCK_BEAT; kind <= BLOCK_MAIL; kind++) {
        enum block_state state = block_get(block, uuid, (enum block_kind)kind, 2, &b);
        FUZZ_MUST(state < BLOCK_STATES);
        if (state != BLOCK_WHOLE)
            continue;
        size_t pos = 0, len;
        unsigned n = 0;
        for (const uint8_t *f; (f = block_frame(&b, &pos, &len)) != NULL; n++)
            FUZZ_MUST(f >= block + BLOCK_HEAD && f + len <= block + BLOCK_BYTES - BLOCK_TAIL);
        FUZZ_MUST(n == b.n && pos == b.len);
        FUZZ_MUST(block_news(&seen, &b) == BLOCK_NEW && block_news(&seen, &b) == BLOCK_SAME);
        block_put(again, &b);
        FUZZ_MUST(memcmp(again + 12, block + 12, BLOCK_HEAD - 12 + b.len) == 0);
    }
}

int fuzz_one(const uint8_t *at, size_t len)
{
    uint8_t *block = malloc(BLOCK_BYTES); /* exactly as long, so that a sanitizer sees the end */
    struct buf crc;
    FUZZ_MUST(block != NULL);
    memset(block, 0, BLOCK_BYTES);
    memcpy(block, at, len < BLOCK_BYTES ? len : BLOCK_BYTES);
    look(block);
    /* Again with the CRC put right, to get past the first gate. */
    buf_write_init(&crc, block + BLOCK_BYTES - BLOCK_TAIL, BLOCK_TAIL);
    buf_put_u32(&crc, crc32c(0, block, BLOCK_BYTES - BLOCK_TAIL));
    look(block);
    free(block);
    return 0;
}
