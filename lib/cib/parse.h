/* SPDX-License-Identifier: GPL-2.0-or-later
 * parse: the crm language to a struct cib, and its checks. All errors at once, each with its line,
 * what is wrong and what to write instead ("did you mean"). */
#ifndef YOKE_CIB_PARSE_H
#define YOKE_CIB_PARSE_H

#include "lib/cib/model.h"
#include "lib/base/str.h"

enum { CIB_FAULTS_MAX = 64, CIB_FAULT_LEN = 240 };

struct cib_fault {
    unsigned line;
    bool warning; /* a warning does not refuse the text */
    char text[CIB_FAULT_LEN];
};
struct cib_faults {
    struct cib_fault at[CIB_FAULTS_MAX];
    unsigned n, n_errors;                   /* n_errors goes on counting past CIB_FAULTS_MAX */
    const char *(*translate)(const char *); /* set by cib_parse and cib_edit; NULL: English */
};

/* Names of the cluster's nodes, by node index; entries may be NULL. And the language in which
 * faults are told: gettext, or NULL for English. */
struct cib_names {
    const char *node[NODE_MAX];
    const char *(*translate)(const char *);
};

/* Parses and checks text. On ERR_OK *out is complete and lives in arena (text itself need not
 * stay). On ERR_SYNTAX at least one error stands in faults; on ERR_FULL the arena or a limit was
 * too small (said in faults too). Warnings may stand in faults in any case. faults is reset first.
 */
enum err cib_parse(const char *text, const struct cib_names *names, struct arena *arena,
                   struct cib **out, struct cib_faults *faults) MUST_CHECK;

/* Bytes of arena that are always enough for a text of that length (without its NUL). */
size_t cib_arena_need(size_t text_len);

#endif
