/* SPDX-License-Identifier: GPL-2.0-or-later
 * num: numbers from text. Happy path: the whole text is read, *out is set, ERR_OK is returned.
 * Fails with ERR_SYNTAX (not such a value at all) or ERR_RANGE (well formed, but outside the
 * bounds); *out is untouched then. Nothing depends on the locale. */
#include <assert.h>
#include <stddef.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/base/str.h"

/* Digits at *text, at least one. Goes past all of them also when the value is too big. */
static enum err digits(const char **text, uint64_t *out)
{
    const char *at = *text;
    uint64_t v = 0;
    bool over = false;
    if (*at < '0' || *at > '9')
        return ERR_SYNTAX;
    for (; *at >= '0' && *at <= '9'; at++)
        over |= __builtin_mul_overflow(v, 10u, &v) ||
                __builtin_add_overflow(v, (uint64_t)(*at - '0'), &v);
    *text = at;
    *out = v;
    return over ? ERR_RANGE : ERR_OK;
}

enum err num_u64(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    assert(text && out && min <= max);
    uint64_t v = 0;
    enum err err = digits(&text, &v);
    if (err == ERR_SYNTAX || *text)
        return ERR_SYNTAX;
    if (err || v < min || v > max)
        return ERR_RANGE;
    *out = v;
    return ERR_OK;
}

enum err num_i64(const char *text, int64_t min, int64_t max, int64_t *out)
{
    assert(text && out && min <= max);
    bool minus = *text == '-';
    uint64_t v = 0;
    if (*text == '-' || *text == '+')
        text++;
    enum err err = digits(&text, &v);
    if (err == ERR_SYNTAX || *text)
        return ERR_SYNTAX;
    if (err || v > (uint64_t)INT64_MAX + minus)
        return ERR_RANGE;
    int64_t value = minus ? (int64_t)(0 - v) : (int64_t)v;
    if (value < min || value > max)
        return ERR_RANGE;
    *out = value;
    return ERR_OK;
}

/* Microseconds of one unit, 0 when there is no such unit. */
static uint64_t unit_us(const char *unit)
{
    static const struct {
        char name[8];
        uint64_t us;
    } units[] = {
        {"", 1000000},     {"us", 1},         {"usec", 1},        {"ms", 1000},
        {"msec", 1000},    {"s", 1000000},    {"sec", 1000000},   {"m", 60000000},
        {"min", 60000000}, {"h", 3600000000}, {"hr", 3600000000}, {"d", 86400000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (str_eq_fold(unit, units[i].name))
            return units[i].us;
    return 0;
}

enum err num_ms(const char *text, uint64_t max_ms, uint64_t *out_ms)
{
    assert(text && out_ms);
    enum { FRACTION = 1000000 };
    uint64_t whole = 0, part = 0, scale = FRACTION, us;
    bool rest = false; /* something below what part can hold: rounds up */
    enum err err = digits(&text, &whole);
    if (err == ERR_SYNTAX)
        return ERR_SYNTAX;
    if (*text == '.') {
        text++;
        if (*text < '0' || *text > '9')
            return ERR_SYNTAX;
        for (; *text >= '0' && *text <= '9'; text++) {
            scale /= 10;
            part += (uint64_t)(*text - '0') * scale;
            rest |= scale == 0 && *text != '0';
        }
    }
    while (*text == ' ')
        text++;
    uint64_t unit = unit_us(text);
    if (unit == 0)
        return ERR_SYNTAX;
    /* part < 10^6 and unit < 10^11: their product holds. */
    uint64_t fine = part * unit;
    uint64_t add = fine / FRACTION + (fine % FRACTION != 0 || rest);
    if (err || __builtin_mul_overflow(whole, unit, &us) || __builtin_add_overflow(us, add, &us))
        return ERR_RANGE;
    uint64_t ms = us / 1000 + (us % 1000 != 0);
    if (ms > max_ms)
        return ERR_RANGE;
    *out_ms = ms;
    return ERR_OK;
}

enum err num_bool(const char *text, bool *out)
{
    static const char words[][2][6] = {
        {"yes", "no"}, {"true", "false"}, {"on", "off"}, {"1", "0"}, {"y", "n"},
    };
    assert(text && out);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        for (int no = 0; no < 2; no++)
            if (str_eq_fold(text, words[i][no])) {
                *out = !no;
                return ERR_OK;
            }
    return ERR_SYNTAX;
}
