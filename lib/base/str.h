/* SPDX-License-Identifier: GPL-2.0-or-later
 * str: text built in a buffer of the caller's, always NUL-terminated, never past its end.
 * What does not fit is dropped and remembered in .cut. */
#ifndef YOKE_BASE_STR_H
#define YOKE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdarg.h>
#include "lib/base/err.h"

struct str {
    char *at;
    size_t size, len;
    bool cut;
};

void str_init(struct str *s, char *at, size_t size); /* size >= 1 */
void str_add(struct str *s, const char *text);
void str_add_n(struct str *s, const char *text, size_t len);
void str_add_char(struct str *s, char c);
void str_addf(struct str *s, const char *format, ...) PRINTF_LIKE(2, 3);
void str_addv(struct str *s, const char *format, va_list ap);
/* Copies text into a fixed array; true if all of it fitted. */
bool str_copy(char *to, size_t size, const char *from);
bool str_eq(const char *a, const char *b);      /* NULL equals only NULL */
bool str_eq_fold(const char *a, const char *b); /* ASCII case folded */
/* Bytes of the UTF-8 character that a text begins with (1 for its NUL), 0 if it is none. */
size_t str_utf8_len(const char *text);
bool str_starts(const char *text, const char *prefix);
/* Of n names (stride bytes apart, each a char * at offset 0) the nearest to word by edit distance,
 * at most a third of its length away; NULL when none is near. For "did you mean". */
const char *str_nearest(const char *word, const char *const *names, size_t n);

#endif
