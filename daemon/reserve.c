/* SPDX-License-Identifier: GPL-2.0-or-later
 * reserve: see reserve.h. A job is a thread that ends; RUNNING_MAX of them run, the others wait in
 * their order, but takes and readings go before lookings for disks. */
#include "daemon/reserve.h"

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
#include "daemon/clock.h"
#include "daemon/journal.h"
#include "daemon/pathwork.h"
#include "daemon/reserver.h"
#include "daemon/shell.h"
#include "daemon/trait.h"
#include "daemon/uevent.h"

enum {
    STACK_BYTES = 512 * 1024,
    RUNNING_MAX = 32,
    FINDING_MAX = 4, /* of them that only look */
    JOBS_MAX = 2 * SHELL_PRIMS_MAX,
    END_WAIT_MS = 1000,
    SETTLE_MS = 300 /* after a path came or went: others of the same disk follow */
};

/* What is known of one resource's, or one quorum disk's, disks. */
struct known {
    struct known *next;
    uint8_t disk;
    uint16_t slot;
    bool noticed;         /* last_* were told, and it was registered once */
    uint16_t last_state;  /* as told last by a reading */
    enum err last_err;    /* likewise */
    uint64_t key, victim; /* as told last by the core */
    bool found;
    bool asking; /* a reading of our own is under way */
    struct disk_set set;
};

struct job {
    struct job *next;
    struct job *other; /* in `all` */
    struct reserves *reserves;
    struct act_reserve act; /* texts are in `text` */
    char device[CONF_ADDR_LEN];
    bool quorum, known; /* known: set is right as far as anybody knows */
    struct reserver_order order;
    struct reserver_result result;
    struct disk_set set;
    char agent_dirs[CONF_PATH_LEN];
    char text[]; /* provider, type, environment */
};

struct reserves {
    struct shell *shell;
    struct known *known;
    struct job *waiting, **waiting_end;
    struct job *all;  /* waiting and running */
    unsigned jobs;    /* how many */
    unsigned finding; /* running, of those that only look */
    int wake;
    bool polled;
    struct uevent *uevent;
    qb_loop_timer_handle settle;

    pthread_mutex_t lock; /* for the following */
    pthread_cond_t changed;
    struct job *over;
    unsigned running;
};

/* ---- the job's thread ------------------------------------------------------------------------ */

static bool looks_anew(const struct job *j)
{
    return j->act.verb == RESERVE_FIND || j->act.verb == RESERVE_REGISTER ||
           j->act.verb == RESERVE_HOLD;
}

/* False: it is over, and the result says why. */
static bool disks_find(struct job *j)
{
    struct reserver_result *res = &j->result;
    struct str why;
    str_init(&why, res->reason, sizeof res->reason);
    *res = (struct reserver_result){.err = ERR_OK};
    res->err = reserver_find(&j->order.tree, j->quorum ? j->device : NULL, j->act.env,
                             j->act.env_len, &j->set, &why);
    j->known = !res->err;
    if (res->err == ERR_UNKNOWN && j->set.n)
        res->state = RESERVE_DISKS; /* known, and not able */
    return !res->err;
}

static bool is_ocf(const struct job *j)
{
    return j->act.class && str_eq(j->act.class, "ocf");
}

static void job_work(struct job *j)
{
    bool known = j->known && !looks_anew(j);
    if (known || disks_find(j)) {
        reserver_work(&j->order, &j->set, &j->result);
        bool silent = j->result.err == ERR_IO || j->result.err == ERR_TIMEOUT;
        /* Its paths may have got other names since. */
        if (known && silent && disks_find(j))
            reserver_work(&j->order, &j->set, &j->result);
    }
    if (j->act.verb == RESERVE_FIND && is_ocf(j) && j->act.provider)
        j->result.state |= trait_find(j->agent_dirs, j->act.provider, j->act.type);
}

static void *work(void *context)
{
    struct job *j = context;
    struct reserves *r = j->reserves;
    uint64_t one = 1;
    job_work(j);
    pthread_mutex_lock(&r->lock);
    j->next = r->over;
    r->over = j;
    r->running--;
    if (write(r->wake, &one, sizeof one) < 0)
        assert(errno == EAGAIN); /* then the main loop is awake already */
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* ---- the main thread ------------------------------------------------------------------------- */

static struct known *known_get(struct reserves *r, uint8_t disk, uint16_t slot)
{
    struct known *k = r->known;
    while (k && (k->disk != disk || (disk == CONF_LINKS_MAX && k->slot != slot)))
        k = k->next;
    if (k || !(k = calloc(1, sizeof *k)))
        return k;
    k->disk = disk;
    k->slot = slot;
    k->next = r->known;
    r->known = k;
    return k;
}

static void tell(struct reserves *r, const struct job *j)
{
    struct event ev = {.kind = EV_RESERVED};
    ev.reserved.op = j->act.op;
    ev.reserved.err = j->result.err;
    ev.reserved.state = j->result.state;
    for (unsigned p = 0; p < r->shell->conf.n_nodes; p++)
        if (j->result.others >> r->shell->conf.node[p].id & 1)
            ev.reserved.others = nodeset_add(ev.reserved.others, p);
    ev.reserved.slot = j->act.slot;
    ev.reserved.disk = j->act.disk;
    ev.reserved.reason = j->result.reason;
    shell_event(r->shell, &ev);
}

/* Bits whose change between two readings is news. */
static uint16_t news_bits(uint16_t state)
{
    return state & (RESERVE_MINE | RESERVE_HELD | RESERVE_STRANGER | RESERVE_WHOLE);
}

/* Notes what was found; false: nobody need be told. */
static bool note(struct reserves *r, const struct job *j)
{
    struct known *k = known_get(r, j->act.disk, j->act.slot);
    uint16_t bits = news_bits(j->result.state);
    if (!k)
        return true;
    bool own = j->act.op == 0;
    if (j->known) {
        k->set = j->set;
        k->found = true;
    } else {
        k->found = false;
    }
    if (own)
        k->asking = false;
    bool same = k->noticed && k->last_state == bits && k->last_err == j->result.err;
    if (!own && j->act.verb == RESERVE_CLEAR && !j->result.err)
        k->noticed = false;
    else if (j->act.verb != RESERVE_FIND)
        k->noticed = k->noticed || j->result.state & RESERVE_MINE;
    if (j->act.verb != RESERVE_FIND) {
        k->last_state = bits;
        k->last_err = j->result.err;
    }
    return !own || (k->noticed && !same);
}

static void jobs_go(struct reserves *r);

static int32_t job_ended(int32_t fd, int32_t revents, void *context)
{
    struct reserves *r = context;
    uint64_t count;
    (void)revents;
    if (read(fd, &count, sizeof count) < 0)
        assert(errno == EAGAIN);
    for (;;) {
        pthread_mutex_lock(&r->lock);
        struct job *j = r->over;
        if (j)
            r->over = j->next;
        pthread_mutex_unlock(&r->lock);
        if (!j)
            break;
        struct job **at = &r->all;
        while (*at != j)
            at = &(*at)->other;
        *at = j->other;
        r->jobs--;
        r->finding -= j->act.verb == RESERVE_FIND;
        if (note(r, j))
            tell(r, j);
        free(j);
    }
    jobs_go(r);
    return 0;
}

static bool thread_begin(struct reserves *r, struct job *j)
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
    pthread_mutex_lock(&r->lock);
    bool begun = pthread_create(&thread, &attr, work, j) == 0;
    r->running += begun;
    pthread_mutex_unlock(&r->lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return begun;
}

/* What was found last, as of now. */
static void job_prepare(struct reserves *r, struct job *j)
{
    const struct known *k = known_get(r, j->act.disk, j->act.slot);
    j->known = k && k->found;
    if (j->known)
        j->set = k->set;
}

static struct job **job_next(struct reserves *r)
{
    struct job **find = NULL;
    for (struct job **p = &r->waiting; *p; p = &(*p)->next) {
        if ((*p)->act.verb != RESERVE_FIND)
            return p;
        find = find ? find : p;
    }
    return r->finding < FINDING_MAX ? find : NULL;
}

static void jobs_go(struct reserves *r)
{
    for (;;) {
        pthread_mutex_lock(&r->lock);
        bool full = r->running >= RUNNING_MAX;
        pthread_mutex_unlock(&r->lock);
        struct job **p = full ? NULL : job_next(r), *j = p ? *p : NULL;
        if (!j)
            return;
        job_prepare(r, j);
        if (!thread_begin(r, j)) {
            journal_note(r->shell->journal, SAY_WARN, JOURNAL_RESERVE,
                         _("no thread for a reservation: tried again when the next one ends"));
            return;
        }
        *p = j->next;
        if (!*p)
            r->waiting_end = p;
        r->finding += j->act.verb == RESERVE_FIND;
    }
}

/* ---- asked for ------------------------------------------------------------------------------- */

static const char *text_put(char **at, const char *text, size_t len)
{
    char *to = *at;
    memcpy(to, text, len);
    *at += len;
    return to;
}

static struct job *job_new(struct reserves *r, const struct act_reserve *act)
{
    const char *provider = act->provider ? act->provider : "", *type = act->type ? act->type : "";
    size_t provider_len = strlen(provider) + 1, type_len = strlen(type) + 1;
    struct job *j = calloc(1, sizeof *j + provider_len + type_len + act->env_len + 2);
    if (!j)
        return NULL;
    char *at = j->text;
    j->reserves = r;
    j->act = *act;
    j->act.id = NULL;
    j->act.class = act->class && str_eq(act->class, "ocf") ? "ocf" : NULL;
    j->act.provider = text_put(&at, provider, provider_len);
    j->act.type = text_put(&at, type, type_len);
    j->act.env = text_put(&at, act->env ? act->env : "", act->env ? act->env_len : 0);
    j->quorum = act->disk < CONF_LINKS_MAX;
    if (j->quorum)
        (void)str_copy(j->device, sizeof j->device,
                       r->shell->conf.link[act->disk].addr[r->shell->self]);
    (void)str_copy(j->agent_dirs, sizeof j->agent_dirs, r->shell->conf.agent_dirs);
    j->order = (struct reserver_order){.tree = {"/sys", "/dev"},
                                       .verb = act->verb,
                                       .key = act->key,
                                       .victim = act->victim_key,
                                       .not_after_us = act->not_after_us,
                                       .register_ms = act->limit_ms,
                                       .again = act->again};
    return j;
}

static void job_add(struct reserves *r, struct job *j)
{
    j->next = NULL;
    *r->waiting_end = j;
    r->waiting_end = &j->next;
    j->other = r->all;
    r->all = j;
    r->jobs++;
    jobs_go(r);
}

void reserves_run(struct reserves *r, const struct act_reserve *act)
{
    struct job *j = r->jobs < JOBS_MAX ? job_new(r, act) : NULL;
    struct known *k = known_get(r, act->disk, act->slot);
    assert(act->verb < RESERVE_VERB_COUNT && (act->key || act->verb == RESERVE_FIND));
    if (k) {
        k->key = act->key;
        k->victim = act->victim_key;
    }
    if (j) {
        job_add(r, j);
        return;
    }
    struct event ev = {.kind = EV_RESERVED};
    ev.reserved.op = act->op;
    ev.reserved.err = ERR_BUSY;
    ev.reserved.slot = act->slot;
    ev.reserved.disk = act->disk;
    ev.reserved.reason = "too many reservations are under way";
    shell_event(r->shell, &ev);
}

void reserves_permit(struct reserves *r, uint32_t op, uint64_t not_after_us)
{
    for (struct job *j = r->all; j; j = j->other)
        if (j->act.op == op)
            j->order.not_after_us = not_after_us;
}

/* ---- noticed --------------------------------------------------------------------------------- */

/* Reads the keys of all disks that we were registered on: changes nothing. */
static void settled(void *context)
{
    struct reserves *r = context;
    r->settle = 0;
    for (struct known *k = r->known; k; k = k->next) {
        struct act_reserve act = {.verb = RESERVE_READ,
                                  .disk = k->disk,
                                  .slot = k->slot,
                                  .key = k->key,
                                  .victim_key = k->victim};
        if (!k->noticed || !k->found || k->asking || !k->key)
            continue;
        struct job *j = r->jobs < JOBS_MAX ? job_new(r, &act) : NULL;
        if (!j)
            return;
        k->asking = true;
        job_add(r, j);
    }
}

static void path_changed(void *context)
{
    struct reserves *r = context;
    if (!r->settle && qb_loop_timer_add(r->shell->loop, QB_LOOP_LOW, (uint64_t)SETTLE_MS * 1000000,
                                        r, settled, &r->settle) != 0)
        r->settle = 0;
}

bool reserves_hung(const struct reserves *r)
{
    (void)r;
    return pathwork_stuck() > 0;
}

/* ---- made and freed -------------------------------------------------------------------------- */

struct reserves *reserves_new(struct shell *s)
{
    pthread_condattr_t attr;
    struct reserves *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->shell = s;
    r->waiting_end = &r->waiting;
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&r->changed, &attr);
    pthread_condattr_destroy(&attr);
    r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r->polled =
        r->wake >= 0 && qb_loop_poll_add(s->loop, QB_LOOP_HIGH, r->wake, POLLIN, r, job_ended) == 0;
    if (!r->polled) {
        reserves_free(r);
        return NULL;
    }
    r->uevent = uevent_new(s->loop, path_changed, r); /* not to be had in a container: no matter */
    return r;
}

/* True: no thread is left that would use it. */
static bool threads_wait(struct reserves *r)
{
    struct timespec until;
    int code = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += END_WAIT_MS / 1000;
    pthread_mutex_lock(&r->lock);
    while (r->running > 0 && code == 0)
        code = pthread_cond_timedwait(&r->changed, &r->lock, &until);
    bool none = r->running == 0;
    pthread_mutex_unlock(&r->lock);
    return none;
}

static void jobs_free(struct job *first)
{
    while (first) {
        struct job *j = first;
        first = j->next;
        free(j);
    }
}

void reserves_free(struct reserves *r)
{
    if (!r)
        return;
    if (r->settle)
        qb_loop_timer_del(r->shell->loop, r->settle);
    uevent_free(r->uevent);
    if (r->polled)
        (void)qb_loop_poll_del(r->shell->loop, r->wake);
    jobs_free(r->waiting);
    if (!threads_wait(r))
        return; /* a thread that hangs still has it */
    jobs_free(r->over);
    while (r->known) {
        struct known *k = r->known;
        r->known = k->next;
        free(k);
    }
    if (r->wake >= 0)
        close(r->wake);
    free(r);
}
