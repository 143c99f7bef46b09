/* SPDX-License-Identifier: GPL-2.0-or-later
 * diskkeys: `yoke reservation show`: the registrations on shared disks as the disks tell them,
 * without yoked where a device is named.
 *
 * Happy path: a few lines for each disk, or JSON. Fails: exit 1 when a disk does not answer, cannot
 * be reserved, or has a stranger on it. */
#include "config.h"

#include "cli/diskkeys.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cli/workcopy.h"
#include "lib/wire/auth.h"

enum { WHY_LEN = 512, KEY_TEXT_MAX = 4096, ENV_BYTES = 64 * 1024, TEXT_LEN = 256 };

/* ---- who we are ------------------------------------------------------------------------------ */

/* Without yoke.conf, or its key, devices can be shown all the same. */
static void user_find(struct ctx *x, struct diskkeys_user *u)
{
    char why[WHY_LEN];
    struct auth *auth = NULL;
    *u = (struct diskkeys_user){.tree = {"/sys", "/dev"}};
    if (!conf_try(x))
        return;
    const char *node = node_or_self(x, 0, NULL);
    char *text = file_read(x->conf.keyfile, KEY_TEXT_MAX, why, sizeof why);
    if (!node || !text) {
        free(text);
        return;
    }
    enum err err =
        auth_new(x->conf.auth == AUTH_HMAC_SM3 ? AUTH_KIND_SM3 : AUTH_KIND_SHA256, text, &auth);
    explicit_bzero(text, strlen(text));
    free(text);
    u->known = !err && auth_mark(auth, 0, x->conf.cluster, u->uuid) == ERR_OK;
    auth_free(auth);
    u->node = x->conf.node[conf_node_index(&x->conf, node)].id;
}

void diskkeys_whose(const struct ctx *x, const struct diskkeys_user *u, uint64_t key,
                    struct str *out)
{
    uint8_t node;
    enum pr_owner owner = pr_key_owner(key, u->uuid, &node);
    if (owner == PR_STRANGER) {
        str_addf(out, _("a stranger (0x%" PRIx64 ")"), key);
        return;
    }
    unsigned i = u->known && owner == PR_OURS ? conf_node_by_id(&x->conf, node) : NODE_NONE;
    if (i != NODE_NONE)
        str_add(out, x->conf.node[i].name);
    else if (u->known)
        str_addf(out, _("node %u of another cluster (0x%" PRIx64 ")"), node, key);
    else
        str_addf(out, _("node %u of a yoke cluster (0x%" PRIx64 ")"), node, key);
}

const char *diskkeys_name(const struct shared_disk *d)
{
    return d->map[0] ? d->map : d->used;
}

/* ---- which disks ----------------------------------------------------------------------------- */

struct search {
    struct ctx *x;
    struct diskkeys_user user;
    diskkeys_fn *fn;
    json_t *disks;
    int worst;
};

static void worsen(struct search *s, int code)
{
    s->worst = code > s->worst ? code : s->worst;
}

static void found(struct search *s, const char *owner, const char *device, const char *env,
                  size_t env_len)
{
    static struct disk_set set; /* large */
    char text[WHY_LEN];
    struct str why;
    str_init(&why, text, sizeof text);
    enum err err = reserver_find(&s->user.tree, device, env, env_len, &set, &why);
    if (err) {
        if (*owner)
            complain("%s: %s", owner, text);
        else
            complain("%s", text);
        if (s->x->json)
            json_array_append_new(s->disks,
                                  json_pack("{s:s,s:s,s:b,s:s}", "owner", owner, "device",
                                            device ? device : "", "able", 0, "why", text));
        worsen(s, EXIT_FAIL);
        return;
    }
    for (unsigned i = 0; i < set.n; i++) {
        struct diskkeys_disk d = {owner, &set.at[i]};
        json_t *out = s->x->json ? json_object() : NULL;
        worsen(s, s->fn(s->x, &s->user, &d, out));
        if (out)
            json_array_append_new(s->disks, out);
    }
}

static void prim_find(struct search *s, const struct cib_prim *p)
{
    char *env = need(calloc(1, ENV_BYTES));
    struct str e;
    str_init(&e, env, ENV_BYTES - 1);
    for (unsigned i = 0; i < p->all_params.n; i++) {
        str_addf(&e, "OCF_RESKEY_%s=%s", p->all_params.at[i].name, p->all_params.at[i].value);
        str_add_n(&e, "", 1);
    }
    if (str_eq(p->class, "ocf") && !e.cut)
        found(s, p->id, NULL, env, e.len + 1);
    free(env);
}

static void conf_disk_find(struct search *s, unsigned link)
{
    const struct conf *c = &s->x->conf;
    found(s, c->link[link].name, c->link[link].device, NULL, 0);
}

/* The configuration, from yoked; NULL: told. */
static const struct cib *cib_need(struct search *s)
{
    int code = EXIT_OK;
    struct workcopy *w = workcopy_open(s->x, &code);
    worsen(s, w ? EXIT_OK : code);
    return w ? w->cib : NULL;
}

static void all_find(struct search *s)
{
    unsigned n = conf_try(s->x) ? conf_disks(&s->x->conf) : 0;
    for (unsigned i = s->x->conf.n_links - n; n && i < s->x->conf.n_links; i++)
        conf_disk_find(s, i);
    const struct cib *c = cib_need(s);
    for (unsigned i = 0; c && i < c->n_prims; i++)
        prim_find(s, &c->prim[i]);
}

static void word_find(struct search *s, const char *word)
{
    struct rsc_ref ref;
    unsigned n = conf_try(s->x) ? conf_disks(&s->x->conf) : 0;
    if (word[0] == '/') {
        found(s, "", word, NULL, 0);
        return;
    }
    for (unsigned i = s->x->conf.n_links - n; n && i < s->x->conf.n_links; i++)
        if (str_eq(s->x->conf.link[i].name, word)) {
            conf_disk_find(s, i);
            return;
        }
    const struct cib *c = cib_need(s);
    if (!c)
        return;
    if (!cib_find(c, word, &ref)) {
        complain(_("there is no resource and no [disk] %s; a device is named by its path"), word);
        worsen(s, EXIT_FAIL);
    } else if (ref.kind == RSC_PRIM) {
        prim_find(s, &c->prim[ref.index]);
    } else {
        for (unsigned i = 0; i < c->group[ref.index].n_members; i++)
            prim_find(s, &c->prim[c->group[ref.index].member[i]]);
    }
}

int diskkeys_each(struct ctx *x, int argc, char **argv, diskkeys_fn *fn)
{
    struct search s = {.x = x, .fn = fn, .disks = json_array()};
    bool open = x->copy != NULL;
    user_find(x, &s.user);
    if (argc)
        word_find(&s, argv[0]);
    else
        all_find(&s);
    if (!open)
        workcopy_close(x);
    if (x->json)
        json_show(json_pack("{s:b,s:O}", "ok", s.worst == EXIT_OK, "disks", s.disks));
    else if (s.worst == EXIT_OK && !s.user.known)
        complain(_("without yoke.conf and its key file it is not known whose the keys are"));
    json_decref(s.disks);
    return s.worst;
}

/* ---- show ------------------------------------------------------------------------------------ */

static const char *type_text(uint8_t type)
{
    switch (type) {
    case 1: return _("write exclusive: only the holder writes");
    case 3: return _("exclusive access: only the holder reads and writes");
    case PR_TYPE_WERO: return _("only registered nodes write");
    case 6: return _("only registered nodes read and write");
    case 7: return _("only registered nodes write, each holds it");
    case 8: return _("only registered nodes read and write, each holds it");
    default: return _("of an unknown type");
    }
}

/* Each key once, with how many paths have it. */
static void keys_tell(const struct ctx *x, const struct diskkeys_user *u,
                      const struct pr_keys *keys, json_t *out, struct str *text)
{
    json_t *list = out ? json_array() : NULL;
    for (unsigned i = 0; i < keys->n; i++) {
        char whose[TEXT_LEN], hex[24];
        struct str s;
        unsigned n = 0, before = 0;
        for (unsigned k = 0; k < keys->n; k++) {
            n += keys->key[k] == keys->key[i];
            before += k < i && keys->key[k] == keys->key[i];
        }
        if (before)
            continue;
        str_init(&s, whose, sizeof whose);
        diskkeys_whose(x, u, keys->key[i], &s);
        snprintf(hex, sizeof hex, "0x%" PRIx64, keys->key[i]);
        if (list)
            json_array_append_new(
                list, json_pack("{s:s,s:s,s:i}", "key", hex, "whose", whose, "paths", (int)n));
        str_addf(text, n > 1 ? "%s%s x%u" : "%s%s", text->len ? ", " : "", whose, n);
    }
    if (out)
        json_object_set_new(out, "keys", list);
}

static void holder_tell(const struct ctx *x, const struct diskkeys_user *u,
                        const struct pr_holder *h, json_t *out)
{
    char whose[TEXT_LEN];
    struct str s;
    str_init(&s, whose, sizeof whose);
    if (h->held && h->key)
        diskkeys_whose(x, u, h->key, &s);
    else if (h->held)
        str_add(&s, _("all that are registered"));
    if (out)
        json_object_set_new(out, "holder",
                            h->held ? json_pack("{s:s,s:i}", "whose", whose, "type", (int)h->type)
                                    : json_null());
    else if (h->held)
        printf(_("  reserved by %s: %s\n"), whose, type_text(h->type));
    else
        printf(_("  not reserved\n"));
}

/* Which initiators are registered; older disks cannot say. */
static void nexuses_tell(const struct ctx *x, const struct diskkeys_user *u,
                         const struct shared_disk *d, json_t *out)
{
    struct pr_command c = {.op = PR_NEXUSES};
    uint8_t data[PR_REPLY_MAX];
    struct pr_nexus n;
    size_t len, pos = 0;
    enum err err;
    json_t *list = out ? json_array() : NULL;
    bool told = reserver_ask(&u->tree, d, 0, &c, data, &len) == PR_GOOD;
    while (told && (out || x->verbose) && pr_next_nexus(data, len, &pos, &n, &err)) {
        char whose[TEXT_LEN];
        struct str s;
        str_init(&s, whose, sizeof whose);
        diskkeys_whose(x, u, n.key, &s);
        if (list)
            json_array_append_new(list,
                                  json_pack("{s:s,s:i,s:s,s:b}", "initiator", n.initiator, "port",
                                            (int)n.port, "whose", whose, "holder", n.holder));
        else
            printf(_("  port %u, initiator %s: %s\n"), n.port, n.initiator, whose);
    }
    if (out)
        json_object_set_new(out, "registrations", list);
}

static void head_tell(const struct diskkeys_disk *d, bool able, const char *why, json_t *out)
{
    json_t *paths = out ? json_array() : NULL;
    char text[TEXT_LEN];
    struct str s;
    str_init(&s, text, sizeof text);
    for (unsigned i = 0; i < d->disk->n_paths; i++) {
        str_addf(&s, "%s%s", i ? " " : "", d->disk->path[i].dev);
        if (paths)
            json_array_append_new(paths, json_string(d->disk->path[i].dev));
    }
    if (out) {
        json_object_set_new(out, "owner", json_string(d->owner));
        json_object_set_new(out, "name", json_string(d->disk->name));
        json_object_set_new(out, "device", json_string(diskkeys_name(d->disk)));
        json_object_set_new(out, "paths", paths);
        json_object_set_new(out, "able", json_boolean(able));
        json_object_set_new(out, "why", json_string(why));
        return;
    }
    if (*d->owner)
        printf("%s: ", d->owner);
    printf("%s (%s)\n", diskkeys_name(d->disk), d->disk->name);
    printf(_("  paths: %s\n"), text);
}

static int show(struct ctx *x, const struct diskkeys_user *u, const struct diskkeys_disk *d,
                json_t *out)
{
    struct reserver_order order = {.tree = u->tree, .verb = RESERVE_FIND};
    char why[WHY_LEN], keys[1024];
    struct reservation r;
    struct str s, k;
    order.key = pr_key_make(u->uuid, u->known ? u->node : 1);
    reserver_disk(&order, d->disk, &r);
    str_init(&s, why, sizeof why);
    if (r.err)
        reserver_why(d->disk, &r, &s);
    bool able = !r.err;
    head_tell(d, able, why, out);
    if (r.facts.looked || !r.err) {
        str_init(&k, keys, sizeof keys);
        keys_tell(x, u, &r.facts.keys, out, &k);
        if (!out)
            printf(_("  registered: %s\n"), r.facts.keys.n ? keys : _("nobody"));
        holder_tell(x, u, &r.facts.holder, out);
        nexuses_tell(x, u, d->disk, out);
    }
    if (r.err)
        complain("%s", why);
    else if (!out)
        printf(_("  can do what yoke needs, as far as it says itself: 'yoke reservation check' "
                 "tries it\n"));
    if (r.facts.alien && !r.err)
        complain(_("%s has a stranger's key: who else uses it?"), diskkeys_name(d->disk));
    return r.err || r.facts.alien ? EXIT_FAIL : EXIT_OK;
}

int reservation_show_run(struct ctx *x, int argc, char **argv)
{
    return diskkeys_each(x, argc, argv, show);
}
