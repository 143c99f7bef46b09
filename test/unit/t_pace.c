/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_pace: a serial line is never given more than the frame on it, and never left idle for long. */
#include "test/unit/unit.h"
#include <stdbool.h>
#include "daemon/pace.h"

enum { FRAME = 256, BEAT = 100 };

START_TEST(test_bytes_us)
{
    struct pace p;
    pace_init(&p, 9600);
    ck_assert_uint_eq(pace_bytes_us(&p, 100), 104167); /* 1000 bits at 9600 a second, rounded up */
    pace_init(&p, 115200);
    ck_assert_uint_eq(pace_bytes_us(&p, 256), 22223);
    ck_assert_uint_eq(pace_bytes_us(&p, 0), 0);
    pace_init(&p, 4000000);
    ck_assert_uint_eq(pace_bytes_us(&p, 100000000), 250000000);
}
END_TEST

/* Writing as fast as allowed: what is on the line stays at one frame and the slack. */
START_TEST(test_never_more_than_one_frame)
{
    static const uint32_t bauds[] = {1200, 9600, 19200, 115200, 921600};
    for (unsigned i = 0; i < sizeof bauds / sizeof *bauds; i++) {
        struct pace p;
        uint64_t now = 5000000, start = now, bytes = 0;
        pace_init(&p, bauds[i]);
        for (unsigned n = 0; n < 1000; n++) {
            size_t len = n % 3 ? FRAME : BEAT;
            now += pace_wait_us(&p, now, 0);
            ck_assert_uint_eq(pace_wait_us(&p, now, 0), 0);
            pace_wrote(&p, now, len);
            bytes += len;
            /* bytes written so far that a line of this rate cannot have sent yet */
            uint64_t sent = (now - start) * bauds[i] / 10000000;
            uint64_t slack = (uint64_t)PACE_SLACK_US * bauds[i] / 10000000 + 1;
            ck_assert_uint_le(bytes, sent + len + slack);
        }
        /* and the line was busy all the time: no pauses between the frames */
        uint64_t line_us = bytes * 10000000 / bauds[i];
        ck_assert_uint_le(now - start, line_us);
    }
}
END_TEST

/* The kernel knows better: a held line keeps its bytes. */
START_TEST(test_kernel_corrects)
{
    struct pace p;
    pace_init(&p, 9600);
    pace_wrote(&p, 1000, BEAT);
    uint64_t later = 1000 + 10 * pace_bytes_us(&p, BEAT);
    ck_assert_uint_eq(pace_wait_us(&p, later, 0), 0);
    ck_assert_uint_eq(pace_wait_us(&p, later, BEAT), pace_bytes_us(&p, BEAT) - PACE_SLACK_US);
}
END_TEST

/* After a pause the line is free at once, and the pause is not owed to it. */
START_TEST(test_idle_is_not_saved_up)
{
    struct pace p;
    pace_init(&p, 9600);
    pace_wrote(&p, 0, BEAT);
    pace_wrote(&p, 60000000, BEAT);
    ck_assert_uint_eq(pace_wait_us(&p, 60000000, 0), pace_bytes_us(&p, BEAT) - PACE_SLACK_US);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("pace");
    tcase_add_test(t, test_bytes_us);
    tcase_add_test(t, test_never_more_than_one_frame);
    tcase_add_test(t, test_kernel_corrects);
    tcase_add_test(t, test_idle_is_not_saved_up);
    return unit_end();
}
