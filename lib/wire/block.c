/* SPDX-License-Identifier: GPL-2.0-or-later
 * block: blocks of a quorum disk as bytes, and telling apart what stands there.
 *
 * Happy path: put and get are each other's reverse. Fails by an enum block_state; what is looked at
 * first matters: zero, alien, torn, then version, so that a later version, which may lay everything
 * but magic, version and CRC out otherwise, is still told from damage. */
#include "lib/wire/block.h"

#include <assert.h>
#include <string.h>
#include "lib/base/crc32c.h"

enum { MAGIC = 8, AT_CRC = BLOCK_BYTES - BLOCK_TAIL };

static const char magic_header[] = "YOKEDISK";
static const char *const magic_slot[] = {[BLOCK_BEAT] = "YOKEBEAT", [BLOCK_MAIL] = "YOKEMAIL"};

_Static_assert(sizeof magic_header == MAGIC + 1, "a magic is eight letters");

unsigned block_place(enum block_kind kind, uint8_t node)
{
    assert(node >= 1 && node <= BLOCK_SLOTS);
    return kind == BLOCK_BEAT ? 2u * node - 1 : 2u * node;
}

const char *block_state_word(enum block_state state)
{
    static const char *const word[] = {
        [BLOCK_WHOLE] = "whole",     [BLOCK_ZERO] = "zero",           [BLOCK_ALIEN] = "alien",
        [BLOCK_TORN] = "torn",       [BLOCK_NEWER] = "newer",         [BLOCK_OLDER] = "older",
        [BLOCK_FOREIGN] = "foreign", [BLOCK_MISPLACED] = "misplaced",
    };
    assert((unsigned)state < BLOCK_STATES);
    return word[state];
}

static void crc_put(uint8_t to[BLOCK_BYTES])
{
    struct buf b;
    buf_write_init(&b, to + AT_CRC, BLOCK_TAIL);
    buf_put_u32(&b, crc32c(0, to, AT_CRC));
}

static bool zero(const uint8_t at[BLOCK_BYTES])
{
    return at[0] == 0 && memcmp(at, at + 1, BLOCK_BYTES - 1) == 0;
}

/* The magic and the CRC, which all versions share. */
static enum block_state outer_check(const uint8_t at[BLOCK_BYTES], bool ours)
{
    struct buf b;
    if (zero(at))
        return BLOCK_ZERO;
    if (!ours)
        return BLOCK_ALIEN;
    buf_read_init(&b, at + AT_CRC, BLOCK_TAIL);
    if (buf_get_u32(&b) != crc32c(0, at, AT_CRC))
        return BLOCK_TORN;
    buf_read_init(&b, at + MAGIC, 2);
    uint16_t version = buf_get_u16(&b);
    return version == BLOCK_VERSION  ? BLOCK_WHOLE
           : version > BLOCK_VERSION ? BLOCK_NEWER
                                     : BLOCK_OLDER;
}

void block_put_header(uint8_t to[BLOCK_BYTES], const struct block_header *h)
{
    struct buf b;
    memset(to, 0, BLOCK_BYTES);
    buf_write_init(&b, to, AT_CRC);
    buf_put_bytes(&b, magic_header, MAGIC);
    buf_put_u16(&b, BLOCK_VERSION);
    buf_put_u16(&b, BLOCK_SLOTS);
    buf_put_u32(&b, BLOCK_BYTES);
    buf_put_bytes(&b, h->uuid, BLOCK_UUID);
    buf_put_u64(&b, h->made_s);
    buf_put_text(&b, h->cluster);
    assert(!b.bad && strlen(h->cluster) < BLOCK_NAME_LEN);
    crc_put(to);
}

enum block_state block_get_header(const uint8_t at[BLOCK_BYTES], struct block_header *h)
{
    struct buf b;
    enum block_state state = outer_check(at, memcmp(at, magic_header, MAGIC) == 0);
    if (state != BLOCK_WHOLE)
        return state;
    memset(h, 0, sizeof *h);
    buf_read_init(&b, at, AT_CRC);
    (void)buf_get_view(&b, MAGIC + 2);
    bool plain = buf_get_u16(&b) == BLOCK_SLOTS;
    plain = buf_get_u32(&b) == BLOCK_BYTES && plain;
    buf_get_bytes(&b, h->uuid, BLOCK_UUID);
    h->made_s = buf_get_u64(&b);
    buf_get_text(&b, h->cluster, sizeof h->cluster);
    return !b.bad && plain ? BLOCK_WHOLE : BLOCK_NEWER;
}

void block_put(uint8_t to[BLOCK_BYTES], const struct block *block)
{
    struct buf b;
    assert(block->node >= 1 && block->node <= BLOCK_SLOTS && block->seq != 0);
    assert(block->len <= BLOCK_FRAMES_MAX);
    memset(to, 0, BLOCK_BYTES);
    buf_write_init(&b, to, AT_CRC);
    buf_put_bytes(&b, magic_slot[block->kind], MAGIC);
    buf_put_u16(&b, BLOCK_VERSION);
    buf_put_u8(&b, block->node);
    buf_put_u8(&b, 0);
    buf_put_u16(&b, block->n);
    buf_put_u16(&b, block->len);
    buf_put_bytes(&b, block->uuid, BLOCK_UUID);
    buf_put_u64(&b, block->boot);
    buf_put_u64(&b, block->seq);
    buf_put_u64(&b, block->first);
    assert(b.pos == BLOCK_HEAD);
    buf_put_bytes(&b, block->at, block->len);
    assert(!b.bad);
    crc_put(to);
}

/* Do the frames fill their bytes exactly? */
static bool frames_fit(const struct block *b)
{
    size_t pos = 0, len;
    unsigned n = 0;
    while (block_frame(b, &pos, &len) != NULL)
        n++;
    return n == b->n && pos == b->len;
}

enum block_state block_get(const uint8_t at[BLOCK_BYTES], const uint8_t uuid[BLOCK_UUID],
                           enum block_kind kind, uint8_t node, struct block *block)
{
    struct buf b;
    bool beat = memcmp(at, magic_slot[BLOCK_BEAT], MAGIC) == 0;
    bool mail = memcmp(at, magic_slot[BLOCK_MAIL], MAGIC) == 0;
    enum block_state state = outer_check(at, beat || mail);
    if (state != BLOCK_WHOLE)
        return state;
    memset(block, 0, sizeof *block);
    buf_read_init(&b, at, AT_CRC);
    (void)buf_get_view(&b, MAGIC + 2);
    block->kind = beat ? BLOCK_BEAT : BLOCK_MAIL;
    block->node = buf_get_u8(&b);
    (void)buf_get_u8(&b);
    block->n = buf_get_u16(&b);
    block->len = buf_get_u16(&b);
    buf_get_bytes(&b, block->uuid, BLOCK_UUID);
    block->boot = buf_get_u64(&b);
    block->seq = buf_get_u64(&b);
    block->first = buf_get_u64(&b);
    block->at = buf_get_view(&b, block->len);
    if (memcmp(block->uuid, uuid, BLOCK_UUID) != 0)
        return BLOCK_FOREIGN;
    if (block->kind != kind || block->node != node)
        return BLOCK_MISPLACED;
    if (b.bad || block->seq == 0 || block->first == 0 || !frames_fit(block))
        return BLOCK_TORN; /* a right CRC over nonsense: written by no daemon of ours */
    return BLOCK_WHOLE;
}

const uint8_t *block_frame(const struct block *block, size_t *pos, size_t *len)
{
    struct buf b;
    assert(*pos <= block->len);
    buf_read_init(&b, block->at + *pos, block->len - *pos);
    *len = buf_get_u16(&b);
    const uint8_t *frame = buf_get_view(&b, *len);
    if (b.bad)
        return NULL;
    *pos += b.pos;
    return frame;
}

void block_pack_init(struct block_pack *p)
{
    memset(p, 0, sizeof *p);
    p->first = 1;
}

static void oldest_drop(struct block_pack *p)
{
    struct buf b;
    buf_read_init(&b, p->at, p->len);
    size_t size = 2u + buf_get_u16(&b);
    assert(p->n > 0 && size <= p->len);
    memmove(p->at, p->at + size, p->len - size);
    p->len = (uint16_t)(p->len - size);
    p->n--;
    p->first++;
}

void block_pack_add(struct block_pack *p, const uint8_t *frame, size_t len)
{
    struct buf b;
    assert(len + 2 <= BLOCK_FRAMES_MAX);
    while (p->len + 2 + len > BLOCK_FRAMES_MAX)
        oldest_drop(p);
    buf_write_init(&b, p->at + p->len, BLOCK_FRAMES_MAX - p->len);
    buf_put_u16(&b, (uint16_t)len);
    buf_put_bytes(&b, frame, len);
    assert(!b.bad);
    p->len = (uint16_t)(p->len + b.pos);
    p->n++;
}

enum block_news block_news(struct block_seen *seen, const struct block *b)
{
    bool fresh = b->seq > seen->seq;
    if (b->seq == seen->seq && b->boot == seen->boot) {
        seen->back_seq = 0;
        return BLOCK_SAME;
    }
    if (!fresh && seen->back_seq != 0 && b->seq > seen->back_seq)
        fresh = true;
    if (!fresh) {
        if (seen->back_seq == 0)
            seen->back_seq = b->seq;
        return BLOCK_BACK;
    }
    if (b->boot != seen->boot || b->seq < seen->seq)
        seen->frames = 0;
    seen->boot = b->boot;
    seen->seq = b->seq;
    seen->back_seq = 0;
    return BLOCK_NEW;
}

bool block_frame_new(struct block_seen *seen, const struct block *b, unsigned i)
{
    assert(i < b->n);
    if (b->first + i <= seen->frames)
        return false;
    seen->frames = b->first + i;
    return true;
}
