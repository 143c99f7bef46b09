/* SPDX-License-Identifier: GPL-2.0-or-later
 * child: see child.h. A child is ours until it is reaped, so its pid cannot be another's before. */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/child.h"
#include "daemon/spawn.h"
#include "daemon/words.h"

enum {
    STUCK_MS = 3000,    /* a killed process that is still there then hangs in the kernel */
    TREE_MAX = 256,     /* descendants killed one by one, beside the process group */
    PAST_WAIT_MS = 2000 /* how long the start waits for killed remains of an earlier life */
};

struct child {
    struct child_pool *pool;
    struct child *next;
    child_end_fn *fn; /* NULL once told */
    void *context;
    struct words *words;
    struct spawn_note *note;
    pid_t pid;
    int pidfd;
    bool timer_set, timed_out, killed, stuck;
    qb_loop_timer_handle timer;
    uint64_t began_us;
};

struct child_pool {
    qb_loop_t *loop;
    struct child *first;
    struct words_pool *words;
    struct spawn_note *notes; /* CHILD_MAX, shared with children and later lives */
    enum child_way way;
    int signal_fd;
    unsigned past_killed;
};

/* ---- what an earlier life left ---- */

static int running_open(const char *run_dir)
{
    char path[512];
    int fd;

    snprintf(path, sizeof(path), "%s/running", run_dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && ftruncate(fd, CHILD_MAX * sizeof(struct spawn_note)) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool note_alive(const struct spawn_note *note)
{
    struct spawn_stat st;

    return note->pid > 1 && spawn_stat(note->pid, &st) && st.start_ticks == note->start_ticks &&
           st.state != 'Z';
}

/* Ends process groups of an earlier life, and waits a little until they are gone, so that no probe
 * sees a start or stop half done. */
static unsigned past_kill(struct spawn_note *notes)
{
    unsigned i, waited_ms, alive, killed = 0;

    for (i = 0; i < CHILD_MAX; i++)
        if (note_alive(&notes[i]) && kill(-notes[i].pid, SIGKILL) == 0)
            killed++;
    for (waited_ms = 0; killed && waited_ms < PAST_WAIT_MS; waited_ms += 5) {
        while (waitpid(-1, NULL, WNOHANG) > 0) /* after an exec they are still our children */
            ;
        for (i = alive = 0; i < CHILD_MAX; i++)
            alive += note_alive(&notes[i]);
        if (!alive)
            break;
        usleep(5000);
    }
    memset(notes, 0, CHILD_MAX * sizeof(*notes));
    return killed;
}

/* ---- ends ---- */

static void child_unlink(struct child *c)
{
    struct child **p = &c->pool->first;

    while (*p != c)
        p = &(*p)->next;
    *p = c->next;
}

static void timer_stop(struct child *c)
{
    if (c->timer_set)
        qb_loop_timer_del(c->pool->loop, c->timer);
    c->timer_set = false;
}

static void child_free(struct child *c)
{
    timer_stop(c);
    child_unlink(c);
    if (c->pidfd >= 0) {
        qb_loop_poll_del(c->pool->loop, c->pidfd);
        close(c->pidfd);
    }
    memset(c->note, 0, sizeof(*c->note));
    words_leave(c->words);
    free(c);
}

static void child_tell(struct child *c, int status, bool stuck)
{
    char reason[CHILD_LINE_LEN], last[CHILD_LINE_LEN];
    struct child_end end = {.reason = reason, .last_line = last};
    child_end_fn *fn = c->fn;
    void *context = c->context;

    words_read_rest(c->words);
    str_copy(reason, sizeof(reason), words_reason(c->words));
    str_copy(last, sizeof(last), words_last(c->words));
    end.exec_errno = c->note->exec_errno;
    end.timed_out = c->timed_out;
    end.killed = c->killed;
    end.stuck = stuck;
    end.ran_ms = (uint32_t)((spawn_now_us() - c->began_us) / 1000);
    if (WIFSIGNALED(status))
        end.signal = WTERMSIG(status);
    else
        end.exit_code = WEXITSTATUS(status);
    c->fn = NULL;
    c->stuck = stuck;
    if (!stuck)
        child_free(c);
    if (fn)
        fn(context, &end);
}

/* True when it has ended (and is gone now). */
static bool child_reap(struct child *c)
{
    int status = 0;
    pid_t pid = waitpid(c->pid, &status, WNOHANG);

    if (pid == 0 || (pid < 0 && errno == EINTR))
        return false;
    child_tell(c, status, false);
    return true;
}

static int32_t pidfd_ready(int32_t fd, int32_t events, void *data)
{
    (void)fd, (void)events;
    (void)child_reap(data);
    return 0;
}

static int32_t sigchld_ready(int32_t fd, int32_t events, void *data)
{
    struct child_pool *pool = data;
    struct signalfd_siginfo info;
    struct child *c;

    (void)events;
    while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        ;
    for (c = pool->first; c;) /* an end function may start or free others: begin anew after each */
        c = child_reap(c) ? pool->first : c->next;
    return 0;
}

/* ---- killing ---- */

static unsigned tree_children(pid_t pid, pid_t *to, unsigned room)
{
    char path[64], text[1024], *at = text, *end;
    unsigned n = 0;
    ssize_t len;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    len = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (len <= 0)
        return 0;
    text[len] = '\0';
    while (n < room) {
        long child = strtol(at, &end, 10);

        /* A number cut by the end of the buffer is not one. */
        if (end == at || child <= 1 || (*end == '\0' && len == (ssize_t)sizeof(text) - 1))
            break;
        to[n++] = (pid_t)child;
        at = end;
    }
    return n;
}

/* The process group, and descendants that left it for a session of their own. Daemons that were
 * handed to init are no descendants any more: a start's service lives on. */
static void tree_kill(pid_t pid)
{
    pid_t tree[TREE_MAX];
    unsigned n = 1, i;

    tree[0] = pid;
    for (i = 0; i < n && n < TREE_MAX; i++)
        n += tree_children(tree[i], tree + n, TREE_MAX - n);
    kill(-pid, SIGKILL); /* fails only before its setsid, and then it has no children yet */
    for (i = 0; i < n; i++)
        kill(tree[i], SIGKILL);
}

static void stuck_expired(void *data)
{
    struct child *c = data;

    c->timer_set = false;
    if (!child_reap(c))
        child_tell(c, 0, true);
}

static void kill_now(struct child *c)
{
    timer_stop(c);
    tree_kill(c->pid);
    c->timer_set = qb_loop_timer_add(c->pool->loop, QB_LOOP_MED, STUCK_MS * 1000000ull, c,
                                     stuck_expired, &c->timer) == 0;
}

static void timeout_expired(void *data)
{
    struct child *c = data;

    c->timer_set = false;
    if (child_reap(c)) /* it ended just now: its own result counts */
        return;
    c->timed_out = true;
    kill_now(c);
}

void child_kill(struct child *c)
{
    assert(c);
    if (!c->fn || c->killed || c->timed_out)
        return;
    c->killed = true;
    kill_now(c);
}

pid_t child_pid(const struct child *c)
{
    return c->pid;
}

/* ---- start ---- */

static struct spawn_note *note_take(struct child_pool *pool)
{
    unsigned i;

    for (i = 0; i < CHILD_MAX; i++)
        if (pool->notes[i].pid == 0)
            return &pool->notes[i];
    return NULL;
}

static int input_open(const char *text, size_t len)
{
    int fd = memfd_create("input", MFD_CLOEXEC); /* may hold a password: never on a disk */

    if (fd < 0)
        return -1;
    if (write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Process, pidfd and standard error of c; minus an errno. */
static int child_launch(struct child *c, const struct child_spec *spec)
{
    struct spawn s = {.dirs = spec->dirs,
                      .program = spec->program,
                      .argv = spec->argv,
                      .envp = spec->envp,
                      .root_env = spec->root_env,
                      .root_env_size = spec->root_env_size,
                      .in = -1,
                      .out = -1,
                      .cgroup = spec->cgroup,
                      .not_after_us = spec->not_after_us,
                      .note = c->note};
    struct spawn_stat st;
    int pidfd = -1;

    if (spec->input) {
        s.in = input_open(spec->input, spec->input_len);
        if (s.in < 0)
            return -errno;
    }
    c->words = words_new(c->pool->words, &s.err);
    if (!c->words) {
        if (s.in >= 0)
            close(s.in);
        return -EMFILE;
    }
    c->pid = spawn_run(&s, &pidfd);
    if (s.in >= 0)
        close(s.in);
    close(s.err);
    if (c->pid < 0)
        return (int)c->pid;
    c->note->start_ticks = spawn_stat(c->pid, &st) ? st.start_ticks : 0;
    if (c->pool->way == CHILD_BY_PIDFD)
        c->pidfd = pidfd;
    else if (pidfd >= 0)
        close(pidfd);
    return 0;
}

int child_start(struct child_pool *pool, const struct child_spec *spec, child_end_fn *fn,
                void *context, struct child **out)
{
    struct spawn_note *note = note_take(pool);
    struct child *c = note ? calloc(1, sizeof(*c)) : NULL;
    int rc;

    assert(fn && spec->dirs && spec->program);
    if (!c)
        return note ? -ENOMEM : -EAGAIN;
    *c = (struct child){.pool = pool, .fn = fn, .context = context, .note = note, .pidfd = -1};
    c->began_us = spawn_now_us();
    rc = child_launch(c, spec);
    c->next = pool->first;
    pool->first = c;
    if (rc == 0 && pool->way == CHILD_BY_PIDFD &&
        (c->pidfd < 0 ||
         qb_loop_poll_add(pool->loop, QB_LOOP_HIGH, c->pidfd, POLLIN, c, pidfd_ready) != 0)) {
        tree_kill(c->pid); /* no descriptor left to watch it with */
        waitpid(c->pid, NULL, 0);
        rc = -EMFILE;
    }
    if (rc < 0) {
        child_free(c);
        return rc;
    }
    c->timer_set = qb_loop_timer_add(pool->loop, QB_LOOP_MED, spec->timeout_ms * 1000000ull, c,
                                     timeout_expired, &c->timer) == 0;
    *out = c;
    return 0;
}

/* ---- the pool ---- */

enum child_way child_way_best(void)
{
    int fd = spawn_pidfd(getpid());

    if (fd < 0)
        return errno == ENOSYS ? CHILD_BY_SIGNALFD : CHILD_BY_PIDFD;
    close(fd);
    return CHILD_BY_PIDFD;
}

static int sigchld_open(struct child_pool *pool)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pool->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (pool->signal_fd < 0)
        return -1;
    return qb_loop_poll_add(pool->loop, QB_LOOP_HIGH, pool->signal_fd, POLLIN, pool, sigchld_ready);
}

struct child_pool *child_pool_new(qb_loop_t *loop, const char *run_dir, enum child_way way)
{
    struct child_pool *pool = calloc(1, sizeof(*pool));
    int fd = running_open(run_dir);

    if (!pool || fd < 0)
        goto fail;
    pool->loop = loop;
    pool->way = way;
    pool->signal_fd = -1;
    pool->notes =
        mmap(NULL, CHILD_MAX * sizeof(*pool->notes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    fd = -1;
    if (pool->notes == MAP_FAILED)
        goto fail;
    signal(SIGCHLD, SIG_DFL); /* ignored by whoever started us: exits would be lost */
    pool->past_killed = past_kill(pool->notes);
    pool->words = words_pool_new(loop);
    if (!pool->words || (way == CHILD_BY_SIGNALFD && sigchld_open(pool) != 0)) {
        child_pool_free(pool);
        return NULL;
    }
    return pool;
fail:
    if (fd >= 0)
        close(fd);
    free(pool);
    return NULL;
}

unsigned child_pool_killed(const struct child_pool *pool)
{
    return pool->past_killed;
}

void child_pool_free(struct child_pool *pool)
{
    unsigned i;

    if (!pool)
        return;
    while (pool->first) {
        struct child *c = pool->first;

        tree_kill(c->pid);
        for (i = 0; i < 40 && waitpid(c->pid, NULL, WNOHANG) == 0; i++)
            usleep(5000); /* one that hangs in the kernel is left to init */
        child_free(c);
    }
    if (pool->signal_fd >= 0) {
        qb_loop_poll_del(pool->loop, pool->signal_fd);
        close(pool->signal_fd);
    }
    words_pool_free(pool->words);
    munmap(pool->notes, CHILD_MAX * sizeof(*pool->notes));
    free(pool);
}
