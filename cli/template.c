/* SPDX-License-Identifier: GPL-2.0-or-later
 * template: see template.h. The head of a file is read line by line into what is asked; the body is
 * kept as lines, and everything that can be wrong in it without values is found at once. */
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/meta.h"
#include "cli/quoting.h"
#include "cli/template.h"

static const char *const language_word[TEMPLATE_LANGUAGES] = {"en", "zh"};
static const char *const type_word[TEMPLATE_TYPES] = {
    "text", "name", "ip", "ips", "netmask", "path", "device", "number", "port", "user", "yesno",
};
/* What a template may define: nothing that is one for the whole cluster. */
static const char *const kind_word[] = {"primitive", "group",      "clone", "ms",
                                        "location",  "colocation", "order", "set"};

struct reader {
    struct template *t;
    unsigned line, faults;
    struct template_param *param; /* whose lines follow */
    bool in_body;
};

const char *template_type_name(enum template_type type)
{
    assert(type < TEMPLATE_TYPES);
    return type_word[type];
}

const char *template_said(char *const said[TEMPLATE_LANGUAGES])
{
    if (said[TEMPLATE_ZH] && str_eq(meta_language(), "zh"))
        return said[TEMPLATE_ZH];
    return said[TEMPLATE_EN] ? said[TEMPLATE_EN] : "";
}

static void fault(struct reader *r, const char *format, ...) PRINTF_LIKE(2, 3);
static void fault(struct reader *r, const char *format, ...)
{
    char text[512];
    struct str s;
    va_list ap;
    str_init(&s, text, sizeof(text));
    va_start(ap, format);
    str_addv(&s, format, ap);
    va_end(ap);
    fault_tell(r->t->path, r->line, false, text);
    r->faults++;
}

int template_param_find(const struct template *t, const char *name, size_t len)
{
    for (unsigned i = 0; i < t->n_params; i++)
        if (strlen(t->param[i].name) == len && !strncmp(t->param[i].name, name, len))
            return (int)i;
    return -1;
}

/* ---- the head ------------------------------------------------------------------------------- */

/* The first word of a line into word; returns what follows it. */
static const char *word_take(const char *at, char *word, size_t size)
{
    size_t len = strcspn(at, " \t");
    snprintf(word, size, "%.*s", (int)len, at);
    at += len;
    return at + strspn(at, " \t");
}

/* Text in a language, joined to what is there already. */
static void said_take(struct reader *r, char **said, const char *at, bool several)
{
    char word[8];
    const char *text = word_take(at, word, sizeof(word));
    for (unsigned l = 0; l < TEMPLATE_LANGUAGES; l++) {
        if (!str_eq(word, language_word[l]))
            continue;
        if (!*text || (said[l] && !several)) {
            fault(r, !*text ? _("nothing stands behind %s") : _("%s stands here twice"), word);
            return;
        }
        size_t size = (said[l] ? strlen(said[l]) : 0) + strlen(text) + 2;
        char *joined = need(malloc(size));
        snprintf(joined, size, "%s%s%s", said[l] ? said[l] : "", said[l] ? "\n" : "", text);
        free(said[l]);
        said[l] = joined;
        return;
    }
    fault(r, _("'%s' is no language: en or zh"), word);
}

static bool plain(const char *name)
{
    return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* param NAME TYPE required|optional|default VALUE */
static void param_take(struct reader *r, const char *at)
{
    char name[64], type[16], how[16];
    struct template *t = r->t;
    at = word_take(at, name, sizeof(name));
    at = word_take(at, type, sizeof(type));
    at = word_take(at, how, sizeof(how));
    r->param = NULL;
    if (t->n_params == TEMPLATE_PARAMS) {
        fault(r, _("there are more than %d parameters"), TEMPLATE_PARAMS);
        return;
    }
    if (!plain(name) || template_param_find(t, name, strlen(name)) >= 0) {
        fault(r,
              !plain(name) ? _("'%s' is no name for a parameter: small letters, digits and _")
                           : _("there is a parameter %s already"),
              name);
        return;
    }
    struct template_param *p = &t->param[t->n_params];
    for (p->type = TEMPLATE_TEXT; p->type < TEMPLATE_TYPES; p->type++)
        if (str_eq(type, type_word[p->type]))
            break;
    if (p->type == TEMPLATE_TYPES) {
        const char *near = str_nearest(type, type_word, TEMPLATE_TYPES);
        fault(r, _("'%s' is no kind of value (as %s is)"), type, near ? near : "text");
        return;
    }
    p->required = str_eq(how, "required");
    if (str_eq(how, "default") ? !*at : (!p->required && !str_eq(how, "optional")) || *at) {
        fault(r, _("behind the kind of value stands required, optional, or default VALUE"));
        return;
    }
    p->name = need(strdup(name));
    p->only_if = -1;
    p->value = *at ? need(strdup(at)) : NULL;
    t->n_params++;
    r->param = p;
}

static void condition_take(struct reader *r, const char *name)
{
    int at = template_param_find(r->t, name, strlen(name));
    if (at < 0 || &r->t->param[at] == r->param)
        fault(r, _("there is no parameter %s before this"), name);
    else
        r->param->only_if = at;
}

/* Indented lines belong to the parameter above: its question, an example, a condition. */
static void param_line(struct reader *r, const char *at)
{
    char word[16];
    const char *rest = word_take(at, word, sizeof(word));
    if (!r->param)
        fault(r, _("an indented line belongs to the param above, and there is none"));
    else if (str_eq(word, "if"))
        condition_take(r, rest);
    else if (!str_eq(word, "example"))
        said_take(r, r->param->question, at, false);
    else if (!*rest || r->param->example)
        fault(r, !*rest ? _("nothing stands behind %s") : _("%s stands here twice"), word);
    else
        r->param->example = need(strdup(rest));
}

/* True: the body begins behind it. */
static bool head_line(struct reader *r, const char *line)
{
    char word[16];
    const char *rest = word_take(line + strspn(line, " \t"), word, sizeof(word));
    if (isspace((unsigned char)*line)) {
        param_line(r, line + strspn(line, " \t"));
        return false;
    }
    if (str_eq(word, "about"))
        said_take(r, r->t->about, rest, false);
    else if (str_eq(word, "note"))
        said_take(r, r->t->note, rest, true);
    else if (str_eq(word, "param"))
        param_take(r, rest);
    else if (str_eq(word, "body") && !*rest)
        r->in_body = true;
    else
        fault(r,
              _("'%s' is nothing that a template begins a line with: about, note, param or body"),
              word);
    if (!str_eq(word, "param"))
        r->param = NULL;
    return r->in_body;
}

/* ---- the body ------------------------------------------------------------------------------- */

/* Every ${NAME} in a text must be closed and be one of the first n parameters. */
static void names_check(struct reader *r, const char *text, unsigned n)
{
    while ((text = strstr(text, "${")) != NULL) {
        size_t len = strcspn(text += 2, "}");
        int at = template_param_find(r->t, text, len);
        if (!text[len])
            fault(r, _("${ is opened and not closed"));
        else if (at < 0 || (unsigned)at >= n)
            fault(r, _("there is no parameter %.*s before this"), (int)len, text);
    }
}

/* ?NAME and !NAME at the begin of a line; returns what follows them. */
static const char *conditions_take(struct reader *r, struct template_line *l, const char *at)
{
    char word[64];
    while (*at == '?' || *at == '!') {
        bool absent = *at == '!';
        at = word_take(at + 1, word, sizeof(word));
        int param = template_param_find(r->t, word, strlen(word));
        if (param < 0 || l->n_if == ARRAY_LEN(l->if_at)) {
            fault(r,
                  param < 0 ? _("there is no parameter %s before this")
                            : _("too many conditions: %s"),
                  word);
            return "";
        }
        l->if_at[l->n_if] = (unsigned)param;
        l->if_not[l->n_if++] = absent;
    }
    return at;
}

static void definition_check(struct reader *r, char *const *word, int n)
{
    for (unsigned i = 0; i < ARRAY_LEN(kind_word); i++)
        if (str_eq(word[0], kind_word[i])) {
            if (n < 2)
                fault(r, _("%s needs a name on the same line"), word[0]);
            return;
        }
    fault(r,
          _("a template cannot define '%s': primitive, group, clone, ms, location, colocation, "
            "order and set are what it may"),
          word[0]);
}

static void body_line(struct reader *r, const char *line)
{
    struct template *t = r->t;
    struct template_line *l = &t->line[t->n_lines];
    int n = 0;
    if (t->n_lines == TEMPLATE_LINES) {
        fault(r, _("there are more than %d lines in the body"), TEMPLATE_LINES);
        return;
    }
    l->line = r->line;
    l->goes_on = isspace((unsigned char)*line);
    const char *text = conditions_take(r, l, line + strspn(line, " \t"));
    char **word = quoting_split(text, &n);
    if (!word)
        fault(r, _("a quote is opened and not closed"));
    else if (n == 0)
        fault(r, _("nothing stands behind the conditions of this line"));
    else if (l->goes_on && t->n_lines == 0)
        fault(r, _("an indented line goes on with the definition above, and there is none"));
    else if (!l->goes_on)
        definition_check(r, word, n);
    names_check(r, text, t->n_params);
    free(word);
    l->text = need(strdup(text));
    t->n_lines++;
}

/* What must be there, and is not. */
static void whole_check(struct reader *r)
{
    const struct template *t = r->t;
    r->line = 0;
    if (!t->about[TEMPLATE_EN])
        fault(r, _("there is no line 'about en': what is it a template of?"));
    for (unsigned i = 0; i < t->n_params; i++) {
        if (!t->param[i].question[TEMPLATE_EN])
            fault(r, _("the parameter %s has no line 'en': what is asked for it?"),
                  t->param[i].name);
        if (t->param[i].value)
            names_check(r, t->param[i].value, i);
    }
    if (t->n_lines == 0)
        fault(r, _("there is no body: a line 'body', and behind it what is configured"));
}

struct template *template_parse(const char *name, const char *path, const char *text)
{
    struct template *t = need(calloc(1, sizeof(*t)));
    struct reader r = {.t = t};
    t->name = need(strdup(name));
    t->path = need(strdup(path));
    while (*text) {
        size_t len = strcspn(text, "\n"), end = len;
        while (end > 0 && isspace((unsigned char)text[end - 1]))
            end--;
        char *line = need(strndup(text, end));
        r.line++;
        text += len + (text[len] == '\n');
        if (line[strspn(line, " \t")] && line[strspn(line, " \t")] != '#') {
            if (r.in_body)
                body_line(&r, line);
            else if (head_line(&r, line))
                t->body = need(strdup(text));
        }
        free(line);
    }
    whole_check(&r);
    if (r.faults == 0)
        return t;
    template_free(t);
    return NULL;
}

void template_free(struct template *t)
{
    for (unsigned i = 0; t && i < t->n_params; i++) {
        free(t->param[i].name);
        free(t->param[i].value);
        free(t->param[i].example);
        for (unsigned l = 0; l < TEMPLATE_LANGUAGES; l++)
            free(t->param[i].question[l]);
    }
    for (unsigned i = 0; t && i < t->n_lines; i++)
        free(t->line[i].text);
    for (unsigned l = 0; t && l < TEMPLATE_LANGUAGES; l++) {
        free(t->about[l]);
        free(t->note[l]);
    }
    if (t) {
        free(t->name);
        free(t->path);
        free(t->body);
    }
    free(t);
}

/* ---- filled in ------------------------------------------------------------------------------ */

bool template_expand(const struct template *t, const char *const *value, const char *text,
                     struct str *out)
{
    const char *open;
    for (; (open = strstr(text, "${")) != NULL; text = strchr(open, '}') + 1) {
        size_t len = strcspn(open + 2, "}");
        int at = template_param_find(t, open + 2, len);
        assert(at >= 0 && open[2 + len]); /* else it had not been parsed */
        if (!value[at])
            return false;
        str_add_n(out, text, (size_t)(open - text));
        str_add(out, value[at]);
    }
    str_add(out, text);
    return true;
}

bool template_has(const struct template *t, const char *const *value, unsigned param)
{
    return value[param] && !(t->param[param].type == TEMPLATE_YESNO && str_eq(value[param], "no"));
}

static bool holds(const struct template *t, const char *const *value, const struct template_line *l)
{
    for (unsigned i = 0; i < l->n_if; i++)
        if (template_has(t, value, l->if_at[i]) == l->if_not[i])
            return false;
    return true;
}

static void line_fill(const struct template *t, const char *const *value, const char *text,
                      struct str *out)
{
    char one[4 * TEMPLATE_VALUE_LEN];
    struct str s;
    int n = 0;
    char **word = quoting_split(text, &n);
    assert(word);
    for (int i = 0; i < n; i++) {
        str_init(&s, one, sizeof(one));
        if (!template_expand(t, value, word[i], &s))
            continue;
        if (out->len && out->at[out->len - 1] != '\n' && out->at[out->len - 1] != '\t')
            str_add_char(out, ' ');
        quoting_word(out, one);
        out->cut = out->cut || s.cut;
    }
    free(word);
}

void template_fill(const struct template *t, const char *const *value, struct str *out)
{
    bool kept = false;
    for (unsigned i = 0; i < t->n_lines; i++) {
        const struct template_line *l = &t->line[i];
        bool wanted = holds(t, value, l);
        kept = l->goes_on ? kept : wanted;
        if (!kept || !wanted)
            continue;
        struct str before = *out;
        str_add(out, l->goes_on ? " \\\n\t" : out->len ? "\n" : "");
        size_t begin = out->len;
        line_fill(t, value, l->text, out);
        if (out->len == begin && !out->cut) { /* nothing but words that were left out */
            *out = before;
            out->at[out->len] = '\0';
        }
    }
    str_add_char(out, '\n');
}
