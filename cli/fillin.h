/* SPDX-License-Identifier: GPL-2.0-or-later
 * fillin: the values of a template's parameters: taken from the command line, asked for, checked,
 * and completed by defaults.
 *
 * Happy path: fillin_take for each word, fillin_ask at a terminal, fillin_finish; then value[] is
 * what template_fill wants. Fails: with the exit code, and the user was told why. */
#ifndef YOKE_CLI_FILLIN_H
#define YOKE_CLI_FILLIN_H

#include "cli/cli.h"
#include "cli/template.h"

struct fillin {
    const struct template *t;
    const char *value[TEMPLATE_PARAMS]; /* NULL: none; else room[] of the same place */
    char room[TEMPLATE_PARAMS][TEMPLATE_VALUE_LEN];
    bool given[TEMPLATE_PARAMS]; /* said or asked for, even if nothing was answered */
};

void fillin_init(struct fillin *f, const struct template *t);
/* PARAM=VALUE; an empty value is none. */
int fillin_take(struct fillin *f, const char *word);
/* Asks for what was not given, again until it is right; EXIT_FAIL at the end of input. */
int fillin_ask(struct ctx *x, struct fillin *f);
/* Defaults, and whether anything that is required is missing. */
int fillin_finish(struct fillin *f);
/* Whether a value is one of that kind; else why says what it should be. */
bool fillin_right(enum template_type type, const char *value, struct str *why);
/* Warns of devices and users that this machine does not have. */
void fillin_look(const struct fillin *f);

#endif
