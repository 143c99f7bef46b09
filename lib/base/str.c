/* SPDX-License-Identifier: GPL-2.0-or-later
 * str: text in a buffer of the caller's. Happy path: str_init, any number of str_add*, use .at.
 * It cannot fail: text that does not fit ends at the last whole UTF-8 character that does, .cut is
 * set and nothing is added from then on, so that what stands there is always a true beginning. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/str.h"

enum { NEAREST_LEN = 64 };

/* len without the unfinished UTF-8 character at the end, if there is one. */
static size_t whole_len(const char *at, size_t len)
{
    size_t back = 0;
    while (back < 3 && back < len && ((uint8_t)at[len - 1 - back] & 0xC0) == 0x80)
        back++;
    if (back == len)
        return len;
    uint8_t lead = (uint8_t)at[len - 1 - back];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return need > back + 1 ? len - 1 - back : len;
}

static void cut_at(struct str *s, size_t len)
{
    s->len = whole_len(s->at, len);
    s->at[s->len] = '\0';
    s->cut = true;
}

void str_init(struct str *s, char *at, size_t size)
{
    assert(at && size >= 1);
    *s = (struct str){.at = at, .size = size};
    at[0] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_add_n(s, text, strlen(text));
}

void str_add_n(struct str *s, const char *text, size_t len)
{
    assert(s->len < s->size);
    if (s->cut)
        return;
    size_t room = s->size - 1 - s->len;
    size_t n = len < room ? len : room;
    memcpy(s->at + s->len, text, n);
    if (n < len) {
        cut_at(s, s->len + n);
        return;
    }
    s->len += n;
    s->at[s->len] = '\0';
}

void str_add_char(struct str *s, char c)
{
    str_add_n(s, &c, 1);
}

void str_addf(struct str *s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    str_addv(s, format, ap);
    va_end(ap);
}

void str_addv(struct str *s, const char *format, va_list ap)
{
    assert(s->len < s->size);
    if (s->cut)
        return;
    size_t room = s->size - s->len;
    int n = vsnprintf(s->at + s->len, room, format, ap);
    assert(n >= 0);
    if ((size_t)n >= room)
        cut_at(s, s->size - 1);
    else
        s->len += (size_t)n;
}

bool str_copy(char *to, size_t size, const char *from)
{
    struct str s;
    str_init(&s, to, size);
    str_add(&s, from);
    return !s.cut;
}

bool str_eq(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The bytes allowed are those of table 3-7 of the Unicode standard. */
size_t str_utf8_len(const char *text)
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

/* ASCII only, whatever the locale: names in configurations are ASCII. */
static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_eq_fold(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && fold(*a) == fold(*b))
        a++, b++;
    return fold(*a) == fold(*b);
}

bool str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Edit distance with neighbouring swaps (optimal string alignment), three rows at a time. */
static unsigned distance(const char *a, size_t la, const char *b, size_t lb)
{
    uint8_t row[3][NEAREST_LEN + 1];
    for (size_t j = 0; j <= lb; j++)
        row[0][j] = (uint8_t)j;
    for (size_t i = 1; i <= la; i++) {
        uint8_t *now = row[i % 3], *up = row[(i + 2) % 3], *up2 = row[(i + 1) % 3];
        now[0] = (uint8_t)i;
        for (size_t j = 1; j <= lb; j++) {
            char x = fold(a[i - 1]), y = fold(b[j - 1]);
            unsigned best = up[j - 1] + (x != y);
            if (up[j] + 1u < best)
                best = up[j] + 1u;
            if (now[j - 1] + 1u < best)
                best = now[j - 1] + 1u;
            if (i > 1 && j > 1 && x == fold(b[j - 2]) && fold(a[i - 2]) == y &&
                up2[j - 2] + 1u < best)
                best = up2[j - 2] + 1u;
            now[j] = (uint8_t)best;
        }
    }
    return row[la % 3][lb];
}

const char *str_nearest(const char *word, const char *const *names, size_t n)
{
    const char *nearest = NULL;
    size_t len = strlen(word);
    if (len > NEAREST_LEN)
        return NULL;
    unsigned best = (unsigned)(len / 3) + 1;
    for (size_t i = 0; i < n; i++) {
        size_t l = names[i] ? strlen(names[i]) : 0;
        if (l == 0 || l > NEAREST_LEN)
            continue;
        unsigned d = distance(word, len, names[i], l);
        if (d < best) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}
