/* SPDX-License-Identifier: GPL-2.0-or-later
 * say: sentences by number. Happy path: say_set, say_arg for %1.., then say_words or say_put.
 * An argument that does not fit is cut; a number that this version does not know is kept and shown
 * with its arguments, because the peer may be a newer one. */
#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include "lib/base/say.h"

struct row {
    uint16_t id;
    uint8_t level;
    const char *name, *format;
};

static const struct row *row_of(enum say_id id)
{
    static const struct row rows[] = {
#define SAY_ROW(name, number, level, text) {number, SAY_##level, #name, text},
#include "lib/base/say_core.h"
#include "lib/base/say_sched.h"
#undef SAY_ROW
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].id == id)
            return &rows[i];
    return NULL;
}

void say_set(struct say *s, enum say_id id)
{
    assert(id > 0 && id < SAY_ID_MAX);
    s->id = (uint16_t)id;
    s->n = 0;
    s->len = 0;
}

void say_arg(struct say *s, const char *text)
{
    assert(s->n < SAY_ARGS_MAX);
    size_t room = SAY_ARG_BYTES - s->len;
    if (room == 0)
        return;
    struct str to;
    str_init(&to, s->args + s->len, room);
    str_add(&to, text ? text : "");
    s->len = (uint8_t)(s->len + to.len + 1);
    s->n++;
}

void say_argf(struct say *s, const char *format, ...)
{
    char text[SAY_ARG_BYTES];
    struct str to;
    va_list ap;
    str_init(&to, text, sizeof(text));
    va_start(ap, format);
    str_addv(&to, format, ap);
    va_end(ap);
    say_arg(s, text);
}

const char *say_get_arg(const struct say *s, unsigned i)
{
    if (i >= s->n)
        return "";
    const char *at = s->args;
    while (i-- > 0)
        at += strlen(at) + 1;
    return at;
}

const char *say_name(enum say_id id)
{
    const struct row *row = row_of(id);
    return row ? row->name : NULL;
}

const char *say_format(enum say_id id)
{
    const struct row *row = row_of(id);
    return row ? row->format : NULL;
}

enum say_level say_level(enum say_id id)
{
    const struct row *row = row_of(id);
    return row ? (enum say_level)row->level : SAY_NOTICE;
}

void say_words(const struct say *s, const char *(*translate)(const char *), struct str *out)
{
    const char *format = say_format(s->id);
    if (!format) {
        str_addf(out, "message %u", s->id);
        for (unsigned i = 0; i < s->n; i++)
            str_addf(out, "%s%s", i ? ", " : ": ", say_get_arg(s, i));
        return;
    }
    if (translate)
        format = translate(format);
    for (const char *at = format; *at; at++) {
        if (at[0] == '%' && at[1] >= '1' && at[1] <= '9')
            str_add(out, say_get_arg(s, (unsigned)(*++at - '1')));
        else if (at[0] == '%' && at[1] == '%')
            str_add_char(out, *++at);
        else
            str_add_char(out, *at);
    }
}

void say_put(const struct say *s, struct buf *b)
{
    assert(s->len <= SAY_ARG_BYTES);
    buf_put_u16(b, s->id);
    buf_put_u8(b, s->n);
    buf_put_u8(b, s->len);
    buf_put_bytes(b, s->args, s->len);
}

void say_get(struct say *s, struct buf *b)
{
    unsigned ends = 0;
    memset(s, 0, sizeof(*s));
    uint16_t id = buf_get_u16(b);
    uint8_t n = buf_get_u8(b), len = buf_get_u8(b);
    if (len > SAY_ARG_BYTES || n > SAY_ARGS_MAX)
        b->bad = true;
    const uint8_t *at = buf_get_view(b, len);
    if (!at)
        return;
    for (size_t i = 0; i < len; i++)
        ends += at[i] == 0;
    if (ends != n || (len && at[len - 1])) {
        b->bad = true;
        return;
    }
    s->id = id;
    s->n = n;
    s->len = len;
    memcpy(s->args, at, len);
}
