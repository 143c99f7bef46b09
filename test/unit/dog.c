/* SPDX-License-Identifier: GPL-2.0-or-later
 * dog: see dog.h. */
#include "config.h"

#include "test/unit/dog.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t dog_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void feed(struct dog *d)
{
    d->runs = true;
    d->fed_us = dog_now_us();
}

/* One message; whether its last word was the magic. */
static bool hear(struct dog *d, int fd, const char *text, ssize_t n, enum dog_vice vice)
{
    char reply[32];
    feed(d);
    d->feeds++;
    if (text[0] == 'T') {
        uint32_t ms = (uint32_t)strtoul(text + 1, NULL, 10);
        d->timeout_ms = vice == DOG_SLOW ? 2 * ms : ms;
        int len = snprintf(reply, sizeof reply, "T%u", d->timeout_ms);
        if (vice != DOG_DEAF)
            (void)!write(fd, reply, (size_t)len);
    }
    return memchr(text, 'V', (size_t)n) != NULL;
}

static void over(struct dog *d, bool magic)
{
    if (magic && !d->nowayout) {
        d->runs = false;
        d->clean_closes++;
    } else {
        feed(d);
        d->dirty_closes++;
    }
}

static int rest_ms(const struct dog *d)
{
    if (!d->runs || d->fired_us)
        return -1;
    uint64_t due = d->fed_us + d->timeout_ms * 1000ull, now = dog_now_us();
    return now >= due ? 0 : (int)((due - now) / 1000 + 1);
}

static void play(struct dog *d, int listener, enum dog_vice vice)
{
    char text[64];
    int fd = -1;
    bool magic = false;
    for (;;) {
        struct pollfd p[2] = {{.fd = listener, .events = fd < 0 ? POLLIN : 0},
                              {.fd = fd, .events = POLLIN}};
        int rest = rest_ms(d);
        if (rest == 0) {
            d->fired_us = dog_now_us();
            if (d->victim > 0)
                kill(d->victim, SIGKILL);
            continue;
        }
        if (poll(p, 2, rest) <= 0)
            continue;
        if (fd >= 0 && p[1].revents) {
            ssize_t n = read(fd, text, sizeof text - 1);
            text[n > 0 ? n : 0] = '\0';
            if (n > 0) {
                magic = hear(d, fd, text, n, vice);
            } else {
                over(d, magic);
                close(fd);
                fd = -1;
            }
        } else if (fd < 0 && p[0].revents) {
            fd = accept(listener, NULL, NULL);
            magic = false;
            d->opens++;
            feed(d);
        }
    }
}

struct dog *dog_new(const char *path, enum dog_vice vice)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct dog *d =
        mmap(NULL, sizeof *d, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (d == MAP_FAILED)
        return NULL;
    snprintf(d->path, sizeof d->path, "%s", path);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    d->timeout_ms = 60000;
    int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    bool heard =
        bind(listener, (const struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 4) == 0;
    d->pid = heard ? fork() : -1;
    if (d->pid == 0) {
        struct sched_param p = {.sched_priority = 1}; /* a watchdog's clock does not wait */
        (void)sched_setscheduler(0, SCHED_FIFO, &p);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        play(d, listener, vice);
    }
    close(listener);
    if (d->pid > 0)
        return d;
    munmap(d, sizeof *d);
    return NULL;
}

void dog_free(struct dog *d)
{
    if (d->pid > 0) {
        kill(d->pid, SIGKILL);
        waitpid(d->pid, NULL, 0);
    }
    unlink(d->path);
    munmap(d, sizeof *d);
}
