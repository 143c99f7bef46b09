/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_lex: words, quotes, joined lines, comments, and bytes that cannot be. */
#include <string.h>
#include "lib/cib/lex.h"
#include "test/unit/unit.h"

static char text[4096];
static struct lex_token tok[4096];
static struct cib_faults faults;

/* Cuts a text and shows the tokens: F, W or C, the line, the text, each in brackets. */
static const char *cut(const char *from)
{
    static char shown[4096];
    struct str s;
    faults.n = faults.n_errors = 0;
    ck_assert(str_copy(text, sizeof(text), from));
    size_t bound = lex_bound(text), n = lex_run(text, tok, &faults);
    ck_assert_uint_le(n, bound);
    str_init(&s, shown, sizeof(shown));
    for (size_t i = 0; i < n; i++)
        str_addf(&s, "%c%u[%s]", "FWC"[tok[i].kind], (unsigned)tok[i].line, text + tok[i].at);
    return shown;
}

START_TEST(words_and_lines)
{
    ck_assert_str_eq(cut(""), "");
    ck_assert_str_eq(cut(" \t\r\n\n"), "");
    ck_assert_str_eq(cut("a b\tc"), "F1[a]W1[b]W1[c]");
    ck_assert_str_eq(cut("a b\r\n\n  c\n"), "F1[a]W1[b]F3[c]");
    ck_assert_str_eq(cut("\xEF\xBB\xBF"
                         "a\n"),
                     "F1[a]");
    ck_assert_uint_eq(faults.n, 0);
}
END_TEST

START_TEST(joined_lines)
{
    ck_assert_str_eq(cut("a \\\n\tb \\  \r\n c\nd"), "F1[a]W2[b]W3[c]F4[d]");
    ck_assert_str_eq(cut("a\\\nb"), "F1[a]W2[b]");
    ck_assert_str_eq(cut("a \\\n\nb"), "F1[a]F3[b]");
    ck_assert_str_eq(cut("a \\"), "F1[a]");
    ck_assert_str_eq(cut("\\\n\\\na"), "F3[a]");
    ck_assert_str_eq(cut("a x=\\d\\b c"), "F1[a]W1[x=\\d\\b]W1[c]");
    ck_assert_uint_eq(faults.n, 0);
}
END_TEST

START_TEST(quotes)
{
    ck_assert_str_eq(cut("a x=\"b c\" d"), "F1[a]W1[x=b c]W1[d]");
    ck_assert_str_eq(cut("a 'it is' b"), "F1[a]W1[it is]W1[b]");
    ck_assert_str_eq(cut("a \"q \\\" \\\\ \\n\" b"), "F1[a]W1[q \" \\ \\n]W1[b]");
    ck_assert_str_eq(cut("a 'b \\' c"), "F1[a]W1[b \\]W1[c]");
    ck_assert_str_eq(cut("a x=\"\" \"\""), "F1[a]W1[x=]W1[]");
    ck_assert_str_eq(cut("a \"b\"'c'd"), "F1[a]W1[bcd]");
    ck_assert_str_eq(cut("a \"long \\\ntext\" b\nc"), "F1[a]W1[long text]W2[b]F3[c]");
    ck_assert_uint_eq(faults.n, 0);
    ck_assert_str_eq(cut("a \"b c\nd e"), "F1[a]W1[b c]F2[d]W2[e]");
    ck_assert_uint_eq(faults.n, 1);
    ck_assert_uint_eq(faults.at[0].line, 1);
}
END_TEST

START_TEST(comments)
{
    ck_assert_str_eq(cut("# one \n  # two\na #b\n#three"),
                     "C1[# one]C2[# two]F3[a]W3[#b]C4[#three]");
    /* Within an object: an indented line, or a backslash, shows that it goes on. */
    ck_assert_str_eq(cut("a \\\n# x\n\tb\nc"), "F1[a]C2[# x]W3[b]F4[c]");
    ck_assert_str_eq(cut("a \\\n# x\n# y\n\tb"), "F1[a]C2[# x]C3[# y]W4[b]");
    ck_assert_str_eq(cut("a \\\n# x \\\nb\nc"), "F1[a]C2[# x \\]W3[b]F4[c]");
    ck_assert_str_eq(cut("a \\\n# x\nb"), "F1[a]C2[# x]F3[b]");
    ck_assert_str_eq(cut("a\n# x\n b"), "F1[a]C2[# x]F3[b]");
    ck_assert_uint_eq(faults.n, 0);
}
END_TEST

START_TEST(bad_bytes)
{
    cut("a\x01\x02 b\nc \x7f\n");
    ck_assert_uint_eq(faults.n, 2); /* one for each line */
    ck_assert_uint_eq(faults.at[1].line, 2);
    cut("a x=\xB2\xE2\xCA\xD4\nb \xB2\n"); /* GBK */
    ck_assert_uint_eq(faults.n, 1);
    ck_assert(strstr(faults.at[0].text, "UTF-8"));
    cut("a x=\"\xB2\xE2\"\n# \xB2\n");
    ck_assert_uint_eq(faults.n, 1);
    cut("a\rb\n");
    ck_assert_uint_eq(faults.n, 0); /* a lone CR is a blank */
    ck_assert_str_eq(cut("a \xE6\xB5\x8B\n"), "F1[a]W1[\xE6\xB5\x8B]");
    ck_assert_uint_eq(faults.n, 0);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("lex");
    tcase_add_test(t, words_and_lines);
    tcase_add_test(t, joined_lines);
    tcase_add_test(t, quotes);
    tcase_add_test(t, comments);
    tcase_add_test(t, bad_bytes);
    return unit_end();
}
