/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_ringcoro: the simulator's corosync keeps what corosync promises, whatever happens to it:
 * daemons that are given the same two changes of the group one after the other are given the same
 * casts in between; a daemon hears its own casts, each sender's come in their order, nothing comes
 * twice or from outside of the group; in the end all are one. And it does not promise more. */
#include <string.h>
#include "test/sim/ringcoro.h"
#include "test/unit/unit.h"

enum { NODES = 5, SEEDS = 300, STEPS = 400, STORY = 60000, SETTLE_MS = 400 };

/* What one daemon was given: a number for each piece of news. */
enum { IS_GROUP = 1u << 31 };
struct daemon {
    uint32_t connection;
    nodeset group;
    unsigned n;
    uint32_t at[STORY];
    uint32_t newest[NODES]; /* cast of that sender */
};
static struct daemon d[NODES];
static struct coro c;
static uint32_t casts; /* number of the newest, over all */
static uint32_t changes_seen, casts_seen;

static void story_add(struct daemon *s, uint32_t what)
{
    ck_assert_uint_lt(s->n, STORY);
    s->at[s->n++] = what;
}

static void told(void *context, unsigned i, const struct coro_news *news)
{
    struct daemon *s = &d[i];
    (void)context;
    if (news->kind == NEWS_GROUP && news->connection == s->connection) {
        ck_assert(nodeset_has(news->group, i));
        ck_assert_uint_ne(news->group, 0);
        s->group = news->group;
        story_add(s, IS_GROUP | news->group);
        changes_seen++;
    } else if (news->kind == NEWS_CAST && news->connection == s->connection) {
        uint32_t number;
        ck_assert(nodeset_has(s->group, news->from));
        ck_assert_uint_eq(news->letter->len, sizeof number);
        memcpy(&number, news->letter->at, sizeof number);
        ck_assert_uint_gt(number, s->newest[news->from]);
        s->newest[news->from] = number;
        story_add(s, number);
        casts_seen++;
    }
    letter_drop(news->letter);
}

static void connect(unsigned i)
{
    uint32_t connection = coro_connect(&c, i);
    if (connection) {
        d[i].connection = connection;
        d[i].group = 0;
        story_add(&d[i], IS_GROUP); /* a break: nothing is compared over it */
    }
}

static void cut(struct prng *p)
{
    unsigned a = (unsigned)prng_below(p, NODES), b = (unsigned)prng_below(p, NODES);
    bool parts = prng_chance(p, 500000), on = prng_chance(p, 400000);
    for (unsigned i = 0; i < NODES; i++)
        for (unsigned k = 0; k < NODES; k++)
            if (i != k && (parts ? (i <= a) != (k <= a) : (i == a && k == b)))
                coro_hear(&c, i, k, on);
    coro_review(&c);
}

static void something(struct prng *p)
{
    unsigned i = (unsigned)prng_below(p, NODES);
    switch (prng_below(p, 12)) {
    case 0: cut(p); break;
    case 1: coro_end(&c, i, prng_chance(p, 500000)); break;
    case 2: coro_start(&c, i); break;
    case 3: coro_freeze(&c, i, prng_chance(p, 300000)); break;
    case 4: coro_close(&c, i); break;
    case 5:
        if (!c.machine[i].connected)
            connect(i);
        break;
    default: casts++; ck_assert(coro_cast(&c, i, (const uint8_t *)&casts, sizeof casts));
    }
}

static void run_until(uint64_t until_us)
{
    while (coro_due(&c) <= until_us)
        coro_time(&c, coro_due(&c));
    coro_time(&c, until_us);
}

static void heal(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        coro_freeze(&c, i, false);
        for (unsigned k = 0; k < NODES; k++)
            coro_hear(&c, i, k, true);
        coro_start(&c, i);
        if (!c.machine[i].connected)
            connect(i);
    }
    coro_review(&c);
    run_until(c.now_us + 60u * 1000000u);
}

/* Next stretch of casts between two changes, from *at; its length, and both changes. */
static unsigned stretch(const struct daemon *s, unsigned *at, uint32_t *from, uint32_t *to)
{
    unsigned begin = *at;
    while (begin < s->n && !(s->at[begin] & IS_GROUP))
        begin++;
    unsigned end = begin + 1;
    while (end < s->n && !(s->at[end] & IS_GROUP))
        end++;
    if (end >= s->n) {
        *at = s->n;
        return 0;
    }
    *from = s->at[begin];
    *to = s->at[end];
    *at = end;
    return end - begin - 1;
}

/* A cast that two were given: all that came between their changes around it, if both went from the
 * same group to groups that hold both. */
static void compare(const struct daemon *a, const struct daemon *b, unsigned ia, unsigned ib)
{
    unsigned at = 0;
    uint32_t from, to, from_b, to_b;
    while (at < a->n) {
        unsigned len = stretch(a, &at, &from, &to), at_b = 0, len_b;
        bool both = nodeset_has((nodeset)from, ib) && nodeset_has((nodeset)to, ib);
        if (!len || !both)
            continue;
        const uint32_t *casts_a = a->at + at - len;
        while (at_b < b->n) {
            len_b = stretch(b, &at_b, &from_b, &to_b);
            const uint32_t *casts_b = b->at + at_b - len_b;
            if (!len_b || casts_b[0] != casts_a[0] || from_b != from ||
                !nodeset_has((nodeset)to_b, ia) || to_b != to)
                continue;
            ck_assert_uint_eq(len, len_b);
            ck_assert_int_eq(memcmp(casts_a, casts_b, len * sizeof *casts_a), 0);
        }
    }
}

static void one_seed(uint64_t seed)
{
    struct prng p;
    prng_seed(&p, seed);
    memset(d, 0, sizeof d);
    casts = 0;
    coro_open(&c, NODES, SETTLE_MS, seed, told, NULL);
    c.steps = seed & 1;
    for (unsigned i = 0; i < NODES; i++) {
        coro_start(&c, i);
        connect(i);
    }
    for (unsigned s = 0; s < STEPS; s++) {
        run_until(c.now_us + prng_exponential(&p, 0, prng_chance(&p, 100000) ? 300000 : 2000));
        something(&p);
    }
    heal();
    for (unsigned i = 0; i < NODES; i++) {
        ck_assert_uint_eq(d[i].group, (1u << NODES) - 1);
        ck_assert(c.machine[i].quorate);
    }
    uint32_t mine = ++casts;
    ck_assert(coro_cast(&c, 0, (const uint8_t *)&mine, sizeof mine));
    run_until(c.now_us + 1000000);
    for (unsigned i = 0; i < NODES; i++) {
        ck_assert_uint_eq(d[i].newest[0], mine);
        for (unsigned k = 0; k < NODES; k++)
            compare(&d[i], &d[k], i, k);
    }
    coro_shut(&c);
}

START_TEST(promises)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        one_seed(seed);
    ck_assert_uint_gt(changes_seen, 1000);
    ck_assert_uint_gt(casts_seen, 10000);
}
END_TEST

/* Nobody is given anything between the silence of one and the new configuration. */
START_TEST(settling)
{
    memset(d, 0, sizeof d);
    coro_open(&c, 3, SETTLE_MS, 7, told, NULL);
    for (unsigned i = 0; i < 3; i++) {
        coro_start(&c, i);
        connect(i);
    }
    run_until(10000000);
    ck_assert_uint_eq(d[0].group, 7);
    coro_end(&c, 2, false);
    unsigned had = d[0].n;
    casts = 1;
    ck_assert(coro_cast(&c, 0, (const uint8_t *)&casts, sizeof casts));
    run_until(c.now_us + SETTLE_MS * 1000 / 2);
    ck_assert(coro_settles(&c, 0));
    ck_assert_uint_eq(d[0].n, had);
    run_until(c.now_us + 3000 * SETTLE_MS);
    ck_assert_uint_eq(d[0].group, 3);
    ck_assert_uint_eq(d[0].n, had + 2); /* who left; then our own cast */
    ck_assert(c.machine[0].quorate);
    coro_end(&c, 1, true);
    run_until(c.now_us + 1000000);
    ck_assert(!c.machine[0].quorate);
    coro_shut(&c);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("ringcoro");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, promises);
    tcase_add_test(t, settling);
    return unit_end();
}
