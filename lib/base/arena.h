/* SPDX-License-Identifier: GPL-2.0-or-later
 * arena: memory handed in by the caller, given out from the front, taken back all at once.
 * The core allocates only from arenas, so that a node's memory is bounded and known. */
#ifndef YOKE_BASE_ARENA_H
#define YOKE_BASE_ARENA_H

#include <stddef.h>
#include "lib/base/err.h"

struct arena {
    char *at;
    size_t size, used, high; /* high: most ever used, for the limits shown by status */
};

void arena_init(struct arena *a, void *at, size_t size);
void arena_reset(struct arena *a);
/* size bytes, zeroed, aligned for any type; NULL when the arena is full. */
void *arena_take(struct arena *a, size_t size) MUST_CHECK;
/* n zeroed items; NULL when full or when n * size overflows. */
void *arena_array(struct arena *a, size_t n, size_t size) MUST_CHECK;
/* A NUL-terminated copy of len bytes; NULL when full. */
char *arena_text(struct arena *a, const char *text, size_t len) MUST_CHECK;

#endif
