/* SPDX-License-Identifier: GPL-2.0-or-later
 * relay: the serial cable of the lab: two pseudo terminals, and between them a wire at a given
 * rate.
 *
 *   relay LINK_A LINK_B [BAUD]     links to the two ends; commands on standard input, one a line:
 *   cut | heal            the cable is pulled, put back (what is on its way is lost)
 *   off a|b | on a|b      that machine is off: what is sent to it is lost, and never found later
 *   baud N                10 bits a byte; 0: as fast as it goes
 *   loss N | noise N      of a million bytes, so many are lost, or get a bit flipped
 *   garbage N a|b         sends that side N random bytes
 *   stats                 answers "a->b BYTES b->a BYTES lost BYTES"
 *
 * Happy path: each command is answered by one line, "ok" or the statistics. Ends with its input.
 * Both ends are kept open here, so that a dead node is silence, not a hang-up, as on a real cable.
 * Fails: "error" for a command that it does not know; exit 1 when there are no terminals. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { SIDES = 2, FIFO = 16, MILLION = 1000000 }; /* a 16550 hands over 16 bytes at a time */

struct side {
    int master, slave; /* the slave is held open, and never read */
    bool on;
    uint8_t fifo[FIFO]; /* from this side, on the wire */
    size_t n;
    int64_t due; /* when they have arrived, ns */
    uint64_t sent;
};

struct relay {
    struct side side[SIDES];
    bool cut;
    long baud, loss, noise;
    uint64_t lost, seed;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* xorshift64*: the same noise each time. */
static uint64_t chance(struct relay *r)
{
    r->seed ^= r->seed >> 12;
    r->seed ^= r->seed << 25;
    r->seed ^= r->seed >> 27;
    return r->seed * 0x2545f4914f6cdd1dULL >> 11;
}

static void side_open(struct side *s, const char *link)
{
    struct termios t;

    s->on = true;
    s->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (s->master < 0 || grantpt(s->master) < 0 || unlockpt(s->master) < 0 ||
        (s->slave = open(ptsname(s->master), O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 ||
        tcgetattr(s->slave, &t) < 0) {
        perror("relay: pseudo terminal");
        exit(1);
    }
    cfmakeraw(&t);
    tcsetattr(s->slave, TCSANOW, &t);
    unlink(link);
    if (symlink(ptsname(s->master), link) < 0) {
        perror(link);
        exit(1);
    }
}

/* Nothing that came while nobody was there may wait for him. */
static void side_flush(struct side *s)
{
    s->n = 0;
    tcflush(s->slave, TCIOFLUSH);
}

/* Puts bytes out at the other end; a receiver that does not read loses them, as on a real line. */
static void side_deliver(struct relay *r, struct side *to, const uint8_t *at, size_t n)
{
    ssize_t done = to->on ? write(to->master, at, n) : 0;
    if (done < (ssize_t)n)
        r->lost += n - (done > 0 ? (size_t)done : 0);
}

static void wire_take(struct relay *r, struct side *from)
{
    uint8_t in[FIFO];
    ssize_t got = read(from->master, in, sizeof(in));
    int64_t now = now_ns();

    if (got <= 0)
        return;
    from->sent += (uint64_t)got;
    from->n = 0;
    for (ssize_t i = 0; i < got; i++) {
        if (r->cut || !from->on || (long)(chance(r) % MILLION) < r->loss) {
            r->lost++;
            continue;
        }
        if ((long)(chance(r) % MILLION) < r->noise)
            in[i] ^= (uint8_t)(1u << chance(r) % 8);
        from->fifo[from->n++] = in[i];
    }
    /* The wire is taken for the time of what was lost too. */
    int64_t length = r->baud > 0 ? got * 10 * 1000000000LL / r->baud : 0;
    from->due = (from->due > now ? from->due : now) + length;
}

static void wire_deliver(struct relay *r, unsigned i)
{
    struct side *from = &r->side[i];
    if (from->n > 0 && !r->cut)
        side_deliver(r, &r->side[!i], from->fifo, from->n);
    from->n = 0;
}

static void garbage(struct relay *r, struct side *to, long n)
{
    uint8_t b[FIFO];
    for (; n > 0; n -= FIFO) {
        for (unsigned i = 0; i < FIFO; i++)
            b[i] = (uint8_t)chance(r);
        side_deliver(r, to, b, n < FIFO ? (size_t)n : FIFO);
    }
}

static void command(struct relay *r, const char *line)
{
    char word[16] = "", arg[16] = "", arg2[16] = "";
    sscanf(line, "%15s %15s %15s", word, arg, arg2);
    long v = atol(arg);
    bool power = strcmp(word, "on") == 0 || strcmp(word, "off") == 0;

    if (strcmp(word, "cut") == 0 || strcmp(word, "heal") == 0) {
        r->cut = word[0] == 'c';
        for (unsigned i = 0; r->cut && i < SIDES; i++)
            r->side[i].n = 0;
    } else if (power && (arg[0] == 'a' || arg[0] == 'b')) {
        struct side *s = &r->side[arg[0] == 'b'];
        s->on = strcmp(word, "on") == 0;
        side_flush(s);
    } else if (strcmp(word, "baud") == 0) {
        r->baud = v;
    } else if (strcmp(word, "loss") == 0) {
        r->loss = v;
    } else if (strcmp(word, "noise") == 0) {
        r->noise = v;
    } else if (strcmp(word, "garbage") == 0) {
        garbage(r, &r->side[arg2[0] == 'b'], v);
    } else if (strcmp(word, "stats") == 0) {
        printf("a->b %llu b->a %llu lost %llu\n", (unsigned long long)r->side[0].sent,
               (unsigned long long)r->side[1].sent, (unsigned long long)r->lost);
        return;
    } else {
        printf("error: %s\n", word);
        return;
    }
    printf("ok\n");
}

/* Reads commands; false at the end of the input. */
static bool commands(struct relay *r)
{
    static char text[256];
    static size_t have;
    ssize_t n = read(0, text + have, sizeof(text) - 1 - have);

    if (n <= 0)
        return n < 0 && errno == EAGAIN;
    have += (size_t)n;
    text[have] = '\0';
    for (char *end; (end = strchr(text, '\n')) != NULL;) {
        *end = '\0';
        command(r, text);
        have -= (size_t)(end + 1 - text);
        memmove(text, end + 1, have + 1);
    }
    if (have == sizeof(text) - 1)
        have = 0;
    return true;
}

int main(int argc, char **argv)
{
    static struct relay r = {.baud = 115200, .seed = 0x9e3779b97f4a7c15ULL};
    struct sched_param at_once = {.sched_priority = 20};

    if (argc < 3)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    /* A wire does not slow down because processes want the processor; where this is not allowed, it
     * goes on as it is. */
    (void)sched_setscheduler(0, SCHED_RR, &at_once);
    setvbuf(stdout, NULL, _IOLBF, 0);
    side_open(&r.side[0], argv[1]);
    side_open(&r.side[1], argv[2]);
    if (argc > 3)
        r.baud = atol(argv[3]);
    printf("ready\n");
    for (;;) {
        struct pollfd p[1 + SIDES] = {{.fd = 0, .events = POLLIN}};
        int64_t now = now_ns(), until = -1;

        for (unsigned i = 0; i < SIDES; i++) {
            struct side *s = &r.side[i];
            if (s->n > 0 && now >= s->due)
                wire_deliver(&r, i);
            bool busy = s->due > now;
            if (busy && (until < 0 || s->due < until))
                until = s->due;
            p[1 + i] = (struct pollfd){.fd = busy ? -1 : s->master, .events = POLLIN};
        }
        struct timespec wait = {until > now ? (until - now) / 1000000000 : 0,
                                until > now ? (until - now) % 1000000000 : 0};
        if (ppoll(p, 1 + SIDES, until < 0 ? NULL : &wait, NULL) < 0 && errno != EINTR)
            return 1;
        if (p[0].revents && !commands(&r))
            return 0;
        for (unsigned i = 0; i < SIDES; i++)
            if (p[1 + i].revents & POLLIN)
                wire_take(&r, &r.side[i]);
    }
}
