/* SPDX-License-Identifier: GPL-2.0-or-later
 * keep: one thread that writes, a queue of jobs before it, a list of finished ones behind it.
 *
 * Happy path: the main thread appends a job; the thread takes the first, writes it, puts it on the
 * finished list and wakes the main loop by an eventfd; there it becomes EV_KEPT. Fails: no memory
 * or JOBS_MAX jobs waiting (a disk that hangs): EV_KEPT with ERR_FULL or ERR_BUSY at once. */
#include "daemon/keep.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "daemon/journal.h"
#include "daemon/keepfile.h"
#include "daemon/shell.h"

enum { JOBS_MAX = 16, CLOSE_WAIT_S = 2, NAME_LEN = 96 };

enum job_kind { JOB_STATE, JOB_CIB, JOB_LOST };

struct job {
    struct job *next;
    enum job_kind kind;
    uint32_t op, epoch, seq;
    struct kept kept;
    int code; /* errno, 0: done */
    char name[NAME_LEN];
    char text[];
};

struct keep {
    struct shell *shell;
    struct keepfile file; /* the thread's, once it runs */
    int wake;             /* eventfd: something is finished */
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t changed;
    struct job *first, **last; /* waiting */
    struct job *done, **done_last;
    unsigned waiting; /* jobs not finished */
    bool ending, ended;
};

/* ---- the thread ---- */

static void job_do(struct keep *k, struct job *job)
{
    if (job->kind == JOB_STATE)
        job->code = keepfile_state(&k->file, &job->kept);
    else if (job->kind == JOB_CIB)
        job->code = keepfile_cib(&k->file, job->text, job->epoch, job->seq);
    else
        job->code =
            keepfile_lost(&k->file, job->text, job->epoch, job->seq, job->name, sizeof job->name);
}

static void *writer(void *context)
{
    struct keep *k = context;
    uint64_t one = 1;
    pthread_mutex_lock(&k->lock);
    for (;;) {
        while (!k->first && !k->ending)
            pthread_cond_wait(&k->changed, &k->lock);
        struct job *job = k->first;
        if (!job)
            break;
        k->first = job->next;
        if (!k->first)
            k->last = &k->first;
        pthread_mutex_unlock(&k->lock);
        job_do(k, job);
        pthread_mutex_lock(&k->lock);
        job->next = NULL;
        *k->done_last = job;
        k->done_last = &job->next;
        k->waiting--;
        if (write(k->wake, &one, sizeof one) < 0)
            assert(errno == EAGAIN); /* then the main loop is awake already */
    }
    k->ended = true;
    pthread_cond_broadcast(&k->changed);
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

/* ---- the main thread ---- */

static enum err err_of(int code)
{
    return code == 0 ? ERR_OK : code == ENOSPC || code == EDQUOT ? ERR_FULL : ERR_IO;
}

static void told(struct keep *k, uint32_t op, enum err err)
{
    struct event ev = {.kind = EV_KEPT, .kept = {.op = op, .err = err}};
    shell_event(k->shell, &ev);
}

static void finish(struct keep *k, struct job *job)
{
    struct journal *j = k->shell->journal;
    if (job->code && job->kind != JOB_LOST)
        journal_note(j, SAY_ERROR, JOURNAL_STATE, _("cannot write %s/%s: %s"), k->file.dir,
                     job->kind == JOB_STATE ? "state" : "cib.crm", strerror(job->code));
    if (job->kind != JOB_LOST)
        told(k, job->op, err_of(job->code));
    else if (job->code)
        journal_note(j, SAY_ERROR, JOURNAL_LOST_COPY,
                     _("the configuration %u.%u that lost the merge could not be saved to %s: %s"),
                     job->epoch, job->seq, k->file.dir, strerror(job->code));
    else
        journal_note(j, SAY_WARN, JOURNAL_LOST_COPY,
                     _("the configuration %u.%u that lost the merge is in %s/%s"), job->epoch,
                     job->seq, k->file.dir, job->name);
    free(job);
}

static int32_t finished(int32_t fd, int32_t revents, void *context)
{
    struct keep *k = context;
    uint64_t count;
    (void)revents;
    if (read(fd, &count, sizeof count) < 0 && errno == EAGAIN)
        return 0;
    pthread_mutex_lock(&k->lock);
    struct job *job = k->done;
    k->done = NULL;
    k->done_last = &k->done;
    pthread_mutex_unlock(&k->lock);
    while (job) {
        struct job *next = job->next;
        finish(k, job);
        job = next;
    }
    return 0;
}

static bool submit(struct keep *k, struct job *job)
{
    pthread_mutex_lock(&k->lock);
    bool room = k->waiting < JOBS_MAX;
    if (room) {
        *k->last = job;
        k->last = &job->next;
        k->waiting++;
        pthread_cond_signal(&k->changed);
    }
    pthread_mutex_unlock(&k->lock);
    if (!room)
        free(job);
    return room;
}

static struct job *job_new(enum job_kind kind, uint32_t op, const char *text)
{
    size_t len = text ? strlen(text) + 1 : 0;
    struct job *job = calloc(1, sizeof *job + len);
    if (!job)
        return NULL;
    job->kind = kind;
    job->op = op;
    if (text)
        memcpy(job->text, text, len);
    return job;
}

void keep_state(struct keep *k, uint32_t op, const struct kept *kept)
{
    struct job *job = job_new(JOB_STATE, op, NULL);
    if (job)
        job->kept = *kept;
    if (!job)
        told(k, op, ERR_FULL);
    else if (!submit(k, job))
        told(k, op, ERR_BUSY);
}

void keep_cib(struct keep *k, uint32_t op, const char *text, uint32_t epoch, uint32_t seq)
{
    struct job *job = job_new(JOB_CIB, op, text);
    if (job) {
        job->epoch = epoch;
        job->seq = seq;
    }
    if (!job)
        told(k, op, ERR_FULL);
    else if (!submit(k, job))
        told(k, op, ERR_BUSY);
}

void keep_lost(struct keep *k, const char *text, uint32_t epoch, uint32_t seq)
{
    struct job *job = job_new(JOB_LOST, 0, text);
    if (job) {
        job->epoch = epoch;
        job->seq = seq;
    }
    if (!job || !submit(k, job))
        journal_note(k->shell->journal, SAY_ERROR, JOURNAL_LOST_COPY,
                     _("the configuration %u.%u that lost the merge could not be saved: the disk "
                       "does not answer"),
                     epoch, seq);
}

static int thread_start(struct keep *k)
{
    sigset_t all, before;
    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&k->thread, NULL, writer, k);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

enum err keep_open(struct shell *s, const char *dir, struct keep **out, struct keep_found *found,
                   struct str *why)
{
    struct keep *k = calloc(1, sizeof *k);
    *out = NULL;
    if (!k)
        return ERR_FULL;
    k->shell = s;
    k->last = &k->first;
    k->done_last = &k->done;
    enum err err = keepfile_open(&k->file, dir, found, why);
    if (err) {
        free(k);
        return err;
    }
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->changed, NULL);
    k->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int code = k->wake < 0 ? errno : 0;
    if (!code && qb_loop_poll_add(s->loop, QB_LOOP_HIGH, k->wake, POLLIN, k, finished) != 0)
        code = ENOMEM;
    if (!code)
        code = thread_start(k);
    if (!code) {
        *out = k;
        return ERR_OK;
    }
    str_addf(why, _("cannot begin to keep state: %s"), strerror(code));
    if (k->wake >= 0) {
        (void)qb_loop_poll_del(s->loop, k->wake);
        close(k->wake);
    }
    keepfile_close(&k->file);
    free(found->cib_text);
    found->cib_text = NULL;
    free(k);
    return ERR_IO;
}

void keep_close(struct keep *k)
{
    struct timespec until;
    int code = 0;
    if (!k)
        return;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_WAIT_S;
    pthread_mutex_lock(&k->lock);
    k->ending = true;
    pthread_cond_signal(&k->changed);
    while (!k->ended && code == 0)
        code = pthread_cond_timedwait(&k->changed, &k->lock, &until);
    bool ended = k->ended;
    pthread_mutex_unlock(&k->lock);
    qb_loop_poll_del(k->shell->loop, k->wake);
    if (!ended)
        return; /* the disk hangs: the thread and its memory go when the process does */
    pthread_join(k->thread, NULL);
    while (k->done) {
        struct job *next = k->done->next;
        finish(k, k->done); /* events are dropped by now, notes are not */
        k->done = next;
    }
    close(k->wake);
    keepfile_close(&k->file);
    free(k);
}
