/* SPDX-License-Identifier: GPL-2.0-or-later
 * arpsend: the program yoke-arp: asks a network whether an address is in use, and tells it who has
 * it now. ARP for IPv4 (RFC 826, RFC 5227), neighbour discovery for IPv6 (RFC 4861).
 *
 *   yoke-arp probe -i NIC [-w MS] ADDRESS
 *   yoke-arp announce -i NIC [-c N] [-t MS] [-p PIDFILE] ADDRESS
 *
 * Happy path: probe sends three questions within MS and listens until it is over: 0 free, 1 in use,
 * with the owner printed. announce sends once, returns 0, and repeats in the background.
 * Fails: 2, with the reason on standard error. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/icmp6.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FREE = 0, IN_USE = 1, CANNOT = 2, PROBES = 3, MAC_MAX = 20, FRAME_MAX = 128 };

extern char **environ;

struct link {
    const char *nic;
    int index;
    uint16_t type; /* ARPHRD_* */
    size_t mac_len;
    uint8_t mac[MAC_MAX], broadcast[MAC_MAX];
    bool silent; /* loopback, or no neighbours: nobody to ask or to tell */
};

struct target {
    bool v6;
    struct in_addr a4;
    struct in6_addr a6;
    const char *text;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int fail(const char *what)
{
    fprintf(stderr, "yoke-arp: %s: %s\n", what, strerror(errno));
    return CANNOT;
}

/* ---- the link ---- */

/* By ioctl: a packet socket less to open, and the kernel takes its time to close those. */
static int link_open(struct link *l, const char *nic)
{
    struct ifreq r;
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (s < 0)
        return fail("socket");
    memset(&r, 0, sizeof(r));
    memset(l, 0, sizeof(*l));
    l->nic = nic;
    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", nic);
    l->index = (int)if_nametoindex(nic);
    if (l->index == 0 || ioctl(s, SIOCGIFFLAGS, &r) < 0) {
        close(s);
        return fail(nic);
    }
    l->silent = r.ifr_flags & (IFF_LOOPBACK | IFF_NOARP | IFF_POINTOPOINT);
    if (ioctl(s, SIOCGIFHWADDR, &r) < 0) {
        close(s);
        return fail(nic);
    }
    close(s);
    l->type = r.ifr_hwaddr.sa_family;
    l->mac_len = ETH_ALEN;
    if (l->type != ARPHRD_ETHER) /* InfiniBand and the like: their own tools know better */
        l->silent = true;
    memcpy(l->mac, r.ifr_hwaddr.sa_data, ETH_ALEN);
    memset(l->broadcast, 0xff, sizeof(l->broadcast));
    return FREE;
}

/* ---- IPv4 ---- */

static size_t arp_make(uint8_t *at, const struct link *l, uint16_t op, const void *from,
                       const void *about)
{
    struct arphdr h = {.ar_hrd = htons(l->type),
                       .ar_pro = htons(ETH_P_IP),
                       .ar_hln = (uint8_t)l->mac_len,
                       .ar_pln = 4,
                       .ar_op = htons(op)};
    uint8_t *p = at;

    memcpy(p, &h, sizeof(h));
    p += sizeof(h);
    memcpy(p, l->mac, l->mac_len);
    memcpy(p += l->mac_len, from, 4);
    /* A reply must name somebody, a question nobody. */
    p += 4;
    if (op == ARPOP_REPLY)
        memcpy(p, l->broadcast, l->mac_len);
    else
        memset(p, 0, l->mac_len);
    memcpy(p += l->mac_len, about, 4);
    return (size_t)(p + 4 - at);
}

static int arp_open(const struct link *l)
{
    struct sockaddr_ll me = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = l->index};
    /* The protocol comes with bind: changing it would make the kernel wait for all others. */
    int s = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (s >= 0 && bind(s, (struct sockaddr *)&me, sizeof(me)) < 0) {
        close(s);
        return -1;
    }
    return s;
}

static bool arp_send(int s, const struct link *l, uint16_t op, const void *from, const void *about)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ARP),
                             .sll_ifindex = l->index,
                             .sll_halen = (uint8_t)l->mac_len};
    uint8_t frame[FRAME_MAX];
    size_t len = arp_make(frame, l, op, from, about);

    memcpy(to.sll_addr, l->broadcast, l->mac_len);
    return sendto(s, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)len;
}

/* Another interface of this machine in the same network answers too: that is nobody else. */
static bool mac_is_ours(const uint8_t *mac, size_t len)
{
    struct ifaddrs *all;
    bool found = false;

    if (getifaddrs(&all) < 0)
        return false;
    for (const struct ifaddrs *i = all; i && !found; i = i->ifa_next) {
        const struct sockaddr_ll *at = (const struct sockaddr_ll *)(const void *)i->ifa_addr;
        found = at && at->sll_family == AF_PACKET && at->sll_halen == len &&
                memcmp(at->sll_addr, mac, len) == 0;
    }
    freeifaddrs(all);
    return found;
}

/* Is that frame from somebody else who has the address, or wants it at this moment too? */
static bool arp_claims(const uint8_t *at, size_t len, const struct link *l, const struct target *t,
                       char *owner, size_t size)
{
    struct arphdr h;
    const uint8_t *mac = at + sizeof(h), *from = mac + l->mac_len;
    static const uint8_t nobody[4];
    size_t n = 0;

    if (len < sizeof(h) + 2 * l->mac_len + 8)
        return false;
    memcpy(&h, at, sizeof(h));
    if (h.ar_pro != htons(ETH_P_IP) || h.ar_hln != l->mac_len || h.ar_pln != 4 ||
        memcmp(mac, l->mac, l->mac_len) == 0)
        return false;
    if (memcmp(from, &t->a4, 4) != 0 &&
        !(h.ar_op == htons(ARPOP_REQUEST) && memcmp(from, nobody, 4) == 0 &&
          memcmp(from + 4 + l->mac_len, &t->a4, 4) == 0))
        return false;
    if (mac_is_ours(mac, l->mac_len))
        return false;
    for (size_t i = 0; i < l->mac_len && n + 4 < size; i++)
        n += (size_t)snprintf(owner + n, size - n, "%s%02x", i ? ":" : "", mac[i]);
    return true;
}

/* ---- IPv6 ---- */

static int nd_open(const struct link *l)
{
    struct icmp6_filter only;
    int hops = 255, no = 0, s = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);

    if (s < 0)
        return -1;
    ICMP6_FILTER_SETBLOCKALL(&only);
    ICMP6_FILTER_SETPASS(ND_NEIGHBOR_ADVERT, &only);
    if (setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, l->nic, (socklen_t)strlen(l->nic) + 1) < 0 ||
        setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) < 0 ||
        setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &no, sizeof(no)) < 0 ||
        setsockopt(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, &l->index, sizeof(l->index)) < 0 ||
        setsockopt(s, IPPROTO_ICMPV6, ICMP6_FILTER, &only, sizeof(only)) < 0) {
        close(s);
        return -1;
    }
    return s;
}

/* A solicitation (to the group of the address) or, unasked, an advertisement (to all nodes). */
static bool nd_send(int s, const struct link *l, const struct target *t, bool ask)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_scope_id = (uint32_t)l->index};
    struct nd_neighbor_solicit *body; /* an advertisement has the same shape */
    uint8_t frame[FRAME_MAX] = {0};
    struct nd_opt_hdr *opt;
    size_t len = sizeof(*body), opt_len = (l->mac_len + 2 + 7) / 8 * 8;

    inet_pton(AF_INET6, ask ? "ff02::1:ff00:0" : "ff02::1", &to.sin6_addr);
    if (ask)
        memcpy(&to.sin6_addr.s6_addr[13], &t->a6.s6_addr[13], 3);
    body = (struct nd_neighbor_solicit *)frame;
    body->nd_ns_type = ask ? ND_NEIGHBOR_SOLICIT : ND_NEIGHBOR_ADVERT;
    if (!ask)
        body->nd_ns_reserved = ND_NA_FLAG_OVERRIDE;
    body->nd_ns_target = t->a6;
    if (l->mac_len > 0) {
        opt = (struct nd_opt_hdr *)(frame + len);
        opt->nd_opt_type = ask ? ND_OPT_SOURCE_LINKADDR : ND_OPT_TARGET_LINKADDR;
        opt->nd_opt_len = (uint8_t)(opt_len / 8);
        memcpy(opt + 1, l->mac, l->mac_len);
        len += opt_len;
    }
    return sendto(s, frame, len, 0, (struct sockaddr *)&to, sizeof(to)) == (ssize_t)len;
}

static bool nd_claims(const uint8_t *at, size_t len, const struct sockaddr_in6 *from,
                      const struct target *t, char *owner, size_t size)
{
    struct nd_neighbor_advert body;
    const uint8_t *opt = at + sizeof(body); /* one is all that there can be */

    if (len < sizeof(body))
        return false;
    memcpy(&body, at, sizeof(body));
    if (len >= sizeof(body) + 2 + ETH_ALEN && opt[0] == ND_OPT_TARGET_LINKADDR &&
        mac_is_ours(opt + 2, ETH_ALEN))
        return false;
    if (body.nd_na_type != ND_NEIGHBOR_ADVERT || memcmp(&body.nd_na_target, &t->a6, 16) != 0)
        return false;
    return inet_ntop(AF_INET6, &from->sin6_addr, owner, (socklen_t)size) != NULL;
}

/* ---- what goes on in the background ---- */

/* A manager that watches the processes of a resource must not take the end of this one for a
 * failure: it leaves the resource's cgroup (only one that is named after the resource, for it
 * alone), and what its environment says about whose it is. */
static void resource_leave(void)
{
    const char *id = getenv("OCF_RESOURCE_INSTANCE");
    static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    char line[512], path[600];
    FILE *f = id ? fopen("/proc/self/cgroup", "r") : NULL;
    bool found = false;

    while (f && !found && fgets(line, sizeof(line), f))
        found = strncmp(line, "0::/", 4) == 0;
    if (f)
        fclose(f);
    line[strcspn(line, "\n")] = '\0';
    char *last = found ? strrchr(line, '/') : NULL;
    if (last && strcmp(last + 1, id) == 0) {
        *last = '\0';
        for (int i = 0; i < 2; i++) {
            snprintf(path, sizeof(path), "%s%s/cgroup.procs", mounts[i], line + 3);
            int fd = open(path, O_WRONLY | O_CLOEXEC);
            if (fd >= 0 && write(fd, "0", 1) == 1)
                i = 2;
            if (fd >= 0)
                close(fd);
        }
    }
    for (char **e = environ; *e; e++)
        memset(*e, 0, strlen(*e));
}

/* The last to close a packet socket waits a long time (for RCU): not the agent, then, but a child.
 */
static void leave_closing(void)
{
    pid_t parent = getpid();
    if (fork() != 0)
        return;
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    for (int i = 0; i < 100 && getppid() == parent; i++)
        usleep(500);
    _exit(0);
}

/* ---- the two commands ---- */

static bool ask(int s, const struct link *l, const struct target *t)
{
    static const uint8_t nobody[4];
    return t->v6 ? nd_send(s, l, t, true) : arp_send(s, l, ARPOP_REQUEST, nobody, &t->a4);
}

static bool tell(int s, const struct link *l, const struct target *t)
{
    if (t->v6)
        return nd_send(s, l, t, false);
    /* Some listen to questions only, some to answers only. */
    return arp_send(s, l, ARPOP_REQUEST, &t->a4, &t->a4) &&
           arp_send(s, l, ARPOP_REPLY, &t->a4, &t->a4);
}

static int probe(int s, const struct link *l, const struct target *t, int wait_ms)
{
    int64_t begun = now_ms(), end = begun + wait_ms, next = begun;
    int sent = 0;

    for (int64_t now = begun; now < end; now = now_ms()) {
        struct pollfd p = {.fd = s, .events = POLLIN};
        struct sockaddr_in6 from;
        socklen_t from_len = sizeof(from);
        uint8_t frame[1500];
        char owner[64];
        ssize_t len;

        if (sent < PROBES && now >= next) {
            if (!ask(s, l, t))
                return fail(l->nic);
            next = begun + (int64_t)++sent * wait_ms / PROBES;
        }
        int64_t until = sent < PROBES && next < end ? next : end;
        if (poll(&p, 1, until > now ? (int)(until - now) : 0) <= 0)
            continue;
        len = recvfrom(s, frame, sizeof(frame), MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
        if (len > 0 && (t->v6 ? nd_claims(frame, (size_t)len, &from, t, owner, sizeof(owner))
                              : arp_claims(frame, (size_t)len, l, t, owner, sizeof(owner)))) {
            printf("%s\n", owner);
            return IN_USE;
        }
    }
    return FREE;
}

static int announce(int s, const struct link *l, const struct target *t, int count, int each_ms,
                    const char *pid_file)
{
    struct timespec pause = {each_ms / 1000, each_ms % 1000 * 1000000L};
    pid_t child;

    if (!tell(s, l, t))
        return fail(l->nic);
    if (count <= 1)
        return FREE;
    child = fork();
    if (child < 0)
        return fail("fork");
    if (child > 0) {
        FILE *f = pid_file ? fopen(pid_file, "w") : NULL;
        if (f) {
            fprintf(f, "%d\n", (int)child);
            fclose(f);
        }
        return FREE;
    }
    setsid();
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd); /* nobody waits for the end of our output */
    for (int i = 1; i < count; i++) {
        nanosleep(&pause, NULL);
        tell(s, l, t);
    }
    if (pid_file)
        unlink(pid_file);
    return FREE;
}

static int number(const char *text, int least, int most)
{
    char *end;
    long v = strtol(text, &end, 10);

    if (*text == '\0' || *end != '\0' || v < least || v > most) {
        fprintf(stderr, "yoke-arp: %s is not a number within %d to %d\n", text, least, most);
        exit(CANNOT);
    }
    return (int)v;
}

static int usage(void)
{
    fprintf(stderr, "usage: yoke-arp probe -i NIC [-w MS] ADDRESS\n"
                    "       yoke-arp announce -i NIC [-c COUNT] [-t MS] [-p PIDFILE] ADDRESS\n");
    return CANNOT;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "", *nic = NULL, *pid_file = NULL;
    int wait_ms = 100, count = 5, each_ms = 200, c, s, rc;
    struct target t = {0};
    struct link l;

    while ((c = getopt(argc - (argc > 1), argv + (argc > 1), "i:w:c:t:p:")) >= 0) {
        switch (c) {
        case 'i': nic = optarg; break;
        case 'w': wait_ms = number(optarg, 1, 60000); break;
        case 'c': count = number(optarg, 1, 1000); break;
        case 't': each_ms = number(optarg, 1, 60000); break;
        case 'p': pid_file = optarg; break;
        default: return usage();
        }
    }
    bool asks = strcmp(verb, "probe") == 0;
    if ((!asks && strcmp(verb, "announce") != 0) || !nic || optind + 1 != argc - 1)
        return usage();
    t.text = argv[optind + 1];
    t.v6 = strchr(t.text, ':') != NULL;
    if (inet_pton(t.v6 ? AF_INET6 : AF_INET, t.text, t.v6 ? (void *)&t.a6 : (void *)&t.a4) != 1) {
        fprintf(stderr, "yoke-arp: %s is not an address\n", t.text);
        return CANNOT;
    }
    resource_leave();
    if ((rc = link_open(&l, nic)) != FREE || l.silent)
        return rc;
    s = t.v6 ? nd_open(&l) : arp_open(&l);
    if (s < 0)
        return fail("socket");
    rc = asks ? probe(s, &l, &t, wait_ms) : announce(s, &l, &t, count, each_ms, pid_file);
    leave_closing();
    return rc;
}
