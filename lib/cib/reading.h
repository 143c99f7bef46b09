/* SPDX-License-Identifier: GPL-2.0-or-later
 * reading: what the parse_*.c files share while one text is read. Not for use outside lib/cib. */
#ifndef YOKE_CIB_READING_H
#define YOKE_CIB_READING_H

#include "lib/cib/attr.h"
#include "lib/cib/fault.h"
#include "lib/cib/lex.h"

enum {
    CIB_NV_MAX = 128,        /* attributes in one list */
    CIB_VALUE_LEN = 4096,    /* longest value, with NUL */
    CIB_OPS_MAX = 64,        /* operations of one primitive */
    CIB_SETS_MAX = 16,       /* property objects; rsc_defaults; op_defaults */
    CIB_OBJECT_MAX = 16384,  /* objects in one configuration */
    CIB_INHERITED_MIN = 4096 /* parameters that groups hand down, and one more for each 16 bytes */
};

/* Places in the tables below are counted from 1, 0 is none; texts are offsets into .text. */
struct raw_nv {
    uint32_t name, value, next, line;
};
struct raw_list {
    uint32_t first, last;
};
struct raw_op {
    uint32_t name, next;
    unsigned line;
    struct raw_list attrs;
};
struct raw_prim {
    struct raw_list params, meta;
    uint32_t first_op, last_op;
};
struct raw_group {
    struct raw_list params, meta;
    uint32_t member; /* token of the first; n_members stands in the group */
};
struct raw_clone {
    struct raw_list params, meta;
    uint32_t prim; /* its name */
};
struct raw_monitor { /* `monitor RSC INTERVAL`: joins its primitive when all are known */
    uint32_t rsc, op;
};
struct raw_level { /* its devices as texts, one behind the other */
    uint32_t devices;
    unsigned line;
};
struct raw_refs { /* names in a constraint */
    uint32_t a, b;
};

struct reading {
    struct cib *c;
    struct cib_faults *f;
    const struct cib_names *names;
    char *text;
    const struct lex_token *tok;
    uint32_t n_tok, at, end; /* tokens [at, end) of the object being read are still to be taken */
    unsigned line;           /* of the word last taken */
    char *comment;           /* all comments, a NUL behind those of one object */
    size_t comment_len, comment_begin;
    uint32_t first_nv; /* raw_nvs from here on are of the object being read */
    uint32_t n_nv, n_op, n_monitor;
    struct raw_nv *nv;
    struct raw_op *op;
    struct raw_prim *prim;
    struct raw_group *group;
    struct raw_clone *clone;
    struct raw_monitor *monitor;
    struct raw_refs *location, *colocation, *order;
    struct raw_level *level;
    struct raw_list *node, *set[3];
    struct nv *pool_nv; /* lists of the model are cut from these, which are just long enough */
    struct cib_op *pool_op;
    uint16_t *pool_member;
    size_t nv_left, op_left, member_left;
    unsigned guesses; /* "did you mean" that may still be looked for: each costs */
};

/* Words known to the text without being written in it: offsets of reading.text. */
enum {
    WORD_INTERVAL = 1,
    WORD_TIMEOUT = 10,
    WORD_ROLE = 18,
    WORD_MONITOR = 23,
    WORD_PROMOTABLE = 31,
    WORD_TRUE = 42,
    WORDS_LEN = 47
};

#define READ_FAULT(r, ...) cib_fault_add((r)->f, (r)->line, false, __VA_ARGS__)
#define READ_WARN(r, ...)  cib_fault_add((r)->f, (r)->line, true, __VA_ARGS__)

/* The next word of the object, NULL at its end. */
char *reading_word(struct reading *r);
static inline uint32_t reading_offset(const struct reading *r, const char *word)
{
    return (uint32_t)(word - r->text);
}
/* Takes the object's id and gives the object a place in c->object. NULL (told) when there is none.
 */
const char *reading_id(struct reading *r, enum cib_kind kind, unsigned index);
/* Letters, digits, - _ . and at most 63; the first a letter or _ (or a digit, for node names). */
bool reading_id_ok(const char *id, bool digit_first);
bool reading_name_ok(const char *name); /* of an attribute */
/* The comment gathered so far becomes that of an object already there; if that has one, it goes on
 * to the next object, unless it says the same. */
void reading_comment(struct reading *r, enum cib_kind kind, unsigned index);
struct cib_object *reading_object(struct reading *r, enum cib_kind kind, unsigned index,
                                  const char *id);
/* If word is name=value, or something of a later version, it is dealt with and true is returned:
 * the attribute goes to list, checked by the table (ATTR_TABLES: any name). what: "params" ... */
bool reading_nv(struct reading *r, char *word, struct raw_list *list, enum attr_table table,
                const char *what);
/* Puts an attribute into a list without any check. */
void reading_nv_put(struct reading *r, struct raw_list *list, uint32_t name, uint32_t value);
const char *reading_nv_get(const struct reading *r, const struct raw_list *list, const char *name);
/* Tells that a word of a later version stands here; true when it does. */
bool reading_later(struct reading *r, const char *word);
/* "NAME:" or "NAME:REST" is split in two: returns REST, "" for nothing; NULL without a colon. */
char *reading_split(char *word);

void parse_node(struct reading *r);
void parse_primitive(struct reading *r);
void parse_monitor(struct reading *r);
void parse_group(struct reading *r);
void parse_clone(struct reading *r);
void parse_ms(struct reading *r);
void parse_location(struct reading *r);
void parse_colocation(struct reading *r);
void parse_order(struct reading *r);
void parse_topology(struct reading *r);
void parse_property(struct reading *r);
void parse_rsc_defaults(struct reading *r);
void parse_op_defaults(struct reading *r);

/* Reads a text that must hold one object and finds what it is; faults as by cib_parse, but nothing
 * outside the object is looked at. kind is CIB_KIND_COUNT for one without an id (monitor). What is
 * found lives in the arena. */
enum err reading_head(const char *text, struct arena *arena, struct cib_object *out,
                      struct cib_faults *f) MUST_CHECK;

/* build.c: from the raw tables to the model: flattens lists, sorts ids, resolves names. */
void build_model(struct reading *r);
/* Sorts by_id anew: n_ids of them. */
void build_ids(struct cib *c);

#endif
