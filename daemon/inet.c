/* SPDX-License-Identifier: GPL-2.0-or-later
 * inet: addresses by getaddrinfo, without asking any name service. */
#include "daemon/inet.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum err inet_parse(const char *text, unsigned port, struct inet *out)
{
    struct addrinfo want = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
                            .ai_family = AF_UNSPEC,
                            .ai_socktype = SOCK_DGRAM};
    struct addrinfo *got = NULL;
    char service[16];
    snprintf(service, sizeof service, "%u", port);
    memset(out, 0, sizeof *out);
    if (getaddrinfo(text, service, &want, &got) != 0 || !got)
        return ERR_SYNTAX;
    memcpy(&out->at, got->ai_addr, got->ai_addrlen);
    out->len = got->ai_addrlen;
    freeaddrinfo(got);
    return ERR_OK;
}

bool inet_same_host(const struct sockaddr *a, const struct sockaddr *b)
{
    if (a->sa_family != b->sa_family)
        return false;
    if (a->sa_family == AF_INET)
        return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
               ((const struct sockaddr_in *)b)->sin_addr.s_addr;
    if (a->sa_family == AF_INET6)
        return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
                      &((const struct sockaddr_in6 *)b)->sin6_addr, sizeof(struct in6_addr)) == 0;
    return false;
}
