/* SPDX-License-Identifier: GPL-2.0-or-later
 * json: the writer (RFC 8259). Happy path: json_init, open, values, close; the str holds the text.
 * Fails only by the str being cut, which its owner sees in .cut. Bytes that are no UTF-8 become
 * U+FFFD one by one: whatever an agent printed, the answer can be read. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include "lib/base/json.h"

void json_init(struct json *j, struct str *out)
{
    *j = (struct json){.out = out};
}

static void add_quoted(struct str *out, const char *text)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    str_add_char(out, '"');
    while (*text) {
        size_t n = str_utf8_len(text);
        const char *special = strchr(plain, *text);
        if (n == 0) {
            str_add(out, "\xEF\xBF\xBD");
            n = 1;
        } else if (special) {
            str_add_char(out, '\\');
            str_add_char(out, letter[special - plain]);
        } else if ((uint8_t)*text < 0x20) {
            str_addf(out, "\\u%04x", (unsigned)*text);
        } else {
            str_add_n(out, text, n);
        }
        text += n;
    }
    str_add_char(out, '"');
}

/* What stands before a value: the comma and the key. */
static void before(struct json *j, const char *key)
{
    if (j->comma[j->depth])
        str_add_char(j->out, ',');
    j->comma[j->depth] = true;
    if (key) {
        add_quoted(j->out, key);
        str_add_char(j->out, ':');
    }
}

void json_open(struct json *j, const char *key, char bracket)
{
    assert(bracket == '{' || bracket == '[');
    assert(j->depth + 1 < JSON_DEPTH);
    before(j, key);
    str_add_char(j->out, bracket);
    j->comma[++j->depth] = false;
}

void json_close(struct json *j, char bracket)
{
    assert(bracket == '}' || bracket == ']');
    assert(j->depth > 0);
    j->depth--;
    str_add_char(j->out, bracket);
}

void json_text(struct json *j, const char *key, const char *value)
{
    before(j, key);
    if (value)
        add_quoted(j->out, value);
    else
        str_add(j->out, "null");
}

void json_u64(struct json *j, const char *key, uint64_t value)
{
    before(j, key);
    str_addf(j->out, "%" PRIu64, value);
}

void json_i64(struct json *j, const char *key, int64_t value)
{
    before(j, key);
    str_addf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    before(j, key);
    str_add(j->out, value ? "true" : "false");
}
