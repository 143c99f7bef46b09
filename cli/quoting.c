/* SPDX-License-Identifier: GPL-2.0-or-later
 * quoting: see quoting.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"
#include "cli/quoting.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Length of a backslash, blanks and the line's end; 0 when it is something else. */
static size_t joint(const char *at)
{
    size_t n = 1;
    if (*at != '\\')
        return 0;
    while (at[n] == ' ' || at[n] == '\t' || at[n] == '\r')
        n++;
    return at[n] == '\n' ? n + 1 : at[n] == '\0' ? n : 0;
}

/* The inside of quotes to *to; returns where reading goes on, NULL when they are left open. */
static const char *unquote(const char *at, char **to)
{
    char quote = *at++;
    while (*at && *at != quote) {
        size_t n = joint(at);
        at += n;
        if (n)
            continue;
        if (*at == '\\' && quote == '"' && (at[1] == '"' || at[1] == '\\'))
            at++;
        *(*to)++ = *at++;
    }
    return *at ? at + 1 : NULL;
}

char **quoting_split(const char *line, int *argc)
{
    size_t len = strlen(line), most = len / 2 + 2;
    assert(argc);
    char **words = need(malloc(most * sizeof(*words) + len + 1));
    char *to = (char *)(words + most);
    int n = 0;
    while (*line) {
        size_t joined = joint(line);
        if (joined || is_blank(*line)) {
            line += joined ? joined : 1;
            continue;
        }
        words[n++] = to;
        while (line && *line && !is_blank(*line) && !joint(line)) {
            if (*line == '"' || *line == '\'')
                line = unquote(line, &to);
            else
                *to++ = *line++;
        }
        *to++ = '\0';
        if (!line) {
            free(words);
            return NULL;
        }
    }
    words[n] = NULL;
    *argc = n;
    return words;
}

void quoting_word(struct str *out, const char *word)
{
    static const char special[] = " \t\r\n\"'\\";
    const char *value = strchr(word, '='), *blank = strpbrk(word, special);
    value = value && (!blank || value < blank) ? value + 1 : word;
    if (*value && !strpbrk(value, special)) {
        str_add(out, word);
        return;
    }
    str_add_n(out, word, (size_t)(value - word));
    str_add_char(out, '"');
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            str_add_char(out, '\\');
        str_add_char(out, *value);
    }
    str_add_char(out, '"');
}

void quoting_join(struct str *out, int argc, char *const *argv)
{
    for (int i = 0; i < argc; i++) {
        if (i)
            str_add_char(out, ' ');
        quoting_word(out, argv[i]);
    }
}

bool quoting_continues(const char *line)
{
    size_t len = strlen(line);
    while (len > 0 && is_blank(line[len - 1]))
        len--;
    return len > 0 && line[len - 1] == '\\';
}
