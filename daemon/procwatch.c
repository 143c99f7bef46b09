/* SPDX-License-Identifier: GPL-2.0-or-later
 * procwatch: see procwatch.h. */
#include "config.h"
#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "daemon/footprint.h"
#include "daemon/procwatch.h"
#include "daemon/spawn.h"

struct watched;

struct leader {
    struct watched *of;
    pid_t pid; /* 0: unused */
    int pidfd;
    uint64_t start_ticks;
    char name[16];
    bool named; /* name was read again: right after a start it may be that of the shell before exec
                 */
};

struct watched { /* one slot: made at its first operation, kept */
    struct procwatch *pool;
    uint16_t slot;
    char *id;                     /* NULL: not watched */
    bool busy, reported, changed; /* changed: the last operation started, stopped or promoted it */
    bool had;                     /* it had processes of its own when last looked at */
    uint64_t since_ticks;         /* the last operation's beginning */
    int events_fd;
    char died[PROCWATCH_WHAT_LEN]; /* a leader that ended during the operation, "" if none */
    struct leader leader[PROCWATCH_LEADERS];
};

struct procwatch {
    qb_loop_t *loop;
    struct cgroups *groups;
    const char *run_dir;
    procwatch_fn *fn;
    void *context;
    struct watched **slot;
    size_t n_slots;
};

static struct watched *slot_get(struct procwatch *p, uint16_t slot)
{
    if (slot >= p->n_slots) {
        size_t n = (size_t)slot + 16;
        struct watched **more = realloc(p->slot, n * sizeof(*more));

        if (!more)
            return NULL;
        memset(more + p->n_slots, 0, (n - p->n_slots) * sizeof(*more));
        p->slot = more;
        p->n_slots = n;
    }
    if (!p->slot[slot]) {
        struct watched *w = calloc(1, sizeof(*w));

        if (!w)
            return NULL;
        w->pool = p;
        w->slot = slot;
        w->events_fd = -1;
        w->changed = true;
        p->slot[slot] = w;
    }
    return p->slot[slot];
}

static void report(struct watched *w, const char *what)
{
    if (w->busy || w->reported || !w->id)
        return;
    w->reported = true;
    w->pool->fn(w->pool->context, w->slot, what);
}

static void leader_drop(struct leader *l)
{
    if (l->pid == 0)
        return;
    qb_loop_poll_del(l->of->pool->loop, l->pidfd);
    close(l->pidfd);
    l->pid = 0;
}

static int32_t leader_ended(int32_t fd, int32_t events, void *data)
{
    struct leader *l = data;
    struct watched *w = l->of;
    char what[PROCWATCH_WHAT_LEN];

    (void)fd, (void)events;
    snprintf(what, sizeof(what), "process %d (%s) ended", (int)l->pid, l->name);
    leader_drop(l);
    if (w->busy)
        str_copy(w->died, sizeof(w->died), what);
    else
        report(w, what);
    return 0;
}

static void events_close(struct watched *w)
{
    if (w->events_fd < 0)
        return;
    qb_loop_poll_del(w->pool->loop, w->events_fd);
    close(w->events_fd);
    w->events_fd = -1;
}

static bool leader_any(const struct watched *w)
{
    unsigned i;

    for (i = 0; i < PROCWATCH_LEADERS; i++)
        if (w->leader[i].pid)
            return true;
    return false;
}

static int32_t events_changed(int32_t fd, int32_t events, void *data)
{
    struct watched *w = data;

    (void)events;
    /* With leaders their own pidfds name the process; this is for the others. That an agent's own
     * last process is gone (had is false then) is no news. */
    if (cgroup_events_populated(fd) || w->busy || !w->had || leader_any(w))
        return 0;
    w->had = false;
    report(w, "its last process ended");
    return 0;
}

/* ---- which processes ---- */

static bool environ_has(pid_t pid, const char *mark)
{
    char path[32], text[16384], *at;
    size_t len = strlen(mark);
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    for (at = text; at < text + n; at += strlen(at) + 1)
        if (strncmp(at, mark, len) == 0 && at[len] == '\0')
            return true;
    return false;
}

static size_t marked_pids(const char *id, pid_t *to, size_t room)
{
    char mark[128];
    DIR *d = opendir("/proc");
    struct dirent *e;
    size_t n = 0;

    if (!d)
        return 0;
    snprintf(mark, sizeof(mark), "OCF_RESOURCE_INSTANCE=%s", id);
    while (n < room && (e = readdir(d))) {
        pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)atoi(e->d_name) : 0;

        if (pid > 1 && pid != getpid() && environ_has(pid, mark))
            to[n++] = pid;
    }
    closedir(d);
    return n;
}

static size_t rsc_pids(struct watched *w, pid_t *to, size_t room)
{
    int dir = w->pool->groups ? cgroups_open(w->pool->groups, w->id) : -1;
    size_t n;

    if (dir < 0)
        return marked_pids(w->id, to, room);
    n = cgroup_pids(dir, to, room);
    if (w->events_fd < 0) {
        w->events_fd = cgroup_events_open(dir);
        if (w->events_fd >= 0 && qb_loop_poll_add(w->pool->loop, QB_LOOP_HIGH, w->events_fd,
                                                  POLLPRI, w, events_changed) != 0) {
            close(w->events_fd);
            w->events_fd = -1;
        }
        if (w->events_fd >= 0)
            (void)cgroup_events_populated(w->events_fd);
    }
    close(dir);
    return n;
}

static bool pid_among(const pid_t *pids, size_t n, pid_t pid)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

static void leader_add(struct watched *w, const struct spawn_stat *st)
{
    struct leader *free_one = NULL;
    struct spawn_stat again;
    unsigned i;

    for (i = 0; i < PROCWATCH_LEADERS; i++) {
        struct leader *l = &w->leader[i];

        if (l->pid == st->pid && l->start_ticks == st->start_ticks)
            return;
        if (!l->pid && !free_one)
            free_one = l;
    }
    if (!free_one)
        return;
    free_one->pidfd = spawn_pidfd(st->pid);
    if (free_one->pidfd < 0)
        return;
    /* Still the same one behind that number? */
    if (!spawn_stat(st->pid, &again) || again.start_ticks != st->start_ticks ||
        qb_loop_poll_add(w->pool->loop, QB_LOOP_HIGH, free_one->pidfd, POLLIN, free_one,
                         leader_ended) != 0) {
        close(free_one->pidfd);
        return;
    }
    free_one->of = w;
    free_one->pid = st->pid;
    free_one->start_ticks = st->start_ticks;
    free_one->named = false;
    memcpy(free_one->name, st->name, sizeof(free_one->name));
}

static void leaders_scan(struct watched *w)
{
    pid_t pids[PROCWATCH_PIDS];
    size_t n = rsc_pids(w, pids, PROCWATCH_PIDS), i;
    pid_t main = footprint_main(w->pool->run_dir, w->id);
    struct spawn_stat st;

    if (main > 0 && n < PROCWATCH_PIDS && !pid_among(pids, n, main))
        pids[n++] = main;

    w->had = false;
    for (i = 0; i < n; i++) {
        if (!spawn_stat(pids[i], &st) || st.state == 'Z')
            continue;
        if (pid_among(pids, n, st.parent) || (!w->changed && st.start_ticks >= w->since_ticks))
            continue;
        w->had = true;
        leader_add(w, &st);
    }
}

static void leaders_name(struct watched *w)
{
    struct spawn_stat st;
    unsigned i;

    for (i = 0; i < PROCWATCH_LEADERS; i++) {
        struct leader *l = &w->leader[i];

        if (!l->pid || l->named || !spawn_stat(l->pid, &st) || st.start_ticks != l->start_ticks)
            continue;
        memcpy(l->name, st.name, sizeof(l->name));
        l->named = true;
    }
}

static void leaders_drop(struct watched *w)
{
    unsigned i;

    for (i = 0; i < PROCWATCH_LEADERS; i++)
        leader_drop(&w->leader[i]);
}

/* Those that have ended, but whose pidfd the main loop has not come to yet. */
static void leaders_sweep(struct watched *w)
{
    unsigned i;

    for (i = 0; i < PROCWATCH_LEADERS; i++) {
        struct leader *l = &w->leader[i];
        struct pollfd p = {.fd = l->pidfd, .events = POLLIN};

        if (l->pid && poll(&p, 1, 0) == 1)
            leader_ended(l->pidfd, POLLIN, l); /* busy still: it is only noted */
    }
}

/* ---- what the agent runner calls ---- */

void procwatch_set(struct procwatch *p, uint16_t slot, const char *id, bool on)
{
    struct watched *w = slot_get(p, slot);

    if (!w)
        return;
    if (w->id && (!on || strcmp(w->id, id) != 0)) {
        leaders_drop(w);
        events_close(w);
        free(w->id);
        w->id = NULL;
    }
    if (!on || w->id)
        return;
    w->id = strdup(id);
    if (w->id && !w->busy)
        leaders_scan(w);
}

void procwatch_op_begin(struct procwatch *p, uint16_t slot)
{
    struct watched *w = slot_get(p, slot);

    if (!w)
        return;
    assert(!w->busy);
    w->busy = true;
    w->died[0] = '\0';
    w->since_ticks = spawn_ticks();
}

void procwatch_op_end(struct procwatch *p, uint16_t slot, enum procwatch_op op, char *what)
{
    struct watched *w = slot_get(p, slot);

    what[0] = '\0';
    if (!w)
        return;
    assert(w->busy);
    leaders_sweep(w);
    w->busy = false;
    w->reported = false;
    w->changed = op == PROCWATCH_CHANGED;
    if (!w->id)
        return;
    if (op == PROCWATCH_STOPPED) {
        leaders_drop(w);
        w->had = false;
        return;
    }
    if (op == PROCWATCH_LOOKED_WELL && w->died[0]) {
        str_copy(what, PROCWATCH_WHAT_LEN, w->died);
        w->reported = true;
    }
    leaders_name(w);
    /* A monitor changes nothing: with living leaders there is nothing new to look for, and without
     * cgroups the search goes through all of /proc. */
    if (op == PROCWATCH_CHANGED || (w->pool->groups && !leader_any(w)))
        leaders_scan(w);
}

struct procwatch *procwatch_new(qb_loop_t *loop, struct cgroups *groups, const char *run_dir,
                                procwatch_fn *fn, void *context)
{
    struct procwatch *p = calloc(1, sizeof(*p));

    if (p)
        *p = (struct procwatch){
            .loop = loop, .groups = groups, .run_dir = run_dir, .fn = fn, .context = context};
    return p;
}

void procwatch_free(struct procwatch *p)
{
    size_t i;

    if (!p)
        return;
    for (i = 0; i < p->n_slots; i++) {
        if (!p->slot[i])
            continue;
        leaders_drop(p->slot[i]);
        events_close(p->slot[i]);
        free(p->slot[i]->id);
        free(p->slot[i]);
    }
    free(p->slot);
    free(p);
}
