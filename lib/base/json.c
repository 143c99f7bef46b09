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

/* Bytes of the UTF-8 character at `at`, 0 if it is none (Unicode 15, table 3-7). */
static size_t utf8_len(const char *text)
{
    const uint8_t *at = (const uint8_t *)text; /* ends with NUL, which stops every look ahead */
    uint8_t low = 0x80, high = 0xBF;
    size_t n;
    if (at[0] < 0x80)
        return 1;
    if (at[0] >= 0xC2 && at[0] <= 0xDF)
        n = 2;
    else if (at[0] >= 0xE0 && at[0] <= 0xEF)
        n = 3;
    else if (at[0] >= 0xF0 && at[0] <= 0xF4)
        n = 4;
    else
        return 0;
    if (at[0] == 0xE0)
        low = 0xA0; /* overlong */
    else if (at[0] == 0xED)
        high = 0x9F; /* surrogates */
    else if (at[0] == 0xF0)
        low = 0x90; /* overlong */
    else if (at[0] == 0xF4)
        high = 0x8F; /* beyond U+10FFFF */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

static void add_quoted(struct str *out, const char *text)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    str_add_char(out, '"');
    while (*text) {
        size_t n = utf8_len(text);
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
