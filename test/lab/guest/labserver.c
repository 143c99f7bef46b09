/* SPDX-License-Identifier: GPL-2.0-or-later
 * labserver: the service of the lab: writes to the shared disk all the time, and tells who asks.
 *   labserver DEVICE PIDFILE PORT: returns when it serves; the service goes on in the background.
 * Every 50 ms a block of its node's own is written (at 4 KiB times the node's number), past all
 * caches: who looks at the disk from the other side sees who wrote until when. A datagram is
 * answered with the host's name, if the newest write was done and is younger than a second. Fails:
 * 1, with the reason; later, when a write fails. */
#define _GNU_SOURCE /* O_DIRECT; built alone, without config.h */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, EACH_MS = 50, FRESH_MS = 1000, SERVER = 3 };

static _Atomic long long written_ms;
static char host[65];

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void fail(const char *what)
{
    fprintf(stderr, "labserver: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *answer(void *arg)
{
    int s = *(int *)arg;
    char bytes[64];
    struct sockaddr_in from;
    for (;;) {
        socklen_t len = sizeof(from);
        ssize_t n = recvfrom(s, bytes, 32, 0, (struct sockaddr *)&from, &len);
        if (n < 0 || now_ms() - written_ms > FRESH_MS)
            continue;
        int more = snprintf(bytes + n, sizeof(bytes) - (size_t)n, " %s", host);
        if (sendto(s, bytes, (size_t)(n + more), 0, (struct sockaddr *)&from, len) < 0)
            continue; /* who asked sees it */
    }
    return NULL;
}

static void block_write(int fd, char *block, uint64_t count)
{
    memset(block, 0, BLOCK);
    snprintf(block, BLOCK, "%s %llu\n", host, (unsigned long long)count);
    off_t at = (off_t)BLOCK * (host[strlen(host) - 1] - '0');
    if (pwrite(fd, block, BLOCK, at) != BLOCK)
        fail("write");
    written_ms = now_ms();
}

int main(int argc, char **argv)
{
    static int s;
    struct sockaddr_in me = {.sin_family = AF_INET};
    void *block;
    pthread_t thread;
    if (argc != 4)
        return 2;
    gethostname(host, sizeof(host) - 1);
    int fd = open(argv[1], O_RDWR | O_DIRECT | O_DSYNC | O_CLOEXEC);
    if (fd < 0 || posix_memalign(&block, BLOCK, BLOCK))
        fail(argv[1]);
    block_write(fd, block, 0);
    s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    me.sin_port = htons((uint16_t)atoi(argv[3]));
    if (s < 0 || bind(s, (struct sockaddr *)&me, sizeof(me)) < 0)
        fail("port");
    if (daemon(0, 0) < 0)
        fail("daemon");
    FILE *f = fopen(argv[2], "w");
    if (!f)
        fail(argv[2]);
    fprintf(f, "%d\n", (int)getpid());
    fclose(f);
    if (pthread_create(&thread, NULL, answer, &s))
        fail("thread");
    for (uint64_t count = 1;; count++) {
        poll(NULL, 0, EACH_MS);
        block_write(fd, block, count);
    }
}
