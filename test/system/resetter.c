/* SPDX-License-Identifier: GPL-2.0-or-later
 * resetter: the watchdog of one machine of the lab: hardware that runs outside of it, and resets
 * it.
 *
 *   resetter SOCKET
 * Yoke's keeper speaks to SOCKET (SOCK_SEQPACKET, see daemon/watchdog.c): "T<ms>" arms it and is
 * answered by the time-out that it set, "p" feeds, "V" stops it. As with a device of the kernel, a
 * connection that ends without "V" feeds once more and stops nothing.
 * The lab speaks to standard input: "on PID" (the machine's first process), "off" (no power: it
 * forgets all), "least MS" (it cannot do less), "broken" (it never bites). Standard output tells
 * "ready", then a line for each thing that happened, with CLOCK_MONOTONIC in ns: "armed NS MS",
 * "stopped NS", "left NS", and "bite NS FED_NS".
 *
 * Happy path: not fed for the time-out, it kills PID and with it the whole PID namespace, at once
 * and as one, as a reset does. Ends when standard input does. Fails: exit 1 with the reason. */
#include "config.h"
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

struct dog {
    pid_t machine; /* 0: no power */
    bool armed, broken;
    uint64_t fed_ns, timeout_ns;
    unsigned least_ms;
    int listener, keeper;
};

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "resetter: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void tell(const char *word, uint64_t at_ns)
{
    printf("%s %" PRIu64 "\n", word, at_ns);
}

/* One packet of the keeper; false: it is gone. */
static bool keeper_read(struct dog *d)
{
    char text[64];
    ssize_t n = recv(d->keeper, text, sizeof text - 1, 0);
    if (n <= 0)
        return false;
    text[n] = '\0';
    if (text[0] == 'T') {
        unsigned ms = (unsigned)strtoul(text + 1, NULL, 10);
        ms = ms < d->least_ms ? d->least_ms : ms;
        d->timeout_ns = (uint64_t)ms * 1000000U;
        d->armed = true;
        int len = snprintf(text, sizeof text, "T%u", ms);
        if (send(d->keeper, text, (size_t)len, MSG_NOSIGNAL) != len)
            return false;
        printf("armed %" PRIu64 " %u\n", now_ns(), ms);
    } else if (text[0] == 'V') {
        d->armed = false;
        tell("stopped", now_ns());
    }
    d->fed_ns = now_ns();
    return true;
}

static void keeper_leave(struct dog *d)
{
    close(d->keeper);
    d->keeper = -1;
    if (!d->armed)
        return;
    d->fed_ns = now_ns();
    tell("left", d->fed_ns);
}

/* One line of the lab; false: it is gone. */
static bool lab_read(struct dog *d)
{
    static char line[64];
    static size_t len;
    ssize_t n = read(0, line + len, 1);
    if (n <= 0)
        return false;
    if (line[len] != '\n') {
        len += len < sizeof line - 2;
        return true;
    }
    line[len] = '\0';
    len = 0;
    if (sscanf(line, "least %u", &d->least_ms) == 1)
        return true;
    if (strcmp(line, "broken") == 0)
        return d->broken = true;
    /* The power went: nothing that it was told is true any more. */
    if (d->keeper >= 0)
        close(d->keeper);
    d->keeper = -1;
    d->armed = false;
    d->machine = 0;
    if (strncmp(line, "on ", 3) == 0)
        d->machine = (pid_t)strtol(line + 3, NULL, 10);
    return true;
}

static void bite(struct dog *d)
{
    uint64_t at = now_ns();
    if (d->machine > 0 && !d->broken)
        kill(d->machine, SIGKILL);
    d->machine = 0;
    d->armed = false;
    printf("bite %" PRIu64 " %" PRIu64 "\n", at, d->fed_ns);
}

static int wait_ms(const struct dog *d)
{
    uint64_t now = now_ns(), at = d->fed_ns + d->timeout_ns;
    return !d->armed ? -1 : at <= now ? 0 : (int)((at - now) / 1000000U) + 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct dog d = {.keeper = -1};

    if (argc != 2 || strlen(argv[1]) >= sizeof at.sun_path)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    strcpy(at.sun_path, argv[1]);
    d.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (d.listener < 0 || bind(d.listener, (const struct sockaddr *)&at, sizeof at) != 0 ||
        listen(d.listener, 4) != 0)
        die(argv[1]);
    puts("ready");
    for (;;) {
        struct pollfd p[3] = {{.fd = 0, .events = POLLIN},
                              {.fd = d.keeper, .events = POLLIN},
                              {.fd = d.keeper < 0 ? d.listener : -1, .events = POLLIN}};
        if (poll(p, 3, wait_ms(&d)) < 0)
            die("poll");
        if (d.armed && now_ns() >= d.fed_ns + d.timeout_ns)
            bite(&d);
        if (p[1].revents && !keeper_read(&d))
            keeper_leave(&d);
        if (p[2].revents)
            d.keeper = accept4(d.listener, NULL, NULL, SOCK_CLOEXEC);
        if (p[0].revents && !lab_read(&d))
            return 0;
    }
}
