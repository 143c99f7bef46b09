/* SPDX-License-Identifier: GPL-2.0-or-later
 * parse_cons: constraints.
 *   location ID RSC [role=ROLE] [resource-discovery=WHEN] SCORE: NODE
 *   colocation ID SCORE: RSC[:ROLE] WITH[:ROLE]
 *   order ID [KIND:] FIRST[:ACTION] THEN[:ACTION] [symmetrical=BOOL]
 * Names of resources are kept as texts and resolved by build.c when all are known. */
#include <assert.h>
#include <string.h>
#include "lib/cib/reading.h"

/* The value of an attribute of that name in word; NULL when it is another word. */
static const char *value_of(const char *word, const char *name)
{
    size_t len = strlen(name);
    return str_starts(word, name) && word[len] == '=' ? word + len + 1 : NULL;
}

static void word_unknown(struct reading *r, const char *word, const char *const *names, size_t n)
{
    char name[CIB_ID_LEN];
    size_t len = strcspn(word, "=");
    (void)str_copy(name, len < sizeof(name) ? len + 1 : sizeof(name), word);
    const char *near = str_nearest(name, names, n);
    if (near)
        READ_FAULT(r, "%.*s is not known here; did you mean %s?", FAULT_WORD(word), near);
    else
        READ_FAULT(r, "%.*s does not belong here", FAULT_WORD(word));
}

static enum target_role role_read(struct reading *r, const char *text)
{
    enum target_role role = attr_role(text);
    if (role == ROLE_UNSET || role == ROLE_STOPPED)
        READ_FAULT(r, "%.*s is no role to be placed by; write Started, Promoted or Unpromoted",
                   FAULT_WORD(text));
    return role;
}

/* SCORE of "SCORE:"; the word is known to hold a colon. */
static int32_t score_read(struct reading *r, const char *text)
{
    int32_t score = 0;
    if (!attr_is_score(text, &score))
        READ_FAULT(r, "%.*s is no score; write a whole number, inf or -inf, and a colon",
                   FAULT_WORD(text));
    return score;
}

/* ---- location -------------------------------------------------------------------------------- */

static void discovery_read(struct reading *r, struct cib_location *l, const char *value)
{
    static const char *const words[] = {"always", "never", "exclusive"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_fold(value, words[i])) {
            l->discovery = (uint8_t)i;
            return;
        }
    READ_FAULT(r, "resource-discovery=%.*s cannot be; allowed: always, never or exclusive",
               FAULT_WORD(value));
}

static void location_word(struct reading *r, struct cib_location *l, char *word)
{
    static const char *const names[] = {"role", "resource-discovery"};
    const char *role = value_of(word, "role"), *discovery = value_of(word, "resource-discovery");
    if (role) {
        l->role = role_read(r, role);
    } else if (discovery) {
        discovery_read(r, l, discovery);
    } else if (strchr(word, '=') || !strchr(word, ':')) {
        int32_t score;
        if (attr_is_score(word, &score))
            READ_FAULT(r, "%s: a score ends with a colon; write %s: NODE", word, word);
        else if (!reading_later(r, word))
            word_unknown(r, word, names, ARRAY_LEN(names));
    } else if (l->node) {
        READ_FAULT(r, "%.*s: one location has one score and one node", FAULT_WORD(word));
    } else {
        char *node = reading_split(word);
        l->score = score_read(r, word);
        if (!*node)
            node = reading_word(r);
        l->node = node ? node : "";
        if (!node)
            READ_FAULT(r, "the node is missing: write location ID RSC SCORE: NODE");
        else if (!reading_id_ok(node, true))
            READ_FAULT(r, "%.*s cannot be the name of a node", FAULT_WORD(node));
    }
}

void parse_location(struct reading *r)
{
    unsigned index = r->c->n_locations;
    struct cib_location *l = &r->c->location[index];
    unsigned before = r->f->n_errors;
    char *word;
    l->id = reading_id(r, CIB_LOCATION, index);
    if (!l->id)
        return;
    r->c->n_locations++;
    l->node_index = NODE_NONE;
    char *rsc = reading_word(r);
    if (!rsc || strchr(rsc, '=')) {
        READ_FAULT(r, "location %.*s needs a resource: location ID RSC SCORE: NODE",
                   FAULT_WORD(l->id));
        return;
    }
    if (*rsc == '/')
        READ_FAULT(r, "a resource pattern (/.../) is not in this version of yoke");
    else if (!reading_later(r, rsc))
        r->location[index].a = reading_offset(r, rsc);
    while ((word = reading_word(r)) != NULL && r->f->n_errors == before)
        location_word(r, l, word);
    if (!l->node && r->f->n_errors == before)
        READ_FAULT(r, "location %.*s needs a score and a node: location ID RSC SCORE: NODE",
                   FAULT_WORD(l->id));
}

/* ---- colocation ------------------------------------------------------------------------------ */

/* More than two resources, in brackets or not, are sets. True when told. */
static bool sets_later(struct reading *r, const char *word)
{
    if (word && strchr(word, '='))
        return false;
    if (word)
        READ_FAULT(r, "more than two resources (a resource set) are not in this version of yoke; "
                      "write one line for each two");
    return word != NULL;
}

static uint32_t rsc_read(struct reading *r, char *word, enum target_role *role)
{
    char *rest = reading_split(word);
    if (rest)
        *role = role_read(r, rest);
    return reading_offset(r, word);
}

static bool is_bracket(const char *word)
{
    return strspn(word, "{}()[]") > 0;
}

void parse_colocation(struct reading *r)
{
    static const char *const names[] = {"node-attribute"};
    unsigned index = r->c->n_colocations;
    struct cib_colocation *l = &r->c->colocation[index];
    char *word;
    l->id = reading_id(r, CIB_COLOCATION, index);
    if (!l->id)
        return;
    r->c->n_colocations++;
    char *score = reading_word(r), *rest = score ? reading_split(score) : NULL;
    if (!rest) {
        READ_FAULT(r, "colocation %.*s needs a score: colocation ID inf: RSC WITH",
                   FAULT_WORD(l->id));
        return;
    }
    l->score = score_read(r, score);
    char *rsc = *rest ? rest : reading_word(r), *with = reading_word(r);
    if ((rsc && is_bracket(rsc)) || (with && is_bracket(with))) {
        READ_FAULT(r, "a resource set is not in this version of yoke; write one line for each two");
        return;
    }
    if (!rsc || !with || strchr(rsc, '=') || strchr(with, '=')) {
        READ_FAULT(r, "colocation %.*s needs two resources: colocation ID %s: RSC WITH",
                   FAULT_WORD(l->id), l->score < 0 ? "-inf" : "inf");
        return;
    }
    r->colocation[index].a = rsc_read(r, rsc, &l->rsc_role);
    r->colocation[index].b = rsc_read(r, with, &l->with_role);
    while ((word = reading_word(r)) != NULL) {
        const char *attribute = value_of(word, "node-attribute");
        if (sets_later(r, word)) {
            r->colocation[index] = (struct raw_refs){0};
            return;
        }
        if (attribute && !str_eq(attribute, "#uname"))
            READ_FAULT(r, "node-attribute= is not in this version of yoke");
        else if (!attribute)
            word_unknown(r, word, names, ARRAY_LEN(names));
    }
}

/* ---- order ----------------------------------------------------------------------------------- */

/* KIND of "KIND:", also by the old scores: 0 is Optional, more is Mandatory. */
static enum order_kind kind_read(struct reading *r, const char *text)
{
    static const char *const words[] = {[ORDER_MANDATORY] = "Mandatory",
                                        [ORDER_OPTIONAL] = "Optional",
                                        [ORDER_SERIALIZE] = "Serialize"};
    int32_t score;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_fold(text, words[i]))
            return (enum order_kind)i;
    if (attr_is_score(text, &score) && score >= 0)
        return score == 0 ? ORDER_OPTIONAL : ORDER_MANDATORY;
    const char *near = str_nearest(text, words, ARRAY_LEN(words));
    if (near)
        READ_FAULT(r, "%.*s is no kind of order; did you mean %s?", FAULT_WORD(text), near);
    else
        READ_FAULT(r, "%.*s is no kind of order; the kinds are Mandatory, Optional and Serialize",
                   FAULT_WORD(text));
    return ORDER_MANDATORY;
}

/* RSC[:ACTION]; true when an action is written. */
static bool step_read(struct reading *r, char *word, uint32_t *rsc, enum cib_action *action)
{
    static const char *const words[] = {[ACTION_START] = "start",
                                        [ACTION_STOP] = "stop",
                                        [ACTION_PROMOTE] = "promote",
                                        [ACTION_DEMOTE] = "demote"};
    char *rest = reading_split(word);
    *rsc = reading_offset(r, word);
    if (!rest)
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_fold(rest, words[i])) {
            *action = (enum cib_action)i;
            return true;
        }
    const char *near = str_nearest(rest, words, ARRAY_LEN(words));
    if (near)
        READ_FAULT(r, "%.*s: there is no such action; did you mean %s?", FAULT_WORD(rest), near);
    else
        READ_FAULT(r, "%.*s: there is no such action; there are start, stop, promote and demote",
                   FAULT_WORD(rest));
    return true;
}

static void order_word(struct reading *r, struct cib_order *o, char *word)
{
    static const char *const names[] = {"symmetrical"};
    const char *value = value_of(word, "symmetrical");
    if (!value) {
        word_unknown(r, word, names, ARRAY_LEN(names));
    } else if (attr_bool(value, true) != attr_bool(value, false)) {
        READ_FAULT(r, "symmetrical=%.*s cannot be; allowed: true or false", FAULT_WORD(value));
    } else {
        o->symmetrical = attr_bool(value, true);
        if (o->symmetrical && o->kind == ORDER_SERIALIZE)
            READ_FAULT(r, "an order that is Serialize is never symmetrical; take symmetrical out");
    }
}

void parse_order(struct reading *r)
{
    unsigned index = r->c->n_orders;
    struct cib_order *o = &r->c->order[index];
    char *word, *colon;
    o->id = reading_id(r, CIB_ORDER, index);
    if (!o->id)
        return;
    r->c->n_orders++;
    char *first = reading_word(r);
    if (first && (colon = strchr(first, ':')) != NULL && colon[1] == '\0') {
        *colon = '\0';
        o->kind = kind_read(r, first);
        first = reading_word(r);
    }
    char *then = reading_word(r);
    if ((first && is_bracket(first)) || (then && is_bracket(then))) {
        READ_FAULT(r, "a resource set is not in this version of yoke; write one line for each two");
        return;
    }
    if (!first || !then || strchr(first, '=') || strchr(then, '=')) {
        READ_FAULT(r, "order %.*s needs two resources: order ID [Mandatory:] FIRST THEN",
                   FAULT_WORD(o->id));
        return;
    }
    (void)step_read(r, first, &r->order[index].a, &o->first_action);
    if (!step_read(r, then, &r->order[index].b, &o->then_action))
        o->then_action = o->first_action;
    o->symmetrical = o->kind != ORDER_SERIALIZE;
    while ((word = reading_word(r)) != NULL) {
        if (sets_later(r, word)) {
            r->order[index] = (struct raw_refs){0};
            return;
        }
        order_word(r, o, word);
    }
}
