/* SPDX-License-Identifier: GPL-2.0-or-later
 * opt: the one table of yoke.conf's options. Parser, defaults, bounds, `yoke config show`, "did you
 * mean" and the manual page's list all come from it; nothing about an option stands anywhere else.
 *
 * Happy path: opt_find names a row, opt_field the place of its value in a struct conf, opt_set
 * reads a text into it, opt_get writes it back. Fails: a text that the row does not allow
 * (opt_set). */
#ifndef YOKE_CONF_OPT_H
#define YOKE_CONF_OPT_H

#include <stddef.h>
#include "lib/conf/conf.h"
#include "lib/base/str.h"

/* NULL, or gettext: texts marked with N_() go through it. */
typedef const char *(*opt_translate)(const char *);

enum { OPT_KEY_LEN = 32, OPT_ROWS_MAX = 48, OPT_KEYS_MAX = 64 };

enum opt_section {
    OPT_CLUSTER,
    OPT_NODE,
    OPT_LINK,
    OPT_DISK,
    OPT_GUARD,
    OPT_WATCHDOG,
    OPT_SECURITY,
    OPT_DAEMON,
    OPT_SECTIONS
};

struct opt_kind {     /* of a section */
    const char *word; /* "cluster" */
    bool named;       /* [node NAME] */
    const char *text; /* for the manual page */
};

enum opt_type {
    OPT_NAME,   /* char[CONF_NAME_LEN]: letters digits - _ . */
    OPT_PATH,   /* char[]: absolute, or "" by the row's word for 0 */
    OPT_DIRS,   /* char[CONF_PATH_LEN]: absolute paths, colon separated, repeated ones dropped */
    OPT_ADDR,   /* char[CONF_ADDR_LEN]: IP address or device path; which of them, audit knows */
    OPT_MS,     /* uint32_t: duration */
    OPT_NUMBER, /* unsigned of 1, 2 or 4 bytes: within min..max and, if there are words, one of them
                 */
    OPT_WORD,   /* unsigned or int of 1 or 4 bytes: place among the words */
    OPT_BITS,   /* uint8_t: a comma separated list, bit per place among the words; "none" is 0.
                   A longer field keeps the order too: 1 + place of each, ended by 0 */
    OPT_BOOL
};

struct opt {
    enum opt_section section;
    const char *key;
    const char *old; /* name that it has elsewhere or once had: taken with a warning; NULL */
    enum opt_type type;
    const char *const *words; /* ended by NULL */
    const char *const *later; /* words that this version knows but cannot do yet; ended by NULL */
    uint64_t min, max;        /* in the unit of the field */
    const char *value;        /* default as text; NULL: must be given */
    const char *zero;         /* word for 0, "derived": outside of min..max; NULL: none */
    const char *unit;         /* "ms", "bit/s" or "" */
    uint16_t offset, size; /* in struct conf, or in conf_node, conf_link; size 0: nothing to keep */
    uint8_t links;         /* bit per enum link_type that it is for; 0: not for [link] only */
    bool per_node;         /* its key is the name of a node, one value a node */
    const char *brief;     /* a few words */
    const char *text;      /* one sentence */
};

/* Row i, NULL past the last. */
const struct opt *opt_at(unsigned i);
unsigned opt_index(const struct opt *o);
/* By key, then by old name (*by_old may be NULL). NULL when there is none in that section. */
const struct opt *opt_find(enum opt_section section, const char *key, bool *by_old);
/* The row of that key in any other section, NULL if none: for "belongs in". */
const struct opt *opt_elsewhere(enum opt_section section, const char *key);
/* The row for a node's end of a link, or of a disk. */
const struct opt *opt_per_node(enum opt_section section);
const struct opt_kind *opt_kind(enum opt_section section);
/* OPT_SECTIONS when there is no such section. */
enum opt_section opt_section_find(const char *word);
/* Its sections are links: [link] and [disk] share one array. */
static inline bool opt_is_link(enum opt_section section)
{
    return section == OPT_LINK || section == OPT_DISK;
}
/* Place of a row's value: index is that of the [node] or [link], node that of a per-node key.
 * NULL when the row keeps nothing. */
void *opt_field(const struct opt *o, struct conf *c, unsigned index, unsigned node);
const void *opt_field_of(const struct opt *o, const struct conf *c, unsigned index, unsigned node);

/* Reads value into field (NULL: only checks). ERR_SYNTAX, ERR_RANGE, ERR_UNKNOWN (word),
 * ERR_REFUSED (a word of opt.later). */
enum err opt_set(const struct opt *o, const char *value, void *field) MUST_CHECK;
/* The value as a text that opt_set reads back to the same. field NULL: the default. */
void opt_get(const struct opt *o, const void *field, struct str *out);
/* What may be written: "10ms to 1min, or derived"; "one of udp, tcp, serial". */
void opt_allowed(const struct opt *o, opt_translate translate, struct str *out);
/* Sets every row of a section to its default. index as in opt_field. */
void opt_defaults(enum opt_section section, struct conf *c, unsigned index);
/* A duration as the user would write it: 1500ms, 10s, 2min. */
void opt_ms(uint64_t ms, struct str *out);
/* Which places a section's instances have: the nodes, the links of [link], those of [disk]; one for
 * a section without names. *first to *end - 1. */
void opt_instances(enum opt_section section, const struct conf *c, unsigned *first, unsigned *end);
/* The NAME of [node NAME], [link NAME], [disk NAME]. */
const char *opt_instance_name(enum opt_section section, const struct conf *c, unsigned index);
/* A name that may be used for clusters, nodes and links. */
bool opt_name_ok(const char *name);

#endif
