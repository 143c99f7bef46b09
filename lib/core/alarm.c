/* SPDX-License-Identifier: GPL-2.0-or-later
 * alarm: which monitor is due next, without looking at every resource. heap[] holds slots, the one
 * with the earliest date first; heap_place[slot] is where it stands, plus one. */
#include <assert.h>
#include "lib/core/alarm.h"

static bool before(const struct exec *e, unsigned a, unsigned b)
{
    uint64_t x = e->heap_due[e->heap[a]], y = e->heap_due[e->heap[b]];
    return x != y ? x < y : e->heap[a] < e->heap[b]; /* a total order: same events, same order */
}

static void swap(struct exec *e, unsigned a, unsigned b)
{
    uint16_t slot = e->heap[a];
    e->heap[a] = e->heap[b];
    e->heap[b] = slot;
    e->heap_place[e->heap[a]] = (uint16_t)(a + 1);
    e->heap_place[e->heap[b]] = (uint16_t)(b + 1);
}

static void sift(struct exec *e, unsigned at)
{
    while (at && before(e, at, (at - 1) / 2)) {
        swap(e, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    for (;;) {
        unsigned least = at, left = 2 * at + 1;
        if (left < e->heap_n && before(e, left, least))
            least = left;
        if (left + 1 < e->heap_n && before(e, left + 1, least))
            least = left + 1;
        if (least == at)
            return;
        swap(e, at, least);
        at = least;
    }
}

void alarm_set(struct exec *e, unsigned slot, uint64_t due_us)
{
    assert(slot < e->n_slots);
    unsigned place = e->heap_place[slot];
    e->heap_due[slot] = due_us;
    if (due_us == UINT64_MAX) {
        if (!place)
            return;
        unsigned at = place - 1, last = --e->heap_n;
        if (at != last)
            swap(e, at, last);
        e->heap_place[slot] = 0;
        if (at != last)
            sift(e, at);
        return;
    }
    if (!place) {
        e->heap[e->heap_n] = (uint16_t)slot;
        e->heap_place[slot] = (uint16_t)++e->heap_n;
        place = e->heap_n;
    }
    sift(e, place - 1);
}

uint64_t alarm_next(const struct exec *e, unsigned *slot)
{
    if (!e->heap_n)
        return UINT64_MAX;
    *slot = e->heap[0];
    return e->heap_due[e->heap[0]];
}
