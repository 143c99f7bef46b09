/* SPDX-License-Identifier: GPL-2.0-or-later
 * corosync: CPG and quorum by libcpg and libquorum.
 *
 * Happy path: a thread connects (for corosync may stand still just then, and the daemon must not),
 * hands the connections over, and from then on the main loop dispatches and casts without waiting.
 * A cast that corosync does not take at the moment waits here, in order. Ways to fail: corosync is
 * not there, ends, or refuses us: told with the reason, what waits is dropped, the connections are
 * closed by a thread as well, and tried again every RETRY_MS; it has another node id for this
 * machine than yoke.conf: told, and tried again; more waits than QUEUE_BYTES: as if it had ended.
 */
#include "config.h"
#include "daemon/corosync.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "daemon/journal.h"
#include "lib/base/num.h"

#define N_(text) text /* marked for translation */

#ifdef HAVE_COROSYNC

#include <corosync/cpg.h>
#include <corosync/quorum.h>

enum {
    RETRY_MS = 500,
    AGAIN_MS = 5, /* what corosync did not take is offered again */
    DISPATCH_MAX = 64,
    QUEUE_BYTES = 1024 * 1024,
    STACK_BYTES = 256 * 1024
};

/* One attempt to connect: the thread's until it says that it is done, then the main loop's. */
struct attempt {
    int fd; /* eventfd, told once */
    cpg_handle_t cpg, old_cpg;
    quorum_handle_t quorum, old_quorum;
    bool close_cpg, close_quorum; /* the old ones, first */
    struct cpg_name group;
    void *context;
    unsigned node_id;
    bool cpg_open, quorum_open;
    int quorate;
    cs_error_t err;
    const char *what;
};

struct corosync {
    struct shell *shell;
    struct attempt *attempt; /* under way */
    int fd;
    qb_loop_timer_handle retry, again;
    bool connected, joined, quorate, broken;
    cpg_handle_t cpg, old_cpg;
    quorum_handle_t quorum, old_quorum;
    int cpg_fd, quorum_fd;
    bool close_cpg, close_quorum;
    nodeset group;
    char reason[REASON_LEN];
    uint8_t *queue; /* casts that wait: u32 length, bytes */
    size_t put, taken;
};

static void attempt_begin(void *context);

/* ---- what the core is told ------------------------------------------------------------------- */

static void tell(struct corosync *c, bool changed)
{
    struct event ev = {.kind = EV_RING,
                       .ring = {.there = c->joined,
                                .changed = changed,
                                .quorate = c->joined && c->quorate,
                                .group = c->joined ? c->group : 0,
                                .reason = c->reason}};
    shell_event(c->shell, &ev);
}

static void retry_arm(struct corosync *c)
{
    if (!c->retry && qb_loop_timer_add(c->shell->loop, QB_LOOP_MED, RETRY_MS * 1000000ull, c,
                                       attempt_begin, &c->retry) != 0)
        c->retry = 0;
}

static void lost(struct corosync *c, const char *format, ...) PRINTF_LIKE(2, 3);

/* Not in a callback of the libraries: their connections are left behind, to be closed by the next
 * attempt. */
static void lost(struct corosync *c, const char *format, ...)
{
    struct str s;
    va_list ap;
    str_init(&s, c->reason, sizeof c->reason);
    va_start(ap, format);
    str_addv(&s, format, ap);
    va_end(ap);
    if (c->connected) {
        (void)qb_loop_poll_del(c->shell->loop, c->cpg_fd);
        (void)qb_loop_poll_del(c->shell->loop, c->quorum_fd);
        c->old_cpg = c->cpg;
        c->old_quorum = c->quorum;
        c->close_cpg = c->close_quorum = true;
    }
    if (c->again)
        qb_loop_timer_del(c->shell->loop, c->again);
    c->again = 0;
    c->connected = c->joined = c->quorate = c->broken = false;
    c->group = 0;
    c->put = c->taken = 0;
    retry_arm(c);
    tell(c, true);
}

/* ---- casts ----------------------------------------------------------------------------------- */

static void again(void *context);

static void again_arm(struct corosync *c)
{
    if (!c->again && qb_loop_timer_add(c->shell->loop, QB_LOOP_HIGH, AGAIN_MS * 1000000ull, c,
                                       again, &c->again) != 0)
        c->again = 0;
}

/* False: it has to wait, or the connection is broken. */
static bool mcast(struct corosync *c, const uint8_t *at, size_t len)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)at, .iov_len = len};
    cs_error_t err = cpg_mcast_joined(c->cpg, CPG_TYPE_AGREED, &part, 1);
    if (err != CS_OK && err != CS_ERR_TRY_AGAIN)
        c->broken = true; /* found again, and told, outside of any callback */
    return err == CS_OK;
}

static void queue_go(struct corosync *c)
{
    while (c->connected && !c->broken && c->taken < c->put) {
        uint32_t len;
        memcpy(&len, c->queue + c->taken, sizeof len);
        if (!mcast(c, c->queue + c->taken + sizeof len, len))
            break;
        c->taken += sizeof len + len;
    }
    if (c->taken == c->put)
        c->put = c->taken = 0;
    if (c->connected && (c->put || c->broken))
        again_arm(c);
}

static void again(void *context)
{
    struct corosync *c = context;
    c->again = 0;
    queue_go(c);
    if (c->connected && c->broken)
        lost(c, _("it takes no more casts of ours"));
}

void corosync_cast(struct corosync *c, const uint8_t *at, size_t len)
{
    uint32_t size = (uint32_t)len;
    if (!c || !c->connected || c->broken)
        return;
    if (c->put == c->taken && mcast(c, at, len))
        return;
    if (c->taken && c->put + sizeof size + len > QUEUE_BYTES) {
        memmove(c->queue, c->queue + c->taken, c->put - c->taken);
        c->put -= c->taken;
        c->taken = 0;
    }
    if (c->put + sizeof size + len > QUEUE_BYTES) {
        c->broken = true;
    } else {
        memcpy(c->queue + c->put, &size, sizeof size);
        memcpy(c->queue + c->put + sizeof size, at, len);
        c->put += sizeof size + len;
    }
    again_arm(c);
}

/* ---- what corosync tells ------------------------------------------------------------------------
 */

static unsigned node_of(const struct corosync *c, uint32_t id)
{
    return id <= UINT8_MAX ? conf_node_by_id(&c->shell->conf, (uint8_t)id) : (unsigned)NODE_NONE;
}

static void group_changed(cpg_handle_t handle, const struct cpg_name *name,
                          const struct cpg_address *members, size_t n_members,
                          const struct cpg_address *gone, size_t n_gone,
                          const struct cpg_address *come, size_t n_come)
{
    struct corosync *c = NULL;
    (void)name, (void)gone, (void)n_gone, (void)come, (void)n_come;
    if (cpg_context_get(handle, (void **)&c) != CS_OK || !c || handle != c->cpg || c->broken)
        return;
    c->group = 0;
    for (size_t i = 0; i < n_members; i++) {
        unsigned p = node_of(c, members[i].nodeid);
        if (p != NODE_NONE)
            c->group = nodeset_add(c->group, p);
    }
    c->joined = nodeset_has(c->group, c->shell->self);
    c->reason[0] = '\0';
    tell(c, true);
}

static void delivered(cpg_handle_t handle, const struct cpg_name *name, uint32_t id, uint32_t pid,
                      void *at, size_t len)
{
    struct corosync *c = NULL;
    (void)name, (void)pid;
    if (cpg_context_get(handle, (void **)&c) != CS_OK || !c || handle != c->cpg || !c->joined)
        return;
    unsigned p = node_of(c, id);
    if (p == NODE_NONE || len > CAST_MAX)
        return;
    struct event ev = {.kind = EV_CAST, .cast = {.node = (uint8_t)p, .at = at, .len = len}};
    shell_event(c->shell, &ev);
}

static void quorum_changed(quorum_handle_t handle, uint32_t quorate, uint64_t ring, uint32_t n,
                           uint32_t *ids)
{
    struct corosync *c = NULL;
    (void)ring, (void)n, (void)ids;
    if (quorum_context_get(handle, (const void **)&c) != CS_OK || !c || handle != c->quorum)
        return;
    if (c->quorate == (quorate != 0))
        return;
    c->quorate = quorate != 0;
    if (c->joined)
        tell(c, false);
}

static int32_t cpg_readable(int32_t fd, int32_t revents, void *context)
{
    struct corosync *c = context;
    cs_error_t err = CS_OK;
    (void)fd, (void)revents;
    for (unsigned i = 0; i < DISPATCH_MAX && err == CS_OK && c->connected && !c->shell->ended; i++)
        err = cpg_dispatch(c->cpg, CS_DISPATCH_ONE_NONBLOCKING);
    if (c->connected && err != CS_OK && err != CS_ERR_TRY_AGAIN)
        lost(c, _("it has ended"));
    else
        queue_go(c);
    return 0;
}

static int32_t quorum_readable(int32_t fd, int32_t revents, void *context)
{
    struct corosync *c = context;
    (void)fd, (void)revents;
    cs_error_t err = quorum_dispatch(c->quorum, CS_DISPATCH_ALL);
    if (c->connected && err != CS_OK && err != CS_ERR_TRY_AGAIN)
        lost(c, _("its quorum service has ended"));
    return 0;
}

/* ---- connecting ---------------------------------------------------------------------------------
 */

static void old_close(struct attempt *a)
{
    if (a->close_cpg)
        (void)cpg_finalize(a->old_cpg);
    if (a->close_quorum)
        (void)quorum_finalize(a->old_quorum);
}

static bool failed(struct attempt *a, cs_error_t err, const char *what)
{
    a->err = err;
    a->what = what;
    return err != CS_OK;
}

static void *connect_thread(void *context)
{
    struct attempt *a = context;
    cpg_callbacks_t group = {.cpg_deliver_fn = delivered, .cpg_confchg_fn = group_changed};
    quorum_callbacks_t votes = {.quorum_notify_fn = quorum_changed};
    uint32_t type;
    uint64_t one = 1;
    old_close(a);
    if (!failed(a, cpg_initialize(&a->cpg, &group), N_("connecting to its groups (CPG)"))) {
        a->cpg_open = true;
        if (!failed(a, cpg_local_get(a->cpg, &a->node_id), N_("asking for its node id")) &&
            !failed(a, cpg_context_set(a->cpg, a->context), "context") &&
            !failed(a, quorum_initialize(&a->quorum, &votes, &type),
                    N_("connecting to its quorum"))) {
            a->quorum_open = true;
            (void)(failed(a, quorum_context_set(a->quorum, a->context), "context") ||
                   failed(a, quorum_trackstart(a->quorum, CS_TRACK_CHANGES), N_("its quorum")) ||
                   failed(a, quorum_getquorate(a->quorum, &a->quorate), N_("its quorum")) ||
                   failed(a, cpg_join(a->cpg, &a->group), N_("joining our group")));
        }
    }
    ssize_t n = write(a->fd, &one, sizeof one);
    (void)n; /* an eventfd with room takes it */
    return NULL;
}

static void connected(struct corosync *c, struct attempt *a)
{
    c->cpg = a->cpg;
    c->quorum = a->quorum;
    c->quorate = a->quorate != 0;
    c->connected = true;
    if (cpg_fd_get(c->cpg, &c->cpg_fd) == CS_OK &&
        quorum_fd_get(c->quorum, &c->quorum_fd) == CS_OK &&
        qb_loop_poll_add(c->shell->loop, QB_LOOP_HIGH, c->cpg_fd, POLLIN, c, cpg_readable) == 0 &&
        qb_loop_poll_add(c->shell->loop, QB_LOOP_HIGH, c->quorum_fd, POLLIN, c, quorum_readable) ==
            0) {
        (void)cpg_readable(c->cpg_fd, POLLIN, c);
        return;
    }
    lost(c, _("its connections cannot be watched"));
}

static const char *error_words(cs_error_t err)
{
    return err == CS_ERR_LIBRARY || err == CS_ERR_BAD_HANDLE ? _("it does not run")
           : err == CS_ERR_TRY_AGAIN                         ? _("it is just starting")
           : err == CS_ERR_ACCESS                            ? _("it does not let us in")
                                                             : cs_strerror(err);
}

static int32_t attempt_ended(int32_t fd, int32_t revents, void *context)
{
    struct corosync *c = context;
    struct attempt *a = c->attempt;
    unsigned id = c->shell->conf.node[c->shell->self].id;
    uint64_t count;
    (void)revents;
    if (read(fd, &count, sizeof count) < 0 || !a)
        return 0;
    c->attempt = NULL;
    c->close_cpg = c->close_quorum = false;
    if (a->err == CS_OK && a->node_id == id) {
        connected(c, a);
    } else {
        c->old_cpg = a->cpg;
        c->old_quorum = a->quorum;
        c->close_cpg = a->cpg_open;
        c->close_quorum = a->quorum_open;
        if (a->err != CS_OK)
            lost(c, "%s: %s", _(a->what), error_words(a->err));
        else
            lost(c, _("it calls this node %u, yoke.conf says id = %u: yoke corosync check"),
                 a->node_id, id);
    }
    free(a);
    return 0;
}

static void attempt_begin(void *context)
{
    struct corosync *c = context;
    pthread_attr_t attr;
    pthread_t thread;
    struct str name;
    c->retry = 0;
    if (c->attempt || c->connected)
        return;
    struct attempt *a = calloc(1, sizeof *a);
    if (!a) {
        retry_arm(c);
        return;
    }
    a->fd = c->fd;
    a->context = c;
    a->old_cpg = c->old_cpg;
    a->old_quorum = c->old_quorum;
    a->close_cpg = c->close_cpg;
    a->close_quorum = c->close_quorum;
    str_init(&name, a->group.value, sizeof a->group.value);
    str_addf(&name, "yoke.%s", c->shell->conf.cluster);
    a->group.length = (uint32_t)name.len;
    c->attempt = a;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attr, connect_thread, a) != 0) {
        c->attempt = NULL;
        free(a);
        retry_arm(c);
    }
    pthread_attr_destroy(&attr);
}

/* ---- all of it
 * ------------------------------------------------------------------------------------ */

struct corosync *corosync_new(struct shell *s)
{
    struct corosync *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->shell = s;
    c->fd = -1;
    if (s->conf.engine != ENGINE_COROSYNC)
        return c;
    c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->queue = malloc(QUEUE_BYTES);
    if (c->fd >= 0 && c->queue &&
        qb_loop_poll_add(s->loop, QB_LOOP_MED, c->fd, POLLIN, c, attempt_ended) == 0)
        return c;
    corosync_free(c);
    return NULL;
}

void corosync_open(struct corosync *c)
{
    if (c->shell->conf.engine == ENGINE_COROSYNC)
        attempt_begin(c);
}

/* A thread that still connects keeps its attempt and the eventfd: the process ends soon. */
void corosync_free(struct corosync *c)
{
    if (!c)
        return;
    if (c->retry)
        qb_loop_timer_del(c->shell->loop, c->retry);
    if (c->again)
        qb_loop_timer_del(c->shell->loop, c->again);
    if (c->connected) {
        (void)qb_loop_poll_del(c->shell->loop, c->cpg_fd);
        (void)qb_loop_poll_del(c->shell->loop, c->quorum_fd);
    }
    if (c->fd >= 0)
        (void)qb_loop_poll_del(c->shell->loop, c->fd);
    if (c->fd >= 0 && !c->attempt)
        close(c->fd);
    free(c->queue);
    free(c);
}

#else

struct corosync {
    struct shell *shell;
};

struct corosync *corosync_new(struct shell *s)
{
    struct corosync *c = calloc(1, sizeof *c);
    if (c)
        c->shell = s;
    return c;
}

void corosync_open(struct corosync *c)
{
    struct event ev = {.kind = EV_RING, .ring = {.changed = true}};
    ev.ring.reason = _("this yoked was built without it");
    if (c->shell->conf.engine == ENGINE_COROSYNC)
        shell_event(c->shell, &ev);
}

void corosync_free(struct corosync *c)
{
    free(c);
}

void corosync_cast(struct corosync *c, const uint8_t *at, size_t len)
{
    (void)c, (void)at, (void)len;
}

#endif
