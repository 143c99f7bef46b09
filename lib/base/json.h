/* SPDX-License-Identifier: GPL-2.0-or-later
 * json: a writer into a struct str; the core answers requests with it. Reading JSON is done by
 * jansson, in programs that may allocate. Commas and nesting are kept by the writer; strings are
 * escaped and invalid UTF-8 is replaced, so that the output is always well-formed unless cut. */
#ifndef YOKE_BASE_JSON_H
#define YOKE_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/str.h"

enum { JSON_DEPTH = 16 };

struct json {
    struct str *out;
    unsigned depth;
    bool comma[JSON_DEPTH];
};

void json_init(struct json *j, struct str *out);
/* key is NULL inside arrays and at the top. */
void json_open(struct json *j, const char *key, char bracket);      /* '{' or '[' */
void json_close(struct json *j, char bracket);                      /* '}' or ']' */
void json_text(struct json *j, const char *key, const char *value); /* NULL -> null */
void json_u64(struct json *j, const char *key, uint64_t value);
void json_i64(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);

#endif
