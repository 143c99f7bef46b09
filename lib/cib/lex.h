/* SPDX-License-Identifier: GPL-2.0-or-later
 * lex: crm text to words. Quotes are taken off, ` \` at the end of a line joins the next one, a
 * line that begins with # is a comment. */
#ifndef YOKE_CIB_LEX_H
#define YOKE_CIB_LEX_H

#include "lib/cib/parse.h"

enum lex_kind {
    LEX_FIRST, /* the word that begins an object */
    LEX_WORD,
    LEX_COMMENT /* a whole line, with its # */
};
struct lex_token {
    uint32_t at; /* offset of a NUL-terminated text */
    uint32_t line : 29, kind : 3;
};

/* No text has more tokens than this. */
size_t lex_bound(const char *text);
/* Cuts text in place; tok has room for lex_bound(text). Returns the number of tokens. Bytes that
 * cannot be in a configuration, and quotes left open, are faults. */
size_t lex_run(char *text, struct lex_token *tok, struct cib_faults *f);

#endif
