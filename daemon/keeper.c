/* SPDX-License-Identifier: GPL-2.0-or-later
 * keeper: yoke-keeper, the small process that owns the watchdog and the date until which it is fed.
 * It outlives the daemon, so that a restart of the daemon resets nobody and a dying daemon feeds
 * nobody. A program of its own with nothing but the C library, because all its memory is locked.
 *
 *   yoke-keeper RUN_DIR DEVICE TIMEOUT_MS BOOT [--doom]
 * Standard input: the daemon's socket. Others connect to RUN_DIR/keeper. --doom: it may reset the
 * machine itself when the watchdog no longer can.
 *
 * Happy path: tries the device once, tells what it is, waits for dates, feeds (lib/wire/feed.h says
 * when). A device that is not there yet, or that another process has, is tried again. Ends when
 * nothing is armed and nobody is connected.
 * Fails: killed while armed, the kernel's close feeds once more and the machine is reset one
 * time-out later; RUN_DIR/feed ("STATE BOOT UNTIL FED TIMEOUT") tells the next keeper of this boot
 * that the reset is under way, and it never opens the device. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/doom.h"
#include "daemon/watchdog.h"
#include "lib/base/num.h"
#include "lib/base/str.h"
#include "lib/wire/feedmsg.h"

#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4
#endif

enum {
    PRIORITY = 3, /* above the daemon's */
    CLIENTS = 8,
    STACK_TOUCH = 32 * 1024,
    PAGE = 4096,
    NOTE_LEN = 96,
    SLEPT_LEAST_US = 50 * 1000,  /* less is the time between two readings of clocks */
    AGAIN_US = 10 * 1000 * 1000, /* when a device that another process has is tried again */
    APPEARS_US = 100 * 1000,     /* from its name to its being ready */
    TEST_MS = 3600 * 1000
};

/* Exit codes. */
enum { KEEPER_OK = 0, KEEPER_FAULT = 1, KEEPER_USAGE = 2, KEEPER_RUNNING = 5 };

struct keeper {
    const char *run_dir, *device;
    uint32_t want_ms;
    uint64_t boot;
    bool doom;
    struct watchdog dog;
    struct feed feed;
    enum feed_why why;
    int error;
    bool locked, realtime, leave;
    uint64_t slept_us; /* less what reading two clocks takes */
    int file, listener, timer;
    uint64_t again_us; /* when the device is looked at again, 0: not by time */
    int watch;         /* inotify on the device's directory, -1: cannot be had */
    int client[CLIENTS];
    unsigned n_clients;
    struct feed_answer told; /* what all clients know */
};

static volatile sig_atomic_t terminate;

static void asked_to_end(int signal)
{
    (void)signal;
    terminate = 1;
}

/* ---- RUN_DIR/feed ---- */

/* In place and all of one length. RUN_DIR is memory, else this may wait for a disk: then the
 * watchdog does what it is for. */
static void note(struct keeper *k, enum feed_state state)
{
    char line[NOTE_LEN + 1];
    int n = snprintf(line, sizeof line, "%s %016" PRIx64 " %" PRIu64 " %" PRIu64 " %u",
                     feed_state_word(state), k->boot, k->feed.until_us, k->feed.fed_us,
                     k->feed.timeout_ms);
    assert(n > 0 && n < NOTE_LEN);
    memset(line + n, ' ', (size_t)(NOTE_LEN - n));
    line[NOTE_LEN - 1] = '\n';
    if (pwrite(k->file, line, NOTE_LEN, 0) != NOTE_LEN)
        k->error = errno; /* shown; the feeding itself does not need it */
}

/* Was it left running in this boot? Then *timeout_ms says how long that can last. */
static bool note_runs(const struct keeper *k, uint32_t *timeout_ms)
{
    char line[NOTE_LEN + 1] = "", word[16];
    uint64_t boot, until, fed;
    if (pread(k->file, line, NOTE_LEN, 0) <= 0)
        return false;
    if (sscanf(line, "%15s %" SCNx64 " %" SCNu64 " %" SCNu64 " %" SCNu32, word, &boot, &until, &fed,
               timeout_ms) != 5)
        return true; /* damaged: what it said is not known */
    return boot == k->boot && strcmp(word, feed_state_word(FEED_IDLE)) != 0;
}

/* ---- answers ---- */

static struct feed_answer answer(const struct keeper *k)
{
    struct feed_answer a = {.boot = k->boot,
                            .state = (uint8_t)k->feed.state,
                            .kind = k->dog.kind,
                            .why = (uint8_t)k->why,
                            .stoppable = k->feed.stoppable,
                            .locked = k->locked,
                            .realtime = k->realtime,
                            .error = k->error,
                            .timeout_ms = k->feed.timeout_ms,
                            .pretimeout_ms = k->dog.pretimeout_ms,
                            .want_ms = k->want_ms,
                            .until_us = k->feed.until_us,
                            .fed_us = k->feed.fed_us,
                            .pid = (uint32_t)getpid(),
                            .owner = k->dog.owner};
    (void)str_copy(a.owner_name, sizeof a.owner_name, k->dog.owner_name);
    (void)str_copy(a.identity, sizeof a.identity, k->dog.identity);
    (void)str_copy(a.device, sizeof a.device, k->device);
    return a;
}

static void client_drop(struct keeper *k, unsigned i)
{
    close(k->client[i]);
    k->n_clients--;
    memmove(&k->client[i], &k->client[i + 1], (k->n_clients - i) * sizeof k->client[0]);
}

/* To a client that does not read, nothing is said: it asks again. False: it is gone. */
static bool answer_send(int fd, const struct feed_answer *a)
{
    uint8_t bytes[FEEDMSG_MAX];
    size_t len = feed_answer_put(a, bytes);
    return send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len || errno == EAGAIN;
}

/* All clients are told what they did not ask for: a change of state. */
static void tell_changes(struct keeper *k)
{
    struct feed_answer a = answer(k);
    if (a.state == k->told.state && a.why == k->told.why && a.timeout_ms == k->told.timeout_ms &&
        a.kind == k->told.kind)
        return;
    note(k, k->feed.state);
    k->told = a;
    for (unsigned i = k->n_clients; i-- > 0;)
        if (!answer_send(k->client[i], &a))
            client_drop(k, i);
}

/* ---- deeds ---- */

static bool open_it(struct keeper *k)
{
    note(k, FEED_ARMED); /* before it is true */
    bool ok = watchdog_open(&k->dog, k->want_ms);
    k->why = k->dog.why;
    k->error = k->dog.error;
    if (k->dog.timeout_ms)
        k->feed.timeout_ms = k->dog.timeout_ms;
    if (!ok && k->why == FEED_WHY_RUNS)
        feed_init_pending(&k->feed, k->feed.timeout_ms, clock_raw_us());
    return ok;
}

static void doom(struct keeper *k)
{
    static const char *const words[] = {
        [FEED_WHY_DUE] = "its lease was not renewed in time",
        [FEED_WHY_SLEPT] = "it was suspended while its watchdog was armed",
        [FEED_WHY_TESTED] = "watchdog test: the watchdog did not reset it",
    };
    const char *why = (unsigned)k->why < ARRAY_LEN(words) ? words[k->why] : NULL;
    note(k, FEED_PENDING);
    if (k->doom)
        doom_reset(why ? why : "its watchdog did not reset it", false);
}

static enum feed_deed deed_do(struct keeper *k, enum feed_deed deed)
{
    bool ok = true;
    if ((deed == FEED_CLOSE || deed == FEED_RESET) && k->why == FEED_WHY_FINE)
        k->why = FEED_WHY_DUE;
    switch (deed) {
    case FEED_OPEN: ok = open_it(k); break;
    case FEED_PING:
        ok = watchdog_ping(&k->dog);
        k->error = ok ? 0 : k->dog.error;
        k->why = ok ? FEED_WHY_FINE : FEED_WHY_PING;
        break;
    case FEED_RELEASE: ok = watchdog_release(&k->dog); break;
    case FEED_CLOSE:
        note(k, FEED_PENDING);
        watchdog_close(&k->dog);
        break;
    case FEED_RESET: doom(k); break;
    case FEED_WAIT: break;
    }
    enum feed_deed next = feed_done(&k->feed, deed, ok, clock_raw_us());
    if (k->feed.state == FEED_PENDING && k->why == FEED_WHY_FINE)
        k->why = FEED_WHY_RUNS; /* it did not let itself be stopped */
    return next;
}

static void deeds_do(struct keeper *k, enum feed_deed deed)
{
    while (deed != FEED_WAIT)
        deed = deed_do(k, deed);
}

/* ---- requests ---- */

static void until(struct keeper *k, uint64_t until_us)
{
    enum feed_deed deed;
    if (k->feed.state == FEED_HELD && k->why == FEED_WHY_TIMEOUT)
        return; /* it runs for ever, but not as it should */
    enum err err = feed_until(&k->feed, clock_raw_us(), until_us, &deed);
    if (err == ERR_RANGE)
        k->why = FEED_WHY_DATE;
    else if (!err && (until_us || k->why == FEED_WHY_DATE))
        k->why = FEED_WHY_FINE; /* stopping what is stopped mends no device */
    deeds_do(k, deed);
    if (!err && until_us && k->why == FEED_WHY_FINE && k->feed.state != FEED_ARMED &&
        k->feed.state != FEED_PENDING)
        k->why = FEED_WHY_DATE; /* the opening took until then */
}

/* Nothing guarded runs here, as a rule: then a watchdog that does not fire is left to be seen, and
 * the machine not reset in its place. */
static void test(struct keeper *k)
{
    bool armed = k->feed.state == FEED_ARMED;
    if (k->feed.state == FEED_IDLE)
        until(k, clock_raw_us() + (uint64_t)TEST_MS * 1000);
    enum feed_deed deed = feed_starve(&k->feed);
    if (deed == FEED_WAIT)
        return;
    k->why = FEED_WHY_TESTED;
    k->doom = k->doom && (armed || k->dog.way == WATCHDOG_BY_FILE); /* which nobody else plays */
    k->feed.until_us = 0;
    deeds_do(k, deed);
}

/* One datagram; false: the client is gone, or talks nonsense. */
static bool client_read(struct keeper *k, int fd)
{
    uint8_t bytes[FEEDMSG_MAX];
    struct feed_request r;
    ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0 || feed_request_get(bytes, (size_t)n, &r))
        return false;
    switch (r.verb) {
    case FEED_UNTIL: until(k, r.until_us); break;
    case FEED_TEST: test(k); break;
    case FEED_LEAVE: k->leave = k->feed.state == FEED_IDLE; break;
    default: break;
    }
    struct feed_answer a = answer(k);
    return answer_send(fd, &a);
}

static void client_new(struct keeper *k)
{
    struct ucred who;
    socklen_t len = sizeof who;
    int fd = accept4(k->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 ||
        (who.uid != 0 && who.uid != geteuid())) {
        close(fd);
        return;
    }
    if (k->n_clients == CLIENTS)
        client_drop(k, 0);
    k->client[k->n_clients++] = fd;
}

/* ---- the device ---- */

/* What the device is and whether it obeys is found out now, not at the first start of a service. A
 * device that cannot be stopped runs from here on and is fed. */
static void device_look(struct keeper *k)
{
    if (open_it(k)) {
        bool stoppable = k->dog.stoppable;
        feed_init(&k->feed, k->dog.timeout_ms, stoppable, !stoppable, clock_raw_us(), k->slept_us);
        if (stoppable && !watchdog_release(&k->dog)) {
            feed_init_pending(&k->feed, k->dog.timeout_ms, clock_raw_us());
            k->why = FEED_WHY_RUNS;
        }
    }
    if (k->dog.kind == WATCHDOG_FILE && k->dog.way == WATCHDOG_BY_FILE)
        k->feed.grace_ms = 0; /* nobody else plays it */
    note(k, k->feed.state);
}

/* A refusal that may end by itself. Who cannot be stopped by a magic close never will, and a look
 * at it would start it. */
static bool may_change(const struct keeper *k)
{
    return k->feed.state == FEED_IDLE &&
           (k->why == FEED_WHY_NO_DEVICE || k->why == FEED_WHY_OWNED ||
            k->why == FEED_WHY_OWNED_SYSTEMD || k->why == FEED_WHY_NO_WATCHDOG ||
            k->why == FEED_WHY_TIMEOUT);
}

/* The kernel tells when a device appears, or its driver is loaded anew; that its owner has closed
 * it nobody tells. */
static bool again_by_time(const struct keeper *k)
{
    bool told = k->watch >= 0 && (k->error == ENOENT || k->why == FEED_WHY_NO_WATCHDOG ||
                                  k->why == FEED_WHY_TIMEOUT);
    return may_change(k) && !told;
}

/* Looks at the device again when it is time. How long until then at most. */
static uint64_t again(struct keeper *k)
{
    uint64_t now_us = clock_raw_us();
    if (k->again_us && now_us >= k->again_us && may_change(k))
        device_look(k);
    if (!k->again_us || now_us >= k->again_us)
        k->again_us = again_by_time(k) ? now_us + AGAIN_US : 0;
    return k->again_us ? k->again_us - now_us : UINT64_MAX;
}

static void watch_begin(struct keeper *k)
{
    char dir[FEED_DEVICE_LEN] = ".";
    const char *slash = strrchr(k->device, '/');
    if (slash)
        snprintf(dir, sizeof dir, "%.*s", (int)num_max(slash - k->device, 1), k->device);
    k->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (k->watch >= 0 && inotify_add_watch(k->watch, dir, IN_CREATE | IN_MOVED_TO) < 0) {
        close(k->watch);
        k->watch = -1;
    }
}

/* Did something of the device's name appear? Then it is soon ready. */
static void watch_read(struct keeper *k)
{
    const char *slash = strrchr(k->device, '/'), *name = slash ? slash + 1 : k->device;
    _Alignas(struct inotify_event) char bytes[4096];
    bool ours = false;
    ssize_t n;
    while ((n = read(k->watch, bytes, sizeof bytes)) > 0)
        for (ssize_t at = 0; at < n;) {
            const struct inotify_event *e = (const struct inotify_event *)(bytes + at);
            ours = ours || e->mask & IN_Q_OVERFLOW || (e->len && strcmp(e->name, name) == 0);
            at += (ssize_t)(sizeof *e + e->len);
        }
    if (ours && may_change(k))
        k->again_us = clock_raw_us() + APPEARS_US;
}

/* ---- the loop ---- */

/* Grows only by what is more than the clocks' own disagreement. */
static uint64_t slept(struct keeper *k)
{
    for (unsigned tries = 0; tries < 3; tries++)
        if (clock_asleep_us() < k->slept_us + SLEPT_LEAST_US)
            return k->slept_us;
    k->slept_us = clock_asleep_us();
    return k->slept_us;
}

static void timer_set(const struct keeper *k, uint64_t wait_us)
{
    struct itimerspec t = {0};
    if (wait_us != UINT64_MAX) {
        uint64_t nap_us = feed_nap_us(wait_us);
        t.it_value.tv_sec = (time_t)(nap_us / 1000000);
        t.it_value.tv_nsec = (long)(nap_us % 1000000) * 1000 + 1;
    }
    int rc = timerfd_settime(k->timer, 0, &t, NULL);
    assert(rc == 0);
}

/* What time wants. How long until it wants something again. */
static uint64_t turn(struct keeper *k)
{
    uint64_t wait_us, before = k->slept_us;
    for (;;) {
        uint64_t now_slept = slept(k);
        enum feed_deed deed = feed_next(&k->feed, clock_raw_us(), now_slept, &wait_us);
        if (deed == FEED_WAIT)
            return wait_us;
        if (deed == FEED_RESET && now_slept > before && k->why == FEED_WHY_FINE)
            k->why = FEED_WHY_SLEPT;
        deeds_do(k, deed);
        if (deed == FEED_PING)
            note(k, k->feed.state);
        if (deed == FEED_RESET)
            return UINT64_MAX; /* nothing is left that could be done */
    }
}

static void loop(struct keeper *k)
{
    struct pollfd p[3 + CLIENTS];
    uint64_t expired;
    sigset_t none;
    sigemptyset(&none);
    for (;;) {
        uint64_t again_in_us = again(k);
        uint64_t wait_us = num_min(turn(k), again_in_us);
        tell_changes(k);
        bool idle = k->feed.state == FEED_IDLE;
        if (idle && (k->leave || k->n_clients == 0 || terminate))
            return;
        k->leave = false;
        terminate = 0;
        timer_set(k, wait_us);
        p[0] = (struct pollfd){.fd = k->timer, .events = POLLIN};
        p[1] = (struct pollfd){.fd = k->listener, .events = POLLIN};
        p[2] = (struct pollfd){.fd = k->watch, .events = POLLIN};
        unsigned n = k->n_clients;
        for (unsigned i = 0; i < n; i++)
            p[3 + i] = (struct pollfd){.fd = k->client[i], .events = POLLIN};
        if (ppoll(p, 3 + n, NULL, &none) < 0)
            continue;
        if (p[0].revents && read(k->timer, &expired, sizeof expired) < 0)
            continue;
        for (unsigned i = n; i-- > 0;)
            if (p[3 + i].revents && !client_read(k, k->client[i]))
                client_drop(k, i);
        if (p[2].revents)
            watch_read(k);
        if (p[1].revents)
            client_new(k);
    }
}

/* ---- start ---- */

static void privileges(struct keeper *k)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    struct sched_param p = {.sched_priority = PRIORITY};
    volatile char stack[STACK_TOUCH];
    (void)setrlimit(RLIMIT_MEMLOCK, &all);
    k->locked = mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 ||
                mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
    for (size_t i = 0; i < sizeof stack; i += PAGE)
        stack[i] = 0;
    k->realtime = sched_setscheduler(0, SCHED_FIFO, &p) == 0;
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!write(fd, "-1000", 5); /* may not be permitted: then it is as likely as others */
        close(fd);
    }
}

static void signals(void)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2};
    struct sigaction a = {.sa_handler = SIG_IGN}, end = {.sa_handler = asked_to_end};
    sigset_t term;
    for (unsigned i = 0; i < ARRAY_LEN(ignored); i++)
        sigaction(ignored[i], &a, NULL);
    sigaction(SIGTERM, &end, NULL); /* obeyed only when nothing is armed */
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL); /* taken in ppoll only */
}

/* The lock comes first: who has it is this boot's only keeper. */
static int places_open(struct keeper *k)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char path[sizeof at.sun_path];
    struct stat st;
    snprintf(path, sizeof path, "%s/" FEED_FILE, k->run_dir);
    k->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (k->file < 0)
        return KEEPER_FAULT;
    if (flock(k->file, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? KEEPER_RUNNING : KEEPER_FAULT;
    if (snprintf(at.sun_path, sizeof at.sun_path, "%s/" FEED_SOCKET, k->run_dir) >=
        (int)sizeof at.sun_path)
        return KEEPER_USAGE;
    (void)unlink(at.sun_path); /* of a keeper that is no more */
    umask(077);
    k->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    k->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (k->listener < 0 || k->timer < 0 ||
        bind(k->listener, (const struct sockaddr *)&at, sizeof at) != 0 ||
        listen(k->listener, CLIENTS) != 0)
        return KEEPER_FAULT;
    if (fstat(STDIN_FILENO, &st) == 0 && S_ISSOCK(st.st_mode))
        k->client[k->n_clients++] = STDIN_FILENO;
    return KEEPER_OK;
}

static void device_try(struct keeper *k)
{
    uint32_t left_ms = k->want_ms;
    feed_init(&k->feed, k->want_ms, true, false, clock_raw_us(), k->slept_us);
    if (note_runs(k, &left_ms)) {
        watchdog_look(&k->dog);
        feed_init_pending(&k->feed, (uint32_t)num_max(left_ms, k->want_ms), clock_raw_us());
        k->why = FEED_WHY_ORPHAN;
        note(k, k->feed.state);
    } else {
        device_look(k);
    }
    k->told = answer(k);
    if (k->n_clients > 0 && !answer_send(k->client[0], &k->told))
        client_drop(k, 0);
}

static void leave(struct keeper *k)
{
    char path[256];
    note(k, FEED_IDLE);
    if (snprintf(path, sizeof path, "%s/" FEED_SOCKET, k->run_dir) < (int)sizeof path)
        (void)unlink(path);
}

int main(int argc, char **argv)
{
    static struct keeper k;
    uint64_t want;
    char *end;
    bool last = argc == 6 && strcmp(argv[5], "--doom") == 0;
    if ((argc != 5 && !last) || num_u64(argv[3], 1, 3600 * 1000, &want)) {
        static const char usage[] = "yoke-keeper is started by yoked, see yoked(8)\n";
        (void)!write(STDERR_FILENO, usage, sizeof usage - 1);
        return KEEPER_USAGE;
    }
    k.run_dir = argv[1];
    k.device = argv[2];
    k.want_ms = (uint32_t)want;
    k.boot = strtoull(argv[4], &end, 16);
    k.doom = last;
    if (k.boot == 0 || *end != '\0' || strlen(k.device) >= FEED_DEVICE_LEN)
        return KEEPER_USAGE;
    signals();
    k.slept_us = clock_asleep_us();
    int code = places_open(&k);
    if (code)
        return code;
    watchdog_init(&k.dog, k.device, k.boot);
    privileges(&k);
    watch_begin(&k);
    device_try(&k);
    loop(&k);
    leave(&k);
    return KEEPER_OK;
}
