/* SPDX-License-Identifier: GPL-2.0-or-later
 * ini: the text of yoke.conf to a struct conf, checked and timed. All errors at once, each with
 * its line, what is wrong and what to write instead. The file itself is read by the caller.
 *
 * Happy path: conf_parse gives ERR_OK and a conf that timing_derive will take. Fails: ERR_SYNTAX,
 * at least one error stands in faults and *out must not be used. Warnings may stand there in any
 * case. */
#ifndef YOKE_CONF_INI_H
#define YOKE_CONF_INI_H

#include "lib/conf/opt.h"

enum { CONF_FAULTS_MAX = 64, CONF_FAULT_LEN = 240, CONF_TEXT_MAX = 256 * 1024 };

struct conf_fault {
    unsigned line; /* 0: of the file as a whole */
    bool warning;  /* a warning does not refuse the text */
    char text[CONF_FAULT_LEN];
};
struct conf_faults {
    struct conf_fault at[CONF_FAULTS_MAX];
    unsigned n, n_errors;    /* n_errors goes on counting past CONF_FAULTS_MAX */
    opt_translate translate; /* set by conf_parse; NULL: English */
};

/* Where each value came from: lines of the file, 0 for a default. */
enum { CONF_PLACES = 1 + NODE_MAX + CONF_LINKS_MAX };
struct conf_origin {
    unsigned section[OPT_SECTIONS];          /* first head of that kind */
    unsigned head[CONF_PLACES];              /* head of each [node], [link], [disk] */
    unsigned row[CONF_PLACES][OPT_ROWS_MAX]; /* by opt_index */
    unsigned addr[CONF_LINKS_MAX][NODE_MAX]; /* per-node keys */
};
/* Index into head and row for a section and the index of its node or link. */
static inline unsigned conf_place(enum opt_section section, unsigned index)
{
    return section == OPT_NODE ? 1 + index : opt_is_link(section) ? 1 + NODE_MAX + index : 0;
}

enum err conf_parse(const char *text, struct conf *out, struct conf_faults *faults) MUST_CHECK;
/* The same, with where each value came from (origin may be NULL) and sentences in the reader's
 * language (translate may be NULL). */
enum err conf_parse_origin(const char *text, struct conf *out, struct conf_origin *origin,
                           opt_translate translate, struct conf_faults *faults) MUST_CHECK;
/* One more fault; format is translated before use. For ini and audit. */
void conf_fault_add(struct conf_faults *f, unsigned line, bool warning, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
