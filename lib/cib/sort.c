/* SPDX-License-Identifier: GPL-2.0-or-later
 * sort: heap sort of 16-bit indices. It cannot fail. */
#include <assert.h>
#include "lib/cib/sort.h"

static void sift(uint16_t *at, size_t root, size_t n, sort_less less, const void *ctx)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && less(ctx, at[child], at[child + 1]))
            child++;
        if (!less(ctx, at[root], at[child]))
            return;
        uint16_t t = at[root];
        at[root] = at[child];
        at[child] = t;
    }
}

void sort_indices(uint16_t *at, size_t n, sort_less less, const void *ctx)
{
    assert(less && (at || n == 0));
    for (size_t i = n / 2; i > 0; i--)
        sift(at, i - 1, n, less, ctx);
    for (size_t i = n; i > 1; i--) {
        uint16_t t = at[0];
        at[0] = at[i - 1];
        at[i - 1] = t;
        sift(at, 0, i - 1, less, ctx);
    }
}
