/* SPDX-License-Identifier: GPL-2.0-or-later
 * verbs: what one types to act on resources, nodes and this machine's daemon. Start, stop, manage,
 * standby and the like are changes of the configuration, so they outlive restarts; move, restart
 * and cleanup are acts that leave nothing behind. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "lib/base/num.h"
#include "lib/base/say.h"
#include "lib/cib/edit.h"

static int edit(struct ctx *x, enum cib_edit_kind kind, const char *id, const char *name,
                const char *value, const char *done)
{
    char number[8];
    struct str s;
    str_init(&s, number, sizeof(number));
    str_addf(&s, "%u", (unsigned)kind);
    struct cmd *c = ask_cmd(CMD_EDIT, ask_flags(x) | (value ? 0 : CMD_REMOVE));
    ask_arg(c, number);
    ask_arg(c, id);
    ask_arg(c, name);
    if (value)
        ask_arg(c, value);
    return ask_do(x, c, done);
}

/* With --wait: is a resource, or one of the group, held up by a failure? */
static bool held_up(const json_t *status, const char *id)
{
    size_t i, k;
    json_t *r, *member;
    json_array_foreach(json_object_get(status, "resources"), i, r)
    {
        bool all = str_eq(json_str(r, "id"), id);
        if (all && say_level((enum say_id)json_num(json_object_get(r, "why"), "id")) >= SAY_ERROR)
            return true;
        json_array_foreach(json_object_get(r, "members"), k, member)
        {
            long long why = json_num(json_object_get(member, "why"), "id");
            if ((all || str_eq(json_str(member, "id"), id)) &&
                say_level((enum say_id)why) >= SAY_ERROR)
                return true;
        }
    }
    return false;
}

/* The exit code of an act on a resource: when it was waited for, that it worked out too. */
static int acted(struct ctx *x, const char *id, int code)
{
    if (code != EXIT_OK || !x->wait || x->dry_run)
        return code;
    json_t *status = ask_quietly(x, ask_cmd(CMD_STATUS, 0), &code);
    code = status && held_up(status, id) ? EXIT_FAIL : EXIT_OK;
    json_decref(status);
    return code;
}

static int edit_each(struct ctx *x, int argc, char **argv, const char *name, const char *value)
{
    int worst = EXIT_OK;
    for (int i = 0; i < argc; i++) {
        int code = acted(x, argv[i], edit(x, EDIT_META, argv[i], name, value, NULL));
        worst = code > worst ? code : worst;
    }
    return worst;
}

int rsc_start_run(struct ctx *x, int argc, char **argv)
{
    return edit_each(x, argc, argv, "target-role", "Started");
}

int rsc_stop_run(struct ctx *x, int argc, char **argv)
{
    return edit_each(x, argc, argv, "target-role", "Stopped");
}

int rsc_manage_run(struct ctx *x, int argc, char **argv)
{
    return edit_each(x, argc, argv, "is-managed", "true");
}

int rsc_unmanage_run(struct ctx *x, int argc, char **argv)
{
    return edit_each(x, argc, argv, "is-managed", "false");
}

int rsc_maintenance_run(struct ctx *x, int argc, char **argv)
{
    bool on = true;
    if (argc > 1 && num_bool(argv[1], &on)) {
        complain(_("on or off, not '%s'"), argv[1]);
        return EXIT_USAGE;
    }
    return edit_each(x, 1, argv, "maintenance", on ? "true" : "false");
}

static int attribute(struct ctx *x, enum cib_edit_kind kind, int argc, char **argv)
{
    if (str_eq(argv[1], "set") && argc == 4)
        return edit(x, kind, argv[0], argv[2], argv[3], NULL);
    if (str_eq(argv[1], "delete") && argc == 3)
        return edit(x, kind, argv[0], argv[2], NULL, NULL);
    if (str_eq(argv[1], "show") && argc == 3)
        return conf_value_show(x, kind == EDIT_META, argv[0], argv[2]);
    complain(_("usage: yoke resource meta|param RESOURCE set|delete|show NAME [VALUE]"));
    return EXIT_USAGE;
}

int rsc_meta_run(struct ctx *x, int argc, char **argv)
{
    return attribute(x, EDIT_META, argc, argv);
}

int rsc_param_run(struct ctx *x, int argc, char **argv)
{
    return attribute(x, EDIT_PARAM, argc, argv);
}

static int simple(struct ctx *x, enum cmd_kind kind, int argc, char **argv, const char *done)
{
    struct cmd *c = ask_cmd(kind, ask_flags(x));
    for (int i = 0; i < argc; i++)
        ask_arg(c, argv[i]);
    return ask_do(x, c, done);
}

/* Dry runs of acts that the daemon has no plan for: nothing is sent to it. True: it is one. */
PRINTF_LIKE(2, 3)
static bool rehearsed(struct ctx *x, const char *format, ...)
{
    char text[512];
    va_list ap;
    if (!x->dry_run)
        return false;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (x->json)
        json_show(json_pack("{s:b,s:[],s:s}", "ok", 1, "plan", "would", text));
    else
        printf("%s\n", text);
    return true;
}

int rsc_restart_run(struct ctx *x, int argc, char **argv)
{
    return acted(x, argv[0], simple(x, CMD_RESTART, argc, argv, NULL));
}

int rsc_status_run(struct ctx *x, int argc, char **argv)
{
    return argc ? locate_run(x, argc, argv) : status_run(x, argc, argv);
}

/* crm's form has a lifetime and the word force behind the node. */
int rsc_move_run(struct ctx *x, int argc, char **argv)
{
    if (argc > 1 && str_eq(argv[argc - 1], "force"))
        argc--;
    if (argc > 2)
        return fail_with(EXIT_USAGE, _("a move is made once and leaves nothing behind: it has no "
                                       "lifetime"));
    return acted(x, argv[0], simple(x, CMD_MOVE, argc, argv, NULL));
}

int rsc_clear_run(struct ctx *x, int argc, char **argv)
{
    (void)argc;
    if (!x->quiet && !x->json)
        printf(_("nothing to clear: a move of %s leaves no constraint behind\n"), argv[0]);
    return EXIT_OK;
}

int rsc_cleanup_run(struct ctx *x, int argc, char **argv)
{
    if (argc > 0 && str_eq(argv[argc - 1], "force"))
        argc--;
    if (rehearsed(x, _("would forget failures of %s on %s and look again"),
                  argc > 0 ? argv[0] : _("every resource"), argc > 1 ? argv[1] : _("every node")))
        return EXIT_OK;
    return simple(x, CMD_CLEANUP, argc, argv, NULL);
}

/* ---- nodes --------------------------------------------------------------------------------------
 */

const char *node_or_self(struct ctx *x, int argc, char **argv)
{
    static char self[CONF_NAME_LEN];
    const char *named = argc ? argv[0] : x->node;
    if (named && conf_try(x) && conf_node_index(&x->conf, named) == NODE_NONE) {
        complain(_("there is no node %s in %s"), named, x->conf_path);
        return NULL;
    }
    if (named)
        return named;
    if (gethostname(self, sizeof(self) - 1) || !conf_need(x))
        return NULL;
    if (conf_node_index(&x->conf, self) == NODE_NONE)
        self[strcspn(self, ".")] = '\0'; /* as yoked does it */
    if (conf_node_index(&x->conf, self) == NODE_NONE) {
        complain(_("this machine (%s) is not a node of %s: name the node, or say -N NAME"), self,
                 x->conf_path);
        return NULL;
    }
    return self;
}

static int node_edit(struct ctx *x, int argc, char **argv, const char *name, const char *value)
{
    const char *node = node_or_self(x, argc, argv);
    return node ? edit(x, EDIT_NODE, node, name, value, NULL) : EXIT_USAGE;
}

int node_standby_run(struct ctx *x, int argc, char **argv)
{
    return node_edit(x, argc, argv, "standby", "on");
}

int node_online_run(struct ctx *x, int argc, char **argv)
{
    return node_edit(x, argc, argv, "standby", "off");
}

int node_maintenance_run(struct ctx *x, int argc, char **argv)
{
    return node_edit(x, argc, argv, "maintenance", "on");
}

int node_ready_run(struct ctx *x, int argc, char **argv)
{
    return node_edit(x, argc, argv, "maintenance", "off");
}

int node_fence_run(struct ctx *x, int argc, char **argv)
{
    char typed[CONF_NAME_LEN], question[256];
    if (rehearsed(x, _("would have %s reset by its fence device"), argv[0]))
        return EXIT_OK;
    snprintf(question, sizeof(question), _("%s will be reset at once. Type its name to confirm:"),
             argv[0]);
    if (!x->force && !confirm_typed(x, question, argv[0], typed, sizeof(typed))) {
        complain(_("not confirmed: nothing was done"));
        return EXIT_FAIL;
    }
    x->timeout_ms = 300000;
    return simple(x, CMD_FENCE, argc, argv, _("fencing begun; see yoke status"));
}

int node_confirm_run(struct ctx *x, int argc, char **argv)
{
    char typed[CONF_NAME_LEN], question[512];
    if (rehearsed(x, _("would take your word that %s is switched off, and take its services over"),
                  argv[0]))
        return EXIT_OK;
    snprintf(
        question, sizeof(question),
        _("If %s still runs, its data will be destroyed. Go and see that the machine is switched\n"
          "off; that its yoked has ended is not enough. Then type its name:"),
        argv[0]);
    if (argc < 2 && x->force) /* a script: the word stands there already */
        str_copy(typed, sizeof(typed), argv[0]);
    else if (argc < 2 && !confirm_typed(x, question, NULL, typed, sizeof(typed)))
        return EXIT_FAIL;
    struct cmd *c = ask_cmd(CMD_CONFIRM, ask_flags(x));
    ask_arg(c, argv[0]);
    ask_arg(c, argc < 2 ? typed : argv[1]);
    return ask_do(x, c, _("taken: its services may be taken over"));
}

/* ---- this machine
 * --------------------------------------------------------------------------------- */

static int systemctl(struct ctx *x, const char *verb)
{
    if (rehearsed(x, "systemctl %s yoked.service", verb))
        return EXIT_OK;
    pid_t pid = fork();
    int status = 0;
    if (pid == 0) {
        execlp("systemctl", "systemctl", verb, "yoked.service", (char *)NULL);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0) {
        complain("systemctl: %s", strerror(errno));
        return EXIT_FAIL;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        complain(_("there is no systemctl here: start yoked by hand"));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? EXIT_OK : EXIT_FAIL;
}

int cluster_start_run(struct ctx *x, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return systemctl(x, "start");
}

/* Waits until the daemon no longer answers. */
static int gone_wait(struct ctx *x)
{
    struct timespec pause = {.tv_nsec = 50000000};
    for (int waited = 0; waited < x->timeout_ms; waited += 50) {
        struct yoke_client *client = NULL;
        enum yoke_fault e = daemon_open(x, &client);
        yoke_client_close(client);
        if (e == YOKE_NOT_RUNNING)
            return EXIT_OK;
        nanosleep(&pause, NULL);
    }
    complain(_("yoked is still handing over; see yoke status"));
    return EXIT_FAIL;
}

int cluster_stop_run(struct ctx *x, int argc, char **argv)
{
    if (rehearsed(x, _("would hand this node's services over and end yoked here")))
        return EXIT_OK;
    x->timeout_ms = x->timeout_ms < 600000 ? 600000 : x->timeout_ms;
    int code = simple(x, CMD_STOP, argc, argv, _("leaving: services are handed over"));
    return code == EXIT_OK ? gone_wait(x) : code;
}

int cluster_restart_run(struct ctx *x, int argc, char **argv)
{
    int code = cluster_stop_run(x, argc, argv);
    return code ? code : systemctl(x, "start");
}

/* How often the daemon was started since the machine booted; 0: it does not answer. */
static long long start_number(struct ctx *x)
{
    int code;
    json_t *answer = ask_quietly(x, ask_cmd(CMD_VERSION, 0), &code);
    long long number = answer ? json_num(answer, "start") : 0;
    json_decref(answer);
    return number;
}

/* The yoked that lies on the disk now, which will take over, must like yoke.conf. */
static bool next_checked(struct ctx *x)
{
    static const char program[] = SBINDIR "/yoked";
    const char *argv[] = {program, "--check", "-c", x->conf_path, NULL, NULL, NULL};
    pid_t pid;
    int status = 0;
    if (x->node) {
        argv[4] = "-n";
        argv[5] = x->node;
    }
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        /* That all is in order need not be said; faults go to standard error. */
        if (!freopen("/dev/null", "w", stdout))
            _exit(127);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) {
        complain(_("%s --check does not agree: nothing was done"), argv[0]);
        return false;
    }
    return true;
}

int cluster_reload_run(struct ctx *x, int argc, char **argv)
{
    struct timespec pause = {.tv_nsec = 20000000};
    char *again[] = {(char *)CMD_STOP_AGAIN};
    (void)argc;
    (void)argv;
    if (rehearsed(x, _("would start yoked over in place; resources go on running")))
        return EXIT_OK;
    if (!next_checked(x))
        return EXIT_FAIL;
    long long before = start_number(x), now = 0;
    int code = simple(x, CMD_STOP, 1, again, NULL);
    for (int waited = 0; !code && waited < x->timeout_ms; waited += 20) {
        now = start_number(x);
        if (now > before) {
            if (!x->quiet && !x->json)
                printf(_("yoked was started over (start %lld since this machine booted)\n"), now);
            return x->wait ? cluster_wait_run(x, 0, NULL) : EXIT_OK;
        }
        nanosleep(&pause, NULL);
    }
    if (!code)
        complain(now ? _("yoked waits until what is under way is done; see yoke status")
                     : _("yoked does not answer: look at its journal at once, before the other "
                         "node has this one fenced"));
    return code ? code : EXIT_FAIL;
}

int cluster_wait_run(struct ctx *x, int argc, char **argv)
{
    uint64_t ms = 120000;
    if (argc && num_ms(argv[0], 86400000, &ms)) {
        complain(_("not a time: %s"), argv[0]);
        return EXIT_USAGE;
    }
    x->timeout_ms = (int)ms;
    return ask_do(x, ask_cmd(CMD_IDLE, CMD_WAIT_DONE), _("ready"));
}
