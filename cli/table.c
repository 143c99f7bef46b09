/* SPDX-License-Identifier: GPL-2.0-or-later
 * table: every command in one place: its level, names, arguments and one line of help; the names
 * are found by any unique prefix or subsequence, as users of crm expect.
 *
 * Fails: a word that means nothing (the nearest name is suggested) or several things (they are
 * listed); too few or too many arguments (the usage line is shown). */
#include <assert.h>
#include <string.h>
#include "cli/cli.h"

enum { HELP_COLUMN = 40 };

static const struct command commands[] = {
    {NULL, "status", "st su", 0, 1, status_run, "[full]",
     N_("nodes, links and resources, and why anything is not where it should be")},
    {NULL, "guard", NULL, 0, 0, guard_run, "",
     N_("what is known of the other node, and whether its services may be taken over")},
    {NULL, "timing", NULL, 0, 0, timing_run, "",
     N_("every interval and time-out, and how it follows from takeover")},
    {NULL, "verify", NULL, 0, 1, conf_verify_run, "[FILE|-]",
     N_("check the configuration, or a file, without changing anything")},
    {NULL, "version", NULL, 0, 0, version_run, "", N_("versions of command line and daemon")},
    {NULL, "record", NULL, 1, 1, record_run, "FILE",
     N_("copy the daemon's event recording to a file, for replay by the simulator")},
    {NULL, "help", "?", 0, 2, help_run, "[LEVEL [COMMAND]]", N_("this list")},

    {"resource", "status", "show list", 0, 1, rsc_status_run, "[RESOURCE]",
     N_("as yoke status, or where one runs")},
    {"resource", "start", NULL, 1, -1, rsc_start_run, "RESOURCE...",
     N_("have it run (target-role)")},
    {"resource", "stop", NULL, 1, -1, rsc_stop_run, "RESOURCE...",
     N_("have it stopped (target-role)")},
    {"resource", "restart", NULL, 1, 1, rsc_restart_run, "RESOURCE",
     N_("stop and start it in place")},
    {"resource", "move", "migrate", 1, 3, rsc_move_run, "RESOURCE [NODE] [force]",
     N_("move it once; leaves no constraint behind")},
    {"resource", "clear", "unmove unmigrate unban", 1, 3, rsc_clear_run, "RESOURCE",
     N_("nothing to do here: a move leaves no constraint behind")},
    {"resource", "cleanup", NULL, 0, 3, rsc_cleanup_run, "[RESOURCE [NODE]] [force]",
     N_("forget failures and look again")},
    {"resource", "refresh", "reprobe", 0, 3, rsc_cleanup_run, "[RESOURCE [NODE]] [force]",
     N_("the same")},
    {"resource", "manage", NULL, 1, -1, rsc_manage_run, "RESOURCE...", N_("let yoke manage it")},
    {"resource", "unmanage", NULL, 1, -1, rsc_unmanage_run, "RESOURCE...",
     N_("leave it as it is, whatever happens")},
    {"resource", "maintenance", NULL, 1, 2, rsc_maintenance_run, "RESOURCE [on|off]",
     N_("no operations at all on it, no monitors either")},
    {"resource", "failcount", NULL, 3, 4, failcount_run, "RESOURCE set|delete|show NODE [VALUE]",
     N_("failures counted on a node")},
    {"resource", "meta", NULL, 3, 4, rsc_meta_run, "RESOURCE set|delete|show NAME [VALUE]",
     N_("a meta attribute")},
    {"resource", "param", NULL, 3, 4, rsc_param_run, "RESOURCE set|delete|show NAME [VALUE]",
     N_("an instance parameter")},
    {"resource", "locate", NULL, 0, 1, locate_run, "[RESOURCE]", N_("where it runs")},
    {"resource", "scores", NULL, 0, 0, scores_run, "", N_("final scores of the scheduler")},

    {"node", "status", "show list", 0, 0, status_run, "", N_("as yoke status")},
    {"node", "standby", NULL, 0, 1, node_standby_run, "[NODE]", N_("run nothing there")},
    {"node", "online", NULL, 0, 1, node_online_run, "[NODE]", N_("end of standby")},
    {"node", "maintenance", NULL, 0, 1, node_maintenance_run, "[NODE]",
     N_("leave everything there as it is")},
    {"node", "ready", NULL, 0, 1, node_ready_run, "[NODE]", N_("end of maintenance")},
    {"node", "fence", NULL, 1, 1, node_fence_run, "NODE",
     N_("have it reset by its fence device now")},
    {"node", "confirm-dead", "clearstate", 1, 2, node_confirm_run, "NODE [NODE]",
     N_("declare that you have switched it off yourself")},

    {"fence", "list", "devices", 0, 0, fence_list_run, "",
     N_("fence devices that this node can use, and how their last test went")},
    {"fence", "history", NULL, 0, 0, fence_history_run, "",
     N_("whom this node has fenced, by which device, and what failed")},
    {"fence", "test", NULL, 0, 1, fence_test_run, "[DEVICE]",
     N_("ask the devices now whether they can be reached; nobody is fenced")},

    {"cluster", "status", NULL, 0, 0, status_run, "", N_("as yoke status")},
    {"cluster", "start", NULL, 0, 0, cluster_start_run, "", N_("start yoked on this machine")},
    {"cluster", "stop", NULL, 0, 1, cluster_stop_run, "[for=TIME]",
     N_("leave the cluster: hand services over, then end yoked on this machine; what nobody "
        "manages runs on, and the other node leaves it alone until yoked is back, or for that "
        "time")},
    {"cluster", "restart", NULL, 0, 0, cluster_restart_run, "", N_("stop, then start")},
    {"cluster", "reload", NULL, 0, 0, cluster_reload_run, "",
     N_("start yoked over in place (after an upgrade, or a change of yoke.conf); resources run "
        "on")},
    {"cluster", "wait_for_startup", "wait", 0, 1, cluster_wait_run, "[SECONDS]",
     N_("until nothing is left to do")},

    {"link", "show", "status", 0, 0, link_run, "",
     N_("every link: state, round trip, lateness, losses (yoke link is enough)")},
    {"link", "test", NULL, 1, 2, link_test_run, "LINK [SECONDS]",
     N_("test a serial cable; run it on both machines at once, yoked stopped")},

    {"disk", "init", NULL, 1, 1, disk_init_run, "DEVICE|DISK",
     N_("prepare a small shared disk as quorum disk; refused when it holds anything")},
    {"disk", "show", "status", 0, 1, disk_show_run, "[DEVICE|DISK]",
     N_("header and blocks of a quorum disk, as they stand on it")},
    {"disk", "check", NULL, 0, 1, disk_check_run, "[DEVICE|DISK]",
     N_("read all its blocks and time reads and writes; disturbs no running node")},

    {"reservation", "show", "status", 0, 1, reservation_show_run, "[RESOURCE|DEVICE|DISK]",
     N_("who is registered on the shared disks, who has reserved them (-v: by which paths)")},
    {"reservation", "check", NULL, 0, 1, reservation_check_run, "[RESOURCE|DEVICE|DISK]",
     N_("try on a disk what a takeover by reservation needs; leaves it as it was")},

    {"watchdog", "show", "status", 0, 0, watchdog_show_run, "",
     N_("what resets this machine when it hangs: kind, time-out, until when it is fed, who has "
        "it")},
    {"watchdog", "test", NULL, 0, 1, watchdog_test_run, "[NODE]",
     N_("prove that it does: asks for this node's name, then lets it be reset")},

    {"config", "show", NULL, 0, 0, config_show_run, "",
     N_("effective values of yoke.conf and where each comes from")},
    {"config", "check", NULL, 0, 1, config_check_run, "[FILE]", N_("check yoke.conf")},
    {"corosync", "write", NULL, 0, 1, corosync_write_run, "[FILE]",
     N_("make the corosync.conf that yoke.conf asks for, and a key beside it")},
    {"corosync", "show", NULL, 0, 0, corosync_show_run, "", N_("show it, and write nothing")},
    {"corosync", "check", NULL, 0, 1, corosync_check_run, "[FILE]",
     N_("say where a corosync.conf disagrees with yoke.conf")},
    {"key", "new", NULL, 0, 1, key_new_run, "[FILE]", N_("make a key file")},

    {"configure", "show", NULL, 0, -1, conf_show_run, "[ID|type:KIND|changed...]",
     N_("the configuration, or some of it")},
    {"configure", "edit", NULL, 0, 0, conf_edit_run, "", N_("edit it with $EDITOR")},
    {"configure", "load", NULL, 1, 2, conf_load_run, "[replace|update] FILE|-",
     N_("take a configuration from a file")},
    {"configure", "save", NULL, 1, 1, conf_save_run, "FILE|-", N_("write it to a file")},
    {"configure", "verify", NULL, 0, 1, conf_verify_run, "[FILE|-]", N_("check it")},
    {"configure", "set", NULL, 2, 2, conf_set_run, "ID.[meta.|OP.[INTERVAL.]]NAME VALUE",
     N_("set one attribute")},
    {"configure", "delete", "rm remove", 1, -1, conf_delete_run, "ID...", N_("remove objects")},
    {"configure", "erase", NULL, 0, 0, conf_erase_run, "", N_("remove everything (with --force)")},
    {"configure", "commit", NULL, 0, 1, conf_commit_run, "[force]",
     N_("interactive: put the changes in force")},
    {"configure", "refresh", NULL, 0, 0, conf_refresh_run, "",
     N_("interactive: drop the changes and load again")},
    {"configure", "node", NULL, 1, -1, conf_define_run, "NAME attributes ...",
     N_("a node's attributes")},
    {"configure", "primitive", NULL, 2, -1, conf_define_run,
     "ID CLASS:[PROVIDER:]TYPE [params ...] [meta ...] [op ...]", N_("define a resource")},
    {"configure", "group", NULL, 2, -1, conf_define_run, "ID RESOURCE... [meta ...]",
     N_("resources that run together, started in this order")},
    {"configure", "clone", NULL, 2, -1, conf_define_run, "ID RESOURCE [meta promotable=true ...]",
     N_("a resource that runs on every node")},
    {"configure", "ms", "master", 2, -1, conf_define_run, "ID RESOURCE [meta ...]",
     N_("a clone of which one copy is promoted")},
    {"configure", "location", NULL, 3, -1, conf_define_run, "ID RESOURCE SCORE: NODE",
     N_("prefer or forbid a node")},
    {"configure", "colocation", "collocation", 4, -1, conf_define_run, "ID SCORE: RESOURCE WITH",
     N_("run where the other runs")},
    {"configure", "order", NULL, 3, -1, conf_define_run, "ID [KIND:] FIRST THEN",
     N_("start one before the other")},
    {"configure", "fencing_topology", NULL, 1, -1, conf_define_run, "[NODE:] DEVICE[,DEVICE...]...",
     N_("which fence devices, in which order: space is the next level, comma is all of one level")},
    {"configure", "property", NULL, 1, -1, conf_define_run, "NAME=VALUE...",
     N_("cluster properties")},
    {"configure", "rsc_defaults", NULL, 1, -1, conf_define_run, "NAME=VALUE...",
     N_("defaults of meta attributes")},
    {"configure", "op_defaults", NULL, 1, -1, conf_define_run, "NAME=VALUE...",
     N_("defaults of operations")},
    {"configure", "monitor", NULL, 2, 2, conf_define_run, "RESOURCE INTERVAL[:TIMEOUT]",
     N_("add a monitor to a resource")},

    {"ra", "list", "classes", 0, 2, ra_list_run, "[CLASS [PROVIDER]]",
     N_("resource agents found here")},
    {"ra", "info", "meta", 1, 1, ra_info_run, "CLASS:[PROVIDER:]TYPE",
     N_("an agent's parameters and actions")},
    {"ra", "validate", NULL, 1, -1, ra_validate_run,
     "RESOURCE|CLASS:[PROVIDER:]TYPE [PARAM=VALUE...]",
     N_("let an agent check parameters on this machine; nothing is started")},

    {"template", "list", NULL, 0, 0, template_list_run, "", N_("the templates there are")},
    {"template", "show", "info", 1, -1, template_show_run, "NAME [PARAM=VALUE...]",
     N_("what a template asks for, and what it writes")},
    {"template", "apply", "new", 1, -1, template_apply_run, "NAME [PARAM=VALUE...]",
     N_("configure a service by a template; asks for the values not given")},
};

static const struct level {
    const char *name, *alias;
    const char *alone; /* the command that the level's name alone means */
    const char *help;
} levels[] = {
    {"resource", "rsc", NULL, N_("start, stop, move, clean up resources")},
    {"node", NULL, NULL, N_("standby, maintenance, fencing")},
    {"fence", "stonith", "list", N_("fence devices: list, history, test")},
    {"cluster", NULL, NULL, N_("start and stop yoked on this machine")},
    {"configure", "cfg conf con co", NULL, N_("define resources and constraints")},
    {"link", NULL, "show", N_("heartbeat links")},
    {"disk", NULL, NULL, N_("quorum disks")},
    {"reservation", "pr", "show", N_("SCSI-3 reservations of the shared disks")},
    {"watchdog", NULL, "show", N_("what resets this machine when it hangs")},
    {"config", NULL, NULL, N_("yoke.conf")},
    {"corosync", NULL, NULL, N_("the configuration of corosync, for engine = corosync")},
    {"key", NULL, NULL, N_("the key that authenticates frames")},
    {"ra", NULL, NULL, N_("resource agents")},
    {"template", NULL, "list", N_("services that many have, ready to be configured")},
};

const struct command *command_at(unsigned i)
{
    return i < ARRAY_LEN(commands) ? &commands[i] : NULL;
}

const char *level_at(unsigned i)
{
    return i < ARRAY_LEN(levels) ? levels[i].name : NULL;
}

const char *level_help(const char *level)
{
    for (unsigned i = 0; i < ARRAY_LEN(levels); i++)
        if (str_eq(levels[i].name, level))
            return _(levels[i].help);
    return "";
}

static bool subsequence(const char *name, const char *word)
{
    for (; *name && *word; name++)
        if (*name == *word)
            word++;
    return !*word;
}

static bool listed(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; at && len; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (!strncmp(at, word, len) && (at[len] == ' ' || !at[len]))
            return true;
    }
    return false;
}

enum fit { FIT_NOT, FIT_PART, FIT_PREFIX, FIT_WHOLE };

/* How well a word names it: exactly, as a prefix, as a subsequence with the same first letter. */
static enum fit fit(const char *name, const char *alias, const char *word)
{
    if (str_eq(name, word) || listed(alias, word))
        return FIT_WHOLE;
    if (!*word)
        return FIT_NOT;
    if (str_starts(name, word))
        return FIT_PREFIX;
    return *name == *word && subsequence(name, word) ? FIT_PART : FIT_NOT;
}

/* What a word means: exactly one of command and level, or neither. */
struct meaning {
    enum fit fit;
    const struct command *command;
    const struct level *level;
};

static struct meaning look_up(const char *level, const char *word, struct str *ambiguous)
{
    for (enum fit want = FIT_WHOLE; want > FIT_NOT; want--) {
        struct meaning m = {want, NULL, NULL};
        unsigned count = 0;
        str_init(ambiguous, ambiguous->at, ambiguous->size);
        for (unsigned i = 0; i < ARRAY_LEN(commands); i++) {
            const struct command *c = &commands[i];
            if (!str_eq(c->level, level) || fit(c->name, c->alias, word) < want)
                continue;
            str_addf(ambiguous, "%s%s", count++ ? ", " : "", c->name);
            m.command = c;
        }
        for (unsigned i = 0; !level && i < ARRAY_LEN(levels); i++) {
            if (fit(levels[i].name, levels[i].alias, word) < want)
                continue;
            str_addf(ambiguous, "%s%s", count++ ? ", " : "", levels[i].name);
            m.level = &levels[i];
        }
        if (count == 1)
            str_init(ambiguous, ambiguous->at, ambiguous->size);
        if (count > 0)
            return count == 1 ? m : (struct meaning){FIT_NOT, NULL, NULL};
    }
    return (struct meaning){FIT_NOT, NULL, NULL};
}

const struct command *command_find(const char *level, const char *word, struct str *ambiguous)
{
    return look_up(level, word, ambiguous).command;
}

const char *level_find(const char *word)
{
    char list[256];
    struct str ambiguous;
    str_init(&ambiguous, list, sizeof(list));
    const struct level *level = look_up(NULL, word, &ambiguous).level;
    return level ? level->name : NULL;
}

/* A command of that name at some level. */
static const struct command *exact(const char *word)
{
    for (unsigned i = 0; i < ARRAY_LEN(commands); i++)
        if (commands[i].level && str_eq(commands[i].name, word))
            return &commands[i];
    return NULL;
}

static int unknown(const char *level, const char *word, const struct str *ambiguous)
{
    const char *names[ARRAY_LEN(commands) + ARRAY_LEN(levels)];
    size_t n = 0;
    if (ambiguous->len)
        return fail_with(EXIT_USAGE, _("'%s' can mean several things: %s"), word, ambiguous->at);
    for (unsigned i = 0; i < ARRAY_LEN(commands); i++)
        if (str_eq(commands[i].level, level))
            names[n++] = commands[i].name;
    for (unsigned i = 0; !level && i < ARRAY_LEN(levels); i++)
        names[n++] = levels[i].name;
    const struct command *elsewhere = level ? NULL : exact(word);
    if (elsewhere)
        return fail_with(EXIT_USAGE, _("'%s' is a command of a level: yoke %s %s %s"), word,
                         elsewhere->level, elsewhere->name, elsewhere->args);
    const char *near = str_nearest(word, names, n);
    const char *space = level ? " " : "";
    level = level ? level : "";
    if (near)
        return fail_with(EXIT_USAGE, _("there is no command '%s%s%s'; did you mean '%s'?"), level,
                         space, word, near);
    return fail_with(EXIT_USAGE, _("there is no command '%s%s%s'; see yoke help %s"), level, space,
                     word, level);
}

static int level_run(struct ctx *x, const char *level, int argc, char **argv)
{
    char list[256];
    struct str ambiguous;
    str_init(&ambiguous, list, sizeof(list));
    const struct command *c = command_find(level, argv[0], &ambiguous);
    if (!c)
        return unknown(level, argv[0], &ambiguous);
    if (argc - 1 < c->min_args || (c->max_args >= 0 && argc - 1 > c->max_args))
        return fail_with(EXIT_USAGE, _("usage: yoke %s%s%s %s"), c->level ? c->level : "",
                         c->level ? " " : "", c->name, c->args);
    argv[0] = (char *)c->name; /* the full name: handlers of several commands look at argv[-1] */
    return c->run(x, argc - 1, argv + 1);
}

/* At a level its commands come first, but for a word that is wholly the name of something at the
 * root. */
static bool means_level(const char *level, const char *word)
{
    char list[256];
    struct str ambiguous;
    str_init(&ambiguous, list, sizeof(list));
    struct meaning root = look_up(NULL, word, &ambiguous);
    struct meaning own = look_up(level, word, &ambiguous);
    if (own.fit == FIT_WHOLE || root.fit != FIT_WHOLE)
        return own.command || ambiguous.len;
    return false;
}

int command_run(struct ctx *x, int argc, char **argv)
{
    char list[256];
    struct str ambiguous;
    str_init(&ambiguous, list, sizeof(list));
    assert(argc > 0);
    if (x->level && means_level(x->level, argv[0]))
        return level_run(x, x->level, argc, argv);
    struct meaning m = look_up(NULL, argv[0], &ambiguous);
    if (m.command)
        return level_run(x, NULL, argc, argv);
    if (!m.level)
        return unknown(ambiguous.len ? NULL : x->level, argv[0], &ambiguous);
    if (argc > 1)
        return level_run(x, m.level->name, argc - 1, argv + 1);
    char *alone[] = {(char *)m.level->alone, NULL};
    if (m.level->alone)
        return level_run(x, m.level->name, 1, alone);
    return help_run(x, 1, (char *[]){(char *)m.level->name, NULL});
}

const char *command_level(const char *word)
{
    char list[256];
    struct str ambiguous;
    str_init(&ambiguous, list, sizeof(list));
    const struct level *level = look_up(NULL, word, &ambiguous).level;
    return level && !level->alone ? level->name : NULL;
}

static void help_line(const char *name, const char *args, const char *help)
{
    char line[128];
    struct str s;
    str_init(&s, line, sizeof(line));
    str_addf(&s, "%s %s", name, args);
    if (s.len > HELP_COLUMN)
        printf("  %s\n  %-*s %s\n", line, HELP_COLUMN, "", _(help));
    else
        printf("  %-*s %s\n", HELP_COLUMN, line, _(help));
}

int help_run(struct ctx *x, int argc, char **argv)
{
    char list[256];
    struct str ambiguous;
    unsigned shown = 0;
    str_init(&ambiguous, list, sizeof(list));
    const char *level = argc > 0 ? level_find(argv[0]) : x->level;
    const char *word = argc > 1 ? argv[1] : argc > 0 && !level ? argv[0] : NULL;
    const struct command *one = word ? command_find(level, word, &ambiguous) : NULL;
    if (word && !one && x->level && argc == 1)
        one = command_find(x->level, word, &ambiguous);
    if (word && !one)
        return unknown(level, word, &ambiguous);
    for (unsigned i = 0; i < ARRAY_LEN(commands); i++) {
        const struct command *c = &commands[i];
        if (one ? c != one : !str_eq(c->level, level))
            continue;
        help_line(c->name, c->args, c->help);
        shown++;
    }
    for (unsigned i = 0; !level && !one && i < ARRAY_LEN(levels); i++)
        help_line(levels[i].name, "...", levels[i].help);
    return shown ? EXIT_OK : EXIT_USAGE;
}
