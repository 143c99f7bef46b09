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
#include "include/yoke/client.h"

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
    const char *node; /* --node: this machine's name in yoke.conf; NULL: the host's */
    bool json, dry_run, wait, force, quiet, verbose, interactive;
    bool complete; /* --complete, for a shell: only show what may follow */
    bool silent;   /* --json: answers that are only a means are not shown */
    int timeout_ms;
    bool conf_tried, conf_loaded;
    struct conf conf;
    struct conf_origin origin;
    const char *load_text;     /* what configure load read */
    struct applying *applying; /* the template that is being applied */
    struct workcopy *copy;     /* configure level: the working copy, NULL when none is open */
    const char *level; /* interactive: the level that commands are looked up in, NULL the root */
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
/* The level that a word alone leads into, NULL if it does not. */
const char *command_level(const char *word);
int help_run(struct ctx *x, int argc, char **argv);

/* tell.c: what the user is told */
void complain(const char *format, ...) PRINTF_LIKE(1, 2);
int fail_with(int code, const char *format, ...) PRINTF_LIKE(2, 3); /* complains, returns code */
/* One fault of a text of the user's; path may be "" and line 0. */
void fault_tell(const char *path, unsigned line, bool warning, const char *text);
void json_show(json_t *object); /* one line on standard output; takes the reference */
/* After every command: with --json there is an answer, whatever happened. */
void tell_end(const struct ctx *x, int code);
const char *translate(const char *text); /* gettext, but "" stays "" */
void *need(void *memory);                /* ends the program when there is none */

/* ask.c: requests to the daemon */
struct cmd *ask_cmd(enum cmd_kind kind, unsigned flags); /* zeroed static-free copy: free() it */
void ask_arg(struct cmd *c, const char *arg);
/* Asks and parses the answer; on failure tells the user and returns NULL with *code set. With
 * --json the answer goes to stdout as it is. The caller decrefs. Frees c. */
json_t *ask(struct ctx *x, struct cmd *c, int *code);
/* The same, but a refusal is returned too, and nothing of an answer is told. */
json_t *ask_try(struct ctx *x, struct cmd *c, int *code);
/* The same, and no word of anything. NULL on any failure. */
json_t *ask_quietly(struct ctx *x, struct cmd *c, int *code);
void refusal_show(struct ctx *x, json_t *answer);
/* Asks, tells the outcome (done, or the plan of a dry run), returns the exit code. */
int ask_do(struct ctx *x, struct cmd *c, const char *done);
unsigned ask_flags(const struct ctx *x);
enum yoke_fault daemon_open(struct ctx *x, struct yoke_client **client);
/* Loads yoke.conf once; tells what is wrong with it unless quiet. */
bool conf_need(struct ctx *x);
bool conf_try(struct ctx *x); /* the same, silent */
/* The sentence of a {"id":..,"args":..,"text":..} object in the user's language; "" if null. */
const char *json_say(const json_t *say, char *buf, size_t size);
const char *json_str(const json_t *object, const char *key); /* "" when absent */
long long json_num(const json_t *object, const char *key);   /* 0 when absent */
bool json_is(const json_t *object, const char *key);
/* A wall clock date of the answer as local time; "?" for none. */
void json_wall(const json_t *object, const char *key, char *buf, size_t size);
void plan_show(const json_t *answer);
void whys_show(const json_t *answer);
bool confirm_typed(struct ctx *x, const char *question, const char *expected, char *buf,
                   size_t size);
/* file.c */
/* Malloced, ended by NUL; "-" is standard input. NULL: why tells. */
char *file_read(const char *path, size_t max, char *why, size_t why_size);
/* Whole or not at all: into a new file beside it, then renamed. "-" is standard output. */
bool file_write(const char *path, unsigned mode, const char *text, size_t len, char *why,
                size_t why_size);

#define RUN(name) int name(struct ctx *x, int argc, char **argv)
/* render.c */
void status_show(const json_t *answer);
RUN(status_run);
/* views.c */
RUN(link_run);
RUN(guard_run);
RUN(scores_run);
RUN(failcount_run);
RUN(locate_run);
/* fenceview.c */
void fence_broken_show(const json_t *answer); /* devices whose last test failed */
void fence_history_show(const json_t *answer);
RUN(fence_list_run);
RUN(fence_history_run);
RUN(fence_test_run);
/* verbs.c: resources, nodes, the cluster */
/* The node named, else --node, else this machine; NULL: told. */
const char *node_or_self(struct ctx *x, int argc, char **argv);
RUN(rsc_start_run);
RUN(rsc_stop_run);
RUN(rsc_restart_run);
RUN(rsc_status_run);
RUN(rsc_move_run);
RUN(rsc_clear_run);
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
RUN(cluster_reload_run);
RUN(cluster_wait_run);
/* configure.c */
int conf_value_show(struct ctx *x, bool meta, const char *id, const char *name);
RUN(conf_show_run);
RUN(conf_load_run);
RUN(conf_save_run);
RUN(conf_verify_run);
RUN(conf_commit_run);
RUN(conf_refresh_run);
RUN(conf_edit_run);
/* define.c: changes of one object */
RUN(conf_define_run); /* argv[-1] is the object's kind */
RUN(conf_set_run);
RUN(conf_delete_run);
RUN(conf_erase_run);
/* Writes what its agent advises into a primitive of the working copy, where nothing is written. */
int define_advise(struct ctx *x, const char *id);
/* Sets ID.NAME and the like in the working copy, as configure set does. */
int define_set(struct ctx *x, const char *path, const char *value);
/* local.c: what needs no daemon */
RUN(timing_run);
RUN(config_show_run);
RUN(config_check_run);
RUN(key_new_run);
RUN(version_run);
RUN(record_run);
/* diskkeys.c, trial.c */
RUN(reservation_show_run);
RUN(reservation_check_run);
/* quorumdisk.c */
RUN(disk_init_run);
RUN(disk_show_run);
RUN(disk_check_run);
/* feeding.c */
RUN(watchdog_show_run);
RUN(watchdog_test_run);
/* totemfile.c */
RUN(corosync_write_run);
RUN(corosync_show_run);
RUN(corosync_check_run);
/* linktest.c */
RUN(link_test_run);
/* catalog.c */
RUN(ra_info_run);
RUN(ra_list_run);
/* validation.c */
RUN(ra_validate_run);
/* shelf.c */
RUN(template_list_run);
RUN(template_show_run);
RUN(template_apply_run);
/* For completion: names of templates, or PARAM= of one. */
void shelf_complete(const char *name, void (*add)(const char *word));

#endif
