/* SPDX-License-Identifier: GPL-2.0-or-later
 * pingall: the program yoke-ping: which of these addresses answer? All are asked at once.
 *
 *   yoke-ping [-w MS] [-n ENOUGH] ADDRESS...
 *
 * Happy path: asks each of them ten times within MS, by ICMP or ICMPv6, until it has answered once,
 * and prints those that have, one a line. Ends when all or ENOUGH have answered: exit 0. Exit 1
 * when fewer have. Fails: 2, with the reason on standard error. No route to an address is no
 * answer. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWERED = 0, FEWER = 1, CANNOT = 2, TARGETS_MAX = 64, ROUNDS = 10, EACH_LEAST_MS = 20 };

struct target {
    const char *text;
    bool v6, answered;
    struct sockaddr_in a4;
    struct sockaddr_in6 a6;
};

struct asker {
    int s4, s6; /* -1: none */
    bool raw4, raw6;
    uint16_t id;
    uint8_t nonce[16];
    struct target target[TARGETS_MAX];
    unsigned n, answered, enough;
};

/* Both families have this shape; a reply brings it all back. */
struct echo {
    uint8_t type, code;
    uint16_t checksum, id, sequence;
    uint8_t nonce[16];
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The kernel gives sockets for this to groups it was told of; a raw one needs a privilege. */
static int socket_open(int family, int protocol, bool *raw)
{
    int s = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);

    *raw = s >= 0;
    return s >= 0 ? s : socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

static bool sockets_open(struct asker *a)
{
    struct icmp6_filter only;
    bool v4 = false, v6 = false;

    for (unsigned i = 0; i < a->n; i++)
        *(a->target[i].v6 ? &v6 : &v4) = true;
    a->s4 = v4 ? socket_open(AF_INET, IPPROTO_ICMP, &a->raw4) : -1;
    a->s6 = v6 ? socket_open(AF_INET6, IPPROTO_ICMPV6, &a->raw6) : -1;
    if ((v4 && a->s4 < 0) || (v6 && a->s6 < 0))
        return false;
    ICMP6_FILTER_SETBLOCKALL(&only);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only);
    return a->s6 < 0 || !a->raw6 ||
           setsockopt(a->s6, IPPROTO_ICMPV6, ICMP6_FILTER, &only, sizeof(only)) == 0;
}

/* RFC 1071; for ICMPv6 the kernel does it. */
static uint16_t checksum(const void *at, size_t len)
{
    const uint8_t *p = at;
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(p[i] << 8 | p[i + 1]);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

static void ask(struct asker *a, unsigned round)
{
    for (unsigned i = 0; i < a->n; i++) {
        struct target *t = &a->target[i];
        struct echo e = {.type = t->v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
                         .id = a->id,
                         .sequence = htons((uint16_t)round)};

        if (t->answered)
            continue;
        memcpy(e.nonce, a->nonce, sizeof(e.nonce));
        e.nonce[0] = (uint8_t)i;
        e.checksum = t->v6 ? 0 : checksum(&e, sizeof(e));
        if (sendto(t->v6 ? a->s6 : a->s4, &e, sizeof(e), 0,
                   t->v6 ? (struct sockaddr *)&t->a6 : (struct sockaddr *)&t->a4,
                   t->v6 ? sizeof(t->a6) : sizeof(t->a4)) < 0)
            t->answered = false; /* no route now; maybe in the next round */
    }
}

static bool same_address(const struct target *t, const struct sockaddr_storage *from)
{
    if (t->v6)
        return memcmp(&((const struct sockaddr_in6 *)from)->sin6_addr, &t->a6.sin6_addr, 16) == 0;
    return ((const struct sockaddr_in *)from)->sin_addr.s_addr == t->a4.sin_addr.s_addr;
}

/* One datagram; whoever else pings on this machine gets his answers here as well. */
static void listen_one(struct asker *a, bool v6)
{
    uint8_t frame[1500], *at = frame;
    struct sockaddr_storage from;
    socklen_t from_len = sizeof(from);
    ssize_t len =
        recvfrom(v6 ? a->s6 : a->s4, frame, sizeof(frame), 0, (struct sockaddr *)&from, &from_len);
    struct echo e;

    if (len > 0 && !v6 && a->raw4) {
        at += (size_t)(frame[0] & 15) * 4;
        len -= (frame[0] & 15) * 4;
    }
    if (len < (ssize_t)sizeof(e))
        return;
    memcpy(&e, at, sizeof(e));
    if (e.type != (v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) || e.nonce[0] >= a->n ||
        memcmp(e.nonce + 1, a->nonce + 1, sizeof(e.nonce) - 1) != 0)
        return;
    struct target *t = &a->target[e.nonce[0]];
    if (t->v6 != v6 || t->answered || !same_address(t, &from))
        return;
    t->answered = true;
    a->answered++;
    printf("%s\n", t->text);
}

static int run(struct asker *a, int wait_ms)
{
    int64_t begun = now_ms(), end = begun + wait_ms, next = begun;
    int each = wait_ms / ROUNDS > EACH_LEAST_MS ? wait_ms / ROUNDS : EACH_LEAST_MS;
    unsigned round = 0;

    for (int64_t now = begun; now < end && a->answered < a->enough; now = now_ms()) {
        struct pollfd p[2] = {{.fd = a->s4, .events = POLLIN}, {.fd = a->s6, .events = POLLIN}};

        if (now >= next) {
            ask(a, ++round);
            next += each;
        }
        int64_t until = next < end ? next : end;
        if (poll(p, 2, until > now ? (int)(until - now) : 0) <= 0)
            continue;
        for (int i = 0; i < 2; i++)
            if (p[i].revents) /* an error too is taken off by reading */
                listen_one(a, i == 1);
    }
    return a->answered >= a->enough ? ANSWERED : FEWER;
}

static bool number(const char *text, int least, int most, int *to)
{
    char *end;
    long v = strtol(text, &end, 10);

    *to = (int)v;
    if (*text != '\0' && *end == '\0' && v >= least && v <= most)
        return true;
    fprintf(stderr, "yoke-ping: %s is not a number within %d to %d\n", text, least, most);
    return false;
}

static bool target_add(struct asker *a, const char *text)
{
    struct target *t = &a->target[a->n];

    if (a->n == TARGETS_MAX) {
        fprintf(stderr, "yoke-ping: more than %d addresses\n", TARGETS_MAX);
        return false;
    }
    t->text = text;
    t->a4.sin_family = AF_INET;
    t->a6.sin6_family = AF_INET6;
    t->v6 = strchr(text, ':') != NULL;
    if (inet_pton(t->v6 ? AF_INET6 : AF_INET, text,
                  t->v6 ? (void *)&t->a6.sin6_addr : (void *)&t->a4.sin_addr) != 1) {
        fprintf(stderr, "yoke-ping: %s is not an address\n", text);
        return false;
    }
    a->n++;
    return true;
}

int main(int argc, char **argv)
{
    static struct asker a;
    int wait_ms = 1000, enough = TARGETS_MAX, c;

    bool right = true;
    while (right && (c = getopt(argc, argv, "w:n:")) >= 0)
        right = (c == 'w' && number(optarg, 1, 60000, &wait_ms)) ||
                (c == 'n' && number(optarg, 1, TARGETS_MAX, &enough));
    if (!right || optind >= argc) {
        fprintf(stderr, "usage: yoke-ping [-w MS] [-n ENOUGH] ADDRESS...\n");
        return CANNOT;
    }
    for (int i = optind; i < argc; i++)
        if (!target_add(&a, argv[i]))
            return CANNOT;
    a.enough = (unsigned)enough < a.n ? (unsigned)enough : a.n;
    if (getrandom(a.nonce, sizeof(a.nonce), GRND_NONBLOCK) != (ssize_t)sizeof(a.nonce))
        memcpy(a.nonce, &(pid_t){getpid()}, sizeof(pid_t));
    a.id = (uint16_t)getpid();
    if (!sockets_open(&a)) {
        fprintf(stderr, "yoke-ping: cannot ping: %s\n", strerror(errno));
        return CANNOT;
    }
    return run(&a, wait_ms);
}
