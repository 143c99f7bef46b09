/* SPDX-License-Identifier: GPL-2.0-or-later
 * client: see include/yoke/client.h; the protocol is in ipc.h. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <qb/qbipcc.h>
#include "lib/base/crc32c.h"
#include "lib/base/str.h"
#include "lib/client/client.h"
#include "lib/client/ipc.h"

#define N_(text) text /* marked for translation */

struct yoke_client {
    qb_ipcc_connection_t *connection;
    bool dead;
    union {
        struct ipc_request request;
        struct ipc_answer answer;
        uint8_t room[IPC_MESSAGE_MAX];
    };
};

struct until { /* a date on CLOCK_MONOTONIC */
    bool never;
    int64_t at_ms;
};

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct until until_in(int timeout_ms)
{
    return (struct until){.never = timeout_ms < 0, .at_ms = now_ms() + timeout_ms};
}

static int until_left_ms(const struct until *u)
{
    int64_t left = u->at_ms - now_ms();

    return u->never ? -1 : left > 0 ? (int)left : 0;
}

const char *yoke_fault_text(enum yoke_fault fault)
{
    static const char *const text[YOKE_FAULT_COUNT] = {
        [YOKE_OK] = N_("success"),
        [YOKE_NOT_RUNNING] =
            N_("yoked is not running on this machine. Start it: systemctl start yoked"),
        [YOKE_DENIED] = N_("You are not allowed to talk to yoked: become root, or have yourself "
                           "added to the group yoke and log in again"),
        [YOKE_BUSY] = N_("Too many programs talk to yoked at once. Try again later"),
        [YOKE_TIMEOUT] = N_("yoked did not answer in time. The request may still be carried out: "
                            "look at yoke status"),
        [YOKE_GONE] = N_("yoked ended before it had answered. Look at the journal: journalctl -u "
                         "yoked"),
        [YOKE_BAD_REQUEST] = N_("This is no request that yoked knows, or an argument is too long"),
        [YOKE_TOO_LONG] = N_("The request or its answer is longer than yoked allows"),
        [YOKE_NO_MEMORY] = N_("Not enough memory"),
    };

    return (unsigned)fault < YOKE_FAULT_COUNT ? text[fault] : N_("unknown fault");
}

void ipc_name(const char *run_dir, char name[IPC_NAME_LEN])
{
    const char *dir = run_dir ? run_dir : RUNSTATEDIR "/yoke";
    size_t len = strlen(dir);
    struct str s;

    while (len > 1 && dir[len - 1] == '/')
        len--;
    str_init(&s, name, IPC_NAME_LEN);
    str_addf(&s, "yoke-%08x", crc32c(0, dir, len));
}

static enum yoke_fault fault_of(int err)
{
    switch (err) {
    case EACCES:
    case EPERM: return YOKE_DENIED;
    case EAGAIN: /* libqb's word for a full service, and ours for too many clients */
    case EBUSY:
    case EMFILE: return YOKE_BUSY;
    case ENOMEM: return YOKE_NO_MEMORY;
    case ETIMEDOUT: return YOKE_TIMEOUT;
    case EMSGSIZE: return YOKE_TOO_LONG;
    case ECONNREFUSED:
    case ENOENT: return YOKE_NOT_RUNNING;
    default: return YOKE_GONE;
    }
}

static enum yoke_fault connect_now(const char *name, int timeout_ms, qb_ipcc_connection_t **out)
{
    struct until until = until_in(timeout_ms);
    struct pollfd p = {.events = POLLIN};
    qb_ipcc_connection_t *c = qb_ipcc_connect_async(name, IPC_MESSAGE_MAX, &p.fd);
    int n, rc;

    if (!c)
        return errno == EAGAIN ? YOKE_NOT_RUNNING : fault_of(errno);
    do
        n = poll(&p, 1, until_left_ms(&until));
    while (n < 0 && errno == EINTR);
    if (n <= 0) {
        qb_ipcc_disconnect(c);
        return n == 0 ? YOKE_TIMEOUT : YOKE_GONE;
    }
    rc = qb_ipcc_connect_continue(c); /* frees c when it fails */
    if (rc != 0)
        return fault_of(-rc);
    *out = c;
    return YOKE_OK;
}

enum yoke_fault yoke_client_open(const char *run_dir, int timeout_ms, struct yoke_client **out)
{
    struct yoke_client *c = calloc(1, sizeof(*c));
    char name[IPC_NAME_LEN];
    enum yoke_fault fault;

    *out = NULL;
    if (!c)
        return YOKE_NO_MEMORY;
    ipc_name(run_dir, name);
    fault = connect_now(name, timeout_ms, &c->connection);
    if (fault) {
        free(c);
        return fault;
    }
    *out = c;
    return YOKE_OK;
}

void yoke_client_close(struct yoke_client *c)
{
    if (!c)
        return;
    qb_ipcc_disconnect(c->connection);
    free(c);
}

/* Sends what c->request holds and gets one message into c->answer. */
static enum yoke_fault exchange(struct yoke_client *c, const struct until *until)
{
    ssize_t n;

    c->request.head.size = (int32_t)(offsetof(struct ipc_request, part) + c->request.len);
    do
        n = qb_ipcc_send(c->connection, &c->request, (size_t)c->request.head.size);
    while (n == -EINTR || (n == -EAGAIN && until_left_ms(until) != 0));
    if (n < 0)
        return n == -EAGAIN ? YOKE_TIMEOUT : YOKE_GONE;
    do
        n = qb_ipcc_recv(c->connection, &c->answer, sizeof(c->room), until_left_ms(until));
    while (n == -EINTR || ((n == -EAGAIN || n == -ETIMEDOUT) && until_left_ms(until) != 0));
    if (n < 0)
        return n == -EAGAIN || n == -ETIMEDOUT ? YOKE_TIMEOUT : YOKE_GONE;
    if ((size_t)n < offsetof(struct ipc_answer, part) || c->answer.len > IPC_PART_MAX ||
        (size_t)n < offsetof(struct ipc_answer, part) + c->answer.len)
        return YOKE_GONE;
    return c->answer.head.error ? fault_of(-c->answer.head.error) : YOKE_OK;
}

static enum yoke_fault put_request(struct yoke_client *c, const uint8_t *at, size_t len,
                                   const struct until *until)
{
    enum yoke_fault fault = YOKE_OK;
    size_t pos = 0, part;

    do {
        part = len - pos < IPC_PART_MAX ? len - pos : IPC_PART_MAX;
        memset(&c->request, 0, offsetof(struct ipc_request, part));
        c->request.head.id = IPC_PUT;
        c->request.flags = pos + part == len ? IPC_LAST : 0;
        c->request.len = (uint32_t)part;
        memcpy(c->request.part, at + pos, part);
        pos += part;
        fault = exchange(c, until);
    } while (!fault && pos < len);
    return fault;
}

/* The first part of the answer has come with the last exchange. */
static enum yoke_fault get_answer(struct yoke_client *c, const struct until *until, char **json,
                                  size_t *len)
{
    char *text = NULL, *more;
    size_t used = 0;
    enum yoke_fault fault = YOKE_OK;

    for (;;) {
        uint32_t part = c->answer.len;

        if (used + part > IPC_ANSWER_MAX)
            fault = YOKE_TOO_LONG;
        more = fault ? NULL : realloc(text, used + part + 1);
        if (!more)
            break;
        text = more;
        memcpy(text + used, c->answer.part, part);
        used += part;
        text[used] = '\0';
        if (c->answer.flags & IPC_LAST) {
            *json = text;
            *len = used;
            return YOKE_OK;
        }
        memset(&c->request, 0, offsetof(struct ipc_request, part));
        c->request.head.id = IPC_NEXT;
        fault = exchange(c, until);
        if (fault)
            break;
    }
    free(text);
    return fault ? fault : YOKE_NO_MEMORY;
}

enum yoke_fault client_call(struct yoke_client *c, const struct cmd *cmd, int timeout_ms,
                            char **json, size_t *len)
{
    struct until until = until_in(timeout_ms);
    size_t room = 64 + (size_t)CMD_ARGS_MAX * (CMD_ARG_LEN + 2) + cmd->text_len, ignored;
    enum yoke_fault fault;
    struct buf b;
    uint8_t *at;

    assert(c && cmd && json);
    *json = NULL;
    if (c->dead)
        return YOKE_GONE;
    if (cmd->text_len > CMD_TEXT_MAX)
        return YOKE_TOO_LONG;
    at = malloc(room);
    if (!at)
        return YOKE_NO_MEMORY;
    buf_write_init(&b, at, room);
    cmd_put(&b, cmd);
    fault = b.bad ? YOKE_BAD_REQUEST : put_request(c, at, b.pos, &until);
    if (!fault)
        fault = get_answer(c, &until, json, len ? len : &ignored);
    /* Half an exchange cannot be told from the next one. */
    c->dead = fault && fault != YOKE_BAD_REQUEST;
    free(at);
    return fault;
}

enum yoke_fault yoke_client_call(struct yoke_client *c, const struct yoke_request *request,
                                 int timeout_ms, char **json, size_t *len)
{
    struct cmd cmd = {.flags = (uint16_t)request->flags};
    unsigned kind, i;

    *json = NULL;
    for (kind = 0; kind < CMD_KIND_COUNT; kind++)
        if (str_eq(cmd_word(kind), request->word))
            break;
    if (kind == CMD_KIND_COUNT)
        return YOKE_BAD_REQUEST;
    cmd.kind = (uint8_t)kind;
    for (i = 0; i < YOKE_ARGS_MAX && request->arg[i]; i++)
        if (!str_copy(cmd.arg[i], sizeof(cmd.arg[i]), request->arg[i]))
            return YOKE_BAD_REQUEST;
    cmd.n_args = (uint8_t)i;
    if (request->text_len > CMD_TEXT_MAX)
        return YOKE_TOO_LONG;
    cmd.text = request->text;
    cmd.text_len = request->text ? (uint32_t)request->text_len : 0;
    return client_call(c, &cmd, timeout_ms, json, len);
}
