/* SPDX-License-Identifier: GPL-2.0-or-later
 * num: numbers from text, with bounds, and durations with their units. */
#ifndef YOKE_BASE_NUM_H
#define YOKE_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"

/* Whole text must be a decimal number within [min, max]. */
enum err num_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out) MUST_CHECK;
enum err num_i64(const char *text, int64_t min, int64_t max, int64_t *out) MUST_CHECK;
/* A duration in milliseconds: plain number = seconds; suffixes us usec ms msec s sec m min h hr d.
 * Decimals are allowed ("0.5s"); the result is rounded up to whole ms. */
enum err num_ms(const char *text, uint64_t max_ms, uint64_t *out_ms) MUST_CHECK;
/* yes/no, true/false, on/off, 1/0, y/n in any case. */
enum err num_bool(const char *text, bool *out) MUST_CHECK;

static inline uint64_t num_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}
static inline uint64_t num_max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

#endif
