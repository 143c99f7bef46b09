/* SPDX-License-Identifier: GPL-2.0-or-later
 * say: one thing to tell a user, as an id and its arguments, so that it can be kept, sent, counted,
 * journalled under a stable id, and put into words in the reader's language at the last moment.
 * All sentences stand in say_*.h, one row each; a row's number is never used for another sentence.
 * A sentence says what happened, why, and what to do; %1 .. %9 are the arguments. */
#ifndef YOKE_BASE_SAY_H
#define YOKE_BASE_SAY_H

#include <stdint.h>
#include "lib/base/str.h"
#include "lib/base/buf.h"

enum say_level { SAY_DEBUG, SAY_INFO, SAY_NOTICE, SAY_WARN, SAY_ERROR, SAY_ALERT };

enum say_id {
#define SAY_ROW(name, number, level, text) SAY_##name = number,
#include "lib/base/say_core.h"
#include "lib/base/say_sched.h"
#undef SAY_ROW
    SAY_ID_MAX = 1000
};

enum { SAY_ARG_BYTES = 180, SAY_ARGS_MAX = 9 };

struct say {
    uint16_t id; /* 0: nothing to say */
    uint8_t n, len;
    char args[SAY_ARG_BYTES]; /* n texts, each ended by NUL; cut to fit */
};

void say_set(struct say *s, enum say_id id);
void say_arg(struct say *s, const char *text);
void say_argf(struct say *s, const char *format, ...) PRINTF_LIKE(2, 3);
const char *say_get_arg(const struct say *s, unsigned i); /* "" when absent */

const char *say_name(enum say_id id);   /* "PEER_LOST"; NULL for an unknown id */
const char *say_format(enum say_id id); /* English sentence with %1..; NULL for an unknown id */
enum say_level say_level(enum say_id id);
/* Puts the sentence into words; translate may be NULL (English) or gettext. */
void say_words(const struct say *s, const char *(*translate)(const char *), struct str *out);

void say_put(const struct say *s, struct buf *b);
void say_get(struct say *s, struct buf *b); /* b->bad on nonsense; an unknown id is kept */

#endif
