/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringcoro: a model of corosync. See ringcoro.h.
 *
 * Happy path: a cast waits at its machine until the token comes by, gets its place in the log of
 * its ring, and is given to each machine of the ring a little later. A machine that falls silent
 * stops its ring (nobody is given anything) until it settles: those who hear each other form a new
 * ring, maybe together with others; each of them is first given what is left of the old log: up to
 * one place (no less than any of them had) all of it, from there on what its own company had cast;
 * then who left, then who came. Rings that hear each other meet after a while in the same way.
 * Ways to fail, all of them wanted: silence shorter than it takes to settle (nothing happens), a
 * second change while the first one settles, casts that are lost with their ring. */
#include "test/sim/ringcoro.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_CAST, ENTRY_JOIN, ENTRY_LEAVE };
enum {
    TOKEN_MIN_US = 50,
    TOKEN_MEAN_US = 400,
    GIVE_MIN_US = 20,
    GIVE_MEAN_US = 150,
    BURST = 10,
    MERGE_MIN_US = 20000,
    MERGE_MEAN_US = 250000,
    MEET_MIN_US = 2000,
    MEET_MEAN_US = 40000
};
#define NEVER UINT64_MAX

struct letter *letter_new(const uint8_t *at, size_t len)
{
    struct letter *l = malloc(sizeof(*l) + len);
    if (!l)
        abort();
    l->users = 1;
    l->len = len;
    memcpy(l->at, at, len);
    return l;
}

void letter_drop(struct letter *l)
{
    if (l && --l->users == 0)
        free(l);
}

/* ---- who hears whom ---------------------------------------------------------------------------
 */

static bool live(const struct coro *c, unsigned i)
{
    return c->machine[i].up && !c->machine[i].frozen;
}

static bool both_hear(const struct coro *c, unsigned a, unsigned b)
{
    return a == b || (live(c, a) && live(c, b) && nodeset_has(c->machine[a].hears, b) &&
                      nodeset_has(c->machine[b].hears, a));
}

static nodeset belongs(const struct coro *c, unsigned ring)
{
    nodeset s = 0;
    for (unsigned i = 0; i < c->nodes; i++)
        if (c->machine[i].up && c->machine[i].ring == ring)
            s = nodeset_add(s, i);
    return s;
}

/* Those who would be one ring with it: sets in which everybody hears everybody, the lowest first.
 */
static nodeset company(const struct coro *c, unsigned of)
{
    nodeset set[NODE_MAX];
    unsigned n = 0;
    for (unsigned i = 0; i < c->nodes; i++) {
        unsigned k = 0;
        for (; live(c, i) && k < n; k++) {
            bool all = true;
            for (unsigned m = 0; m < c->nodes; m++)
                all = all && (!nodeset_has(set[k], m) || both_hear(c, i, m));
            if (all)
                break;
        }
        if (!live(c, i))
            continue;
        set[k] = k == n ? nodeset_one(i) : nodeset_add(set[k], i);
        n += k == n;
        if (i == of)
            of = NODE_MAX + k;
    }
    return of >= NODE_MAX ? set[of - NODE_MAX] : 0;
}

static bool broken(const struct coro *c, unsigned ring)
{
    const struct coro_ring *r = &c->ring[ring];
    if (r->members != belongs(c, ring))
        return true;
    for (unsigned a = 0; a < c->nodes; a++)
        for (unsigned b = 0; b < c->nodes; b++)
            if (nodeset_has(r->members, a) && nodeset_has(r->members, b) &&
                (!live(c, a) || !both_hear(c, a, b)))
                return true;
    return false;
}

/* ---- when -------------------------------------------------------------------------------------
 */

static uint64_t lasts(struct coro *c, uint64_t min, uint64_t mean)
{
    return prng_exponential(&c->prng, min, mean);
}

/* Within the time it is set to; now and then it needs another round. */
static uint64_t settle_us(struct coro *c)
{
    uint64_t us = (uint64_t)c->settle_ms * 1000;
    us = prng_between(&c->prng, us * 6 / 10, us);
    return prng_chance(&c->prng, 100000) ? 2 * us : us;
}

static bool waits(const struct coro *c, unsigned ring)
{
    for (unsigned i = 0; i < c->nodes; i++)
        if (c->machine[i].up && c->machine[i].ring == ring && c->machine[i].n)
            return true;
    return false;
}

static void next_find(struct coro *c)
{
    c->next_us = c->merge_us;
    for (unsigned i = 0; i < c->nodes; i++)
        if (c->machine[i].up && c->machine[i].due_us < c->next_us)
            c->next_us = c->machine[i].due_us;
    for (unsigned k = 0; k < CORO_RINGS; k++) {
        const struct coro_ring *r = &c->ring[k];
        uint64_t due = !r->used ? NEVER : r->stuck ? r->due_us : waits(c, k) ? r->token_us : NEVER;
        if (due < c->next_us)
            c->next_us = due;
    }
}

/* ---- giving -----------------------------------------------------------------------------------
 */

static void news_give(struct coro *c, unsigned i, enum coro_news_kind kind,
                      const struct coro_entry *e)
{
    struct coro_machine *m = &c->machine[i];
    struct coro_news news = {.kind = (uint8_t)kind,
                             .group = m->group,
                             .quorate = m->quorate,
                             .connection = m->connection};
    if (!m->connected)
        return;
    if (e) {
        news.from = e->from;
        news.letter = e->letter;
        e->letter->users++;
    }
    c->tell(c->context, i, &news);
}

static void give(struct coro *c, unsigned i, const struct coro_entry *e)
{
    struct coro_machine *m = &c->machine[i];
    if (e->kind == ENTRY_CAST) {
        if (m->seen && nodeset_has(m->group, e->from))
            news_give(c, i, NEWS_CAST, e);
        return;
    }
    if (e->kind == ENTRY_JOIN)
        m->group = nodeset_add(m->group, e->from);
    else if (nodeset_has(m->group, e->from))
        m->group = nodeset_del(m->group, e->from);
    if (e->kind == ENTRY_JOIN && e->from == i && m->connected && e->connection == m->connection)
        m->seen = true;
    if (m->seen)
        news_give(c, i, NEWS_GROUP, NULL);
}

static void log_trim(struct coro *c, unsigned ring)
{
    struct coro_ring *r = &c->ring[ring];
    uint64_t least = r->end;
    for (unsigned i = 0; i < c->nodes; i++)
        if (c->machine[i].up && c->machine[i].ring == ring && c->machine[i].given < least)
            least = c->machine[i].given;
    for (; r->first < least; r->first++)
        letter_drop(r->log[r->first % CORO_LOG].letter);
}

static void give_next(struct coro *c, unsigned i)
{
    struct coro_machine *m = &c->machine[i];
    struct coro_ring *r = &c->ring[m->ring];
    m->due_us = NEVER;
    if (r->stuck || m->given == r->end)
        return;
    give(c, i, &r->log[m->given % CORO_LOG]);
    m->given++;
    if (m->given < r->end)
        m->due_us = c->now_us + lasts(c, GIVE_MIN_US, GIVE_MEAN_US);
}

static void pending_add(struct coro *c, unsigned i, struct coro_entry e)
{
    struct coro_machine *m = &c->machine[i];
    assert(m->n < CORO_PENDING);
    m->pending[(m->first + m->n++) % CORO_PENDING] = e;
    struct coro_ring *r = &c->ring[m->ring];
    if (r->token_us < c->now_us)
        r->token_us = c->now_us + lasts(c, TOKEN_MIN_US, TOKEN_MEAN_US);
}

static struct coro_entry pending_take(struct coro_machine *m)
{
    struct coro_entry e = m->pending[m->first];
    m->first = (m->first + 1) % CORO_PENDING;
    m->n--;
    return e;
}

static void token(struct coro *c, unsigned ring)
{
    struct coro_ring *r = &c->ring[ring];
    unsigned from = (unsigned)prng_below(&c->prng, c->nodes);
    log_trim(c, ring);
    for (unsigned k = 0; k < c->nodes; k++) {
        struct coro_machine *m = &c->machine[(from + k) % c->nodes];
        if (!m->up || m->ring != ring || !m->n)
            continue;
        uint64_t most = prng_between(&c->prng, 1, BURST);
        for (; m->n && most && r->end - r->first < CORO_LOG; most--)
            r->log[r->end++ % CORO_LOG] = pending_take(m);
        break;
    }
    for (unsigned i = 0; i < c->nodes; i++) {
        struct coro_machine *m = &c->machine[i];
        if (m->up && m->ring == ring && m->due_us == NEVER && m->given < r->end)
            m->due_us = c->now_us + lasts(c, GIVE_MIN_US, 2 * GIVE_MEAN_US);
    }
    r->token_us = c->now_us + lasts(c, TOKEN_MIN_US, TOKEN_MEAN_US);
}

/* ---- from one ring to the next ----------------------------------------------------------------
 */

static void unstick(struct coro *c, unsigned ring)
{
    struct coro_ring *r = &c->ring[ring];
    r->stuck = r->merging = false;
    r->token_us = c->now_us + lasts(c, TOKEN_MIN_US, TOKEN_MEAN_US);
    for (unsigned i = 0; i < c->nodes; i++)
        if (c->machine[i].ring == ring)
            c->machine[i].due_us = c->machine[i].given < r->end ? c->now_us + GIVE_MIN_US : NEVER;
}

/* What is left of the old order, for those who go on together. */
static void flush(struct coro *c, unsigned ring, nodeset together)
{
    struct coro_ring *r = &c->ring[ring];
    uint64_t all = r->first;
    for (unsigned i = 0; i < c->nodes; i++)
        if (nodeset_has(together, i) && c->machine[i].given > all)
            all = c->machine[i].given;
    all += prng_below(&c->prng, r->end - all + 1);
    for (unsigned i = 0; i < c->nodes; i++) {
        struct coro_machine *m = &c->machine[i];
        for (uint64_t k = m->given; nodeset_has(together, i) && k < r->end; k++) {
            const struct coro_entry *e = &r->log[k % CORO_LOG];
            if (c->loose && prng_chance(&c->prng, 500000))
                continue;
            if (k < all || nodeset_has(together, e->from))
                give(c, i, e);
        }
    }
}

static void pending_lose(struct coro_machine *m)
{
    for (unsigned k = m->n; k > 0; k--) {
        struct coro_entry e = pending_take(m);
        if (e.kind == ENTRY_CAST)
            letter_drop(e.letter);
        else
            m->pending[(m->first + m->n++) % CORO_PENDING] = e;
    }
}

/* Who left is told at once, who comes one by one or at once. */
static void group_follow(struct coro *c, unsigned i, nodeset together, nodeset group)
{
    struct coro_machine *m = &c->machine[i];
    nodeset stay = m->group & together;
    bool news = m->seen && (m->group != stay || m->group != group);
    if (stay != m->group) {
        m->group = stay;
        if (m->seen)
            news_give(c, i, NEWS_GROUP, NULL);
    }
    for (unsigned k = 0; k < c->nodes; k++) {
        if (!nodeset_has(group, k) || nodeset_has(m->group, k))
            continue;
        m->group = nodeset_add(m->group, k);
        if (m->seen && (c->steps || m->group == group))
            news_give(c, i, NEWS_GROUP, NULL);
    }
    assert(m->group == group);
    if (c->lossy && news && prng_chance(&c->prng, 300000))
        pending_lose(m);
}

static void ring_shut(struct coro *c, unsigned ring)
{
    struct coro_ring *r = &c->ring[ring];
    for (; r->first < r->end; r->first++)
        letter_drop(r->log[r->first % CORO_LOG].letter);
    r->used = false;
}

static unsigned ring_new(struct coro *c, nodeset members)
{
    unsigned k = 0;
    while (c->ring[k].used)
        k++;
    assert(k < CORO_RINGS);
    struct coro_ring *r = &c->ring[k];
    r->used = true;
    r->stuck = r->merging = false;
    r->members = members;
    r->first = r->end = 0;
    r->token_us = c->now_us + lasts(c, TOKEN_MIN_US, TOKEN_MEAN_US);
    return k;
}

static void install(struct coro *c, nodeset members)
{
    nodeset together[CORO_RINGS], group = 0;
    for (unsigned k = 0; k < CORO_RINGS; k++) {
        together[k] = c->ring[k].used ? belongs(c, k) & members : 0;
        if (together[k])
            flush(c, k, together[k]);
    }
    for (unsigned i = 0; i < c->nodes; i++)
        if (nodeset_has(members, i))
            group |= c->machine[i].group & together[c->machine[i].ring];
    unsigned new = ring_new(c, members);
    for (unsigned i = 0; i < c->nodes; i++) {
        struct coro_machine *m = &c->machine[i];
        if (!nodeset_has(members, i))
            continue;
        nodeset with = together[m->ring];
        m->ring = (uint8_t) new;
        m->given = 0;
        m->due_us = NEVER;
        bool quorate = 2 * nodeset_count(members) > c->nodes, news = quorate != m->quorate;
        m->quorate = quorate;
        if (news && prng_chance(&c->prng, 500000)) {
            news_give(c, i, NEWS_QUORUM, NULL);
            news = false;
        }
        group_follow(c, i, with, group);
        if (news)
            news_give(c, i, NEWS_QUORUM, NULL);
    }
    for (unsigned k = 0; k < CORO_RINGS; k++)
        if (c->ring[k].used && !belongs(c, k))
            ring_shut(c, k);
}

static void settle(struct coro *c, unsigned ring)
{
    struct coro_ring *r = &c->ring[ring];
    nodeset mine = 0;
    bool merging = r->merging;
    for (unsigned i = c->nodes; i-- > 0;)
        if (nodeset_has(belongs(c, ring), i) && live(c, i))
            mine = nodeset_add(mine, i);
    r->due_us = NEVER;
    r->merging = false;
    if (!mine)
        return;
    nodeset with = company(c, (unsigned)__builtin_ctz(mine));
    if (!merging && prng_chance(&c->prng, 500000))
        with &= mine;
    if (with == r->members && belongs(c, ring) == with) {
        unstick(c, ring);
        return;
    }
    r->due_us = c->now_us + settle_us(c) / 4; /* those who hear others settle a little later */
    install(c, with);
}

/* Rings that could be one find each other. */
static void merge(struct coro *c)
{
    c->merge_us = NEVER;
    for (unsigned i = 0; i < c->nodes; i++) {
        nodeset with = company(c, i);
        if (!with || (unsigned)__builtin_ctz(with) != i || with == belongs(c, c->machine[i].ring))
            continue;
        uint64_t due = c->now_us + lasts(c, MEET_MIN_US, MEET_MEAN_US);
        for (unsigned k = 0; k < CORO_RINGS; k++) {
            struct coro_ring *r = &c->ring[k];
            if (!r->used || r->stuck || !(r->members & with) || (r->members & ~with))
                continue;
            r->stuck = r->merging = true;
            r->due_us = due;
        }
    }
}

void coro_review(struct coro *c)
{
    for (unsigned k = 0; k < CORO_RINGS; k++) {
        struct coro_ring *r = &c->ring[k];
        if (!r->used)
            continue;
        bool bad = broken(c, k);
        if (bad && (!r->stuck || r->merging || r->due_us == NEVER)) {
            r->stuck = true;
            r->merging = false;
            r->due_us = c->now_us + settle_us(c);
        } else if (!bad && r->stuck && !r->merging) {
            unstick(c, k);
        }
    }
    for (unsigned i = 0; i < c->nodes && c->merge_us == NEVER; i++) {
        nodeset with = company(c, i);
        if (with && with != belongs(c, c->machine[i].ring))
            c->merge_us = c->now_us + lasts(c, MERGE_MIN_US, MERGE_MEAN_US);
    }
    next_find(c);
}

/* ---- from outside -----------------------------------------------------------------------------
 */

void coro_open(struct coro *c, unsigned nodes, uint32_t settle_ms, uint64_t seed, coro_tell *tell,
               void *context)
{
    memset(c, 0, sizeof(*c));
    c->nodes = nodes;
    c->settle_ms = settle_ms;
    c->tell = tell;
    c->context = context;
    c->merge_us = NEVER;
    prng_seed(&c->prng, seed);
    for (unsigned i = 0; i < nodes; i++) {
        c->machine[i].hears = (nodeset)((1u << nodes) - 1);
        c->machine[i].due_us = NEVER;
    }
    next_find(c);
}

static void pending_clear(struct coro_machine *m)
{
    while (m->n)
        letter_drop(pending_take(m).letter);
}

void coro_shut(struct coro *c)
{
    for (unsigned k = 0; k < CORO_RINGS; k++)
        if (c->ring[k].used)
            ring_shut(c, k);
    for (unsigned i = 0; i < c->nodes; i++)
        pending_clear(&c->machine[i]);
}

void coro_start(struct coro *c, unsigned i)
{
    struct coro_machine *m = &c->machine[i];
    if (m->up)
        return;
    m->up = true;
    m->frozen = m->connected = m->seen = m->quorate = false;
    m->group = 0;
    m->given = 0;
    m->due_us = NEVER;
    m->ring = (uint8_t)ring_new(c, nodeset_one(i));
    coro_review(c);
}

void coro_end(struct coro *c, unsigned i, bool clean)
{
    struct coro_machine *m = &c->machine[i];
    if (!m->up)
        return;
    unsigned ring = m->ring;
    news_give(c, i, NEWS_GONE, NULL);
    m->up = m->connected = m->seen = m->quorate = false;
    m->group = 0;
    m->due_us = NEVER;
    pending_clear(m);
    if (!belongs(c, ring))
        ring_shut(c, ring);
    coro_review(c);
    if (clean && c->ring[ring].used && c->ring[ring].stuck)
        c->ring[ring].due_us = c->now_us + lasts(c, MEET_MIN_US, MEET_MEAN_US);
    next_find(c);
}

void coro_freeze(struct coro *c, unsigned i, bool frozen)
{
    if (c->machine[i].frozen == frozen || !c->machine[i].up)
        return;
    c->machine[i].frozen = frozen;
    coro_review(c);
}

void coro_hear(struct coro *c, unsigned i, unsigned from, bool hears)
{
    nodeset s = c->machine[i].hears;
    c->machine[i].hears = hears ? nodeset_add(s, from) : nodeset_del(s, from);
}

uint32_t coro_connect(struct coro *c, unsigned i)
{
    struct coro_machine *m = &c->machine[i];
    if (!m->up || m->frozen || m->n == CORO_PENDING)
        return 0;
    m->connection++;
    m->connected = true;
    m->seen = false;
    pending_add(c, i, (struct coro_entry){ENTRY_JOIN, (uint8_t)i, m->connection, NULL});
    next_find(c);
    return m->connection;
}

void coro_close(struct coro *c, unsigned i)
{
    struct coro_machine *m = &c->machine[i];
    if (!m->up || !m->connected)
        return;
    m->connected = m->seen = false;
    if (m->n == CORO_PENDING) { /* a slot for the goodbye: the newest cast makes room */
        m->n--;
        letter_drop(m->pending[(m->first + m->n) % CORO_PENDING].letter);
    }
    pending_add(c, i, (struct coro_entry){ENTRY_LEAVE, (uint8_t)i, m->connection, NULL});
    next_find(c);
}

bool coro_cast(struct coro *c, unsigned i, const uint8_t *at, size_t len)
{
    struct coro_machine *m = &c->machine[i];
    if (!m->up || !m->connected)
        return true; /* dropped, as the shell does */
    if (m->n + 1 >= CORO_PENDING)
        return false;
    struct coro_entry e = {ENTRY_CAST, (uint8_t)i, m->connection, letter_new(at, len)};
    pending_add(c, i, e);
    next_find(c);
    return true;
}

uint64_t coro_due(const struct coro *c)
{
    return c->next_us;
}

void coro_time(struct coro *c, uint64_t now_us)
{
    assert(now_us >= c->now_us);
    c->now_us = now_us;
    if (c->next_us > now_us)
        return;
    for (unsigned k = 0; k < CORO_RINGS; k++) {
        struct coro_ring *r = &c->ring[k];
        if (r->used && !r->stuck && waits(c, k) && r->token_us <= now_us)
            token(c, k);
    }
    for (unsigned i = 0; i < c->nodes; i++)
        if (c->machine[i].up && c->machine[i].due_us <= now_us)
            give_next(c, i);
    bool turned = c->merge_us <= now_us;
    if (turned)
        merge(c);
    for (unsigned k = 0; k < CORO_RINGS; k++)
        if (c->ring[k].used && c->ring[k].stuck && c->ring[k].due_us <= now_us) {
            settle(c, k);
            turned = true;
        }
    if (turned)
        coro_review(c);
    next_find(c);
}

nodeset coro_members(const struct coro *c, unsigned i)
{
    return c->machine[i].up ? belongs(c, c->machine[i].ring) : 0;
}

bool coro_settles(const struct coro *c, unsigned i)
{
    return c->machine[i].up && c->ring[c->machine[i].ring].stuck;
}
