/* SPDX-License-Identifier: GPL-2.0-or-later
 * lunserver: SOCKET NAME: a SCSI disk for several machines: what lunpath.so passes on of a device's
 * commands comes here, and a struct lun answers. NAME: 32 hexadecimal digits, its WWN.
 *
 * Happy path: "ready" on standard output; one packet in, one out, until standard input ends. The
 * packets of a machine begin with C (a command) or W (a write is to come); those of a test with X:
 *   show              keys, holder and counts, one a line
 *   set WHAT 0|1      no_pr no_aptpl no_abort no_wero no_abilities
 *   cut NEXUS 0|1     nothing comes through on that path, and one knows
 *   hang NEXUS 0|1    commands on that path are not answered, as long as it lasts
 *   register NEXUS KEY, reserve NEXUS    by a stranger, say
 *   reset, power      of the disk
 * Fails: exit 1 with a word, when the socket cannot be had. A bad packet closes its connection. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "test/system/lunpacket.h"
#include "test/unit/lun.h"

enum { CLIENTS = 64, TEXT = 2048, NAME_BYTES = 16 };

struct client {
    int fd; /* 0: unused */
    bool held;
    ssize_t len;
    union {
        struct lun_packet packet;
        char text[TEXT];
    };
};

static struct lun lun;
static struct client client[CLIENTS];
static bool cut[LUN_NEXUSES], hung[LUN_NEXUSES];
static unsigned refused[LUN_NEXUSES], written[LUN_NEXUSES];
static uint8_t name[NAME_BYTES];

static void inquiry(struct lun_answer *out)
{
    uint8_t page[4 + 4 + NAME_BYTES] = {0, 0x83, 0, 4 + NAME_BYTES, 0x01, 0x03, 0, NAME_BYTES};
    memcpy(page + 8, name, NAME_BYTES);
    memset(out, 0, offsetof(struct lun_answer, data));
    out->len = sizeof page;
    memcpy(out->data, page, sizeof page);
}

static bool command(const struct lun_packet *p, struct lun_reply *out)
{
    static struct lun_answer a;
    if (p->cdb[0] == 0x12)
        inquiry(&a);
    else
        lun_command(&lun, p->nexus, p->cdb, p->param, &a);
    out->status = a.status;
    out->sense_len = (uint8_t)a.sense_len;
    memcpy(out->sense, a.sense, a.sense_len);
    out->len = (uint32_t)a.len;
    memcpy(out->data, a.data, a.len);
    return true;
}

/* False: its connection is to be closed. */
static bool machine(struct client *c)
{
    static struct lun_reply out;
    const struct lun_packet *p = &c->packet;
    if (c->len != (ssize_t)sizeof *p || p->nexus >= LUN_NEXUSES || cut[p->nexus])
        return false;
    c->held = hung[p->nexus];
    if (c->held)
        return true;
    memset(&out, 0, offsetof(struct lun_reply, data));
    if (p->kind == LUN_WRITE) {
        out.status = lun_writable(&lun, p->nexus) ? 0 : LUN_CONFLICT;
        *(out.status ? &refused[p->nexus] : &written[p->nexus]) += 1;
    } else {
        command(p, &out);
    }
    size_t size = offsetof(struct lun_reply, data) + out.len;
    return send(c->fd, &out, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static bool *trait(const char *what)
{
    return strcmp(what, "no_pr") == 0          ? &lun.no_pr
           : strcmp(what, "no_aptpl") == 0     ? &lun.no_aptpl
           : strcmp(what, "no_abort") == 0     ? &lun.no_abort
           : strcmp(what, "no_wero") == 0      ? &lun.no_wero
           : strcmp(what, "no_abilities") == 0 ? &lun.no_abilities
                                               : NULL;
}

static int show(char out[TEXT])
{
    int n = 0;
    for (unsigned i = 0; i < LUN_NEXUSES; i++) {
        if (lun.key[i])
            n += snprintf(out + n, TEXT - (size_t)n, "key %u 0x%" PRIx64 "\n", i, lun.key[i]);
        if (refused[i] || written[i])
            n +=
                snprintf(out + n, TEXT - (size_t)n, "writes %u %u %u\n", i, written[i], refused[i]);
    }
    if (lun.held)
        n += snprintf(out + n, TEXT - (size_t)n, "holder %u %u\n", lun.holder, lun.type);
    return n + snprintf(out + n, TEXT - (size_t)n, "generation %u\ncommands %u\n", lun.generation,
                        lun.commands);
}

static bool order(const char *text, char out[TEXT])
{
    char what[32];
    unsigned n = 0, on = 0;
    uint64_t key = 0;
    if (strcmp(text, "show") == 0)
        return show(out) > 0;
    if (strcmp(text, "reset") == 0)
        lun_reset(&lun);
    else if (strcmp(text, "power") == 0)
        lun_power_cycle(&lun);
    else if (sscanf(text, "set %31s %u", what, &on) == 2 && trait(what))
        *trait(what) = on;
    else if (sscanf(text, "cut %u %u", &n, &on) == 2 && n < LUN_NEXUSES)
        cut[n] = on;
    else if (sscanf(text, "hang %u %u", &n, &on) == 2 && n < LUN_NEXUSES)
        hung[n] = on;
    else if (sscanf(text, "register %u %" SCNx64, &n, &key) == 2 && n < LUN_NEXUSES)
        lun.key[n] = key, lun.generation++;
    else if (sscanf(text, "reserve %u", &n) == 1 && n < LUN_NEXUSES && lun.key[n])
        lun.held = true, lun.holder = (uint8_t)n, lun.type = PR_TYPE_WERO;
    else
        return false;
    strcpy(out, "ok\n");
    return true;
}

static void drop(struct client *c)
{
    close(c->fd);
    c->fd = 0;
}

static void held_go(void)
{
    for (unsigned i = 0; i < CLIENTS; i++)
        if (client[i].fd && client[i].held && !hung[client[i].packet.nexus] && !machine(&client[i]))
            drop(&client[i]);
}

static void serve(struct client *c)
{
    char out[TEXT];
    if (c->held) { /* the machine that waited has gone: its command is not done */
        drop(c);
        return;
    }
    c->len = recv(c->fd, c->text, sizeof c->text - 1, 0);
    if (c->len > 0 && c->text[0] == LUN_TEST) {
        c->text[c->len] = '\0';
        const char *answer = order(c->text + 1, out) ? out : "no such order\n";
        (void)!send(c->fd, answer, strlen(answer), MSG_NOSIGNAL);
        held_go();
    } else if (c->len <= 0 || !machine(c)) {
        drop(c);
    }
}

static void arrive(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    for (unsigned i = 0; fd >= 0 && i < CLIENTS; i++)
        if (!client[i].fd) {
            client[i] = (struct client){.fd = fd};
            return;
        }
    if (fd >= 0)
        close(fd);
}

static bool name_read(const char *text)
{
    for (unsigned i = 0; i < NAME_BYTES; i++)
        if (sscanf(text + 2 * (size_t)i, "%2hhx", &name[i]) != 1)
            return false;
    return strlen(text) == 2 * NAME_BYTES;
}

int main(int argc, char **argv)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct pollfd poll_fd[2 + CLIENTS];
    if (argc != 3 || !name_read(argv[2]) || strlen(argv[1]) >= sizeof at.sun_path)
        return 2;
    strcpy(at.sun_path, argv[1]);
    lun_init(&lun);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, CLIENTS) != 0) {
        perror(argv[1]);
        return 1;
    }
    chmod(argv[1], 0666);
    puts("ready");
    fflush(stdout);
    for (;;) {
        poll_fd[0] = (struct pollfd){.fd = 0, .events = POLLIN};
        poll_fd[1] = (struct pollfd){.fd = fd, .events = POLLIN};
        for (unsigned i = 0; i < CLIENTS; i++)
            poll_fd[2 + i] =
                (struct pollfd){.fd = client[i].fd ? client[i].fd : -1, .events = POLLIN};
        if (poll(poll_fd, 2 + CLIENTS, -1) < 0 && errno != EINTR)
            return 1;
        for (unsigned i = 0; i < CLIENTS; i++)
            if (client[i].fd && poll_fd[2 + i].revents)
                serve(&client[i]);
        if (poll_fd[1].revents)
            arrive(fd);
        if (poll_fd[0].revents)
            return 0;
    }
}
