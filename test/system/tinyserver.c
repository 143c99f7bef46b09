/* SPDX-License-Identifier: GPL-2.0-or-later
 * tinyserver: the smallest TCP service: answers each connection with the host's name.
 *   tinyserver PORT PIDFILE: returns when it listens; the service goes on in the background.
 * Fails: 1, with the reason. */
#include "config.h"
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in6 me = {.sin6_family = AF_INET6};
    char host[66] = "";
    int s, yes = 1, no = 0;
    FILE *f;

    if (argc != 3)
        return 2;
    s = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    me.sin6_port = htons((uint16_t)atoi(argv[1]));
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
    if (s < 0 || bind(s, (struct sockaddr *)&me, sizeof(me)) < 0 || listen(s, 1024) < 0) {
        fprintf(stderr, "tinyserver: port %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    if (daemon(0, 0) < 0)
        return 1;
    f = fopen(argv[2], "w");
    if (!f)
        return 1;
    fprintf(f, "%d\n", (int)getpid());
    fclose(f);
    signal(SIGPIPE, SIG_IGN);
    gethostname(host, sizeof(host) - 2);
    strcat(host, "\n");
    for (;;) {
        int c = accept(s, NULL, NULL);
        if (c < 0)
            continue;
        if (write(c, host, strlen(host)) < 0)
            (void)0; /* the prober sees it */
        close(c);
    }
}
