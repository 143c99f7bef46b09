/* SPDX-License-Identifier: GPL-2.0-or-later
 * attr: the names that attributes, options and properties can have, and what their values can be.
 */
#ifndef YOKE_CIB_ATTR_H
#define YOKE_CIB_ATTR_H

#include "lib/base/str.h"
#include "lib/cib/model.h"
#include "lib/cib/parse.h"

enum attr_table {
    ATTR_META,
    ATTR_OP,
    ATTR_NODE,
    ATTR_PROPERTY,
    ATTR_OP_DEFAULT,
    ATTR_DEVICE,
    ATTR_TABLES
};

enum attr_type {
    ATTR_TEXT,
    ATTR_BOOL,
    ATTR_SCORE,
    ATTR_COUNT,     /* 0 .. 65535 */
    ATTR_THRESHOLD, /* 0 .. INFINITY */
    ATTR_MS,        /* a time, 0 allowed */
    ATTR_TIMEOUT,   /* a time of 1 ms or more */
    ATTR_WORDS      /* one of .words */
};
enum attr_use {
    ATTR_USED,
    ATTR_QUIET, /* written by other tools; taken, of no effect */
    ATTR_IDLE,  /* taken with a warning that it has no effect */
    ATTR_LATER, /* refused: of a later version */
    ATTR_MOVED  /* refused: .other says what to write instead */
};
struct attr {
    const char *name, *other; /* other: second spelling, or what to write instead */
    enum attr_type type;
    enum attr_use use;
    const char *const *words; /* ends with NULL */
};

enum { ATTR_MS_MAX = 0x7fffffff }; /* 24 days */

/* NULL when there is none of that name. */
const struct attr *attr_find(enum attr_table table, const char *name);
/* The nearest name; NULL when none is near. */
const char *attr_nearest(enum attr_table table, const char *name);
/* Are these two spellings of one name? */
bool attr_same(enum attr_table table, const char *a, const char *b);
bool attr_value_ok(const struct attr *a, const char *value);
/* What values it can have, in the words of the faults' language. */
void attr_allowed(const struct attr *a, const struct cib_faults *f, struct str *out);

/* Values of checked attributes; the fallback when the value is NULL or not such a one. */
bool attr_bool(const char *value, bool fallback);
int32_t attr_score(const char *value, int32_t fallback);
uint32_t attr_ms(const char *value, uint32_t fallback);
uint16_t attr_count(const char *value, uint16_t fallback);
enum on_fail attr_on_fail(const char *value);
enum target_role attr_role(const char *value); /* ROLE_UNSET when it is none */
/* A score as text: inf, -inf, a number, and the old words mandatory and advisory. */
bool attr_is_score(const char *text, int32_t *out);

#endif
