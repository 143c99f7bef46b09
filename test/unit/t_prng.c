/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_prng: the published generators, bounds that hold, shapes that are about right for fixed seeds.
 */
#include "lib/base/prng.h"
#include "test/unit/unit.h"

START_TEST(follows_the_reference)
{
    /* xoshiro256** from the state 1 2 3 4: the first values of the authors' reference code. */
    static const uint64_t want[] = {11520u, 0u, 1509978240u, 1215971899390074240u};
    struct prng p = {.s = {1, 2, 3, 4}};
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(prng_next(&p), want[i]);
    /* splitmix64 from 0: likewise. */
    prng_seed(&p, 0);
    ck_assert_uint_eq(p.s[0], 0xE220A8397B1DCDAFu);
    ck_assert_uint_eq(p.s[1], 0x6E789E6AA1B965F4u);
    ck_assert_uint_eq(p.s[2], 0x06C45D188009454Fu);
    ck_assert_uint_eq(p.s[3], 0xF88BB8A8724C81ECu);
}
END_TEST

START_TEST(keeps_its_bounds)
{
    struct prng p;
    unsigned hits[7] = {0};
    prng_seed(&p, 42);
    for (int i = 0; i < 7000; i++)
        hits[prng_below(&p, 7)]++;
    for (int i = 0; i < 7; i++)
        ck_assert_msg(hits[i] > 850 && hits[i] < 1150, "%d came %u times", i, hits[i]);
    for (int i = 0; i < 1000; i++) {
        uint64_t v = prng_between(&p, 10, 12);
        ck_assert(v >= 10 && v <= 12);
    }
    /* A bare remainder would give the lowest third of these every second time. */
    unsigned low = 0;
    for (int i = 0; i < 1000; i++)
        low += prng_below(&p, (uint64_t)3 << 62) < (uint64_t)1 << 62;
    ck_assert_msg(low > 280 && low < 390, "%u of 1000 in the lowest third", low);
    ck_assert_uint_eq(prng_below(&p, 1), 0);
    ck_assert_uint_eq(prng_between(&p, 5, 5), 5);
    prng_between(&p, 0, UINT64_MAX);
}
END_TEST

START_TEST(takes_chances)
{
    struct prng p;
    unsigned hits = 0;
    prng_seed(&p, 43);
    for (int i = 0; i < 10000; i++) {
        ck_assert(!prng_chance(&p, 0));
        ck_assert(prng_chance(&p, 1000000));
        hits += prng_chance(&p, 250000);
    }
    ck_assert_msg(hits > 2350 && hits < 2650, "%u of 10000", hits);
}
END_TEST

START_TEST(is_exponential)
{
    struct prng p;
    uint64_t sum = 0;
    unsigned below = 0, n = 100000;
    prng_seed(&p, 44);
    for (unsigned i = 0; i < n; i++) {
        uint64_t v = prng_exponential(&p, 100, 1100);
        ck_assert_uint_ge(v, 100);
        ck_assert_uint_le(v, 100 + 45 * 1000); /* 64 ln 2 means above it nothing comes */
        sum += v;
        below += v < 100 + 693; /* the median of an exponential is ln 2 of its mean */
    }
    ck_assert_msg(sum / n > 1085 && sum / n < 1115, "mean %lu", (unsigned long)(sum / n));
    ck_assert_msg(below > 49000 && below < 51000, "%u below the median", below);
    ck_assert_uint_eq(prng_exponential(&p, 50, 50), 50);
    ck_assert_uint_eq(prng_exponential(&p, 50, 10), 50);
}
END_TEST

START_TEST(separates_children)
{
    struct prng parent, same, one, two;
    prng_seed(&parent, 7);
    prng_seed(&same, 7);
    prng_child(&parent, &one);
    prng_child(&same, &two);
    prng_next(&one); /* one component draws more than the other */
    prng_next(&one);
    ck_assert_uint_eq(prng_next(&parent), prng_next(&same));
    prng_child(&parent, &two);
    ck_assert_uint_ne(prng_next(&one), prng_next(&two));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("prng");
    tcase_add_test(t, follows_the_reference);
    tcase_add_test(t, keeps_its_bounds);
    tcase_add_test(t, takes_chances);
    tcase_add_test(t, is_exponential);
    tcase_add_test(t, separates_children);
    return unit_end();
}
