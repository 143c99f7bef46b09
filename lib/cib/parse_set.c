/* SPDX-License-Identifier: GPL-2.0-or-later
 * parse_set: nodes and sets of options.
 *   node [ID:] NAME[:member] [description=TEXT] [attributes NAME=VALUE ...]
 *   property [SET:] NAME=VALUE ...          also rsc_defaults and op_defaults
 * Several objects with one set id are one set; what is written later holds. One without an id joins
 * the first set that is there. */
#include <assert.h>
#include <string.h>
#include "lib/cib/reading.h"

static void node_type(struct reading *r, const char *type)
{
    if (str_eq(type, "remote") || str_eq(type, "ping"))
        READ_FAULT(r, "a %s node is not in this version of yoke", type);
    else if (!str_eq(type, "member") && !str_eq(type, "normal"))
        READ_FAULT(r, "%.*s is no type of node; the type is member, or nothing", FAULT_WORD(type));
}

/* The name, behind the number that crm shows in front of it; NULL (told) when there is none. */
static char *node_name(struct reading *r)
{
    char *name = reading_word(r);
    while (name && (str_starts(name, "$id=") ||
                    (name[strspn(name, "0123456789")] == ':' && strlen(strchr(name, ':')) == 1)))
        name = reading_word(r);
    char *type = name ? reading_split(name) : NULL;
    if (!name || strchr(name, '=')) {
        READ_FAULT(r, "node needs the name of a node: node db1 attributes standby=on");
        return NULL;
    }
    if (type)
        node_type(r, type);
    if (!reading_id_ok(name, true))
        READ_FAULT(r, "%.*s cannot be the name of a node: it has letters, digits, - _ and . only",
                   FAULT_WORD(name));
    return name;
}

void parse_node(struct reading *r)
{
    static const char description[] = "description=";
    unsigned index = r->c->n_nodes;
    struct cib_node *n = &r->c->node[index];
    bool inside = false;
    char *word, *name = node_name(r);
    if (!name)
        return;
    n->name = name;
    n->node_index = NODE_NONE;
    r->c->n_nodes++;
    (void)reading_object(r, CIB_NODE, index, name);
    while ((word = reading_word(r)) != NULL) {
        if (str_eq(word, "attributes")) {
            inside = true;
        } else if (!inside && str_starts(word, description)) {
            n->description = word + strlen(description);
            if (strlen(n->description) >= CIB_VALUE_LEN)
                READ_FAULT(r, "the description is longer than %d bytes", CIB_VALUE_LEN - 1);
        } else if (!reading_nv(r, word, &r->node[index], ATTR_NODE, "node")) {
            READ_FAULT(r, "%.*s: behind the name of a node stands attributes NAME=VALUE",
                       FAULT_WORD(word));
        }
    }
}

/* ---- property, rsc_defaults, op_defaults ----------------------------------------------------- */

struct set_kind {
    enum cib_kind kind;
    const char *word, *id;
    enum attr_table table;
};
static const struct set_kind set_kinds[] = {
    {CIB_PROPERTY, "property", CIB_SET_PROPERTY, ATTR_PROPERTY},
    {CIB_RSC_DEFAULTS, "rsc_defaults", CIB_SET_RSC_DEFAULTS, ATTR_META},
    {CIB_OP_DEFAULTS, "op_defaults", CIB_SET_OP_DEFAULTS, ATTR_OP_DEFAULT},
};

/* The set of that id: its number, a new one if there is none; CIB_SETS_MAX (told) when full. */
static unsigned set_find(struct reading *r, const struct set_kind *k, const char *id)
{
    unsigned which = k->kind - CIB_PROPERTY, n = r->c->n_sets[which];
    for (unsigned i = 0; i < n; i++)
        if (str_eq(r->c->set[which][i].id, id)) {
            reading_comment(r, k->kind, i);
            return i;
        }
    if (n == CIB_SETS_MAX) {
        READ_FAULT(r, "more than %d sets of %s", CIB_SETS_MAX, k->word);
        return n;
    }
    if (!reading_id_ok(id, false))
        READ_FAULT(r, "%.*s cannot be the id of a set", FAULT_WORD(id));
    r->c->set[which][n].id = id;
    r->c->n_sets[which]++;
    (void)reading_object(r, k->kind, n, id);
    return n;
}

/* One name in two sets: which would hold? */
static void set_twice(struct reading *r, const struct set_kind *k, unsigned own)
{
    unsigned which = k->kind - CIB_PROPERTY;
    if (r->f->n_errors > CIB_FAULTS_MAX) /* nobody would see it, and it costs */
        return;
    for (uint32_t i = r->set[which][own].first; i; i = r->nv[i].next)
        for (unsigned s = 0; i >= r->first_nv && s < r->c->n_sets[which]; s++)
            for (uint32_t j = r->set[which][s].first; s != own && j; j = r->nv[j].next) {
                const char *name = r->text + r->nv[i].name;
                if (attr_same(k->table, name, r->text + r->nv[j].name))
                    READ_FAULT(r, "%s is set in %s as well, in line %u: take one out", name,
                               r->c->set[which][s].id, r->nv[j].line);
            }
}

static void set_read(struct reading *r, const struct set_kind *k)
{
    unsigned which = k->kind - CIB_PROPERTY;
    const char *id = r->c->n_sets[which] > 0 ? r->c->set[which][0].id : k->id;
    char *word = reading_word(r);
    size_t len = word ? strlen(word) : 0;
    if (len > 1 && word[len - 1] == ':' && !strchr(word, '=')) {
        word[len - 1] = '\0';
        id = word;
        word = reading_word(r);
    } else if (word && str_starts(word, "$id=")) {
        id = word + strlen("$id=");
        word = reading_word(r);
    }
    if (!word) {
        READ_FAULT(r, "%s needs at least one NAME=VALUE", k->word);
        return;
    }
    unsigned own = set_find(r, k, id);
    if (own == CIB_SETS_MAX)
        return;
    for (; word; word = reading_word(r))
        if (!reading_nv(r, word, &r->set[which][own], k->table, k->word))
            READ_FAULT(r, "%.*s: in %s stands NAME=VALUE only", FAULT_WORD(word), k->word);
    set_twice(r, k, own);
}

void parse_property(struct reading *r)
{
    set_read(r, &set_kinds[0]);
}

void parse_rsc_defaults(struct reading *r)
{
    set_read(r, &set_kinds[1]);
}

void parse_op_defaults(struct reading *r)
{
    set_read(r, &set_kinds[2]);
}
