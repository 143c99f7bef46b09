/* SPDX-License-Identifier: GPL-2.0-or-later
 * tcpprobe: a client that asks a TCP service for its host's name, by a new connection each MS.
 *   tcpprobe ADDRESS PORT [MS [GAP_MS]]
 *
 * Prints "S NS HOST" at the first answer, then "G LAST_NS NS FROM TO" for each gap between answers
 * of more than GAP_MS (default 8) and each change of the answering host. CLOCK_MONOTONIC. Runs
 * until killed. A connection not answered within 150 ms is given up; many may be open at once. */
#include "config.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 512, TIMER = SLOTS };
#define GIVE_UP_NS 150000000LL

struct probe {
    int loop, fd[SLOTS];
    int64_t begun[SLOTS], last, gap;
    unsigned next;
    char host[66];
    struct sockaddr_in to;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* By reset, so that no port waits for its peer. */
static void slot_close(struct probe *p, unsigned i)
{
    struct linger hard = {1, 0};
    if (p->fd[i] < 0)
        return;
    setsockopt(p->fd[i], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(p->fd[i]);
    p->fd[i] = -1;
}

static void ask(struct probe *p)
{
    int64_t now = now_ns();
    struct epoll_event ev = {.events = EPOLLIN};
    unsigned i = p->next;

    for (unsigned k = 0; k < SLOTS; k++)
        if (p->fd[k] >= 0 && now - p->begun[k] > GIVE_UP_NS)
            slot_close(p, k);
    p->next = (i + 1) % SLOTS;
    slot_close(p, i);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s < 0)
        return;
    if (connect(s, (struct sockaddr *)&p->to, sizeof(p->to)) < 0 && errno != EINPROGRESS) {
        close(s);
        return;
    }
    p->fd[i] = s;
    p->begun[i] = now;
    ev.data.u32 = i;
    epoll_ctl(p->loop, EPOLL_CTL_ADD, s, &ev);
}

static void answered(struct probe *p, unsigned i)
{
    char host[66];
    int64_t now;

    if (p->fd[i] < 0)
        return;
    ssize_t n = read(p->fd[i], host, sizeof(host) - 1);
    if (n < 0 && errno == EAGAIN)
        return;
    slot_close(p, i);
    if (n <= 0)
        return;
    host[n] = '\0';
    host[strcspn(host, "\n")] = '\0';
    now = now_ns();
    if (p->last == 0)
        printf("S %lld %s\n", (long long)now, host);
    else if (now - p->last > p->gap || strcmp(host, p->host) != 0)
        printf("G %lld %lld %s %s\n", (long long)p->last, (long long)now, p->host, host);
    p->last = now;
    strcpy(p->host, host);
}

int main(int argc, char **argv)
{
    static struct probe p;
    struct epoll_event ev[64] = {{.events = EPOLLIN, .data.u32 = TIMER}};
    long each_ms = argc > 3 ? atol(argv[3]) : 2;
    struct itimerspec every = {{each_ms / 1000, each_ms % 1000 * 1000000}, {0, 1}};

    if (argc < 3 || each_ms < 1)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    p.to.sin_family = AF_INET;
    p.to.sin_port = htons((uint16_t)atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &p.to.sin_addr) != 1)
        return 2;
    p.gap = (argc > 4 ? atol(argv[4]) : 8) * 1000000LL;
    for (unsigned i = 0; i < SLOTS; i++)
        p.fd[i] = -1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    p.loop = epoll_create1(EPOLL_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    timerfd_settime(timer, 0, &every, NULL);
    epoll_ctl(p.loop, EPOLL_CTL_ADD, timer, ev);
    for (;;) {
        int n = epoll_wait(p.loop, ev, 64, -1);
        for (int k = 0; k < n; k++) {
            uint64_t ticks;
            if (ev[k].data.u32 != TIMER)
                answered(&p, ev[k].data.u32);
            else if (read(timer, &ticks, sizeof(ticks)) == sizeof(ticks))
                ask(&p);
        }
    }
}
