/* SPDX-License-Identifier: GPL-2.0-or-later
 * prompt: commands line by line: typed at a prompt, with history and completion by libedit, or from
 * a file. A line may go on behind a backslash; a line that begins with # says nothing.
 *
 * Happy path: line_run for each line; leaving the configure level puts the changes in force (at a
 * prompt, after asking). A file ends at its first error, which is told with its line; with --force
 * it goes on. */
#include <ctype.h>
#include <editline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/prompt.h"
#include "cli/quoting.h"
#include "cli/workcopy.h"
#include "lib/cib/model.h"

enum { NAMES_MAX = 2 * CIB_PRIM_MAX, PROMPT_LEN = 64 };

/* What the prompt needs to know in libedit's callbacks, which take no argument of ours. */
static struct {
    struct ctx *x;
    char *name[NAMES_MAX]; /* resources, nodes, objects: for completion */
    unsigned n;
} prompt;

/* ---- leaving -------------------------------------------------------------------------------- */

/* Leaves the configure level: changes are put in force, or dropped when the user says so. */
static int leave(struct ctx *x)
{
    char answer[16] = "";
    int code = EXIT_OK;
    if (!str_eq(x->level, "configure")) {
        x->level = NULL;
        return code;
    }
    if (workcopy_changed(x->copy) && x->interactive) {
        if (!confirm_typed(x,
                           _("There are changes that are not in force. Commit them? [Y/n/cancel]"),
                           NULL, answer, sizeof(answer)))
            str_copy(answer, sizeof(answer), "n"); /* end of input: nothing unasked */
        if (tolower((unsigned char)*answer) == 'c')
            return EXIT_FAIL;
    }
    if (workcopy_changed(x->copy) && tolower((unsigned char)*answer) != 'n')
        code = conf_commit_run(x, 0, NULL);
    if (code == EXIT_OK) {
        workcopy_close(x);
        x->level = NULL;
    }
    return code;
}

static bool one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (str_eq(word, *list))
            return true;
    return false;
}

/* Moves between levels; false: the word is none that does. */
static bool moved(struct ctx *x, int argc, char **argv, int *code, bool *quit)
{
    static const char *const out[] = {"quit", "exit", "bye", NULL};
    static const char *const up[] = {"up", "end", "back", NULL};
    if (argc == 1 && one_of(argv[0], out)) {
        *code = leave(x);
        *quit = *code == EXIT_OK;
    } else if ((argc == 1 && one_of(argv[0], up)) ||
               (argc == 2 && str_eq(argv[0], "cd") && str_eq(argv[1], ".."))) {
        *code = leave(x);
    } else if (str_eq(argv[0], "cd") && argc == 2) {
        const char *level = command_level(argv[1] + (str_starts(argv[1], "../") ? 3 : 0));
        *code = level ? leave(x) : fail_with(EXIT_USAGE, _("there is no level %s"), argv[1]);
        if (*code == EXIT_OK)
            x->level = level;
    } else {
        char list[256];
        struct str ambiguous;
        str_init(&ambiguous, list, sizeof(list));
        const char *level = argc == 1 ? command_level(argv[0]) : NULL;
        if (!level || (x->level && command_find(x->level, argv[0], &ambiguous)))
            return false;
        *code = x->level ? leave(x) : EXIT_OK;
        if (*code == EXIT_OK)
            x->level = level;
    }
    return true;
}

int line_run(struct ctx *x, const char *line, bool *quit)
{
    int argc = 0, code = EXIT_OK;
    const char *first = line + strspn(line, " \t\r\n");
    *quit = false;
    if (!*first || *first == '#')
        return code;
    char **argv = quoting_split(line, &argc);
    if (!argv)
        code = fail_with(EXIT_USAGE, _("a quote is opened and not closed"));
    else if (argc > 0 && !moved(x, argc, argv, &code, quit))
        code = command_run(x, argc, argv);
    tell_end(x, code);
    free(argv);
    return code;
}

/* ---- from a file ---------------------------------------------------------------------------- */

/* The next line with those that continue it; malloced, NULL at the end. */
static char *line_read(FILE *in, unsigned *line)
{
    char *text = NULL, *more = NULL;
    size_t room = 0, len = 0;
    do {
        ssize_t n = getline(&more, &room, in);
        if (n < 0)
            break;
        if (len + (size_t)n > CIB_TEXT_MAX) {
            complain(_("line %u is too long: nothing is done from here on"), *line + 1);
            exit(EXIT_USAGE);
        }
        text = need(realloc(text, len + (size_t)n + 1));
        memcpy(text + len, more, (size_t)n + 1);
        len += (size_t)n;
        ++*line;
    } while (quoting_continues(text) && text[strspn(text, " \t")] != '#');
    free(more);
    return text;
}

int batch_run(struct ctx *x, FILE *in, const char *path)
{
    unsigned line = 0;
    int code = EXIT_OK, worst = EXIT_OK;
    bool quit = false;
    while (!quit && (worst == EXIT_OK || x->force)) {
        unsigned from = line + 1;
        char *text = line_read(in, &line);
        if (!text)
            break;
        code = line_run(x, text, &quit);
        if (code)
            complain(_("%s:%u: this command failed%s"), path, from,
                     x->force ? "" : _(", the rest of the file is not done"));
        worst = code > worst ? code : worst;
        free(text);
    }
    if (worst != EXIT_OK && !x->force && workcopy_changed(x->copy))
        complain(_("what the lines before it changed at the configure level is not in force"));
    else if (x->level && !quit)
        worst = leave(x) > worst ? EXIT_FAIL : worst;
    workcopy_close(x);
    tell_end(x, worst);
    return worst;
}

/* ---- at a prompt ---------------------------------------------------------------------------- */

static void names_clear(void)
{
    for (unsigned i = 0; i < prompt.n; i++)
        free(prompt.name[i]);
    prompt.n = 0;
}

static void name_add(const char *name)
{
    if (prompt.n < NAMES_MAX && *name)
        prompt.name[prompt.n++] = need(strdup(name));
}

/* Names that can be completed: of the working copy if one is open, else of the status; at level
 * template those of templates, or of the parameters of one. */
static void names_fill(struct ctx *x, const char *level, const char *of)
{
    size_t i, k;
    json_t *item, *member;
    int code;
    names_clear();
    if (str_eq(level, "template")) {
        shelf_complete(of, name_add);
        return;
    }
    bool disks = str_eq(level, "disk");
    for (unsigned l = 0; (disks || str_eq(level, "link")) && conf_try(x) && l < x->conf.n_links;
         l++)
        if (!disks || x->conf.link[l].type == LINK_DISK)
            name_add(x->conf.link[l].name);
    if (prompt.n > 0)
        return;
    for (unsigned n = 0; conf_try(x) && n < x->conf.n_nodes; n++)
        name_add(x->conf.node[n].name);
    for (unsigned o = 0; x->copy && o < x->copy->cib->n_objects; o++)
        name_add(x->copy->cib->object[o].id);
    if (x->copy)
        return;
    json_t *answer = ask_quietly(x, ask_cmd(CMD_STATUS, 0), &code);
    json_array_foreach(json_object_get(answer, "resources"), i, item)
    {
        name_add(json_str(item, "id"));
        json_array_foreach(json_object_get(item, "members"), k, member)
            name_add(json_str(member, "id"));
    }
    json_decref(answer);
}

static const char *candidate(struct ctx *x, const char *level, bool first, unsigned *i)
{
    static const char *const moves[] = {"up", "quit", "help"};
    for (; first && command_at(*i); ++*i)
        if (str_eq(command_at(*i)->level, level))
            return command_at((*i)++)->name;
    unsigned commands = 0, n_levels = 0;
    while (command_at(commands))
        commands++;
    while (level_at(n_levels))
        n_levels++;
    unsigned k = first ? *i - commands : *i;
    ++*i;
    if (first && !level && k < n_levels)
        return level_at(k);
    if (first)
        k = !level ? k - n_levels : k;
    if (first)
        return k < ARRAY_LEN(moves) && x->interactive ? moves[k] : NULL;
    return k < prompt.n ? prompt.name[k] : NULL;
}

/* What the next word is, after those given: a command of *level, else a name. */
static bool command_is_next(const char **level, int argc, char *const *argv)
{
    if (argc == 1 && !*level && level_find(argv[0])) {
        *level = level_find(argv[0]);
        return true;
    }
    return argc == 0;
}

/* libedit asks for one candidate after the other. */
static char *generate(const char *text, int state)
{
    static unsigned i;
    static const char *level;
    static bool first;
    const char *name;
    if (state == 0) {
        int argc = 0;
        char *before = need(strndup(rl_line_buffer, (size_t)rl_point - strlen(text)));
        char **argv = quoting_split(before, &argc);
        level = prompt.x->level;
        first = argv && command_is_next(&level, argc, argv);
        i = 0;
        free(argv);
        free(before);
    }
    while ((name = candidate(prompt.x, level, first, &i)) != NULL)
        if (str_starts(name, text))
            return need(strdup(name));
    return NULL;
}

int complete_show(struct ctx *x, int argc, char *const *argv)
{
    const char *level = NULL, *name;
    unsigned i = 0;
    bool first = command_is_next(&level, argc, argv);
    prompt.x = x;
    if (!first)
        names_fill(x, argc > 0 ? level_find(argv[0]) : NULL, argc > 2 ? argv[2] : NULL);
    while ((name = candidate(x, level, first, &i)) != NULL)
        printf("%s\n", name);
    names_clear();
    return EXIT_OK;
}

static char **complete(const char *text, int start, int end)
{
    (void)start;
    (void)end;
    rl_attempted_completion_over = 1; /* no file names */
    return rl_completion_matches(text, generate);
}

/* One line with those that continue it; NULL at the end. */
static char *typed_line(struct ctx *x)
{
    char shown[PROMPT_LEN];
    char *text = NULL;
    size_t len = 0;
    snprintf(shown, sizeof(shown), "yoke(live)%s# ", x->level ? x->level : "");
    do {
        char *more = readline(text ? "> " : shown);
        if (!more)
            break;
        size_t n = strlen(more);
        text = need(realloc(text, len + n + 2));
        snprintf(text + len, n + 2, "%s\n", more);
        len += n + 1;
        free(more);
    } while (quoting_continues(text));
    return text;
}

int prompt_loop(struct ctx *x)
{
    bool quit = false;
    int code = EXIT_OK;
    x->interactive = true;
    prompt.x = x;
    rl_readline_name = (char *)"yoke";
    rl_attempted_completion_function = complete;
    using_history();
    while (!quit) {
        names_fill(x, x->level, NULL);
        char *line = typed_line(x);
        if (!line) {
            putchar('\n');
            code = leave(x);
            break;
        }
        if (line[strspn(line, " \t\n")]) {
            line[strcspn(line, "\n")] = strchr(line, '\n')[1] ? '\n' : '\0';
            add_history(line);
        }
        code = line_run(x, line, &quit);
        free(line);
    }
    workcopy_close(x);
    names_clear();
    return code;
}
