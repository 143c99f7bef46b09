/* SPDX-License-Identifier: GPL-2.0-or-later
 * buf: the bounded cursor. Happy path: init, puts or gets in the order of the format, one look at
 * .bad. The only way to fail is the end of the buffer (or a text that cannot be held). */
#include <assert.h>
#include <string.h>
#include "lib/base/buf.h"

void buf_write_init(struct buf *b, void *at, size_t size)
{
    assert(at || size == 0);
    *b = (struct buf){.at = at, .size = size};
}

void buf_read_init(struct buf *b, const void *at, size_t size)
{
    /* One struct for both directions: nothing is written through a buffer that is only read. */
    union {
        const void *from;
        uint8_t *to;
    } p = {.from = at};
    assert(at || size == 0);
    *b = (struct buf){.at = p.to, .size = size};
}

/* The next len bytes, or NULL and bad. */
static uint8_t *take(struct buf *b, size_t len)
{
    assert(b->pos <= b->size);
    if (b->bad || len > b->size - b->pos) {
        b->bad = true;
        return NULL;
    }
    uint8_t *at = b->at + b->pos;
    b->pos += len;
    return at;
}

static void put(struct buf *b, uint64_t v, size_t len)
{
    uint8_t *at = take(b, len);
    for (size_t i = 0; at && i < len; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

static uint64_t get(struct buf *b, size_t len)
{
    uint64_t v = 0;
    const uint8_t *at = take(b, len);
    for (size_t i = 0; at && i < len; i++)
        v |= (uint64_t)at[i] << 8 * i;
    return v;
}

void buf_put_u8(struct buf *b, uint8_t v)
{
    put(b, v, 1);
}

void buf_put_u16(struct buf *b, uint16_t v)
{
    put(b, v, 2);
}

void buf_put_u32(struct buf *b, uint32_t v)
{
    put(b, v, 4);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
    put(b, v, 8);
}

void buf_put_bytes(struct buf *b, const void *at, size_t len)
{
    uint8_t *to = take(b, len);
    if (to && len)
        memcpy(to, at, len);
}

void buf_put_text(struct buf *b, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len > UINT16_MAX || b->bad || len + 2 > buf_left(b)) {
        b->bad = true;
        return;
    }
    buf_put_u16(b, (uint16_t)len);
    buf_put_bytes(b, text, len);
}

uint8_t buf_get_u8(struct buf *b)
{
    return (uint8_t)get(b, 1);
}

uint16_t buf_get_u16(struct buf *b)
{
    return (uint16_t)get(b, 2);
}

uint32_t buf_get_u32(struct buf *b)
{
    return (uint32_t)get(b, 4);
}

uint64_t buf_get_u64(struct buf *b)
{
    return get(b, 8);
}

void buf_get_bytes(struct buf *b, void *to, size_t len)
{
    const uint8_t *at = take(b, len);
    if (len == 0)
        return;
    if (at)
        memcpy(to, at, len);
    else
        memset(to, 0, len);
}

const uint8_t *buf_get_view(struct buf *b, size_t len)
{
    return take(b, len);
}

void buf_get_text(struct buf *b, char *to, size_t size)
{
    assert(size >= 1);
    to[0] = '\0';
    size_t len = buf_get_u16(b);
    const uint8_t *at = take(b, len);
    if (!at)
        return;
    if (len >= size || memchr(at, 0, len)) {
        b->bad = true;
        return;
    }
    memcpy(to, at, len);
    to[len] = '\0';
}
