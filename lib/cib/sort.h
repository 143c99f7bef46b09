/* SPDX-License-Identifier: GPL-2.0-or-later
 * sort: indices put in order without memory of its own (qsort may allocate, and knows no context).
 */
#ifndef YOKE_CIB_SORT_H
#define YOKE_CIB_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef bool (*sort_less)(const void *ctx, uint16_t a, uint16_t b);

/* Heap sort (Williams 1964): O(n log n) at the worst. Not stable: less must be a total order. */
void sort_indices(uint16_t *at, size_t n, sort_less less, const void *ctx);

#endif
