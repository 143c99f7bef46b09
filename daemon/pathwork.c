/* SPDX-License-Identifier: GPL-2.0-or-later
 * pathwork: see pathwork.h. A thread lives as long as its command: two or three commands in several
 * seconds are not worth keeping threads for. */
#include "daemon/pathwork.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "daemon/multipath.h"
#include "daemon/scsi.h"

enum { STACK_BYTES = 128 * 1024 };

struct pathwork {
    struct pathwork_order order;
    struct pathwork *next;
    bool over, left;
    enum pr_outcome outcome;
    size_t len;
    uint8_t data[PR_REPLY_MAX];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for the following */
static pthread_cond_t ended;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct pathwork *first; /* all that have not ended, and those that wait to be taken */
static uint64_t ends;

static void init(void)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&ended, &attr);
    pthread_condattr_destroy(&attr);
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Is the device that was opened the disk that is meant? Names of the kernel go to other disks when
 * a path comes back. */
static enum pr_outcome path_check(const struct pathwork_order *o, int fd)
{
    char name[SCSI_NAME_LEN];
    struct stat st;
    if (fstat(fd, &st) != 0 || major(st.st_rdev) != o->path.number.major ||
        minor(st.st_rdev) != o->path.number.minor)
        return PR_PATH;
    blocktree_name(&o->tree, o->path.number, name);
    if (!name[0]) {
        enum pr_outcome outcome = scsi_name(fd, name);
        if (outcome != PR_GOOD)
            return outcome;
    }
    return str_eq(name, o->name) ? PR_GOOD : PR_PATH;
}

static enum pr_outcome disk_work(struct pathwork *w)
{
    const struct pathwork_order *o = &w->order;
    char path[BLOCKTREE_DEV_LEN + 64];
    struct str s;
    str_init(&s, path, sizeof path);
    str_addf(&s, "%s/%s", o->tree.dev, o->path.dev);
    for (char *c = path + strlen(o->tree.dev) + 1; *c; c++)
        if (*c == '!') /* cciss!c0d0 */
            *c = '/';
    /* For reading: a close after writing would have udev look at the whole disk each time. */
    int fd = s.cut ? -1 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return PR_PATH;
    enum pr_outcome outcome;
    if (o->naming) {
        outcome = scsi_name(fd, (char *)w->data);
        w->len = strlen((char *)w->data);
    } else {
        outcome = o->name[0] ? path_check(o, fd) : PR_GOOD;
        if (outcome == PR_GOOD && o->not_after_us && clock_raw_us() > o->not_after_us)
            outcome = PR_PATH;
        if (outcome == PR_GOOD)
            outcome = scsi_send(fd, &o->command, o->abort_ms, w->data, &w->len);
    }
    close(fd);
    return outcome;
}

static void unlink_free(struct pathwork *w)
{
    struct pathwork **p = &first;
    while (*p != w)
        p = &(*p)->next;
    *p = w->next;
    free(w);
}

static void *work(void *context)
{
    struct pathwork *w = context;
    enum pr_outcome outcome =
        w->order.map[0] ? multipath_register(w->order.map, &w->order.command, w->order.not_after_us)
                        : disk_work(w);
    pthread_mutex_lock(&lock);
    w->outcome = outcome;
    w->over = true;
    ends++;
    if (w->left)
        unlink_free(w);
    pthread_cond_broadcast(&ended);
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* ---- for others ------------------------------------------------------------------------------ */

static bool same_path(const struct pathwork_order *a, const struct pathwork_order *b)
{
    if (a->map[0] || b->map[0])
        return str_eq(a->map, b->map);
    return a->path.number.major == b->path.number.major &&
           a->path.number.minor == b->path.number.minor;
}

static bool thread_begin(struct pathwork *w)
{
    sigset_t all, before;
    pthread_attr_t attr;
    pthread_t thread;
    if (pthread_attr_init(&attr) != 0)
        return false;
    (void)pthread_attr_setstacksize(&attr, STACK_BYTES);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool begun = pthread_create(&thread, &attr, work, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return begun;
}

enum pathwork_begun pathwork_begin(const struct pathwork_order *order, struct pathwork **out)
{
    unsigned n = 0;
    bool busy = false;
    pthread_once(&once, init);
    *out = NULL;
    pthread_mutex_lock(&lock);
    for (const struct pathwork *w = first; w; w = w->next) {
        n += !w->over;
        busy = busy || (!w->over && same_path(&w->order, order));
    }
    struct pathwork *w = busy || n >= PATHWORK_MAX ? NULL : calloc(1, sizeof *w);
    if (w) {
        w->order = *order;
        w->next = first;
        first = w;
        if (!thread_begin(w)) {
            unlink_free(w);
            w = NULL;
        }
    }
    pthread_mutex_unlock(&lock);
    *out = w;
    return busy ? PATHWORK_BUSY : w ? PATHWORK_BEGUN : PATHWORK_FULL;
}

bool pathwork_take(struct pathwork *w, enum pr_outcome *outcome, uint8_t *data, size_t *len)
{
    pthread_mutex_lock(&lock);
    bool over = w->over;
    if (over) {
        *outcome = w->outcome;
        *len = w->len;
        memcpy(data, w->data, w->len);
        unlink_free(w);
    }
    pthread_mutex_unlock(&lock);
    return over;
}

void pathwork_leave(struct pathwork *w)
{
    pthread_mutex_lock(&lock);
    if (w->over)
        unlink_free(w);
    else
        w->left = true;
    pthread_mutex_unlock(&lock);
}

uint64_t pathwork_seen(void)
{
    pthread_mutex_lock(&lock);
    uint64_t seen = ends;
    pthread_mutex_unlock(&lock);
    return seen;
}

void pathwork_wait(uint64_t seen, uint64_t until_us)
{
    struct timespec until;
    int code = 0;
    uint64_t now = clock_raw_us(), rest_us = until_us > now ? until_us - now : 0;
    pthread_once(&once, init);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(rest_us % 1000000) * 1000;
    until.tv_sec += (time_t)(rest_us / 1000000) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&lock);
    while (ends == seen && code == 0)
        code = pthread_cond_timedwait(&ended, &lock, &until);
    pthread_mutex_unlock(&lock);
}

unsigned pathwork_stuck(void)
{
    unsigned n = 0;
    pthread_mutex_lock(&lock);
    for (const struct pathwork *w = first; w; w = w->next)
        n += w->left;
    pthread_mutex_unlock(&lock);
    return n;
}
