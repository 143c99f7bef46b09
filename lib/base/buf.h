/* SPDX-License-Identifier: GPL-2.0-or-later
 * buf: a bounded cursor over bytes, to write or to read, little endian. The first access past the
 * end sets .bad and every later one does nothing (reads give 0), so that a codec checks once. */
#ifndef YOKE_BASE_BUF_H
#define YOKE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *at;
    size_t size, pos;
    bool bad;
};

void buf_write_init(struct buf *b, void *at, size_t size);
void buf_read_init(struct buf *b, const void *at, size_t size);
static inline size_t buf_left(const struct buf *b)
{
    return b->size - b->pos;
}

void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16(struct buf *b, uint16_t v);
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_u64(struct buf *b, uint64_t v);
void buf_put_bytes(struct buf *b, const void *at, size_t len);
/* u16 length, then the bytes; text must be shorter than 65536. NULL is written as "". */
void buf_put_text(struct buf *b, const char *text);

uint8_t buf_get_u8(struct buf *b);
uint16_t buf_get_u16(struct buf *b);
uint32_t buf_get_u32(struct buf *b);
uint64_t buf_get_u64(struct buf *b);
void buf_get_bytes(struct buf *b, void *to, size_t len); /* zeroes `to` when bad */
/* A view of len bytes inside the buffer, NULL when bad. */
const uint8_t *buf_get_view(struct buf *b, size_t len);
/* Reads what buf_put_text wrote into to[size]; .bad when it does not fit or holds a NUL. */
void buf_get_text(struct buf *b, char *to, size_t size);

#endif
