/* SPDX-License-Identifier: GPL-2.0-or-later
 * inet: IPv4 and IPv6 addresses as sockets want them; used by udp, tcp and carrier. */
#ifndef YOKE_DAEMON_INET_H
#define YOKE_DAEMON_INET_H

#include <stdbool.h>
#include <sys/socket.h>
#include "lib/base/err.h"

struct inet {
    struct sockaddr_storage at;
    socklen_t len;
};

/* Numeric only: no name service is asked. An IPv6 link-local address may name its interface
 * ("fe80::1%eth0"), which must be there. */
enum err inet_parse(const char *text, unsigned port, struct inet *out) MUST_CHECK;
/* Same address, whatever the ports. */
bool inet_same_host(const struct sockaddr *a, const struct sockaddr *b);

#endif
