/* SPDX-License-Identifier: GPL-2.0-or-later
 * trial: `yoke reservation check`: tries on a disk what a takeover will need, and leaves no trace.
 *
 * Happy path: where nobody is registered it registers, reserves, tries PREEMPT AND ABORT on a key
 * that nobody has, and leaves; where this node is registered only what changes nothing is tried;
 * where others are and nothing is reserved it registers and leaves; where somebody reserved and
 * this node is not registered it only looks, for registering would let a fenced node write again.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "cli/diskkeys.h"

enum { WHY_LEN = 512 };

struct trial {
    struct ctx *x;
    const struct diskkeys_user *user;
    const struct shared_disk *disk;
    json_t *steps; /* NULL: told as text */
    struct reserver_order order;
    struct reservation r;
    bool good;
};

/* One thing that was tried. */
static void tell(struct trial *t, bool good, const char *what)
{
    t->good = t->good && good;
    if (t->steps)
        json_array_append_new(t->steps, json_pack("{s:b,s:s}", "ok", good, "text", what));
    else
        printf("  %s %s\n", good ? _("ok ") : _("BAD"), what);
}

static bool verb_do(struct trial *t, enum reserve_verb verb, const char *what)
{
    char why[WHY_LEN];
    struct str s;
    t->order.verb = (uint8_t)verb;
    reserver_disk(&t->order, t->disk, &t->r);
    str_init(&s, why, sizeof why);
    if (t->r.err)
        reserver_why(t->disk, &t->r, &s);
    if (!t->r.err && !what)
        return true;
    tell(t, !t->r.err, t->r.err ? why : what);
    return !t->r.err;
}

static void abilities_tell(struct trial *t)
{
    const struct pr_abilities *a = &t->r.facts.abilities;
    if (!t->r.facts.told) {
        tell(t, true, _("it does not say what it can do (REPORT CAPABILITIES): it is tried"));
        return;
    }
    tell(t, a->keeps, _("keeps registrations when it loses power (APTPL)"));
    if (a->types_told)
        tell(t, a->wero, _("can let only registered nodes write (type 5)"));
}

/* PREEMPT AND ABORT of a key that no node has: one that knows it says conflict. */
static void abort_try(struct trial *t)
{
    struct pr_command c = {.op = PR_PREEMPT_ABORT, .key = t->order.key};
    uint8_t data[PR_REPLY_MAX];
    size_t len;
    c.sa_key = (t->order.key & ~(uint64_t)0xff) | PR_NOBODY;
    enum pr_outcome outcome = reserver_ask(&t->user->tree, t->disk, 0, &c, data, &len);
    tell(t, outcome == PR_CONFLICT,
         outcome == PR_CONFLICT ? _("knows PREEMPT AND ABORT")
                                : _("PREEMPT AND ABORT does not work as it should"));
}

/* Each path by itself: is this node registered there? REGISTER of the key that is there changes
 * nothing. */
static void paths_try(struct trial *t)
{
    struct pr_command c = {.op = PR_REGISTER, .key = t->order.key, .sa_key = t->order.key};
    for (unsigned i = 0; i < t->disk->n_paths; i++) {
        char text[WHY_LEN];
        uint8_t data[PR_REPLY_MAX];
        size_t len;
        enum pr_outcome outcome = reserver_ask(&t->user->tree, t->disk, i, &c, data, &len);
        const char *dev = t->disk->path[i].dev;
        snprintf(text, sizeof text,
                 outcome == PR_GOOD       ? _("path %s is registered")
                 : outcome == PR_CONFLICT ? _("path %s is not registered: writes on it fail")
                                          : _("path %s does not answer"),
                 dev);
        tell(t, outcome == PR_GOOD, text);
    }
}

static void whole_try(struct trial *t)
{
    if (verb_do(t, RESERVE_HOLD,
                _("registers on each path, reserves, knows PREEMPT AND ABORT, keeps it")))
        paths_try(t);
    if (t->r.facts.mine || t->r.err)
        (void)verb_do(t, RESERVE_CLEAR, _("left as it was: nobody is registered"));
}

static void half_try(struct trial *t)
{
    if (!verb_do(t, RESERVE_REGISTER, _("registers on each path")))
        return;
    paths_try(t);
    abort_try(t);
    (void)verb_do(t, RESERVE_CLEAR, _("left as it was: this node is not registered any more"));
}

static void map_try(struct trial *t)
{
    char why[WHY_LEN];
    struct str s;
    str_init(&s, why, sizeof why);
    if (t->disk->map[0]) {
        bool good = reserver_map_check(t->order.key, &s) == ERR_OK;
        tell(t, good, good ? _("multipathd registers paths that return") : why);
    }
}

static void disk_try(struct trial *t)
{
    if (!verb_do(t, RESERVE_FIND, NULL))
        return;
    const struct reservation_facts *f = &t->r.facts;
    abilities_tell(t);
    map_try(t);
    if (f->alien)
        tell(t, false, _("a stranger's key or reservation is on it: who else uses it?"));
    if (!t->good)
        return;
    if (f->mine) {
        paths_try(t);
        abort_try(t);
    } else if (f->holder.held) {
        tell(t, true,
             _("it is reserved, and this node is not registered: more is not tried, since "
               "registering would let this node write"));
    } else if (f->keys.n) {
        half_try(t);
    } else {
        whole_try(t);
    }
}

static int check(struct ctx *x, const struct diskkeys_user *u, const struct diskkeys_disk *d,
                 json_t *out)
{
    struct trial *t = need(calloc(1, sizeof *t));
    *t = (struct trial){.x = x, .user = u, .disk = d->disk, .good = true};
    t->order = (struct reserver_order){.tree = u->tree,
                                       .key = pr_key_make(u->uuid, u->known ? u->node : 1)};
    if (out) {
        t->steps = json_array();
        json_object_set_new(out, "owner", json_string(d->owner));
        json_object_set_new(out, "name", json_string(d->disk->name));
        json_object_set_new(out, "device", json_string(diskkeys_name(d->disk)));
        json_object_set_new(out, "steps", t->steps);
    } else {
        printf("%s%s%s (%s)\n", d->owner, *d->owner ? ": " : "", diskkeys_name(d->disk),
               d->disk->name);
    }
    disk_try(t);
    bool good = t->good;
    free(t);
    if (out)
        json_object_set_new(out, "able", json_boolean(good));
    else
        printf("%s\n", good ? _("  it can be used for reservations")
                            : _("  it cannot be used for reservations as it is"));
    return good ? EXIT_OK : EXIT_FAIL;
}

int reservation_check_run(struct ctx *x, int argc, char **argv)
{
    return diskkeys_each(x, argc, argv, check);
}
