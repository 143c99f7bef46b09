/* SPDX-License-Identifier: GPL-2.0-or-later
 * ask: requests to the daemon, and how their answers are told.
 *
 * Happy path: ask_cmd, ask_arg, ask or ask_do. A daemon that is busy with another change is asked
 * again for a few seconds. Fails: no daemon (exit code 3), the request is refused (its sentence
 * goes to stderr in the user's language, exit code 1). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "lib/base/say.h"
#include "lib/client/client.h"

enum { BUSY_TRIES = 40, BUSY_PAUSE_MS = 100, CONNECT_MS = 5000 };

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

/* The core names its reasons in English: those of enum err can be put into other words. */
static const char *reason(const char *text)
{
    for (unsigned e = 0; e < ERR_COUNT; e++)
        if (str_eq(text, err_text((enum err)e)))
            return translate(text);
    return text;
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
        say_arg(&say, json_is_string(arg) ? reason(json_string_value(arg)) : "");
    say_words(&say, translate, &out);
    return at;
}

struct cmd *ask_cmd(enum cmd_kind kind, unsigned flags)
{
    struct cmd *c = need(calloc(1, sizeof(*c)));
    c->kind = (uint8_t)kind;
    c->flags = (uint16_t)flags;
    return c;
}

void ask_arg(struct cmd *c, const char *arg)
{
    /* Too long: said by whoever reads the request, for a cut name could be another one's. */
    if (c->n_args < CMD_ARGS_MAX && !str_copy(c->arg[c->n_args++], CMD_ARG_LEN, arg)) {
        complain(_("this argument is too long: %.40s..."), arg);
        exit(EXIT_USAGE);
    }
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
        fault_tell("", (unsigned)json_num(f, "line"), json_is(f, "warning"), json_str(f, "text"));
}

enum yoke_fault daemon_open(struct ctx *x, struct yoke_client **client)
{
    return yoke_client_open(conf_try(x) ? x->conf.run_dir : NULL, CONNECT_MS, client);
}

static void fault_say(struct ctx *x, enum yoke_fault e)
{
    complain("%s", translate(yoke_fault_text(e)));
    if (e == YOKE_NOT_RUNNING && !conf_try(x) && access(x->conf_path, F_OK) == 0)
        complain(_("%s cannot be used, so yoked was looked for where it runs without one: see yoke "
                   "config check"),
                 x->conf_path);
}

/* One exchange. NULL: no daemon, or no answer. */
static json_t *exchange(struct ctx *x, const struct cmd *c, bool quiet, int *code)
{
    json_error_t error;
    char *text = NULL;
    size_t len = 0;
    struct yoke_client *client = NULL;
    enum yoke_fault e = daemon_open(x, &client);
    if (!e)
        e = client_call(client, c, x->timeout_ms, &text, &len);
    yoke_client_close(client);
    json_t *answer = e ? NULL : json_loadb(text, len, 0, &error);
    free(text);
    *code = e == YOKE_NOT_RUNNING ? EXIT_NO_DAEMON : EXIT_FAIL;
    if (e && !quiet)
        fault_say(x, e);
    else if (!answer && !quiet)
        complain(_("the daemon's answer was not understood (%s)"), error.text);
    return answer;
}

json_t *ask_quietly(struct ctx *x, struct cmd *c, int *code)
{
    json_t *answer = exchange(x, c, true, code);
    free(c);
    return answer;
}

static void pause_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

json_t *ask_try(struct ctx *x, struct cmd *c, int *code)
{
    json_t *answer = NULL;
    *code = EXIT_FAIL;
    for (int i = 0; i < BUSY_TRIES; i++) {
        answer = exchange(x, c, false, code);
        if (!answer || json_is(answer, "ok") || json_num(answer, "id") != SAY_CMD_BUSY)
            break;
        if (i + 1 < BUSY_TRIES) {
            json_decref(answer);
            pause_ms(BUSY_PAUSE_MS);
        }
    }
    free(c);
    return answer;
}

void refusal_show(struct ctx *x, json_t *answer)
{
    char words[768];
    if (json_array_size(json_object_get(answer, "faults")) == 0)
        complain("%s", json_say(answer, words, sizeof(words)));
    faults_show(answer);
    if (x->json)
        json_show(json_incref(answer));
}

json_t *ask(struct ctx *x, struct cmd *c, int *code)
{
    json_t *answer = ask_try(x, c, code);
    if (!answer)
        return NULL;
    if (json_is(answer, "ok")) {
        *code = EXIT_OK;
        if (x->json && !x->silent)
            json_show(json_incref(answer));
        return answer;
    }
    refusal_show(x, answer);
    json_decref(answer);
    *code = EXIT_FAIL;
    return NULL;
}

void whys_show(const json_t *answer)
{
    size_t i;
    json_t *item;
    char words[768];
    json_array_foreach(json_object_get(answer, "whys"), i, item)
        printf("  %s\n", json_say(json_object_get(item, "why"), words, sizeof(words)));
}

void plan_show(const json_t *answer)
{
    size_t i;
    json_t *item;
    if (json_array_size(json_object_get(answer, "plan")) == 0)
        printf("%s\n", _("nothing would be done"));
    json_array_foreach(json_object_get(answer, "plan"), i, item)
    {
        const char *rsc = json_str(item, "rsc"), *op = json_str(item, "op");
        printf("  ");
        if (*rsc)
            printf(_("%s %s on %s"), op, rsc, json_str(item, "node"));
        else
            printf("%s %s", op, json_str(item, "node"));
        printf("%s\n", json_is(item, "blocked") ? _("  (blocked)") : "");
    }
    whys_show(answer);
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
        } else if (!x->quiet) {
            if (done)
                printf("%s\n", done);
            whys_show(answer);
        }
    }
    json_decref(answer);
    return code;
}

static bool conf_read(struct ctx *x, bool quiet)
{
    char why[512];
    if (x->conf_loaded)
        return true;
    x->conf_tried = true;
    char *text = file_read(x->conf_path, CONF_TEXT_MAX - 1, why, sizeof(why));
    if (!text) {
        if (!quiet)
            complain(_("cannot read the configuration: %s"), why);
        return false;
    }
    struct conf_faults *faults = need(calloc(1, sizeof(*faults)));
    enum err err = conf_parse_origin(text, &x->conf, &x->origin, translate, faults);
    for (unsigned i = 0; i < faults->n && !quiet; i++)
        if (!faults->at[i].warning || x->verbose)
            fault_tell(x->conf_path, faults->at[i].line, faults->at[i].warning, faults->at[i].text);
    x->conf_loaded = !err;
    free(faults);
    free(text);
    return !err;
}

bool conf_need(struct ctx *x)
{
    return conf_read(x, false);
}

bool conf_try(struct ctx *x)
{
    return x->conf_loaded || (!x->conf_tried && conf_read(x, true));
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
