/* SPDX-License-Identifier: GPL-2.0-or-later
 * parse_rsc: primitive, group, clone and the short form of monitor.
 *   primitive ID [CLASS:[PROVIDER:]]TYPE [params ...] [meta ...] [op NAME ...]
 *   group ID MEMBER ... [meta ...] [params ...]
 *   clone ID RSC [meta ...] [params ...]; ms and master are clone with meta promotable=true
 *   monitor RSC[:ROLE] INTERVAL[:TIMEOUT]
 * Each reads its object to the end and tells every fault in it. */
#include <assert.h>
#include <string.h>
#include "lib/cib/reading.h"

static const char name_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.+@:\\";
enum { AGENT_EXTRA = 3 }; /* the last letters, @ : \, are for units of systemd only */

/* A part of an agent's name becomes part of a path: no slash, no dot in front. */
static bool agent_part_ok(const char *part, bool unit)
{
    size_t len = strlen(part);
    char allowed[sizeof(name_letters)];
    memcpy(allowed, name_letters, sizeof(name_letters));
    if (!unit)
        allowed[sizeof(name_letters) - 1 - AGENT_EXTRA] = '\0';
    return len > 0 && len < CIB_ID_LEN * 2 && *part != '.' && strspn(part, allowed) == len;
}

static void class_unknown(struct reading *r, const char *class, const char *type)
{
    static const char *const known[] = {"ocf", "systemd", "lsb", "stonith"};
    const char *near = str_nearest(class, known, ARRAY_LEN(known));
    if (str_eq(class, "service"))
        READ_FAULT(r, "service:%.*s: write systemd: for a unit or lsb: for a script",
                   FAULT_WORD(type));
    else if (str_eq(class, "heartbeat") || str_eq(class, "pacemaker") || str_eq(class, "yoke"))
        READ_FAULT(r, "%s is a provider, not a class; write ocf:%s:%.*s", class, class,
                   FAULT_WORD(type));
    else if (near)
        READ_FAULT(r, "there is no class %.*s; did you mean %s?", FAULT_WORD(class), near);
    else
        READ_FAULT(r, "there is no class %.*s; the classes are ocf, systemd, lsb and stonith",
                   FAULT_WORD(class));
}

/* CLASS:PROVIDER:TYPE, CLASS:TYPE, or TYPE alone, which is ocf:heartbeat:TYPE as crm has it. */
static void agent_read(struct reading *r, struct cib_prim *p, char *word)
{
    char *rest = reading_split(word);
    p->class = "ocf";
    p->provider = "heartbeat";
    p->type = word;
    if (rest) {
        p->class = word;
        p->type = rest;
    }
    bool ocf = str_eq(p->class, "ocf"), unit = str_eq(p->class, "systemd");
    if (!ocf)
        p->provider = NULL;
    p->is_stonith = str_eq(p->class, "stonith");
    if (!ocf && !unit && !p->is_stonith && !str_eq(p->class, "lsb")) {
        class_unknown(r, p->class, rest);
        return;
    }
    char *type = rest && ocf ? reading_split(rest) : NULL;
    if (type) {
        p->provider = rest;
        p->type = type;
    }
    if (!agent_part_ok(p->type, unit) || (ocf && !agent_part_ok(p->provider, false)))
        READ_FAULT(r, "%.*s cannot be the name of an agent: write CLASS:[PROVIDER:]TYPE",
                   FAULT_WORD(p->type));
    else if (p->is_stonith && !str_starts(p->type, "fence_"))
        READ_WARN(r, "stonith:%s: yoke runs fence agents, and their names begin with fence_",
                  p->type);
}

/* ---- operations ------------------------------------------------------------------------------ */

static const char *const op_names[] = {"start",        "stop",         "monitor",     "promote",
                                       "demote",       "notify",       "reload",      "migrate_to",
                                       "migrate_from", "reload-agent", "validate-all"};

static uint32_t op_new(struct reading *r, uint32_t name)
{
    uint32_t i = ++r->n_op;
    r->op[i] = (struct raw_op){.name = name, .line = r->line};
    return i;
}

static void op_join(struct reading *r, struct raw_prim *raw, uint32_t op)
{
    if (raw->last_op)
        r->op[raw->last_op].next = op;
    else
        raw->first_op = op;
    raw->last_op = op;
}

static uint32_t op_begin(struct reading *r, struct raw_prim *raw)
{
    const char *name = reading_word(r);
    bool known = false;
    if (!name || strchr(name, '=')) {
        READ_FAULT(r, "op needs the name of an operation: op monitor interval=10s");
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(op_names); i++)
        known |= str_eq(name, op_names[i]);
    const char *near = known ? NULL : str_nearest(name, op_names, ARRAY_LEN(op_names));
    if (near)
        READ_FAULT(r, "there is no operation %.*s; did you mean %s?", FAULT_WORD(name), near);
    else if (!known)
        READ_FAULT(r,
                   "there is no operation %.*s; there are start, stop, monitor, promote, demote, "
                   "notify, reload, migrate_to and migrate_from",
                   FAULT_WORD(name));
    uint32_t op = op_new(r, reading_offset(r, name));
    op_join(r, raw, op);
    return op;
}

/* ---- primitive and group --------------------------------------------------------------------- */

enum section { HEAD, PARAMS, META, OP, OPERATIONS };

static bool section_begins(const char *word, enum section *s)
{
    static const struct {
        const char *word;
        enum section section;
    } words[] = {{"params", PARAMS}, {"meta", META}, {"op", OP}, {"operations", OPERATIONS}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(word, words[i].word)) {
            *s = words[i].section;
            return true;
        }
    return false;
}

static void word_lost(struct reading *r, const char *word, enum section *s, bool group)
{
    static const char *const words[] = {"params", "meta", "op", "operations", "utilization"};
    const char *near = str_nearest(word, words, ARRAY_LEN(words));
    if (near) {
        READ_FAULT(r, "%.*s is not known here; did you mean %s?", FAULT_WORD(word), near);
        if (!str_eq(near, "op"))
            (void)section_begins(near, s);
    } else if (*s == OP) {
        READ_FAULT(r, "%.*s: an operation has name=value only, such as interval=10s",
                   FAULT_WORD(word));
    } else if (group) {
        READ_FAULT(r, "%.*s: the members of a group stand before its attributes", FAULT_WORD(word));
    } else {
        READ_FAULT(r, "%.*s: here stands name=value, or one of params, meta and op",
                   FAULT_WORD(word));
    }
}

/* description=TEXT before any section; true when word was it. */
static bool description_take(struct reading *r, char *word, const char **to)
{
    if (!str_starts(word, "description="))
        return false;
    if (*to)
        READ_FAULT(r, "description is set twice: take one out");
    *to = word + strlen("description=");
    if (strlen(*to) >= CIB_VALUE_LEN)
        READ_FAULT(r, "the description is longer than %d bytes", CIB_VALUE_LEN - 1);
    return true;
}

void parse_primitive(struct reading *r)
{
    unsigned index = r->c->n_prims;
    struct cib_prim *p = &r->c->prim[index];
    struct raw_prim *raw = &r->prim[index];
    enum section s = HEAD;
    uint32_t op = 0;
    char *word;
    p->id = reading_id(r, CIB_PRIMITIVE, index);
    if (!p->id)
        return;
    r->c->n_prims++;
    p->group = p->clone = CIB_NONE;
    p->name = p->id;
    p->node = NODE_NONE;
    p->class = p->type = "";
    if (!(word = reading_word(r)) || strchr(word, '=')) {
        READ_FAULT(r, "primitive %.*s needs an agent: primitive %.*s ocf:yoke:Dummy",
                   FAULT_WORD(p->id), FAULT_WORD(p->id));
        return;
    }
    if (!reading_later(r, word))
        agent_read(r, p, word);
    while ((word = reading_word(r)) != NULL) {
        if (section_begins(word, &s)) {
            op = s == OP ? op_begin(r, raw) : 0;
        } else if (s == OP && (str_eq(word, "op_params") || str_eq(word, "op_meta"))) {
            continue; /* both kinds are told apart by their names */
        } else if (s == HEAD && description_take(r, word, &p->description)) {
            continue;
        } else if (s == OP && op == 0 && strchr(word, '=')) {
            continue; /* of an op without a name, which was told */
        } else if (!(s == OP     ? reading_nv(r, word, &r->op[op].attrs, ATTR_OP, "op")
                     : s == META ? reading_nv(r, word, &raw->meta, ATTR_META, "meta")
                     : s == OPERATIONS
                         ? str_starts(word, "$id")
                         : reading_nv(r, word, &raw->params, ATTR_TABLES, "params"))) {
            word_lost(r, word, &s, false);
        }
    }
}

void parse_group(struct reading *r)
{
    unsigned index = r->c->n_groups;
    struct cib_group *g = &r->c->group[index];
    struct raw_group *raw = &r->group[index];
    enum section s = HEAD;
    char *word;
    g->id = reading_id(r, CIB_GROUP, index);
    if (!g->id)
        return;
    r->c->n_groups++;
    raw->member = r->at;
    while ((word = reading_word(r)) != NULL) {
        if (section_begins(word, &s)) {
            if (s == OP || s == OPERATIONS)
                READ_FAULT(r, "a group has no operations; write op with its members");
        } else if (s == HEAD && description_take(r, word, &g->description)) {
            continue;
        } else if (s == OP || s == OPERATIONS) {
            continue;
        } else if (s == META ? reading_nv(r, word, &raw->meta, ATTR_META, "meta")
                             : reading_nv(r, word, &raw->params, ATTR_TABLES, "params")) {
            if (s == HEAD)
                s = PARAMS;
        } else if (s == HEAD && !g->description) {
            if (g->n_members == CIB_PRIM_MAX) {
                READ_FAULT(r, "more than %d members in one group", CIB_PRIM_MAX);
                return;
            }
            g->n_members++;
        } else {
            word_lost(r, word, &s, true);
        }
    }
}

static void clone_read(struct reading *r, bool promotable)
{
    unsigned index = r->c->n_clones;
    struct cib_clone *k = &r->c->clone[index];
    struct raw_clone *raw = &r->clone[index];
    enum section s = HEAD;
    char *word;
    k->id = reading_id(r, CIB_CLONE, index);
    if (!k->id)
        return;
    r->c->n_clones++;
    word = reading_word(r);
    if (!word || strchr(word, '=')) {
        READ_FAULT(r, "clone %.*s needs a primitive: clone %.*s RSC", FAULT_WORD(k->id),
                   FAULT_WORD(k->id));
        return;
    }
    raw->prim = reading_offset(r, word);
    while ((word = reading_word(r)) != NULL) {
        if (section_begins(word, &s)) {
            if (s == OP || s == OPERATIONS)
                READ_FAULT(r, "a clone has no operations; write op with its primitive");
        } else if (s == HEAD && description_take(r, word, &k->description)) {
            continue;
        } else if (s == OP || s == OPERATIONS) {
            continue;
        } else if (s == HEAD && !strchr(word, '=') && !reading_later(r, word)) {
            READ_FAULT(r, "%.*s: a clone is of one primitive", FAULT_WORD(word));
        } else if (!(s == PARAMS ? reading_nv(r, word, &raw->params, ATTR_TABLES, "params")
                                 : reading_nv(r, word, &raw->meta, ATTR_META, "meta"))) {
            word_lost(r, word, &s, false);
        }
    }
    if (promotable && !reading_nv_get(r, &raw->meta, "promotable"))
        reading_nv_put(r, &raw->meta, WORD_PROMOTABLE, WORD_TRUE);
}

void parse_clone(struct reading *r)
{
    clone_read(r, false);
}

void parse_ms(struct reading *r)
{
    clone_read(r, true);
}

/* ---- monitor --------------------------------------------------------------------------------- */

void parse_monitor(struct reading *r)
{
    char *rsc = reading_word(r), *interval = reading_word(r);
    if (!rsc || !interval || reading_word(r)) {
        READ_FAULT(r, "write monitor RSC[:ROLE] INTERVAL[:TIMEOUT], such as monitor db 30s:60s");
        return;
    }
    char *role = reading_split(rsc), *timeout = reading_split(interval);
    struct raw_monitor *m = &r->monitor[r->n_monitor++];
    m->rsc = reading_offset(r, rsc);
    m->op = op_new(r, WORD_MONITOR);
    struct raw_list *attrs = &r->op[m->op].attrs;
    if (!attr_value_ok(attr_find(ATTR_OP, "interval"), interval))
        READ_FAULT(r, "%.*s is not a time such as 30s", FAULT_WORD(interval));
    reading_nv_put(r, attrs, WORD_INTERVAL, reading_offset(r, interval));
    if (timeout) {
        if (!attr_value_ok(attr_find(ATTR_OP, "timeout"), timeout))
            READ_FAULT(r, "%.*s is not a time such as 60s", FAULT_WORD(timeout));
        reading_nv_put(r, attrs, WORD_TIMEOUT, reading_offset(r, timeout));
    }
    if (role) {
        if (attr_role(role) == ROLE_UNSET)
            READ_FAULT(r, "%.*s is no role; the roles are Started, Promoted and Unpromoted",
                       FAULT_WORD(role));
        reading_nv_put(r, attrs, WORD_ROLE, reading_offset(r, role));
    }
}
