/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_cable: the cable test over two pseudo terminals that a relay joins, with and without noise. The
 * two ends are processes, as in life; what they find comes back by a pipe. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include "cli/cable.h"
#include "lib/base/prng.h"
#include "test/unit/unit.h"

enum { BAUD = 115200, RUN_MS = 400, WAIT_MS = 3000 };

enum trouble { NONE, NOISE, DROPS, DEAF, LOOP, CUT };

struct end {
    int master, slave, result;
    pid_t pid;
};

static void end_open(struct end *e)
{
    struct termios t;
    ck_assert_int_eq(openpty(&e->master, &e->slave, NULL, NULL, NULL), 0);
    ck_assert_int_eq(tcgetattr(e->slave, &t), 0);
    cfmakeraw(&t);
    ck_assert_int_eq(tcsetattr(e->slave, TCSANOW, &t), 0);
    ck_assert_int_ne(fcntl(e->master, F_SETFL, O_NONBLOCK), -1);
    ck_assert_int_ne(fcntl(e->slave, F_SETFL, O_NONBLOCK), -1);
}

static void end_run(struct end *e, uint8_t self, uint8_t peer, uint32_t wait_ms)
{
    int pipe_end[2];
    ck_assert_int_eq(pipe(pipe_end), 0);
    e->pid = fork();
    ck_assert_int_ge(e->pid, 0);
    if (e->pid == 0) {
        struct cable_plan plan = {.fd = e->slave,
                                  .baud = BAUD,
                                  .self = self,
                                  .peer = peer,
                                  .wait_ms = wait_ms,
                                  .run_ms = RUN_MS};
        struct cable_result r;
        cable_run(&plan, &r);
        _exit(write(pipe_end[1], &r, sizeof(r)) == sizeof(r) ? 0 : 1);
    }
    close(pipe_end[1]);
    e->result = pipe_end[0];
}

static void relay(struct prng *p, int from, int to, enum trouble trouble)
{
    uint8_t block[256];
    ssize_t n = read(from, block, sizeof(block));
    if (n <= 0 || trouble == CUT)
        return;
    if (trouble == NOISE && prng_chance(p, 300000))
        block[prng_below(p, (uint64_t)n)] ^= 0x10;
    if (trouble == DROPS && prng_chance(p, 300000))
        n--;
    if (write(to, block, (size_t)n) < 0)
        ck_assert_int_eq(errno, EAGAIN);
}

/* Joins a and b until both have said what they found. */
static void join(struct end *a, struct end *b, enum trouble ab, enum trouble ba)
{
    struct prng p;
    bool over[2] = {false, false};
    prng_seed(&p, 1);
    while (!over[0] || !over[1]) {
        struct pollfd fd[4] = {{a->master, POLLIN, 0},
                               {b->master, POLLIN, 0},
                               {over[0] ? -1 : a->result, POLLIN, 0},
                               {over[1] ? -1 : b->result, POLLIN, 0}};
        ck_assert_int_gt(poll(fd, 4, 10000), 0);
        if (fd[0].revents & POLLIN)
            relay(&p, a->master, ab == LOOP ? a->master : b->master, ab);
        if (fd[1].revents & POLLIN)
            relay(&p, b->master, a->master, ba);
        over[0] = over[0] || fd[2].revents;
        over[1] = over[1] || fd[3].revents;
    }
}

static void end_close(struct end *e, struct cable_result *r)
{
    int status;
    ck_assert_int_eq(read(e->result, r, sizeof(*r)), sizeof(*r));
    ck_assert_int_eq(waitpid(e->pid, &status, 0), e->pid);
    ck_assert_int_eq(status, 0);
    close(e->result);
    close(e->master);
    close(e->slave);
}

static uint64_t elapsed_ms; /* of the last both() */

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void both(enum trouble ab, enum trouble ba, uint8_t id_b, uint32_t wait_ms,
                 struct cable_result *ra, struct cable_result *rb)
{
    struct end a, b;
    uint64_t begun = now_ms();
    end_open(&a);
    end_open(&b);
    end_run(&a, 1, 2, wait_ms);
    end_run(&b, id_b, 1, wait_ms);
    join(&a, &b, ab, ba);
    end_close(&a, ra);
    end_close(&b, rb);
    elapsed_ms = now_ms() - begun;
}

START_TEST(test_good_line)
{
    struct cable_result a, b;
    both(NONE, NONE, 2, WAIT_MS, &a, &b);
    ck_assert(cable_ok(&a) && cable_ok(&b));
    ck_assert_uint_gt(a.here.heard, 10);
    ck_assert_uint_gt(a.there.heard, 10);
    ck_assert_uint_gt(a.rtt_n, 0);
    ck_assert_uint_le(a.rtt_min_us, a.rtt_max_us);
    /* Half the line's rate, and a little for what was sent at the very begin: however long this
     * machine took, the pace is never above it. */
    ck_assert_uint_le(a.bytes_sent, BAUD / 10 / 2 * elapsed_ms / 1000 + 1000);
}
END_TEST

START_TEST(test_noise_is_seen_at_both_ends)
{
    struct cable_result a, b;
    both(NOISE, NONE, 2, WAIT_MS, &a, &b);
    ck_assert(!cable_ok(&a) && !cable_ok(&b));
    ck_assert_uint_gt(b.here.damaged + b.here.noise, 0);
    ck_assert_uint_gt(cable_lost_here(&b), 0);
    ck_assert_uint_gt(cable_lost_there(&a), 0); /* what b said */
    ck_assert_uint_eq(cable_lost_here(&a), 0);
}
END_TEST

START_TEST(test_lost_bytes_are_lost_frames)
{
    struct cable_result a, b;
    both(DROPS, NONE, 2, WAIT_MS, &a, &b);
    ck_assert_uint_gt(cable_lost_here(&b), 0);
    ck_assert(!cable_ok(&a) && !cable_ok(&b));
}
END_TEST

START_TEST(test_one_way)
{
    struct cable_result a, b;
    both(CUT, NONE, 2, 500, &a, &b);
    ck_assert_uint_gt(a.here.heard, 0);
    ck_assert(a.there_known);
    ck_assert_uint_eq(a.there.heard, 0);
    ck_assert_uint_eq(b.bytes_any, 0);
    ck_assert(!cable_ok(&a) && !cable_ok(&b));
}
END_TEST

START_TEST(test_nothing_heard)
{
    struct cable_result a, b;
    both(CUT, CUT, 2, 200, &a, &b);
    ck_assert_uint_eq(a.bytes_any + b.bytes_any, 0);
    ck_assert(!cable_ok(&a));
}
END_TEST

START_TEST(test_own_echo)
{
    struct cable_result a, b;
    both(LOOP, CUT, 2, 300, &a, &b);
    ck_assert_uint_gt(a.echoes, 0);
    ck_assert_uint_eq(a.here.heard, 0);
    ck_assert(!cable_ok(&a));
}
END_TEST

START_TEST(test_same_id_at_both_ends)
{
    struct cable_result a, b;
    both(NONE, NONE, 1, 300, &a, &b);
    ck_assert_uint_gt(a.twins, 0);
    ck_assert(!cable_ok(&a) && !cable_ok(&b));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("cable");
    tcase_set_timeout(t, 30);
    tcase_add_test(t, test_good_line);
    tcase_add_test(t, test_noise_is_seen_at_both_ends);
    tcase_add_test(t, test_lost_bytes_are_lost_frames);
    tcase_add_test(t, test_one_way);
    tcase_add_test(t, test_nothing_heard);
    tcase_add_test(t, test_own_echo);
    tcase_add_test(t, test_same_id_at_both_ends);
    return unit_end();
}
