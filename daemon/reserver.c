/* SPDX-License-Identifier: GPL-2.0-or-later
 * reserver: see reserver.h. */
#include "daemon/reserver.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/diskparam.h"
#include "daemon/journal.h"
#include "daemon/multipath.h"
#include "daemon/pathwork.h"
#include "daemon/program.h"
#include "lib/base/num.h"

#define N_(text) text

enum { GROUP = RESERVATION_PATHS_MAX, LANES = RESERVATION_PATHS_MAX + 1, MS = 1000 };

_Static_assert((unsigned)BLOCKTREE_PATHS_MAX == (unsigned)RESERVATION_PATHS_MAX, "paths of a disk");

/* ---- what failed ----------------------------------------------------------------------------- */

static const char *const whys[RESERVATION_WHYS] = {
    [RESERVATION_FINE] = N_("all is well"),
    [RESERVATION_NO_ANSWER] = N_("answers on no path: look at cables, switches, array and 'dmesg'"),
    [RESERVATION_NO_COMMANDS] =
        N_("knows no SCSI-3 persistent reservations: switch them on in the array, or have another "
           "guard"),
    [RESERVATION_NO_TYPE] = N_("cannot be reserved for registered nodes only (type 5): switch it "
                               "on in the array, or have another guard"),
    [RESERVATION_NO_MEMORY] = N_("forgets reservations when it loses power (no APTPL): switch it "
                                 "on in the array, or have another guard"),
    [RESERVATION_NO_ABORT] =
        N_("knows no PREEMPT AND ABORT: what a dead node has sent may still be written; have "
           "another guard"),
    [RESERVATION_NO_ROOM] =
        N_("has no room for another registration: look with 'yoke reservation show'"),
    [RESERVATION_ALIEN_HOLDER] = N_("is reserved by somebody else, and is left alone: look with "
                                    "'yoke reservation show' who it is"),
    [RESERVATION_ALIEN_KEY] = N_("is registered on our path by another program: yoke must be the "
                                 "only one that uses reservations on it"),
    [RESERVATION_OTHER_TYPE] = N_("is reserved in another way than yoke does: look with 'yoke "
                                  "reservation show'"),
    [RESERVATION_FENCED] = N_("does not have this node's key: the other node took it, or this node "
                              "was never registered"),
    [RESERVATION_PATH_BARE] = N_("has paths that are not registered"),
    [RESERVATION_VICTIM_STAYS] =
        N_("gets the other node's key again and again: does something there register it?"),
    [RESERVATION_HOLDER] = N_("is held by this node while others are registered: not left"),
    [RESERVATION_NO_REST] = N_("was changed by somebody at every look: who else uses reservations "
                               "on it?"),
    [RESERVATION_GARBLED] = N_("gives answers that make no sense"),
    [RESERVATION_REFUSED] = N_("took the command, but nothing was changed"),
};

static void disk_named(const struct shared_disk *d, struct str *out)
{
    if (d->name[0])
        str_addf(out, "%s (%s)", d->map[0] ? d->map : d->used, d->name);
    else
        str_add(out, d->map[0] ? d->map : d->used);
}

const char *reserver_why_words(enum reservation_why why)
{
    assert(why < RESERVATION_WHYS);
    return _(whys[why]);
}

void reserver_why(const struct shared_disk *d, const struct reservation *r, struct str *out)
{
    disk_named(d, out);
    str_addf(out, " %s", reserver_why_words(r->why));
    if (r->why == RESERVATION_REFUSED && d->map[0])
        str_addf(out, _("; is mpathpersist (package multipath-tools) installed?"));
    if (r->facts.alien)
        str_addf(out, _("; a stranger's key is 0x%" PRIx64), r->facts.alien);
}

/* ---- finding --------------------------------------------------------------------------------- */

/* Asked and answered within the limit: begun again once it was sent late, because an earlier
 * command hung on that path. */
static enum pr_outcome order_do(const struct pathwork_order *order, uint8_t *data, size_t *len)
{
    uint64_t until_us = clock_raw_us() + RESERVATION_LIMIT_MS * MS;
    enum pr_outcome outcome = PR_HUNG;
    struct pathwork *w = NULL;
    *len = 0;
    for (;;) {
        uint64_t seen = pathwork_seen();
        if (!w && pathwork_begin(order, &w) != PATHWORK_BEGUN)
            w = NULL;
        if (w && pathwork_take(w, &outcome, data, len))
            return outcome;
        if (clock_raw_us() >= until_us) {
            if (w)
                pathwork_leave(w);
            return PR_HUNG;
        }
        pathwork_wait(seen, until_us);
    }
}

enum pr_outcome reserver_ask(const struct blocktree *t, const struct shared_disk *d, unsigned path,
                             const struct pr_command *c, uint8_t *data, size_t *len)
{
    struct pathwork_order order = {.path = d->path[path], .tree = *t, .command = *c};
    enum pr_outcome outcome = PR_ATTENTION;
    assert(path < d->n_paths);
    (void)str_copy(order.name, sizeof order.name, d->name);
    for (unsigned i = 0; i < RESERVATION_AGAIN_MAX && outcome == PR_ATTENTION; i++)
        outcome = order_do(&order, data, len);
    return outcome;
}

/* A disk that sysfs has no name for is asked for it. */
static enum pr_outcome name_ask(const struct blocktree *t, struct shared_disk *d)
{
    struct pathwork_order order = {.path = d->path[0], .tree = *t, .naming = true};
    uint8_t data[PR_REPLY_MAX];
    size_t len;
    enum pr_outcome outcome = order_do(&order, data, &len);
    data[len] = '\0';
    return outcome == PR_GOOD && !str_copy(d->name, sizeof d->name, (char *)data) ? PR_FAILED
                                                                                  : outcome;
}

static enum err disk_name(const struct blocktree *t, struct shared_disk *d, struct str *why)
{
    if (d->name[0])
        return ERR_OK;
    enum pr_outcome outcome = d->kind == DISK_NVME || !d->n_paths ? PR_UNSUPPORTED : name_ask(t, d);
    if (outcome == PR_GOOD) {
        d->kind = DISK_SCSI;
        return ERR_OK;
    }
    if (outcome == PR_UNSUPPORTED || str_starts(d->used, "vd")) {
        str_addf(why, _("%s cannot do reservations: it is %s"), d->used, disk_kind_text(d));
        return ERR_UNKNOWN;
    }
    str_addf(why, _("%s does not answer: look at paths, array and 'dmesg'"), d->used);
    return outcome == PR_HUNG ? ERR_TIMEOUT : ERR_IO;
}

enum err reserver_find(const struct blocktree *t, const char *device, const char *env,
                       size_t env_len, struct disk_set *set, struct str *why)
{
    struct block_number n;
    enum err err;
    set->n = 0;
    if (!device) {
        err = diskparam_find(t, PROGRAM_DIRS, env, env_len, set, why);
    } else {
        err = blocktree_number(t, device, &n);
        if (!err)
            err = blocktree_disks(t, n, set);
        if (err == ERR_MISSING)
            str_addf(why,
                     _("%s is not there: is the disk connected and mapped to this node (ls -l "
                       "/dev/disk/by-id)?"),
                     device);
        else if (err)
            str_addf(why, _("%s is not a disk"), device);
    }
    for (unsigned i = 0; !err && i < set->n; i++)
        err = disk_name(t, &set->at[i], why);
    disk_set_sort(set);
    return err;
}

/* ---- one disk -------------------------------------------------------------------------------- */

struct lane { /* a step that is under way on a path, or on the group */
    bool used;
    struct reservation_step step;
    struct pathwork *work; /* NULL: not sent yet */
    uint64_t begin_us, until_us;
};

struct run {
    const struct reserver_order *order;
    const struct shared_disk *disk;
    struct reservation *r;
    struct lane lane[LANES];
    uint8_t data[PR_REPLY_MAX];
};

static bool registers(const struct pr_command *c)
{
    return (c->op == PR_REGISTER && c->key == 0 && c->sa_key) || c->op == PR_REGISTER_OVER;
}

static void steps_take(struct run *x)
{
    struct reservation_step step;
    while (reservation_next(x->r, &step)) {
        bool group = step.path == RESERVATION_GROUP;
        struct lane *l = &x->lane[group ? GROUP : step.path];
        assert(!l->used);
        *l = (struct lane){.used = true, .step = step};
        l->begin_us = clock_raw_us() + (uint64_t)step.delay_ms * MS;
        l->until_us =
            l->begin_us + (uint64_t)(group ? MULTIPATH_LIMIT_MS + MS : step.limit_ms) * MS;
    }
}

static void lane_answer(struct run *x, struct lane *l, enum pr_outcome outcome, size_t len)
{
    l->used = false;
    reservation_reply(x->r, l->step.path, outcome, x->data, len);
}

/* False: the path has another command, or no thread is left: later. */
static bool lane_send(struct run *x, struct lane *l)
{
    struct pathwork_order o = {.command = l->step.command, .tree = x->order->tree};
    if (l->step.path == RESERVATION_GROUP)
        (void)str_copy(o.map, sizeof o.map, x->disk->map);
    else
        o.path = x->disk->path[l->step.path];
    (void)str_copy(o.name, sizeof o.name, x->disk->name);
    if (registers(&o.command)) {
        o.not_after_us = x->order->not_after_us;
        o.abort_ms = o.not_after_us ? l->step.limit_ms : 0;
    }
    return pathwork_begin(&o, &l->work) == PATHWORK_BEGUN;
}

/* True: something was answered. *next_us: when to look again at the latest. */
static bool lane_go(struct run *x, struct lane *l, uint64_t *next_us)
{
    enum pr_outcome outcome;
    size_t len;
    uint64_t now = clock_raw_us();
    if (!l->work && now < l->begin_us) {
        *next_us = num_min(*next_us, l->begin_us);
        return false;
    }
    if (!l->work && !lane_send(x, l))
        l->work = NULL;
    if (l->work && pathwork_take(l->work, &outcome, x->data, &len)) {
        lane_answer(x, l, outcome, len);
        return true;
    }
    if (now >= l->until_us) {
        if (l->work)
            pathwork_leave(l->work);
        lane_answer(x, l, PR_HUNG, 0);
        return true;
    }
    *next_us = num_min(*next_us, l->until_us);
    return false;
}

static void run_disk(struct run *x)
{
    while (!reservation_over(x->r)) {
        uint64_t seen = pathwork_seen(), next_us = UINT64_MAX;
        bool answered = false;
        steps_take(x);
        for (unsigned i = 0; i < LANES && !reservation_over(x->r); i++)
            answered = (x->lane[i].used && lane_go(x, &x->lane[i], &next_us)) || answered;
        if (!answered) {
            assert(next_us != UINT64_MAX);
            pathwork_wait(seen, next_us);
        }
    }
    for (unsigned i = 0; i < LANES; i++)
        if (x->lane[i].used && x->lane[i].work)
            pathwork_leave(x->lane[i].work);
}

/* Two resources on one disk: one after the other, or each would see the other's changes. */
static pthread_mutex_t claims = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t claim_ended = PTHREAD_COND_INITIALIZER;

struct claim {
    const struct shared_disk *disk;
    struct claim *next;
};
static struct claim *first_claim;

static void claim_begin(struct claim *c)
{
    bool taken;
    pthread_mutex_lock(&claims);
    do {
        taken = false;
        for (const struct claim *x = first_claim; x; x = x->next)
            taken = taken || str_eq(x->disk->name, c->disk->name);
        if (taken)
            pthread_cond_wait(&claim_ended, &claims);
    } while (taken);
    c->next = first_claim;
    first_claim = c;
    pthread_mutex_unlock(&claims);
}

static void claim_end(struct claim *c)
{
    pthread_mutex_lock(&claims);
    struct claim **p = &first_claim;
    while (*p != c)
        p = &(*p)->next;
    *p = c->next;
    pthread_cond_broadcast(&claim_ended);
    pthread_mutex_unlock(&claims);
}

void reserver_disk(const struct reserver_order *o, const struct shared_disk *d,
                   struct reservation *r)
{
    struct run x = {.order = o, .disk = d, .r = r};
    struct reservation_plan plan = {.verb = o->verb,
                                    .key = o->key,
                                    .victim = o->verb == RESERVE_PREEMPT ? o->victim : 0,
                                    .n_paths = (uint8_t)d->n_paths,
                                    .grouped = d->map[0] != '\0',
                                    .again = o->again,
                                    .register_ms = (uint16_t)o->register_ms};
    struct claim claim = {.disk = d};
    assert(d->n_paths > 0 && d->name[0]);
    claim_begin(&claim);
    reservation_init(r, &plan);
    run_disk(&x);
    claim_end(&claim);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool key_there(const struct reservation_facts *f, uint64_t key)
{
    bool there = f->holder.held && f->holder.key == key;
    for (unsigned i = 0; i < f->keys.n; i++)
        there = there || f->keys.key[i] == key;
    return f->looked && key && there;
}

enum err reserver_map_check(uint64_t key, struct str *why)
{
    return multipath_check(key, why);
}

/* A map that multipathd would not register again when a path returns cannot do it. */
static enum err map_check(const struct reserver_order *o, const struct shared_disk *d,
                          struct str *why)
{
    bool asks = o->verb == RESERVE_FIND || o->verb == RESERVE_REGISTER || o->verb == RESERVE_HOLD;
    return asks && d->map[0] ? multipath_check(o->key, why) : ERR_OK;
}

static uint16_t disk_work(const struct reserver_order *o, const struct shared_disk *d,
                          struct reserver_result *out)
{
    struct reservation r;
    struct str why;
    str_init(&why, out->reason, sizeof out->reason);
    enum err err = map_check(o, d, &why);
    if (!err) {
        reserver_disk(o, d, &r);
        out->others = reservation_others(&r);
        err = r.err;
        if (err)
            reserver_why(d, &r, &why);
    } else {
        return 0;
    }
    out->err = err;
    unsigned state = reservation_state(&r);
    if (o->verb == RESERVE_READ && key_there(&r.facts, o->victim))
        state |= RESERVE_VICTIM;
    return (uint16_t)(state | RESERVE_DISKS);
}

void reserver_work(const struct reserver_order *o, const struct disk_set *set,
                   struct reserver_result *out)
{
    bool looks = o->verb == RESERVE_READ || o->verb == RESERVE_FIND;
    uint16_t all = UINT16_MAX, any = 0;
    uint32_t others = 0;
    struct reserver_result one;
    *out = (struct reserver_result){.err = ERR_OK};
    if (!set->n)
        return;
    for (unsigned i = 0; i < set->n; i++) {
        if (out->err && !looks) {
            all = 0; /* nothing is known of the others */
            break;
        }
        one = (struct reserver_result){.err = ERR_MISSING};
        uint16_t state = disk_work(o, &set->at[i], &one);
        all &= state;
        any |= state;
        others |= one.others;
        if (one.err && !out->err)
            *out = one;
    }
    out->others = others;
    out->state = (uint16_t)((all | (any & (RESERVE_VICTIM | RESERVE_STRANGER))) & 0xff);
}
