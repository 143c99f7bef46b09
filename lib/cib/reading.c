/* SPDX-License-Identifier: GPL-2.0-or-later
 * reading: what every kind of object is made of: words, ids, lists of attributes. Each function
 * takes words off the object being read and tells faults itself; it never leaves the object. */
#include "lib/cib/reading.h"

#include <assert.h>
#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789-.";
enum { LETTERS_FIRST = 53 }; /* letters and _: what an id may begin with */

char *reading_word(struct reading *r)
{
    while (r->at < r->end) {
        const struct lex_token *t = &r->tok[r->at++];
        if (t->kind == LEX_COMMENT)
            continue;
        r->line = t->line;
        return r->text + t->at;
    }
    return NULL;
}

char *reading_split(char *word)
{
    char *colon = strchr(word, ':');
    if (!colon)
        return NULL;
    *colon = '\0';
    return colon + 1;
}

bool reading_id_ok(const char *id, bool digit_first)
{
    size_t len = strlen(id);
    return len > 0 && len < CIB_ID_LEN && strspn(id, letters) == len &&
           memchr(letters, *id, digit_first ? sizeof(letters) - 3 : LETTERS_FIRST);
}

const char *reading_id(struct reading *r, enum cib_kind kind, unsigned index)
{
    static const char *const taken[] = {"params",      "meta",       "op",
                                        "utilization", "operations", "attributes",
                                        "rule",        "op_params",  "op_meta"};
    static const char *const words[] = {
        [CIB_PRIMITIVE] = "primitive",   [CIB_GROUP] = "group", [CIB_LOCATION] = "location",
        [CIB_COLOCATION] = "colocation", [CIB_ORDER] = "order", [CIB_NODE] = "node",
        [CIB_PROPERTY] = "property",     [CIB_CLONE] = "clone", [CIB_KIND_COUNT] = "object",
    };
    char *id = reading_word(r);
    assert(kind < ARRAY_LEN(words) && words[kind]);
    if (!id) {
        READ_FAULT(r, "%s without an id: write %s ID ...", words[kind], words[kind]);
        return NULL;
    }
    bool is_taken = false;
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        is_taken |= str_eq(id, taken[i]);
    if (strchr(id, '=')) {
        READ_FAULT(r, "%s needs an id before %.*s", words[kind], FAULT_WORD(id));
        return NULL;
    }
    if (is_taken)
        READ_FAULT(r, "%s cannot be an id, it means something else in this language", id);
    else if (!reading_id_ok(id, false))
        READ_FAULT(r,
                   "%.*s cannot be an id: it begins with a letter, has letters, digits, - _ and . "
                   "only, and at most %d of them",
                   FAULT_WORD(id), CIB_ID_LEN - 1);
    reading_object(r, kind, index, id);
    return id;
}

bool reading_later(struct reading *r, const char *word)
{
    size_t len = strlen(word);
    const char *what = NULL;
    char text[CIB_ID_LEN];
    int32_t score;
    if (str_eq(word, "rule"))
        what = N_("a rule");
    else if (str_starts(word, "$id-ref"))
        what = N_("a list of attributes used twice ($id-ref)");
    else if (*word == '@')
        what = N_("a reference to a template or an attribute (@)");
    else if (*word == '$')
        what = N_("a named attribute ($)");
    else if (len == 1 && strchr("{}()[]", *word))
        what = N_("a resource set");
    else if (str_eq(word, "utilization"))
        what = "utilization";
    if (!what && len > 1 && len < sizeof(text) && word[len - 1] == ':') {
        (void)str_copy(text, len, word);
        if (attr_is_score(text, &score))
            what = N_("a score before a list of attributes");
    }
    if (what)
        READ_FAULT(r, "%s is not in this version of yoke", cib_fault_words(r->f, what));
    if (str_eq(word, "rule")) /* what follows is its expression */
        r->at = r->end;
    return what != NULL;
}

/* ---- lists of attributes --------------------------------------------------------------------- */

void reading_nv_put(struct reading *r, struct raw_list *list, uint32_t name, uint32_t value)
{
    uint32_t i = ++r->n_nv;
    r->nv[i] = (struct raw_nv){.name = name, .value = value, .line = r->line};
    if (list->last)
        r->nv[list->last].next = i;
    else
        list->first = i;
    list->last = i;
}

const char *reading_nv_get(const struct reading *r, const struct raw_list *list, const char *name)
{
    for (uint32_t i = list->first; i; i = r->nv[i].next)
        if (str_eq(r->text + r->nv[i].name, name))
            return r->text + r->nv[i].value;
    return NULL;
}

static bool name_unknown(struct reading *r, const char *name, enum attr_table table,
                         const char *what)
{
    const char *near = r->guesses ? attr_nearest(table, name) : NULL;
    bool open = table == ATTR_OP || table == ATTR_NODE;
    if (open && !near)
        return false;
    if (r->guesses)
        r->guesses--;
    if (near && table == ATTR_NODE)
        READ_WARN(r, "%.*s is an attribute of your own; or did you mean %s?", FAULT_WORD(name),
                  near);
    else if (near)
        READ_FAULT(r, "%.*s is not known in %s; did you mean %s?", FAULT_WORD(name), what, near);
    else
        READ_FAULT(r, "%.*s is not known in %s", FAULT_WORD(name), what);
    return !open || table == ATTR_OP;
}

/* A plain number is seconds: who writes 20000 probably thinks of milliseconds. */
static void value_doubtful(struct reading *r, const struct attr *a, const char *name,
                           const char *value)
{
    enum { LONG_MS = 7200000 };
    bool plain = strspn(value, "0123456789") == strlen(value);
    if (a->type == ATTR_TIMEOUT && plain && attr_ms(value, 0) >= LONG_MS)
        READ_WARN(r, "%s=%s means %s seconds; write %sms if milliseconds are meant", name, value,
                  value, value);
}

/* Says what is wrong with name=value; false when nothing is, or nothing that matters here. */
static bool nv_wrong(struct reading *r, const char *name, const char *value, enum attr_table table,
                     const char *what)
{
    char list[160];
    struct str s;
    const struct attr *a = table < ATTR_TABLES ? attr_find(table, name) : NULL;
    if (!a)
        return table < ATTR_TABLES && name_unknown(r, name, table, what);
    if (a->use == ATTR_LATER) {
        READ_FAULT(r, "%s is not in this version of yoke", name);
        return true;
    }
    if (a->use == ATTR_MOVED) {
        READ_FAULT(r, "%s does not stand in %s; write %s", name, what, a->other);
        return true;
    }
    if (!attr_value_ok(a, value)) {
        str_init(&s, list, sizeof(list));
        attr_allowed(a, r->f, &s);
        READ_FAULT(r, "%s=%.*s cannot be; allowed: %s", name, FAULT_WORD(value), list);
        return true;
    }
    if (a->use == ATTR_IDLE)
        READ_WARN(r, "%s has no effect in this version of yoke", name);
    value_doubtful(r, a, name, value);
    return false;
}

/* The attribute of that name (or its other spelling) in the list, 0 if none. *n: length of list. */
static uint32_t nv_find(const struct reading *r, const struct raw_list *list, const char *name,
                        enum attr_table table, unsigned *n)
{
    *n = 0;
    for (uint32_t i = list->first; i; i = r->nv[i].next, ++*n) {
        const char *other = r->text + r->nv[i].name;
        if (table < ATTR_TABLES ? attr_same(table, name, other) : str_eq(name, other))
            return i;
    }
    return 0;
}

bool reading_name_ok(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len < CIB_ID_LEN * 2 && strcspn(name, " \t\"'\\$@{}()[]") == len;
}

bool reading_nv(struct reading *r, char *word, struct raw_list *list, enum attr_table table,
                const char *what)
{
    unsigned n;
    if (str_starts(word, "$id=") || reading_later(r, word))
        return true;
    char *value = strchr(word, '=');
    if (!value)
        return false;
    *value++ = '\0';
    if (!reading_name_ok(word)) {
        READ_FAULT(r, "%.*s=: this cannot be the name of an attribute", FAULT_WORD(word));
        return true;
    }
    if (strlen(value) >= CIB_VALUE_LEN) {
        READ_FAULT(r, "the value of %s is longer than %d bytes", word, CIB_VALUE_LEN - 1);
        return true;
    }
    if (nv_wrong(r, word, value, table, what))
        return true;
    uint32_t at = nv_find(r, list, word, table, &n);
    if (at && at < r->first_nv) { /* of an earlier object of the same id: this one is newer */
        r->nv[at].name = reading_offset(r, word);
        r->nv[at].value = reading_offset(r, value);
        r->nv[at].line = r->line;
    } else if (at) {
        READ_FAULT(r, "%s is set twice, first in line %u: take one out", word, r->nv[at].line);
    } else if (n >= CIB_NV_MAX) {
        READ_FAULT(r, "more than %d attributes in one list", CIB_NV_MAX);
    } else {
        reading_nv_put(r, list, reading_offset(r, word), reading_offset(r, value));
    }
    return true;
}
