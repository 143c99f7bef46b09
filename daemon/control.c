/* SPDX-License-Identifier: GPL-2.0-or-later
 * control: see control.h; the protocol is in lib/client/ipc.h. libqb's sockets are used, not its
 * shared memory: a client can then neither scribble over what the daemon reads nor make it hold a
 * megabyte each, and since every message gets one answer there is never anything to wait for.
 *
 * Who may: root, and who is in the group now. What counts is the kernel's list of the client's own
 * groups, not the name service, which may ask a server that does not answer: this daemon must not
 * wait for it. */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <libintl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <qb/qbipcs.h>
#include "lib/base/json.h"
#include "lib/base/str.h"
#include "lib/client/ipc.h"
#include "lib/wire/cmd.h"
#include "daemon/control.h"
#include "daemon/journal.h"
#include "daemon/link.h"
#include "daemon/setup.h"
#include "daemon/shell.h"

#define _(text) gettext(text)

enum { CLIENTS_MAX = 32, USER_LEN = 40, NO_GROUP = -1 };

struct client {
    struct control *control;
    struct client *next;
    qb_ipcs_connection_t *connection;
    uint32_t id;
    char user[USER_LEN];
    uint8_t *request;
    size_t request_len;
    char *answer;
    size_t answer_len, answer_sent;
    bool asked;  /* its request is with the core, or its answer not yet fetched */
    bool whole;  /* nothing is added to its answer any more */
    bool owed;   /* it waits for a message */
    bool known;  /* the core has heard of it */
    bool closed; /* libqb has closed it */
};

struct control {
    struct shell *shell;
    qb_ipcs_service_t *service;
    struct client *first;
    unsigned n_clients;
    uint32_t last_id;
    int64_t group;      /* NO_GROUP: root only */
    uid_t accepted_uid; /* libqb calls created right after accept and does not tell it again */
};

/* libqb's handlers below have no place for a context. */
static qb_loop_t *the_loop;

static int32_t job_add(enum qb_loop_priority p, void *data, qb_loop_job_dispatch_fn fn)
{
    return qb_loop_job_add(the_loop, p, data, fn);
}

static int32_t dispatch_add(enum qb_loop_priority p, int32_t fd, int32_t events, void *data,
                            qb_ipcs_dispatch_fn_t fn)
{
    return qb_loop_poll_add(the_loop, p, fd, events, data, fn);
}

static int32_t dispatch_mod(enum qb_loop_priority p, int32_t fd, int32_t events, void *data,
                            qb_ipcs_dispatch_fn_t fn)
{
    return qb_loop_poll_mod(the_loop, p, fd, events, data, fn);
}

static int32_t dispatch_del(int32_t fd)
{
    return qb_loop_poll_del(the_loop, fd);
}

/* ---- who may ---- */

static int64_t group_find(const char *name)
{
    FILE *f = fopen("/etc/group", "re");
    struct group *g = NULL;
    int64_t found = NO_GROUP;

    while (f && (g = fgetgrent(f)))
        if (strcmp(g->gr_name, name) == 0) {
            found = g->gr_gid;
            break;
        }
    if (f)
        fclose(f);
    if (found == NO_GROUP && (g = getgrnam(name))) /* once, at the start, nothing waits yet */
        found = g->gr_gid;
    return found;
}

/* Does the process, run by uid, have that supplementary group? */
static bool process_in_group(int pid, uid_t uid, int64_t group)
{
    char path[32], line[4096], *at, *end;
    bool same_user = false, in_group = false;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    f = pid > 0 ? fopen(path, "re") : NULL;
    while (f && fgets(line, sizeof(line), f)) {
        unsigned long real, effective;

        if (sscanf(line, "Uid: %lu %lu", &real, &effective) == 2)
            same_user = effective == uid;
        if (!str_starts(line, "Groups:"))
            continue;
        for (at = line + strlen("Groups:");; at = end) {
            long long one = strtoll(at, &end, 10);

            if (end == at)
                break;
            in_group = in_group || one == group;
        }
    }
    if (f)
        fclose(f);
    return same_user && in_group;
}

static void user_find(uid_t uid, char user[USER_LEN])
{
    FILE *f = uid ? fopen("/etc/passwd", "re") : NULL;
    struct passwd *p;

    snprintf(user, USER_LEN, uid ? "uid %u" : "root", (unsigned)uid);
    while (f && (p = fgetpwent(f)))
        if (p->pw_uid == uid) {
            str_copy(user, USER_LEN, p->pw_name);
            break;
        }
    if (f)
        fclose(f);
}

static int32_t client_accept(qb_ipcs_connection_t *connection, uid_t uid, gid_t gid)
{
    struct control *c = qb_ipcs_connection_service_context_get(connection);
    struct qb_ipcs_connection_stats stats;
    bool may = uid == 0;

    if (!may && c->group != NO_GROUP)
        may = gid == c->group || (qb_ipcs_connection_stats_get(connection, &stats, 0) == 0 &&
                                  process_in_group(stats.client_pid, uid, c->group));
    if (!may) {
        journal_note(c->shell->journal, SAY_NOTICE, JOURNAL_CONTROL,
                     _("User %u was refused: only root and the group %s may talk to yoked"),
                     (unsigned)uid, c->shell->conf.group);
        return -EACCES;
    }
    if (c->n_clients >= CLIENTS_MAX)
        return -EBUSY;
    c->accepted_uid = uid;
    qb_ipcs_connection_auth_set(connection, uid, gid, 0600);
    return 0;
}

/* ---- clients ---- */

static void client_created(qb_ipcs_connection_t *connection)
{
    struct control *control = qb_ipcs_connection_service_context_get(connection);
    struct client *c = calloc(1, sizeof(*c));

    if (!c) {
        qb_ipcs_disconnect(connection);
        return;
    }
    c->control = control;
    c->connection = connection;
    c->id = ++control->last_id;
    user_find(control->accepted_uid, c->user);
    c->next = control->first;
    control->first = c;
    control->n_clients++;
    qb_ipcs_context_set(connection, c);
}

static int32_t client_closed(qb_ipcs_connection_t *connection)
{
    struct client *c = qb_ipcs_context_get(connection);
    struct event ev = {.kind = EV_ADMIN_GONE};

    if (!c || c->closed)
        return 0;
    c->closed = true;
    ev.admin_gone.client = c->id;
    if (c->known)
        shell_event(c->control->shell, &ev);
    return 0;
}

static void client_destroyed(qb_ipcs_connection_t *connection)
{
    struct client *c = qb_ipcs_context_get(connection), **p;

    if (!c)
        return;
    qb_ipcs_context_set(connection, NULL);
    for (p = &c->control->first; *p != c; p = &(*p)->next)
        ;
    *p = c->next;
    c->control->n_clients--;
    free(c->request);
    free(c->answer);
    free(c);
}

/* ---- answers ---- */

static void request_forget(struct client *c)
{
    free(c->request);
    free(c->answer);
    c->request = NULL;
    c->answer = NULL;
    c->request_len = c->answer_len = c->answer_sent = 0;
    c->asked = c->whole = false;
}

/* Sends one message. May end the client: it must not be touched afterwards. */
static void message_send(struct client *c, const void *part, size_t len, uint32_t flags, int error)
{
    struct ipc_answer m;
    size_t size = offsetof(struct ipc_answer, part) + len;

    assert(len <= IPC_PART_MAX);
    memset(&m, 0, offsetof(struct ipc_answer, part));
    m.head.id = IPC_PUT;
    m.head.size = (int32_t)size;
    m.head.error = error;
    m.flags = flags;
    m.len = (uint32_t)len;
    if (len)
        memcpy(m.part, part, len);
    c->owed = false;
    if (qb_ipcs_response_send(c->connection, &m, size) != (ssize_t)size || error)
        qb_ipcs_disconnect(c->connection);
}

/* The next part of the answer, if the client waits for one and there is one. */
static void answer_send(struct client *c)
{
    size_t left = c->answer_len - c->answer_sent;
    const char *part = c->answer + c->answer_sent;
    uint8_t copy[IPC_PART_MAX];
    bool last;

    if (!c->owed || (left < IPC_PART_MAX && !c->whole))
        return;
    last = left <= IPC_PART_MAX && c->whole;
    left = left < IPC_PART_MAX ? left : IPC_PART_MAX;
    if (left)
        memcpy(copy, part, left);
    c->answer_sent += left;
    if (last)
        request_forget(c);
    message_send(c, copy, left, last ? IPC_LAST : 0, 0);
}

static struct client *client_find(struct control *control, uint32_t id)
{
    struct client *c = control->first;

    while (c && c->id != id)
        c = c->next;
    return c;
}

static void answer_add(struct client *c, const char *text, size_t len, bool last)
{
    char *more = NULL;

    if (c->answer_len + len <= IPC_ANSWER_MAX)
        more = realloc(c->answer, c->answer_len + len + 1);
    if (!more) {
        message_send(c, NULL, 0, IPC_LAST, -EMSGSIZE);
        return;
    }
    c->answer = more;
    if (len)
        memcpy(c->answer + c->answer_len, text, len);
    c->answer_len += len;
    c->whole = last;
    answer_send(c);
}

void control_reply(struct control *control, uint32_t client, const char *text, size_t len,
                   bool last)
{
    struct client *c = client_find(control, client);

    if (c && !c->closed && c->asked && !c->whole)
        answer_add(c, text, len, last);
}

/* ---- requests ---- */

static void answer_refusal(struct client *c, enum say_id id, const char *error)
{
    char text[512];
    struct str out;
    struct json j;

    str_init(&out, text, sizeof(text));
    json_init(&j, &out);
    json_open(&j, NULL, '{');
    json_bool(&j, "ok", false);
    if (id)
        json_u64(&j, "id", id);
    json_text(&j, "error", error);
    json_close(&j, '}');
    answer_add(c, text, out.len, true);
}

/* False when it is more than a request can be. */
static bool request_add(struct client *c, const struct ipc_request *m)
{
    uint8_t *more = NULL;

    if (c->request_len + m->len <= IPC_REQUEST_MAX)
        more = realloc(c->request, c->request_len + m->len + 1);
    if (!more)
        return false;
    c->request = more;
    memcpy(c->request + c->request_len, m->part, m->len);
    c->request_len += m->len;
    return true;
}

/* The daemon shall start over, and could not: the files say what it could not start with. Seen to
 * here, since the core has no files. */
static bool start_over_refused(struct client *c, const uint8_t *request)
{
    struct shell *s = c->control->shell;
    struct cmd cmd;
    struct buf b;

    buf_read_init(&b, request, c->request_len);
    return !cmd_get(&b, &cmd) && cmd.kind == CMD_STOP && cmd.n_args &&
           str_eq(cmd.arg[0], CMD_STOP_AGAIN) &&
           (!setup_holds(s->setup, s->journal) || links_hung(s->links));
}

static void request_ask(struct client *c)
{
    struct shell *shell = c->control->shell;
    struct event ev = {.kind = EV_ADMIN};
    uint8_t *request = c->request;

    c->asked = true;
    c->request = NULL; /* an answer at once must not free what the event points to */
    if (shell->ended) {
        answer_refusal(c, 0, "yoked is ending on this node: ask the other node");
    } else if (start_over_refused(c, request)) {
        answer_refusal(c, SAY_CMD_NOT_AGAIN, say_format(SAY_CMD_NOT_AGAIN));
    } else {
        c->known = true;
        ev.admin.client = c->id;
        ev.admin.at = request;
        ev.admin.len = c->request_len;
        ev.admin.user = c->user;
        shell_event(shell, &ev);
    }
    free(request);
}

static int32_t client_message(qb_ipcs_connection_t *connection, void *data, size_t size)
{
    struct client *c = qb_ipcs_context_get(connection);
    const struct ipc_request *m = data;
    const size_t head = offsetof(struct ipc_request, part);

    if (!c || c->closed)
        return 0;
    if (size < head || m->len > IPC_PART_MAX || size < head + m->len || c->owed) {
        message_send(c, NULL, 0, IPC_LAST, -EINVAL);
        return 0;
    }
    c->owed = true;
    if (m->head.id == IPC_NEXT && c->asked) {
        answer_send(c);
    } else if (m->head.id != IPC_PUT || c->asked) {
        message_send(c, NULL, 0, IPC_LAST, -EINVAL);
    } else if (!request_add(c, m)) {
        message_send(c, NULL, 0, IPC_LAST, -EMSGSIZE);
    } else if (m->flags & IPC_LAST) {
        request_ask(c);
    } else {
        message_send(c, NULL, 0, 0, 0);
    }
    return 0;
}

/* ---- the service ---- */

struct control *control_new(struct shell *s)
{
    struct qb_ipcs_service_handlers handlers = {.connection_accept = client_accept,
                                                .connection_created = client_created,
                                                .msg_process = client_message,
                                                .connection_closed = client_closed,
                                                .connection_destroyed = client_destroyed};
    struct qb_ipcs_poll_handlers polls = {.job_add = job_add,
                                          .dispatch_add = dispatch_add,
                                          .dispatch_mod = dispatch_mod,
                                          .dispatch_del = dispatch_del};
    struct control *c = calloc(1, sizeof(*c));
    char name[IPC_NAME_LEN];
    int rc = -ENOMEM;

    if (!c)
        return NULL;
    c->shell = s;
    c->group = group_find(s->conf.group);
    the_loop = s->loop;
    ipc_name(s->conf.run_dir, name);
    c->service = qb_ipcs_create(name, 0, QB_IPC_SOCKET, &handlers);
    if (c->service) {
        qb_ipcs_service_context_set(c->service, c);
        qb_ipcs_poll_handlers_set(c->service, &polls);
        qb_ipcs_enforce_buffer_size(c->service, IPC_MESSAGE_MAX);
        rc = qb_ipcs_run(c->service); /* frees the service when it fails */
    }
    if (rc != 0) {
        journal_note(s->journal, SAY_ERROR, JOURNAL_CONTROL,
                     _("The control socket %s cannot be opened: %s"), name, strerror(-rc));
        free(c);
        return NULL;
    }
    if (c->group == NO_GROUP)
        journal_note(s->journal, SAY_INFO, JOURNAL_CONTROL,
                     _("There is no group %s: only root may talk to yoked"), s->conf.group);
    return c;
}

void control_free(struct control *c)
{
    struct client *client;

    if (!c)
        return;
    for (client = c->first; client; client = client->next)
        client->closed = true; /* no event any more */
    qb_ipcs_destroy(c->service);
    assert(!c->first);
    free(c);
}
