/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_sendq: beats first, the newest only, and never into the middle of a frame. */
#include "test/unit/unit.h"
#include <string.h>
#include "daemon/sendq.h"

static struct sendq queue;

static void put(char c, size_t len, bool beat)
{
    uint8_t frame[FRAME_MAX];
    memset(frame, c, len);
    sendq_put(&queue, frame, len, beat);
}

/* The next frame, taken in pieces of `piece` bytes; 0: none. */
static char take(size_t piece)
{
    const uint8_t *at;
    size_t len = sendq_head(&queue, &at);
    char c = len ? (char)*at : 0;
    while (len > 0) {
        ck_assert_int_eq(*at, c);
        size_t n = len < piece ? len : piece;
        sendq_wrote(&queue, n);
        if (!sendq_begun(&queue))
            break;
        len = sendq_head(&queue, &at);
    }
    return c;
}

START_TEST(test_order)
{
    sendq_init(&queue, 4);
    put('1', 50, false);
    put('2', 60, false);
    put('b', 100, true);
    put('3', 70, false);
    ck_assert_int_eq(take(7), 'b');
    ck_assert_int_eq(take(50), '1');
    put('c', 100, true);
    ck_assert_int_eq(take(100), 'c');
    ck_assert_int_eq(take(1), '2');
    ck_assert_int_eq(take(9), '3');
    ck_assert_int_eq(take(9), 0);
    ck_assert_uint_eq(queue.dropped, 0);
}
END_TEST

START_TEST(test_newest_beat_only)
{
    sendq_init(&queue, 4);
    put('b', 100, true);
    put('c', 90, true);
    put('d', 80, true);
    ck_assert_int_eq(take(100), 'd');
    ck_assert_int_eq(take(100), 0);
    ck_assert_uint_eq(queue.dropped, 2);
}
END_TEST

START_TEST(test_begun_is_finished)
{
    const uint8_t *at;
    sendq_init(&queue, 4);
    put('1', 50, false);
    ck_assert_uint_eq(sendq_head(&queue, &at), 50);
    ck_assert(!sendq_begun(&queue));
    sendq_wrote(&queue, 20);
    ck_assert(sendq_begun(&queue));
    put('b', 100, true);
    ck_assert_uint_eq(sendq_head(&queue, &at), 30);
    ck_assert_int_eq(*at, '1');
    sendq_wrote(&queue, 30);
    ck_assert(!sendq_begun(&queue));
    ck_assert_int_eq(take(100), 'b');
}
END_TEST

START_TEST(test_full_drops_the_new)
{
    sendq_init(&queue, 3);
    for (char c = '1'; c <= '9'; c++)
        put(c, 10, false);
    ck_assert_uint_eq(queue.dropped, 6);
    put('b', 10, true); /* beats have a place of their own */
    ck_assert_int_eq(take(10), 'b');
    ck_assert_int_eq(take(10), '1');
    ck_assert_int_eq(take(10), '2');
    ck_assert_int_eq(take(10), '3');
    ck_assert_int_eq(take(10), 0);
    for (unsigned i = 0; i < 1000; i++) { /* round the ring many times */
        put((char)('A' + i % 26), 1 + i % FRAME_MAX, false);
        ck_assert_int_eq(take(13), (char)('A' + i % 26));
    }
}
END_TEST

START_TEST(test_clear)
{
    const uint8_t *at;
    sendq_init(&queue, 4);
    put('1', 50, false);
    put('2', 50, false);
    put('b', 50, true);
    (void)sendq_head(&queue, &at);
    sendq_wrote(&queue, 10);
    sendq_clear(&queue);
    ck_assert_uint_eq(queue.dropped, 3);
    ck_assert_int_eq(take(10), 0);
    put('3', 50, false);
    ck_assert_int_eq(take(10), '3');
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("sendq");
    tcase_add_test(t, test_order);
    tcase_add_test(t, test_newest_beat_only);
    tcase_add_test(t, test_begun_is_finished);
    tcase_add_test(t, test_full_drops_the_new);
    tcase_add_test(t, test_clear);
    return unit_end();
}
