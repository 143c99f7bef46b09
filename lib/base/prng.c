/* SPDX-License-Identifier: GPL-2.0-or-later
 * prng: xoshiro256** 1.0 and splitmix64 as published by Blackman and Vigna (prng.di.unimi.it).
 * The same seed gives the same draws on every machine: integer arithmetic only. It cannot fail. */
#include <assert.h>
#include "lib/base/prng.h"

static uint64_t rotate(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

void prng_seed(struct prng *p, uint64_t seed)
{
    for (int i = 0; i < 4; i++) { /* splitmix64: never gives the all-zero state */
        uint64_t z = seed += 0x9E3779B97F4A7C15u;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
        z = (z ^ z >> 27) * 0x94D049BB133111EBu;
        p->s[i] = z ^ z >> 31;
    }
}

uint64_t prng_next(struct prng *p)
{
    uint64_t *s = p->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t prng_below(struct prng *p, uint64_t n)
{
    assert(n >= 1);
    uint64_t first = (0 - n) % n; /* draws below it would favour small results */
    uint64_t x;
    do
        x = prng_next(p);
    while (x < first);
    return x % n;
}

uint64_t prng_between(struct prng *p, uint64_t low, uint64_t high)
{
    assert(low <= high);
    return high - low == UINT64_MAX ? prng_next(p) : low + prng_below(p, high - low + 1);
}

bool prng_chance(struct prng *p, uint32_t per_million)
{
    return prng_below(p, 1000000) < per_million;
}

/* -ln(x / 2^64) in 1/65536, for x >= 1: ln 2 times the binary logarithm, whose fraction comes bit
 * by bit from repeated squaring (Knuth, The Art of Computer Programming 1.2.2, exercise 25). */
static uint64_t minus_ln_q16(uint64_t x)
{
    const uint64_t ln2_q16 = 45426;
    unsigned lead = 63 - (unsigned)__builtin_clzll(x);
    uint64_t m = lead >= 31 ? x >> (lead - 31) : x << (31 - lead); /* 1.0 <= m < 2.0 in Q31 */
    uint64_t log2_q16 = (uint64_t)lead << 16;
    for (int bit = 15; bit >= 0; bit--) {
        m = m * m >> 31;
        if (m >> 32) {
            m >>= 1;
            log2_q16 |= 1u << bit;
        }
    }
    return (((uint64_t)64 << 16) - log2_q16) * ln2_q16 >> 16;
}

uint64_t prng_exponential(struct prng *p, uint64_t min, uint64_t mean)
{
    assert(mean < (uint64_t)1 << 40);             /* (mean - min) * 45 * 2^16 holds in 64 bits */
    uint64_t ln = minus_ln_q16(prng_next(p) | 1); /* drawn in any case: same number of draws */
    if (mean <= min)
        return min;
    return min + ((mean - min) * ln >> 16);
}

void prng_child(struct prng *parent, struct prng *child)
{
    prng_seed(child, prng_next(parent));
}
