/* SPDX-License-Identifier: GPL-2.0-or-later
 * print: canonical text. Every kind of object has one function; all write into a sink, which is a
 * text, or only sums when two objects are compared or a hash is wanted without room for a text.
 * It cannot fail; a text that is too long is cut, which its owner sees. */
#include "lib/cib/print.h"

#include <assert.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/cib/sink.h"

void sink_init(struct sink *s, struct str *out)
{
    *s = (struct sink){.out = out, .comments = true, .hash = 0xcbf29ce484222325u};
}

static void put_n(struct sink *s, const char *text, size_t len)
{
    s->crc = crc32c(s->crc, text, len);
    s->len += len;
    for (size_t i = 0; i < len; i++)
        s->hash = (s->hash ^ (uint8_t)text[i]) * 0x100000001b3u;
    while (s->out && len > 0) {
        if (!s->mid_line && s->prefix)
            str_add(s->out, s->prefix);
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t)(end - text) + 1 : len;
        str_add_n(s->out, text, n);
        s->mid_line = end == NULL;
        text += n;
        len -= n;
    }
}

static void put(struct sink *s, const char *text)
{
    put_n(s, text, strlen(text));
}

/* A value as it must be written to be read as one word. */
static void put_value(struct sink *s, const char *value)
{
    if (*value && !strpbrk(value, " \t\"'\\")) {
        put(s, value);
        return;
    }
    put(s, "\"");
    for (size_t n; *value; value += n) {
        n = strcspn(value, "\"\\");
        put_n(s, value, n);
        if (value[n]) {
            put(s, "\\");
            put_n(s, value + n++, 1);
        }
    }
    put(s, "\"");
}

static void put_nvs(struct sink *s, const struct nvlist *l)
{
    for (unsigned i = 0; i < l->n; i++) {
        put(s, " ");
        put(s, l->at[i].name);
        put(s, "=");
        put_value(s, l->at[i].value);
    }
}

/* ` \`, newline, tab, then word and list; nothing for an empty list. */
static void put_section(struct sink *s, const char *word, const struct nvlist *l)
{
    if (l->n == 0)
        return;
    put(s, " \\\n\t");
    put(s, word);
    put_nvs(s, l);
}

static void put_description(struct sink *s, const char *description)
{
    if (!description)
        return;
    put(s, " description=");
    put_value(s, description);
}

static void put_score(struct sink *s, int32_t score)
{
    char text[16];
    struct str t;
    str_init(&t, text, sizeof(text));
    str_addf(&t, "%d", score);
    put(s, score >= SCORE_INF ? "inf" : score <= -SCORE_INF ? "-inf" : text);
}

static const char *role_word(enum target_role role)
{
    static const char *const words[] = {"", "Stopped", "Started", "Unpromoted", "Promoted"};
    return words[role];
}

/* ---- one function for each kind -------------------------------------------------------------- */

static void put_node(struct sink *s, const struct cib_node *n)
{
    put(s, "node ");
    put(s, n->name);
    put_description(s, n->description);
    put_section(s, "attributes", &n->attributes);
}

static void put_prim(struct sink *s, const struct cib_prim *p)
{
    put(s, "primitive ");
    put(s, p->name);
    put(s, " ");
    if (!str_eq(p->class, "ocf")) {
        put(s, p->class);
        put(s, ":");
    } else if (!str_eq(p->provider, "heartbeat")) {
        put(s, "ocf:");
        put(s, p->provider);
        put(s, ":");
    }
    put_value(s, p->type);
    put_description(s, p->description);
    put_section(s, "params", &p->params);
    put_section(s, "meta", &p->meta);
    for (unsigned i = 0; i < p->n_ops; i++) {
        put(s, " \\\n\top ");
        put(s, p->op[i].name);
        put_nvs(s, &p->op[i].written);
    }
}

static void put_group(struct sink *s, const struct cib *c, const struct cib_group *g)
{
    put(s, "group ");
    put(s, g->id);
    for (unsigned i = 0; i < g->n_members; i++) {
        put(s, " ");
        put(s, c->prim[g->member[i]].id);
    }
    put_description(s, g->description);
    put_section(s, "meta", &g->meta);
    put_section(s, "params", &g->params);
}

static void put_clone(struct sink *s, const struct cib *c, const struct cib_clone *k)
{
    put(s, "clone ");
    put(s, k->id);
    put(s, " ");
    put(s, c->prim[k->prim].name);
    put_description(s, k->description);
    put_section(s, "meta", &k->meta);
    put_section(s, "params", &k->params);
}

static void put_location(struct sink *s, const struct cib *c, const struct cib_location *l)
{
    static const char *const discovery[] = {"", " resource-discovery=never",
                                            " resource-discovery=exclusive"};
    put(s, "location ");
    put(s, l->id);
    put(s, " ");
    put(s, cib_rsc_id(c, l->rsc));
    if (l->role != ROLE_UNSET) {
        put(s, " role=");
        put(s, role_word(l->role));
    }
    put(s, discovery[l->discovery]);
    put(s, " ");
    put_score(s, l->score);
    put(s, ": ");
    put(s, l->node);
}

static void put_rsc(struct sink *s, const struct cib *c, struct rsc_ref rsc, const char *suffix)
{
    put(s, " ");
    put(s, cib_rsc_id(c, rsc));
    if (*suffix) {
        put(s, ":");
        put(s, suffix);
    }
}

static void put_colocation(struct sink *s, const struct cib *c, const struct cib_colocation *x)
{
    put(s, "colocation ");
    put(s, x->id);
    put(s, " ");
    put_score(s, x->score);
    put(s, ":");
    put_rsc(s, c, x->rsc, role_word(x->rsc_role));
    put_rsc(s, c, x->with, role_word(x->with_role));
}

static void put_order(struct sink *s, const struct cib *c, const struct cib_order *o)
{
    static const char *const kinds[] = {"Mandatory", "Optional", "Serialize"};
    static const char *const actions[] = {"start", "stop", "promote", "demote"};
    bool plain = o->first_action == ACTION_START && o->then_action == ACTION_START;
    put(s, "order ");
    put(s, o->id);
    put(s, " ");
    put(s, kinds[o->kind]);
    put(s, ":");
    put_rsc(s, c, o->first, plain ? "" : actions[o->first_action]);
    put_rsc(s, c, o->then, plain ? "" : actions[o->then_action]);
    if (!o->symmetrical && o->kind != ORDER_SERIALIZE)
        put(s, " symmetrical=false");
}

/* One line for each node, as it is read: levels of one target stand together when written so. */
static void put_topology(struct sink *s, const struct cib *c)
{
    put(s, CIB_TOPOLOGY_ID);
    for (unsigned i = 0; i < c->n_levels; i++) {
        const struct cib_level *l = &c->level[i];
        const char *was = i > 0 ? c->level[i - 1].target : NULL;
        if (l->target && !(was && str_eq(was, l->target))) {
            put(s, " \\\n\t");
            put(s, l->target);
            put(s, ":");
        }
        for (unsigned d = 0; d < l->n_devices; d++) {
            put(s, d ? "," : " ");
            put(s, c->prim[l->device[d]].id);
        }
    }
}

static void put_set(struct sink *s, const char *word, const struct cib_set *set)
{
    put(s, word);
    put(s, " ");
    put(s, set->id);
    put(s, ": \\\n\t");
    for (unsigned i = 0; i < set->nvs.n; i++) {
        put(s, i > 0 ? " \\\n\t" : "");
        put(s, set->nvs.at[i].name);
        put(s, "=");
        put_value(s, set->nvs.at[i].value);
    }
}

void sink_object(struct sink *s, const struct cib *c, unsigned object)
{
    assert(c && object < c->n_objects);
    const struct cib_object *o = &c->object[object];
    if (s->comments && o->comment) {
        put(s, o->comment);
        put(s, "\n");
    }
    switch (o->kind) {
    case CIB_NODE: put_node(s, &c->node[o->index]); break;
    case CIB_PRIMITIVE: put_prim(s, &c->prim[o->index]); break;
    case CIB_GROUP: put_group(s, c, &c->group[o->index]); break;
    case CIB_CLONE: put_clone(s, c, &c->clone[o->index]); break;
    case CIB_LOCATION: put_location(s, c, &c->location[o->index]); break;
    case CIB_COLOCATION: put_colocation(s, c, &c->colocation[o->index]); break;
    case CIB_ORDER: put_order(s, c, &c->order[o->index]); break;
    case CIB_TOPOLOGY: put_topology(s, c); break;
    case CIB_PROPERTY: put_set(s, "property", &c->set[0][o->index]); break;
    case CIB_RSC_DEFAULTS: put_set(s, "rsc_defaults", &c->set[1][o->index]); break;
    case CIB_OP_DEFAULTS: put_set(s, "op_defaults", &c->set[2][o->index]); break;
    case CIB_KIND_COUNT: assert(!"an object that was refused"); break;
    }
    put(s, "\n");
}

bool sink_same(const struct cib *a, unsigned object_a, const struct cib *b, unsigned object_b)
{
    struct sink x, y;
    sink_init(&x, NULL);
    sink_init(&y, NULL);
    x.comments = y.comments = false;
    sink_object(&x, a, object_a);
    sink_object(&y, b, object_b);
    return x.len == y.len && x.crc == y.crc && x.hash == y.hash;
}

/* ---- the whole ------------------------------------------------------------------------------- */

enum cib_kind sink_kind(unsigned place)
{
    static const enum cib_kind kinds[CIB_KIND_COUNT] = {
        CIB_NODE,  CIB_PRIMITIVE, CIB_GROUP,    CIB_CLONE,        CIB_COLOCATION, CIB_LOCATION,
        CIB_ORDER, CIB_TOPOLOGY,  CIB_PROPERTY, CIB_RSC_DEFAULTS, CIB_OP_DEFAULTS};
    assert(place < CIB_KIND_COUNT);
    return kinds[place];
}

void sink_end(struct sink *s, const struct cib *c)
{
    if (s->comments && c->comment) {
        put(s, c->comment);
        put(s, "\n");
    }
}

static void put_all(struct sink *s, const struct cib *c)
{
    for (unsigned k = 0; k < CIB_KIND_COUNT; k++)
        for (unsigned i = 0; i < c->n_objects; i++)
            if (c->object[i].kind == sink_kind(k))
                sink_object(s, c, i);
    sink_end(s, c);
}

void cib_print(const struct cib *c, struct str *out)
{
    struct sink s;
    assert(c && out);
    sink_init(&s, out);
    put_all(&s, c);
}

void cib_print_object(const struct cib *c, unsigned object, struct str *out)
{
    struct sink s;
    assert(c && out);
    sink_init(&s, out);
    sink_object(&s, c, object);
}

uint32_t cib_hash(const struct cib *c)
{
    struct sink s;
    assert(c);
    sink_init(&s, NULL);
    s.comments = false;
    put_all(&s, c);
    return s.crc;
}
