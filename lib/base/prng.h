/* SPDX-License-Identifier: GPL-2.0-or-later
 * prng: xoshiro256** (Blackman, Vigna 2018) seeded by splitmix64. Chance for the simulator and for
 * jitter, never for keys. A child generator has a seed of its own, so that one component's extra
 * draw does not shift another's. */
#ifndef YOKE_BASE_PRNG_H
#define YOKE_BASE_PRNG_H

#include <stdbool.h>
#include <stdint.h>

struct prng {
    uint64_t s[4];
};

void prng_seed(struct prng *p, uint64_t seed);
uint64_t prng_next(struct prng *p);
uint64_t prng_below(struct prng *p, uint64_t n);                    /* 0 .. n-1; n >= 1 */
uint64_t prng_between(struct prng *p, uint64_t low, uint64_t high); /* low .. high inclusive */
bool prng_chance(struct prng *p, uint32_t per_million);
/* Exponential with the given mean, at least min; whole numbers, integer arithmetic only. */
uint64_t prng_exponential(struct prng *p, uint64_t min, uint64_t mean);
void prng_child(struct prng *parent, struct prng *child);

#endif
