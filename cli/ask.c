/* SPDX-License-Identifier: GPL-2.0-or-later
 * ask: requests to the daemon, and how their answers are told.
 *
 * Happy path: ask_cmd, ask_arg, ask or ask_do. A daemon that is busy with another change is asked
 * again for a few seconds. Fails: no daemon (exit code 3), the request is refused (its sentence
 * goes to stderr in the user's language, exit code 1). */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "cli/cli.h"
#include "include/yoke/client.h"
#include "lib/base/say.h"

enum { BUSY_TRIES = 40, BUSY_PAUSE_MS = 100, REQUEST_HEAD = 2048 };

void complain(const char *format, ...)
{
    va_list ap;
    fflush(stdout);
    fputs("yoke: ", stderr);
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
}

const char *json_str(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

long long json_num(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

bool json_is(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static const char *translate(const char *text)
{
    return gettext(text);
}

const char *json_say(const json_t *object, char *at, size_t size)
{
    struct str out;
    struct say say;
    size_t i;
    json_t *arg;
    str_init(&out, at, size);
    long long id = json_num(object, "id");
    if (id <= 0 || id >= SAY_ID_MAX || !say_format((enum say_id)id)) {
        const char *text = json_str(object, "text");
        str_add(&out, *text ? text : json_str(object, "error"));
        return at;
    }
    say_set(&say, (enum say_id)id);
    json_array_foreach(json_object_get(object, "args"), i, arg) if (i < SAY_ARGS_MAX)
        say_arg(&say, json_string_value(arg));
    say_words(&say, translate, &out);
    return at;
}

struct cmd *ask_cmd(enum cmd_kind kind, unsigned flags)
{
    struct cmd *c = calloc(1, sizeof(*c));
    if (!c) {
        complain("%s", strerror(errno));
        exit(EXIT_FAIL);
    }
    c->kind = (uint8_t)kind;
    c->flags = (uint16_t)flags;
    return c;
}

void ask_arg(struct cmd *c, const char *arg)
{
    if (c->n_args < CMD_ARGS_MAX)
        str_copy(c->arg[c->n_args++], CMD_ARG_LEN, arg);
}

unsigned ask_flags(const struct ctx *x)
{
    return (x->dry_run ? CMD_DRY_RUN : 0) | (x->wait ? CMD_WAIT_DONE : 0) |
           (x->force ? CMD_FORCE : 0);
}

static void faults_show(const json_t *answer)
{
    size_t i;
    json_t *f;
    json_array_foreach(json_object_get(answer, "faults"), i, f)
        fprintf(stderr, "%s: %s %lld: %s\n", json_is(f, "warning") ? _("warning") : _("error"),
                _("line"), json_num(f, "line"), json_str(f, "text"));
}

/* One exchange. NULL: no daemon, or no answer; told. */
static json_t *exchange(struct ctx *x, const struct cmd *c, int *code)
{
    char why[512];
    json_error_t error;
    char *text = NULL;
    size_t len = 0;
    struct yoke_client *client = NULL;
    enum yoke_client_error e = yoke_client_open(NULL, 5000, &client);
    if (!e)
        e = yoke_client_call(client, c, &text, &len, x->timeout_ms);
    if (e) {
        yoke_client_words(e, client, why, sizeof(why));
        complain("%s", why);
        yoke_client_close(client);
        *code = e == YOKE_CLIENT_NO_DAEMON ? EXIT_NO_DAEMON : EXIT_FAIL;
        return NULL;
    }
    yoke_client_close(client);
    json_t *answer = json_loadb(text, len, 0, &error);
    free(text);
    if (!answer) {
        complain(_("the daemon's answer was not understood (%s)"), error.text);
        *code = EXIT_FAIL;
    }
    return answer;
}

static void pause_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

json_t *ask(struct ctx *x, struct cmd *c, int *code)
{
    json_t *answer = NULL;
    for (int i = 0; i < BUSY_TRIES; i++) {
        answer = exchange(x, c, code);
        if (!answer || json_is(answer, "ok") || json_num(answer, "id") != SAY_CMD_BUSY)
            break;
        if (i + 1 < BUSY_TRIES) {
            json_decref(answer);
            pause_ms(BUSY_PAUSE_MS);
        }
    }
    free(c);
    if (!answer)
        return NULL;
    if (x->json) {
        json_dumpf(answer, stdout, JSON_COMPACT);
        putchar('\n');
    }
    *code = json_is(answer, "ok") ? EXIT_OK : EXIT_FAIL;
    if (*code == EXIT_OK)
        return answer;
    if (!x->json) {
        char words[768];
        complain("%s", json_say(answer, words, sizeof(words)));
        faults_show(answer);
    }
    json_decref(answer);
    return NULL;
}

void plan_show(const json_t *answer)
{
    size_t i;
    json_t *item;
    char words[768];
    if (json_array_size(json_object_get(answer, "plan")) == 0)
        printf("%s\n", _("nothing would be done"));
    json_array_foreach(json_object_get(answer, "plan"), i, item)
        printf("  %-8s %-24s %s %s%s\n", json_str(item, "op"), json_str(item, "rsc"), _("on"),
               json_str(item, "node"), json_is(item, "blocked") ? _("  (blocked)") : "");
    json_array_foreach(json_object_get(answer, "whys"), i, item)
        printf("  %s: %s\n", json_str(item, "rsc"),
               json_say(json_object_get(item, "why"), words, sizeof(words)));
}

int ask_do(struct ctx *x, struct cmd *c, const char *done)
{
    int code = EXIT_FAIL;
    json_t *answer = ask(x, c, &code);
    if (!answer)
        return code;
    if (!x->json) {
        faults_show(answer);
        if (x->dry_run) {
            plan_show(answer);
        } else {
            if (!x->quiet && done)
                printf("%s\n", done);
            if (x->wait)
                plan_show(json_object_get(answer, "whys") ? answer : NULL);
        }
    }
    json_decref(answer);
    return code;
}

char *file_read(const char *path, size_t max, char *why, size_t why_size)
{
    FILE *f = str_eq(path, "-") ? stdin : fopen(path, "re");
    struct str s;
    str_init(&s, why, why_size);
    if (!f) {
        str_addf(&s, "%s: %s", path, strerror(errno));
        return NULL;
    }
    char *at = malloc(max + 1);
    size_t len = at ? fread(at, 1, max + 1, f) : 0;
    bool failed = !at || ferror(f);
    if (f != stdin)
        fclose(f);
    if (failed || len > max) {
        str_addf(&s, "%s: %s", path, failed ? strerror(errno) : _("too long"));
        free(at);
        return NULL;
    }
    at[len] = '\0';
    return at;
}

bool conf_need(struct ctx *x)
{
    char why[512];
    static struct conf_faults faults;
    if (x->conf_loaded)
        return true;
    x->conf_text = file_read(x->conf_path, CONF_TEXT_MAX - 1, why, sizeof(why));
    if (!x->conf_text) {
        complain(_("cannot read the configuration: %s"), why);
        return false;
    }
    enum err err = conf_parse_origin(x->conf_text, &x->conf, &x->origin, translate, &faults);
    for (unsigned i = 0; i < faults.n; i++)
        if (!faults.at[i].warning || x->verbose)
            complain("%s:%u: %s%s", x->conf_path, faults.at[i].line,
                     faults.at[i].warning ? _("warning: ") : "", faults.at[i].text);
    x->conf_loaded = !err;
    return !err;
}

bool confirm_typed(struct ctx *x, const char *question, const char *expected, char *at, size_t size)
{
    (void)x;
    fprintf(stderr, "%s ", question);
    fflush(stderr);
    if (!fgets(at, (int)size, stdin))
        return false;
    at[strcspn(at, "\r\n")] = '\0';
    return !expected || str_eq(at, expected);
}
