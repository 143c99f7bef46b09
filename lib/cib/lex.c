/* SPDX-License-Identifier: GPL-2.0-or-later
 * lex: one walk over the text. A word is written back over itself, which never makes it longer, and
 * ended by NUL where the blank behind it was.
 *
 * Happy path: words and comments in order. Fails with faults: a control character, bytes that are
 * not UTF-8 (a file saved as GBK, say), a quote left open; it goes on after each. */
#include <assert.h>
#include <string.h>
#include "lib/cib/fault.h"
#include "lib/cib/lex.h"

struct lexer {
    char *text, *at; /* at: next byte to look at */
    unsigned line;
    struct cib_faults *f;
    bool told_utf8;
    unsigned told_control; /* line of the last such fault */
    bool in_object;        /* a word has been seen in this logical line */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

size_t lex_bound(const char *text)
{
    size_t n = 0;
    bool gap = true;
    for (; *text; text++) {
        /* Behind a backslash a word can begin without a blank, if the line went on there. */
        bool now = is_blank(*text) || *text == '\n' || *text == '\\';
        n += gap && (!now || *text == '\\');
        gap = now;
    }
    return n;
}

/* Looks at the byte about to be taken: complains, and tells how many bytes the character has. */
static size_t look(struct lexer *l)
{
    unsigned char c = (unsigned char)*l->at;
    size_t n = c < 0x80 ? 1 : str_utf8_len(l->at);
    if (n == 0) {
        if (!l->told_utf8)
            cib_fault_add(l->f, l->line, false,
                          "the text is not UTF-8 (a file saved as GBK?): save it as UTF-8");
        l->told_utf8 = true;
        return 1;
    }
    if ((c < ' ' && c != '\t') || c == 0x7f) {
        if (l->told_control != l->line)
            cib_fault_add(l->f, l->line, false,
                          "the line has a control character (byte %u): take it out", c);
        l->told_control = l->line;
    }
    return n;
}

/* Length of a backslash, blanks and the line's end at `at`; 0 when it is something else. */
static size_t joint(const char *at)
{
    size_t n = 1;
    if (*at != '\\')
        return 0;
    while (is_blank(at[n]))
        n++;
    return at[n] == '\n' ? n + 1 : at[n] == '\0' ? n : 0;
}

/* The inside of quotes, from behind the opening one; returns where writing goes on. */
static char *quoted(struct lexer *l, char *w)
{
    unsigned opened = l->line;
    char quote = *l->at++;
    while (*l->at && *l->at != '\n' && *l->at != quote) {
        size_t n = joint(l->at);
        if (n) {
            l->at += n;
            l->line += l->at[-1] == '\n';
            continue;
        }
        if (*l->at == '\\' && quote == '"' && (l->at[1] == '"' || l->at[1] == '\\'))
            l->at++;
        for (n = look(l); n > 0; n--)
            *w++ = *l->at++;
    }
    if (*l->at == quote)
        l->at++;
    else
        cib_fault_add(l->f, opened, false, "a quote (%c) is opened here and not closed", quote);
    return w;
}

/* True when the line ended behind it. */
static bool word(struct lexer *l, struct lex_token *t)
{
    bool ended = true;
    char *w = l->at;
    *t = (struct lex_token){.at = (uint32_t)(w - l->text), .line = l->line};
    t->kind = l->in_object ? LEX_WORD : LEX_FIRST;
    l->in_object = true;
    while (*l->at && *l->at != '\n' && !is_blank(*l->at) && !joint(l->at)) {
        if (*l->at == '"' || *l->at == '\'') {
            w = quoted(l, w);
        } else {
            for (size_t n = look(l); n > 0; n--)
                *w++ = *l->at++;
        }
    }
    /* The NUL may fall on the very byte to be looked at next: go past that first. */
    size_t n = joint(l->at);
    if (n) {
        l->at += n;
        l->line += l->at[-1] == '\n';
    } else if (*l->at == '\n') {
        l->at++;
        l->line++;
        l->in_object = false;
    } else {
        l->at += *l->at != '\0';
        ended = false;
    }
    *w = '\0';
    return ended;
}

/* A comment within an object goes on with it when it ends with a backslash itself, or when the next
 * line is indented: people take lines out of an object like that. */
static void comment(struct lexer *l, struct lex_token *t)
{
    char *from = l->at, *end;
    *t = (struct lex_token){.at = (uint32_t)(from - l->text), .line = l->line, .kind = LEX_COMMENT};
    while (*l->at && *l->at != '\n' && !(*l->at == '\r' && l->at[1] == '\n'))
        l->at += look(l);
    for (end = l->at; is_blank(end[-1]);)
        end--;
    bool goes_on = end[-1] == '\\';
    l->at += *l->at == '\r';
    if (*l->at == '\n') {
        l->at++;
        l->line++;
    }
    goes_on |= *l->at == ' ' || *l->at == '\t' || *l->at == '#';
    l->in_object = l->in_object && goes_on;
    *end = '\0';
}

size_t lex_run(char *text, struct lex_token *tok, struct cib_faults *f)
{
    struct lexer l = {.text = text, .at = text, .line = 1, .f = f};
    size_t n = 0;
    bool line_begins = true;
    assert(text && f);
    if (str_starts(text, "\xEF\xBB\xBF"))
        l.at += 3;
    while (*l.at) {
        size_t joined = joint(l.at);
        if (joined) {
            l.at += joined;
            l.line += l.at[-1] == '\n';
            line_begins = true;
        } else if (*l.at == '\n') {
            l.at++;
            l.line++;
            l.in_object = false;
            line_begins = true;
        } else if (is_blank(*l.at)) {
            l.at++;
        } else if (*l.at == '#' && line_begins) {
            comment(&l, &tok[n++]);
        } else {
            line_begins = word(&l, &tok[n++]);
        }
    }
    return n;
}
