/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_keeper: the real keeper, a process that plays the daemon and a process that plays the watchdog
 * (dog.c): who dies when, and when the watchdog fires. No --doom: nothing here resets anything. */
#include "test/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "lib/core/event.h"
#include "lib/wire/feedmsg.h"
#include "test/unit/dog.h"
#include "test/unit/scratchdir.h"

enum {
    MS = 1000,
    W_MS = 600,
    WAIT_MS = 10000,   /* more than anything takes: only a fault waits so long */
    LATE_US = 150 * MS /* what a busy machine may add to the stand-in's own timer */
};

static struct dog *dog;
static pid_t keeper, daemon_pid;
static volatile pid_t *started; /* keepers of all tests, ended by 0: shared with their processes */
static char program[512];

static void pause_ms(unsigned ms)
{
    usleep(ms * 1000);
}

/* Asks once a millisecond, never again after the first yes. */
#define UNTIL(condition)                                                                           \
    do {                                                                                           \
        uint64_t wait_begin = dog_now_us();                                                        \
        bool met;                                                                                  \
        while (!(met = (condition)) && dog_now_us() < wait_begin + WAIT_MS * MS)                   \
            pause_ms(1);                                                                           \
        ck_assert_msg(met, "waited in vain: " #condition);                                         \
    } while (0)

/* Beside this program, in the build tree. */
static void program_find(void)
{
    char self[400];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    ck_assert_int_gt(n, 0);
    self[n] = '\0';
    char *slash = strstr(self, "/test/unit/");
    ck_assert_ptr_nonnull(slash);
    *slash = '\0';
    snprintf(program, sizeof program, "%s/daemon/yoke-keeper", self);
}

static pid_t keeper_exec(int in)
{
    volatile pid_t *slot = started;
    while (*slot)
        slot++;
    pid_t pid = fork();
    if (pid != 0) {
        *slot = pid;
        return pid;
    }
    setsid();
    dup2(in, 0);
    for (int fd = 3; fd < 256; fd++)
        close(fd);
    char ms[16];
    snprintf(ms, sizeof ms, "%u", W_MS);
    execl(program, "yoke-keeper", scratch, dog->path, ms, "00000000000000d7", (char *)NULL);
    _exit(127);
}

static int keeper_new(void)
{
    int pair[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    keeper = keeper_exec(pair[1]);
    close(pair[1]);
    return pair[0];
}

static struct feed_answer hear(int fd)
{
    uint8_t bytes[FEEDMSG_MAX];
    struct feed_answer a;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ck_assert_int_eq(poll(&p, 1, WAIT_MS), 1);
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    ck_assert_int_gt(n, 0);
    ck_assert_int_eq(feed_answer_get(bytes, (size_t)n, &a), ERR_OK);
    return a;
}

static void say(int fd, enum feed_verb verb, uint64_t until_us)
{
    uint8_t bytes[FEEDMSG_MAX];
    struct feed_request r = {.verb = (uint8_t)verb, .until_us = until_us};
    size_t len = feed_request_put(&r, bytes);
    ck_assert_int_eq(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* What was told before, unasked, is read away. */
static struct feed_answer ask(int fd, enum feed_verb verb, uint64_t until_us)
{
    uint8_t bytes[FEEDMSG_MAX];
    while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
    say(fd, verb, until_us);
    return hear(fd);
}

static int come_back(void)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s/" FEED_SOCKET, scratch);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static bool gone(pid_t pid, int *status)
{
    return waitpid(pid, status, WNOHANG) == pid;
}

static void kill_it(pid_t *pid)
{
    if (*pid > 0) {
        kill(*pid, SIGKILL);
        (void)waitpid(*pid, NULL, 0);
    }
    *pid = 0;
}

static void all_make(void)
{
    scratch_make();
    started = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(started != MAP_FAILED);
}

/* A test that failed left its keeper behind: it outlives whoever started it. */
static void all_remove(void)
{
    char path[64], name[32];
    for (volatile pid_t *p = started; *p; p++) {
        snprintf(path, sizeof path, "/proc/%d/comm", (int)*p);
        int fd = open(path, O_RDONLY);
        ssize_t n = fd >= 0 ? read(fd, name, sizeof name - 1) : 0;
        if (fd >= 0)
            close(fd);
        name[n > 0 ? n : 0] = '\0';
        if (strcmp(name, "yoke-keeper\n") == 0)
            kill(*p, SIGKILL);
    }
    scratch_remove();
}

static void setup(void)
{
    char path[256];
    scratch_empty();
    program_find();
    scratch_path(path, "dog");
    dog = dog_new(path, DOG_HONEST);
    ck_assert_ptr_nonnull(dog);
    keeper = daemon_pid = 0;
}

static void teardown(void)
{
    kill_it(&daemon_pid);
    kill_it(&keeper); /* also when it was the daemon's child */
    dog_free(dog);
}

/* Fired, and in time: the stand-in's last feeding was before the date. */
static void fires_for(uint64_t date_us)
{
    UNTIL(dog->fired_us != 0);
    ck_assert_msg(dog->fed_us <= date_us, "fed %d us after the date", (int)(dog->fed_us - date_us));
    ck_assert_uint_le(dog->fired_us, date_us + W_MS * MS + LATE_US);
}

START_TEST(test_tries_the_device_at_once)
{
    int fd = keeper_new();
    struct feed_answer a = hear(fd);
    ck_assert_int_eq(a.state, FEED_IDLE);
    ck_assert_int_eq(a.why, FEED_WHY_FINE);
    ck_assert_uint_eq(a.timeout_ms, W_MS);
    ck_assert_uint_eq(a.pid, (uint32_t)keeper);
    UNTIL(dog->clean_closes == 1);
    ck_assert(!dog->runs);
    /* a second keeper leaves the first alone */
    int status;
    pid_t second = keeper_exec(-1);
    UNTIL(gone(second, &status));
    ck_assert_int_eq(WEXITSTATUS(status), 5);
    ck_assert_int_eq(ask(fd, FEED_ASK, 0).state, FEED_IDLE);
    /* without a daemon and with nothing to keep it ends */
    close(fd);
    UNTIL(gone(keeper, &status));
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert(!dog->runs);
    keeper = 0;
}
END_TEST

START_TEST(test_clean_stop_disarms)
{
    int fd = keeper_new(), status;
    (void)hear(fd);
    ck_assert_int_eq(ask(fd, FEED_UNTIL, dog_now_us() + 2000 * MS).state, FEED_ARMED);
    ck_assert(dog->runs);
    kill(keeper, SIGTERM); /* not while it is armed */
    pause_ms(W_MS);
    ck_assert_int_eq(ask(fd, FEED_ASK, 0).state, FEED_ARMED);
    ck_assert_int_eq(ask(fd, FEED_UNTIL, 0).state, FEED_IDLE);
    UNTIL(dog->clean_closes == 2);
    pause_ms(2 * W_MS);
    ck_assert_uint_eq(dog->fired_us, 0);
    say(fd, FEED_LEAVE, 0);
    UNTIL(gone(keeper, &status));
    keeper = 0;
    close(fd);
}
END_TEST

/* The date is not renewed: closed before it, and nothing feeds after that, not even the keeper's
 * death in the middle of W. */
START_TEST(test_nothing_feeds_after_the_date)
{
    int fd = keeper_new();
    (void)hear(fd);
    uint64_t date = dog_now_us() + 1000 * MS;
    ck_assert_int_eq(ask(fd, FEED_UNTIL, date).state, FEED_ARMED);
    UNTIL(dog->dirty_closes == 1);
    ck_assert_uint_lt(dog_now_us(), date);
    struct feed_answer a = ask(fd, FEED_UNTIL, date + 5000 * MS);
    ck_assert_int_eq(a.state, FEED_PENDING);
    ck_assert_int_eq(a.why, FEED_WHY_DUE);
    uint64_t fed = dog->fed_us;
    kill_it(&keeper);
    UNTIL(dog_now_us() > date);
    ck_assert_uint_eq(dog->fed_us, fed);
    fires_for(date);
    close(fd);
}
END_TEST

/* A process that plays the daemon: starts the keeper, says a date, hangs. */
static void daemon_play(uint64_t date_us, pid_t *volatile keeper_pid)
{
    int fd = keeper_new();
    *keeper_pid = keeper;
    (void)hear(fd);
    say(fd, FEED_UNTIL, date_us);
    for (;;)
        pause();
}

static void daemon_new(uint64_t date_us)
{
    pid_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t *volatile keeper_pid = shared;
    ck_assert(shared != MAP_FAILED);
    daemon_pid = fork();
    if (daemon_pid == 0)
        daemon_play(date_us, keeper_pid);
    UNTIL(*(volatile pid_t *)shared > 0 && dog->opens == 2 && dog->runs);
    keeper = *shared;
    munmap(shared, 4096);
}

START_TEST(test_daemon_killed)
{
    uint64_t date = dog_now_us() + 2500 * MS;
    daemon_new(date);
    kill_it(&daemon_pid);
    uint32_t feeds = dog->feeds;
    UNTIL(dog->fired_us != 0);
    ck_assert_uint_gt(dog->feeds, feeds + 3); /* it went on */
    ck_assert_uint_ge(dog->fed_us + FEED_MARGIN_MS * MS + LATE_US, date);
    fires_for(date);
}
END_TEST

START_TEST(test_daemon_comes_back)
{
    uint64_t date = dog_now_us() + 2500 * MS;
    daemon_new(date);
    kill_it(&daemon_pid);
    int fd = come_back();
    struct feed_answer a = ask(fd, FEED_ASK, 0); /* asking extends nothing */
    ck_assert_int_eq(a.state, FEED_ARMED);
    ck_assert_uint_eq(a.until_us, date);
    ck_assert_uint_eq(ask(fd, FEED_UNTIL, date + 1500 * MS).until_us, date + 1500 * MS);
    ck_assert_uint_eq(dog->opens, 2);
    UNTIL(dog_now_us() > date + W_MS * MS + LATE_US);
    ck_assert_uint_eq(dog->fired_us, 0);
    ck_assert_int_eq(ask(fd, FEED_UNTIL, 0).state, FEED_IDLE);
    UNTIL(!dog->runs);
    close(fd);
    UNTIL(kill(keeper, 0) != 0 || gone(keeper, NULL));
}
END_TEST

START_TEST(test_daemon_comes_back_and_says_nothing)
{
    uint64_t date = dog_now_us() + 1500 * MS;
    daemon_new(date);
    kill_it(&daemon_pid);
    int fd = come_back();
    ck_assert_int_eq(ask(fd, FEED_ASK, 0).state, FEED_ARMED);
    fires_for(date);
    ck_assert_int_eq(ask(fd, FEED_ASK, 0).state, FEED_PENDING);
    close(fd);
}
END_TEST

START_TEST(test_keeper_killed)
{
    int fd = keeper_new();
    (void)hear(fd);
    uint64_t date = dog_now_us() + 60000 * MS;
    ck_assert_int_eq(ask(fd, FEED_UNTIL, date).state, FEED_ARMED);
    kill_it(&keeper);
    uint64_t killed = dog_now_us();
    close(fd);
    UNTIL(dog->dirty_closes == 1);
    uint32_t opens = dog->opens;
    /* the next keeper of this boot sees what happened, and does not put it off */
    fd = keeper_new();
    struct feed_answer a = hear(fd);
    ck_assert_int_eq(a.state, FEED_PENDING);
    ck_assert_int_eq(a.why, FEED_WHY_ORPHAN);
    ck_assert_int_eq(a.kind, WATCHDOG_FILE); /* known without opening it: the peer is told */
    ck_assert(feed_answer_sure(&a));
    a = ask(fd, FEED_UNTIL, date);
    ck_assert_int_eq(a.state, FEED_PENDING);
    UNTIL(dog->fired_us != 0);
    ck_assert_uint_eq(dog->opens, opens);
    ck_assert_uint_le(dog->fired_us, killed + W_MS * MS + LATE_US);
    close(fd);
}
END_TEST

START_TEST(test_test)
{
    int fd = keeper_new();
    (void)hear(fd);
    uint64_t begin = dog_now_us();
    struct feed_answer a = ask(fd, FEED_TEST, 0);
    ck_assert_int_eq(a.state, FEED_PENDING);
    ck_assert_int_eq(a.why, FEED_WHY_TESTED);
    UNTIL(dog->fired_us != 0);
    ck_assert_uint_ge(dog->fired_us, begin + W_MS * MS);
    close(fd);
}
END_TEST

/* A device that is not there stays told as such, also when there is nothing to stop. */
START_TEST(test_no_device)
{
    unlink(dog->path);
    int fd = keeper_new();
    ck_assert_int_eq(hear(fd).why, FEED_WHY_NO_DEVICE);
    ck_assert_int_eq(ask(fd, FEED_UNTIL, 0).why, FEED_WHY_NO_DEVICE);
    struct feed_answer a = ask(fd, FEED_UNTIL, dog_now_us() + 60000 * MS);
    ck_assert_int_eq(a.state, FEED_IDLE);
    ck_assert_int_eq(a.why, FEED_WHY_NO_DEVICE);
    close(fd);
}
END_TEST

/* A device that appears later is found without anybody's asking, and told. */
START_TEST(test_device_appears)
{
    char away[256];
    scratch_path(away, "away");
    ck_assert_int_eq(rename(dog->path, away), 0);
    int fd = keeper_new();
    ck_assert_int_eq(hear(fd).why, FEED_WHY_NO_DEVICE);
    ck_assert_int_eq(rename(away, dog->path), 0);
    struct feed_answer a = hear(fd);
    ck_assert_int_eq(a.why, FEED_WHY_FINE);
    ck_assert_int_eq(a.state, FEED_IDLE);
    ck_assert_uint_eq(a.timeout_ms, W_MS);
    UNTIL(dog->clean_closes == 1);
    ck_assert_int_eq(ask(fd, FEED_UNTIL, dog_now_us() + 2000 * MS).state, FEED_ARMED);
    ck_assert_int_eq(ask(fd, FEED_UNTIL, 0).state, FEED_IDLE);
    close(fd);
}
END_TEST

START_TEST(test_nonsense_is_not_answered)
{
    int fd = keeper_new();
    (void)hear(fd);
    int other = come_back();
    ck_assert_int_eq(send(other, "hello", 5, MSG_NOSIGNAL), 5);
    char byte;
    ck_assert_int_eq(recv(other, &byte, 1, 0), 0); /* hung up on */
    close(other);
    ck_assert_int_eq(ask(fd, FEED_ASK, 0).state, FEED_IDLE);
    close(fd);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("keeper");
    tcase_set_timeout(t, 30);
    tcase_add_unchecked_fixture(t, all_make, all_remove);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_tries_the_device_at_once);
    tcase_add_test(t, test_clean_stop_disarms);
    tcase_add_test(t, test_nothing_feeds_after_the_date);
    tcase_add_test(t, test_daemon_killed);
    tcase_add_test(t, test_daemon_comes_back);
    tcase_add_test(t, test_daemon_comes_back_and_says_nothing);
    tcase_add_test(t, test_keeper_killed);
    tcase_add_test(t, test_test);
    tcase_add_test(t, test_no_device);
    tcase_add_test(t, test_device_appears);
    tcase_add_test(t, test_nonsense_is_not_answered);
    return unit_end();
}
