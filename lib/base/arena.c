/* SPDX-License-Identifier: GPL-2.0-or-later
 * arena: memory given out from the front of a block. Happy path: init once, take, reset, take
 * again. Fails only by NULL when the block is full; what was taken before stays valid. */
#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include "lib/base/arena.h"

void arena_init(struct arena *a, void *at, size_t size)
{
    assert(at || size == 0);
    *a = (struct arena){.at = at, .size = size};
}

void arena_reset(struct arena *a)
{
    a->used = 0;
}

void *arena_take(struct arena *a, size_t size)
{
    enum { ALIGN = alignof(max_align_t) };
    assert(a->used <= a->size);
    /* The block itself may lie anywhere: align the address, not the offset. */
    size_t pad = (0 - ((uintptr_t)a->at + a->used)) % ALIGN;
    size_t left = a->size - a->used;
    if (!a->at || pad > left || size > left - pad)
        return NULL;
    char *at = a->at + a->used + pad;
    a->used += pad + size;
    if (a->used > a->high)
        a->high = a->used;
    memset(at, 0, size);
    return at;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return arena_take(a, bytes);
}

char *arena_text(struct arena *a, const char *text, size_t len)
{
    size_t size;
    if (__builtin_add_overflow(len, 1u, &size))
        return NULL;
    char *at = arena_take(a, size);
    if (at && len)
        memcpy(at, text, len);
    return at;
}
