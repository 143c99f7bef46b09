/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_table: commands by their names, abbreviations and ambiguities, and the exit codes. */
#include <unistd.h>
#include "cli/cli.h"
#include "test/unit/capture.h"
#include "test/unit/unit.h"

static char list[256];

static const char *found(const char *level, const char *word)
{
    struct str ambiguous;
    str_init(&ambiguous, list, sizeof(list));
    const struct command *c = command_find(level, word, &ambiguous);
    return c ? c->name : "";
}

START_TEST(test_names)
{
    ck_assert_str_eq(found(NULL, "status"), "status");
    ck_assert_str_eq(found("resource", "move"), "move");
    ck_assert_str_eq(found("resource", "migrate"), "move"); /* alias */
    ck_assert_str_eq(found("configure", "rm"), "delete");
    ck_assert_str_eq(found("configure", "remove"), "delete");
    ck_assert_str_eq(found("configure", "collocation"), "colocation");
    ck_assert_str_eq(found("node", "clearstate"), "confirm-dead");
    ck_assert_str_eq(found(NULL, ""), "");
    ck_assert_str_eq(found(NULL, "move"), "");
}
END_TEST

START_TEST(test_abbreviations)
{
    ck_assert_str_eq(found(NULL, "st"), "status");
    ck_assert_str_eq(found(NULL, "su"), "status");
    ck_assert_str_eq(found("resource", "mig"), ""); /* a prefix of an alias is none */
    ck_assert_str_eq(found("configure", "prim"), "primitive");
    ck_assert_str_eq(found("configure", "prm"), "primitive"); /* subsequence */
    ck_assert_str_eq(found("node", "stb"), "standby");
    ck_assert_str_eq(found("configure", "xrim"), "");
    ck_assert_str_eq(level_find("rsc"), "resource");
    ck_assert_str_eq(level_find("cfg"), "configure");
    ck_assert_str_eq(level_find("conf"), "configure");
    ck_assert_str_eq(level_find("config"), "config");
    ck_assert_str_eq(level_find("cl"), "cluster");
    ck_assert_ptr_null(level_find("c"));
    ck_assert_ptr_null(level_find("status"));
}
END_TEST

START_TEST(test_ambiguous)
{
    ck_assert_str_eq(found("resource", "st"), "");
    ck_assert_str_eq(list, "status, start, stop");
    ck_assert_str_eq(found("resource", "re"), "");
    ck_assert_str_eq(list, "restart, refresh");
    /* A whole name is never ambiguous, though others begin with it. */
    ck_assert_str_eq(found("resource", "start"), "start");
    ck_assert_str_eq(list, "");
}
END_TEST

static bool dry;
static int stream = STDERR_FILENO;

static int run(const char *a, const char *b, const char *c, const char *d)
{
    char word[4][64];
    char *argv[5] = {NULL};
    const char *from[] = {a, b, c, d};
    int argc = 0;
    struct ctx x = {.conf_path = "/nonexistent/yoke.conf", .timeout_ms = 1000, .dry_run = dry};
    str_copy(x.conf.run_dir, sizeof(x.conf.run_dir), "/nonexistent/run");
    x.conf_loaded = true;
    for (; argc < 4 && from[argc]; argc++) {
        str_copy(word[argc], sizeof(word[argc]), from[argc]);
        argv[argc] = word[argc];
    }
    capture_begin(stream);
    int code = command_run(&x, argc, argv);
    capture_end();
    tell_end(&x, code);
    return code;
}

START_TEST(test_exit_codes)
{
    ck_assert_int_eq(run("status", NULL, NULL, NULL), EXIT_NO_DAEMON);
    ck_assert_ptr_nonnull(strstr(captured, "not running"));
    ck_assert_int_eq(run("st", "full", "nix", NULL), EXIT_USAGE); /* too many arguments */
    ck_assert_ptr_nonnull(strstr(captured, "usage: yoke status"));
    ck_assert_int_eq(run("resource", "move", NULL, NULL), EXIT_USAGE); /* too few */
    ck_assert_int_eq(run("statsu", NULL, NULL, NULL), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "did you mean 'status'?"));
    ck_assert_int_eq(run("resource", "strat", "db", NULL), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "did you mean 'start'?"));
    ck_assert_int_eq(run("standby", NULL, NULL, NULL), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "yoke node standby"));
    ck_assert_int_eq(run("resource", "st", "db", NULL), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "can mean several things"));
    ck_assert_int_eq(run("configure", "verify", "/nonexistent/file", NULL), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "/nonexistent/file"));
    ck_assert_int_eq(run("configure", "erase", NULL, NULL), EXIT_FAIL); /* wants --force */
    ck_assert_int_eq(run("resource", "meta", "db", "sot"), EXIT_USAGE);
    ck_assert_int_eq(run("node", "standby", "nix", NULL), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "there is no node nix"));
}
END_TEST

/* What the daemon cannot rehearse never reaches it in a dry run (none runs here). */
START_TEST(test_dry_runs)
{
    static const char *const act[][3] = {
        {"node", "fence", "b"},
        {"node", "confirm-dead", "b"},
        {"cluster", "stop"},
        {"cluster", "start"},
        {"cluster", "restart"},
        {"resource", "cleanup"},
        {"key", "new", "/nonexistent/key"},
    };
    dry = true;
    stream = STDOUT_FILENO;
    for (unsigned i = 0; i < ARRAY_LEN(act); i++) {
        ck_assert_int_eq(run(act[i][0], act[i][1], act[i][2], NULL), EXIT_OK);
        ck_assert(*captured);
    }
    dry = false;
    stream = STDERR_FILENO;
    ck_assert_int_eq(run("cluster", "stop", NULL, NULL), EXIT_NO_DAEMON);
}
END_TEST

/* Nothing in the table contradicts itself. */
START_TEST(test_table)
{
    for (unsigned i = 0; command_at(i); i++) {
        const struct command *c = command_at(i);
        ck_assert_str_eq(found(c->level, c->name), c->name);
        ck_assert(c->max_args < 0 || c->max_args >= c->min_args);
        ck_assert(*c->help);
        bool known = c->level == NULL;
        for (unsigned k = 0; level_at(k); k++)
            known = known || str_eq(level_at(k), c->level);
        ck_assert_msg(known, "%s is at a level that is not there", c->name);
        /* A word of the root never hides a level. */
        ck_assert(c->level || !level_find(c->name));
    }
}
END_TEST

START_TEST(test_help)
{
    struct ctx x = {.conf_path = ""};
    char *configure[] = {(char *)"configure", NULL},
         *one[] = {(char *)"conf", (char *)"prim", NULL};
    capture_begin(STDOUT_FILENO);
    ck_assert_int_eq(help_run(&x, 0, NULL), EXIT_OK);
    capture_end();
    ck_assert_ptr_nonnull(strstr(captured, "status"));
    ck_assert_ptr_nonnull(strstr(captured, "configure ..."));
    capture_begin(STDOUT_FILENO);
    ck_assert_int_eq(help_run(&x, 1, configure), EXIT_OK);
    capture_end();
    ck_assert_ptr_nonnull(strstr(captured, "rsc_defaults"));
    ck_assert_ptr_null(strstr(captured, "standby"));
    capture_begin(STDOUT_FILENO);
    ck_assert_int_eq(help_run(&x, 2, one), EXIT_OK);
    capture_end();
    ck_assert_ptr_nonnull(strstr(captured, "primitive ID"));
    ck_assert_ptr_null(strstr(captured, "group"));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("table");
    tcase_add_test(t, test_names);
    tcase_add_test(t, test_abbreviations);
    tcase_add_test(t, test_ambiguous);
    tcase_add_test(t, test_exit_codes);
    tcase_add_test(t, test_dry_runs);
    tcase_add_test(t, test_table);
    tcase_add_test(t, test_help);
    return unit_end();
}
