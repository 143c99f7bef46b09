/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_feedmsg: what daemon and keeper say comes out as it went in, of this version and of later ones;
 * what is cut, torn or foreign is refused; every reason is a sentence. */
#include "test/unit/unit.h"
#include <string.h>
#include "lib/base/prng.h"
#include "lib/wire/feedmsg.h"

static uint8_t bytes[FEEDMSG_MAX];

static struct feed_answer some(void)
{
    return (struct feed_answer){.boot = 0xd7,
                                .state = FEED_ARMED,
                                .kind = 4,
                                .why = FEED_WHY_TIMEOUT,
                                .stoppable = true,
                                .realtime = true,
                                .error = 16,
                                .timeout_ms = 5000,
                                .pretimeout_ms = 1000,
                                .want_ms = 4000,
                                .until_us = 1ull << 40,
                                .fed_us = (1ull << 40) - 7,
                                .pid = 4711,
                                .owner = 1,
                                .owner_name = "systemd",
                                .identity = "iTCO_wdt",
                                .device = "/dev/watchdog0"};
}

START_TEST(test_request)
{
    struct feed_request in = {.verb = FEED_UNTIL, .until_us = 123456789012345}, out;
    size_t len = feed_request_put(&in, bytes);
    ck_assert_int_eq(feed_request_get(bytes, len, &out), ERR_OK);
    ck_assert_int_eq(out.verb, in.verb);
    ck_assert_uint_eq(out.until_us, in.until_us);
    for (size_t i = 0; i < len; i++)
        ck_assert_int_ne(feed_request_get(bytes, i, &out), ERR_OK);
    ck_assert_int_eq(feed_request_get(bytes, len + 5, &out), ERR_OK); /* a later version's */
    bytes[6] = FEED_VERB_COUNT;
    ck_assert_int_eq(feed_request_get(bytes, len, &out), ERR_UNKNOWN);
    bytes[4] = bytes[5] = 0;
    ck_assert_int_eq(feed_request_get(bytes, len, &out), ERR_VERSION);
    bytes[0] ^= 1;
    ck_assert_int_eq(feed_request_get(bytes, len, &out), ERR_SYNTAX);
}
END_TEST

START_TEST(test_answer)
{
    struct feed_answer in = some(), out;
    size_t len = feed_answer_put(&in, bytes);
    ck_assert_int_eq(feed_answer_get(bytes, len, &out), ERR_OK);
    ck_assert_uint_eq(out.boot, in.boot);
    ck_assert_int_eq(out.state, in.state);
    ck_assert_int_eq(out.kind, in.kind);
    ck_assert_int_eq(out.why, in.why);
    ck_assert(out.stoppable && !out.locked && out.realtime);
    ck_assert_int_eq(out.error, in.error);
    ck_assert_uint_eq(out.timeout_ms, in.timeout_ms);
    ck_assert_uint_eq(out.pretimeout_ms, in.pretimeout_ms);
    ck_assert_uint_eq(out.want_ms, in.want_ms);
    ck_assert_uint_eq(out.until_us, in.until_us);
    ck_assert_uint_eq(out.fed_us, in.fed_us);
    ck_assert_uint_eq(out.pid, in.pid);
    ck_assert_uint_eq(out.owner, in.owner);
    ck_assert_str_eq(out.owner_name, in.owner_name);
    ck_assert_str_eq(out.identity, in.identity);
    ck_assert_str_eq(out.device, in.device);
    for (size_t i = 0; i < len; i++)
        ck_assert_int_eq(feed_answer_get(bytes, i, &out), ERR_SHORT);
}
END_TEST

/* Any bytes behind the head: refused, or within bounds. */
START_TEST(test_random)
{
    struct prng p;
    struct feed_answer a = some(), out;
    struct feed_request r;
    char words[1024];
    prng_seed(&p, 5);
    for (unsigned n = 0; n < 200000; n++) {
        size_t len = feed_answer_put(&a, bytes);
        for (unsigned k = 0; k < 4; k++)
            bytes[6 + prng_below(&p, len - 6)] = (uint8_t)prng_next(&p);
        if (!feed_answer_get(bytes, prng_below(&p, len + 1), &out)) {
            struct str s;
            str_init(&s, words, sizeof words);
            feed_answer_words(&out, NULL, "some fault", &s);
            ck_assert_int_lt(out.state, FEED_STATE_COUNT);
            ck_assert_uint_lt(strlen(out.device), sizeof out.device);
            ck_assert_uint_lt(strlen(out.identity), sizeof out.identity);
        }
        (void)!feed_request_get(bytes, prng_below(&p, 20), &r);
    }
}
END_TEST

START_TEST(test_words)
{
    struct feed_answer a = some();
    char words[512];
    struct str s;
    for (unsigned why = 1; why < FEED_WHY_COUNT; why++) {
        a.why = (uint8_t)why;
        str_init(&s, words, sizeof words);
        feed_answer_words(&a, NULL, "No such device", &s);
        ck_assert_msg(!s.cut && s.len > 20, "%u: %s", why, words);
        ck_assert_msg(!strstr(words, "%s"), "%s", words);
    }
    a.why = FEED_WHY_TIMEOUT;
    str_init(&s, words, sizeof words);
    feed_answer_words(&a, NULL, "", &s);
    ck_assert_str_eq(words,
                     "the watchdog /dev/watchdog0 (iTCO_wdt) does not take the time-out: 4 s "
                     "was set, it says 5 s; set [watchdog] timeout in yoke.conf to what it "
                     "can do");
    a.why = FEED_WHY_OWNED;
    a.owner = 812;
    strcpy(a.owner_name, "wd_keepalive");
    str_init(&s, words, sizeof words);
    feed_answer_words(&a, NULL, "", &s);
    ck_assert_ptr_nonnull(strstr(words, "wd_keepalive (812)"));
    a.why = FEED_WHY_FINE;
    str_init(&s, words, sizeof words);
    feed_answer_words(&a, NULL, "", &s);
    ck_assert_str_eq(words, "");
    a.why = 200; /* of a later version */
    feed_answer_words(&a, NULL, "", &s);
    ck_assert_uint_gt(s.len, 20);
}
END_TEST

/* What the peer may count on: a reset that is certain, whoever ended the feeding. */
START_TEST(test_sure)
{
    struct feed_answer a = {.state = FEED_IDLE};
    ck_assert(feed_answer_sure(&a));
    a.state = FEED_PENDING;
    for (unsigned why = 1; why < FEED_WHY_COUNT; why++) {
        a.why = (uint8_t)why;
        ck_assert_int_eq(feed_answer_sure(&a),
                         why == FEED_WHY_ORPHAN || why == FEED_WHY_DUE || why == FEED_WHY_TESTED);
    }
    a.state = FEED_ARMED;
    a.why = FEED_WHY_PING;
    ck_assert(!feed_answer_sure(&a));
    a.state = FEED_IDLE; /* nothing runs */
    a.why = FEED_WHY_DUE;
    ck_assert(!feed_answer_sure(&a));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("feedmsg");
    tcase_add_test(t, test_request);
    tcase_add_test(t, test_answer);
    tcase_add_test(t, test_random);
    tcase_add_test(t, test_words);
    tcase_add_test(t, test_sure);
    return unit_end();
}
