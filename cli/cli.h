/* SPDX-License-Identifier: GPL-2.0-or-later
 * cli: what the files of the command line share: the context of one call, exit codes, the table of
 * commands, and the few functions that every command uses. */
#ifndef YOKE_CLI_CLI_H
#define YOKE_CLI_CLI_H

#include <jansson.h>
#include <libintl.h>
#include <stdbool.h>
#include <stdio.h>
#include "lib/base/str.h"
#include "lib/conf/ini.h"
#include "lib/conf/timing.h"
#include "lib/wire/cmd.h"

#define _(text)  gettext(text)
#define N_(text) text

/* Exit codes; crm's are 0 and 1, the others tell scripts a little more. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_FAIL = 1,     /* the cluster refused, or it did not work */
    EXIT_USAGE = 2,    /* the command was not understood */
    EXIT_NO_DAEMON = 3 /* yoked does not answer on this machine */
};

struct ctx {
    const char *conf_path;
    bool json, dry_run, wait, force, quiet, verbose, interactive;
    int timeout_ms;
    bool conf_loaded;
    char *conf_text;
    struct conf conf;
    struct conf_origin origin;
    struct draft *draft; /* configure level: the working copy, NULL when none is open */
    const char *level;   /* interactive: the level that commands are looked up in, NULL the root */
};

struct command {
    const char *level; /* NULL: root */
    const char *name, *alias;
    int min_args, max_args;                           /* -1: any */
    int (*run)(struct ctx *x, int argc, char **argv); /* argv[0] is the first argument */
    const char *args, *help;                          /* help is marked N_() */
};

/* table.c: the one table of commands */
const struct command *command_at(unsigned i); /* NULL past the last */
/* By name, alias, unique prefix or unique subsequence. *ambiguous gets the candidates. */
const struct command *command_find(const char *level, const char *word, struct str *ambiguous);
/* The level of that (abbreviated) name, NULL if it is none. */
const char *level_find(const char *word);
const char *level_at(unsigned i);
const char *level_help(const char *level);
/* Runs one command given as words; understands "LEVEL COMMAND args". */
int command_run(struct ctx *x, int argc, char **argv);
int help_run(struct ctx *x, int argc, char **argv);

/* ask.c: requests to the daemon */
struct cmd *ask_cmd(enum cmd_kind kind, unsigned flags); /* zeroed static-free copy: free() it */
void ask_arg(struct cmd *c, const char *arg);
/* Asks and parses the answer; on failure tells the user and returns NULL with *code set. With
 * --json the answer goes to stdout as it is. The caller decrefs. Frees c. */
json_t *ask(struct ctx *x, struct cmd *c, int *code);
/* Asks, tells the outcome (done, or the plan of a dry run), returns the exit code. */
int ask_do(struct ctx *x, struct cmd *c, const char *done);
unsigned ask_flags(const struct ctx *x);
bool conf_need(struct ctx *x); /* loads yoke.conf once; tells what is wrong with it */
void complain(const char *format, ...) PRINTF_LIKE(1, 2);
/* The sentence of a {"id":..,"args":..,"text":..} object in the user's language; "" if null. */
const char *json_say(const json_t *say, char *buf, size_t size);
const char *json_str(const json_t *object, const char *key); /* "" when absent */
long long json_num(const json_t *object, const char *key);   /* 0 when absent */
bool json_is(const json_t *object, const char *key);
void plan_show(const json_t *answer);
bool confirm_typed(struct ctx *x, const char *question, const char *expected, char *buf,
                   size_t size);
char *file_read(const char *path, size_t max, char *why,
                size_t why_size); /* malloced; "-" is stdin */

#define RUN(name) int name(struct ctx *x, int argc, char **argv)
/* render.c */
RUN(status_run);
/* views.c */
RUN(link_run);
RUN(guard_run);
RUN(scores_run);
RUN(failcount_run);
RUN(locate_run);
/* verbs.c: resources, nodes, the cluster */
RUN(rsc_start_run);
RUN(rsc_stop_run);
RUN(rsc_restart_run);
RUN(rsc_move_run);
RUN(rsc_cleanup_run);
RUN(rsc_manage_run);
RUN(rsc_unmanage_run);
RUN(rsc_maintenance_run);
RUN(rsc_meta_run);
RUN(rsc_param_run);
RUN(node_standby_run);
RUN(node_online_run);
RUN(node_maintenance_run);
RUN(node_ready_run);
RUN(node_fence_run);
RUN(node_confirm_run);
RUN(cluster_start_run);
RUN(cluster_stop_run);
RUN(cluster_restart_run);
RUN(cluster_wait_run);
/* configure.c */
RUN(conf_show_run);
RUN(conf_load_run);
RUN(conf_save_run);
RUN(conf_verify_run);
RUN(conf_set_run);
RUN(conf_delete_run);
RUN(conf_edit_run);
RUN(conf_commit_run);
RUN(conf_refresh_run);
RUN(conf_erase_run);
RUN(conf_define_run); /* argv[-1] is the object's kind */
/* local.c: what needs no daemon */
RUN(timing_run);
RUN(config_show_run);
RUN(config_check_run);
RUN(key_new_run);
RUN(version_run);
RUN(record_run);
/* cable.c */
RUN(link_test_run);
/* prompt.c */
int prompt_loop(struct ctx *x);
int batch_run(struct ctx *x, FILE *in);
/* meta.c */
bool meta_advise(struct ctx *x, struct str *text, const char *agent, int argc, char **argv);
RUN(ra_info_run);
RUN(ra_list_run);

#endif
