/* SPDX-License-Identifier: GPL-2.0-or-later
 * quoting: a line of crm language to words and back, by the rules of lib/cib's reader: blanks part
 * words, "..." and '...' keep them together, in "..." a backslash stands before " and \, and a
 * backslash at the end of a line joins the next one. */
#ifndef YOKE_CLI_QUOTING_H
#define YOKE_CLI_QUOTING_H

#include <stdbool.h>
#include "lib/base/str.h"

/* The words of a line, in one piece of memory to be freed, ended by NULL; NULL when a quote is left
 * open. */
char **quoting_split(const char *line, int *argc);
/* One word as it must be written to be read as that word: a="b c", a="". */
void quoting_word(struct str *out, const char *word);
/* Words to a line, blanks between them. */
void quoting_join(struct str *out, int argc, char *const *argv);
/* Does the line go on in the next one? */
bool quoting_continues(const char *line);

#endif
