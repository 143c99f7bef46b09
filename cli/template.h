/* SPDX-License-Identifier: GPL-2.0-or-later
 * template: a service that many have, as a file: what must be asked, and the configuration made of
 * the answers. Read from text; what each line of such a file may be says yoke(8).
 *
 * Happy path: template_parse; template_fill makes the configuration of values that fillin.h has
 * checked; template_free. Fails: template_parse tells every fault of the file with its line, and
 * gives NULL. */
#ifndef YOKE_CLI_TEMPLATE_H
#define YOKE_CLI_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/str.h"

enum {
    TEMPLATE_BYTES = 64 * 1024, /* of a file */
    TEMPLATE_PARAMS = 64,
    TEMPLATE_LINES = 512,      /* of the configuration in it */
    TEMPLATE_VALUE_LEN = 1024, /* of one answer, with NUL */
    TEMPLATE_TEXT_LEN = 256 * 1024
};

/* Languages of what is told; Chinese may be missing, English may not. */
enum template_language { TEMPLATE_EN, TEMPLATE_ZH, TEMPLATE_LANGUAGES };

/* What an answer must be; fillin.c has the checks. */
enum template_type {
    TEMPLATE_TEXT,
    TEMPLATE_NAME,
    TEMPLATE_IP,
    TEMPLATE_IPS,
    TEMPLATE_NETMASK,
    TEMPLATE_PATH,
    TEMPLATE_DEVICE,
    TEMPLATE_NUMBER,
    TEMPLATE_PORT,
    TEMPLATE_USER,
    TEMPLATE_YESNO,
    TEMPLATE_TYPES
};

struct template_param {
    char *name;
    enum template_type type;
    bool required;
    int only_if;   /* asked for, and needed, only if that one before it has a value; -1: always */
    char *value;   /* default, may name parameters before it; NULL: none */
    char *example; /* NULL: none */
    char *question[TEMPLATE_LANGUAGES];
};

/* One line of the configuration, its conditions taken off. */
struct template_line {
    char *text;
    bool goes_on;      /* indented: part of the definition above */
    unsigned line;     /* in the file */
    unsigned n_if;     /* conditions */
    unsigned if_at[4]; /* parameters */
    bool if_not[4];    /* kept when that one has no value */
};

struct template
{
    char *name, *path, *body; /* body: the configuration as it stands in the file */
    char *about[TEMPLATE_LANGUAGES];
    char *note[TEMPLATE_LANGUAGES]; /* what must be ready before, or be known; NULL: nothing */
    struct template_param param[TEMPLATE_PARAMS];
    unsigned n_params;
    struct template_line line[TEMPLATE_LINES];
    unsigned n_lines;
};

struct template *template_parse(const char *name, const char *path, const char *text);
void template_free(struct template *t);
/* The parameter of that name, -1 if there is none. */
int template_param_find(const struct template *t, const char *name, size_t len);
/* Text with each ${NAME} in the place of which its value stands. False: one of them has none. The
 * values stand in the order of the parameters; NULL: none. */
bool template_expand(const struct template *t, const char *const *value, const char *text,
                     struct str *out);
/* The configuration in the crm language, one logical line for each definition; words in which a
 * parameter without a value stands are left out. */
void template_fill(const struct template *t, const char *const *value, struct str *out);
/* In the reader's language, else in English. */
const char *template_said(char *const said[TEMPLATE_LANGUAGES]);
/* Whether a parameter has a value; no of yesno counts as none. */
bool template_has(const struct template *t, const char *const *value, unsigned param);
const char *template_type_name(enum template_type type);

#endif
