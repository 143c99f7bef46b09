/* SPDX-License-Identifier: GPL-2.0-or-later
 * render: `yoke status`, in the layout that people and scripts know from crm_mon, and below every
 * resource that is not where it should be, one line why, with what to type. */
#include <string.h>
#include <time.h>
#include "cli/cli.h"
#include "lib/cib/model.h"

void json_wall(const json_t *o, const char *key, char *at, size_t size)
{
    time_t t = (time_t)json_num(o, key);
    struct tm tm;
    if (!t || !localtime_r(&t, &tm) || !strftime(at, size, "%Y-%m-%d %H:%M:%S", &tm))
        snprintf(at, size, "?");
}

/* With corosync: in crm_mon's words, behind the coordinator. */
static void ring(const json_t *r)
{
    if (!r)
        printf("\n");
    else if (json_is(r, "there"))
        printf(" - %s\n",
               json_is(r, "quorate") ? "partition with quorum" : "partition WITHOUT quorum");
    else
        printf(_("\n  * corosync is not there: %s\n"), json_str(r, "reason"));
}

static void summary(const json_t *a)
{
    char when[64];
    long long disabled = json_num(a, "n_disabled"), blocked = json_num(a, "n_blocked");
    const char *coordinator = json_str(a, "coordinator");
    json_wall(a, "wall_s", when, sizeof(when));
    printf("%s\n", _("Cluster Summary:"));
    printf(_("  * Stack: yoke (cluster %s)\n"), json_str(a, "cluster"));
    printf(_("  * Current DC: %s (epoch %lld, configuration %s)"),
           *coordinator ? coordinator : "NONE", json_num(a, "epoch"), json_str(a, "version"));
    ring(json_object_get(a, "ring"));
    printf(_("  * Last updated: %s on %s\n"), when, json_str(a, "node"));
    unsigned n = (unsigned)json_array_size(json_object_get(a, "nodes"));
    printf("  * ");
    printf(ngettext("%u node configured", "%u nodes configured", n), n);
    n = (unsigned)json_num(a, "n_resources");
    printf("\n  * ");
    printf(ngettext("%u resource instance configured", "%u resource instances configured", n), n);
    if (disabled && blocked)
        printf(_(" (%lld DISABLED, %lld BLOCKED from further action due to failure)"), disabled,
               blocked);
    else if (disabled)
        printf(_(" (%lld DISABLED)"), disabled);
    else if (blocked)
        printf(_(" (%lld BLOCKED from further action due to failure)"), blocked);
    printf("\n");
    if (json_is(a, "unsafe"))
        printf("\n  *** %s ***\n",
               _("UNSAFE: guard is none; services may run on both nodes at once"));
    if (json_is(a, "maintenance_mode"))
        printf("\n              *** %s ***\n", _("Resource management is DISABLED"));
    if (json_is(a, "stop_all"))
        printf("\n  *** %s ***\n", _("stop-all-resources is set: nothing is to run"));
}

/* The state of a node in crm_mon's words; NULL for the plain ones, which are listed together. */
static const char *node_word(const json_t *node)
{
    const char *life = json_str(node, "life"), *peer = json_str(node, "peer_state");
    bool standby = json_is(node, "standby"), maintenance = json_is(node, "maintenance");
    if (str_eq(peer, "incompatible"))
        return "UNCLEAN (incompatible version)";
    if (str_eq(life, "unclean"))
        return str_eq(peer, "unmet") ? "UNCLEAN (not met)" : "UNCLEAN (offline)";
    if (json_is(node, "isolated"))
        return str_eq(life, "stopped") ? "OFFLINE (isolated)" : "UNCLEAN (isolated)";
    if (str_eq(life, "joining"))
        return "pending";
    if (str_eq(life, "stopped"))
        return standby ? "OFFLINE (standby)" : maintenance ? "OFFLINE (maintenance)" : NULL;
    if (standby)
        return json_num(node, "active") ? "standby (with active resources)" : "standby";
    if (maintenance)
        return "maintenance";
    if (json_is(node, "leaving"))
        return "leaving";
    return json_is(node, "no_exec") ? "online (cannot start anything)" : NULL;
}

static void node_list(const json_t *nodes, const char *life, const char *title)
{
    size_t i, n = 0;
    json_t *node;
    json_array_foreach(nodes, i, node) if (!node_word(node) && str_eq(json_str(node, "life"), life))
        printf("%s%s ", n++ ? "" : title, json_str(node, "name"));
    if (n)
        printf("]\n");
}

static void nodes(const json_t *a)
{
    char words[768];
    size_t i;
    json_t *node, *list = json_object_get(a, "nodes");
    printf("\n%s\n", _("Node List:"));
    json_array_foreach(list, i, node)
    {
        const char *word = node_word(node);
        bool unclean = str_eq(json_str(node, "life"), "unclean") || json_is(node, "isolated");
        const json_t *fencing = json_object_get(node, "fencing");
        if (word)
            printf("  * Node %s: %s\n", json_str(node, "name"), word);
        if (word && (unclean || str_eq(word, "pending")))
            printf("      %s %s\n", _("why:"),
                   json_say(json_object_get(node, "why"), words, sizeof(words)));
        if (fencing)
            printf("      %s\n", json_say(fencing, words, sizeof(words)));
    }
    node_list(list, "member", "  * Online: [ ");
    node_list(list, "stopped", "  * OFFLINE: [ ");
}

/* Of more than two nodes: this link is up to all others. The first peer's row stands for all. */
static bool up_to_all(const json_t *list, const char *name)
{
    size_t i;
    json_t *link;
    json_array_foreach(list, i, link) if (str_eq(json_str(link, "name"), name) &&
                                          !str_eq(json_str(link, "state"), "up")) return false;
    return true;
}

static void links(const json_t *a)
{
    char words[768];
    size_t i, nodes = json_array_size(json_object_get(a, "nodes"));
    json_t *link, *list = json_object_get(a, "links");
    const char *first = json_str(json_array_get(list, 0), "peer");
    printf("\n%s\n", _("Link List:"));
    json_array_foreach(list, i, link)
    {
        bool up = str_eq(json_str(link, "state"), "up");
        bool all = nodes > 2 && up_to_all(list, json_str(link, "name"));
        if (all && !str_eq(json_str(link, "peer"), first))
            continue;
        printf("  * %s (%s)", json_str(link, "name"), json_str(link, "type"));
        if (all)
            printf(_(": up to all %zu\n"), nodes - 1);
        else if (nodes > 2)
            printf(_(" to %s: %s\n"), json_str(link, "peer"), up ? "up" : json_str(link, "state"));
        else
            printf(": %s\n", up ? "up" : json_str(link, "state"));
        if (!up)
            printf("      %s %s\n", _("why:"),
                   json_say(json_object_get(link, "why"), words, sizeof(words)));
    }
}

static void flag(struct str *s, const char *text)
{
    str_add(s, s->len ? ", " : "(");
    str_add(s, text);
}

static void primitive(const json_t *r, const char *indent)
{
    char flags[256], words[768];
    struct str s;
    const char *pending = json_str(r, "pending"), *provider = json_str(r, "provider");
    const char *state = json_str(r, "state");
    json_t *on = json_object_get(r, "nodes");
    str_init(&s, flags, sizeof(flags));
    if (str_eq(pending, "start"))
        state = "Starting";
    else if (str_eq(pending, "stop"))
        state = "Stopping";
    else if (str_eq(pending, "promote"))
        state = "Promoting";
    else if (str_eq(pending, "demote"))
        state = "Demoting";
    if (json_is(r, "unclean"))
        flag(&s, "UNCLEAN");
    if (str_eq(pending, "probe"))
        flag(&s, "Checking");
    if (json_is(r, "disabled"))
        flag(&s, "disabled");
    if (json_is(r, "blocked"))
        flag(&s, "blocked");
    if (json_is(r, "maintenance"))
        flag(&s, "maintenance");
    else if (!json_is(r, "managed"))
        flag(&s, "unmanaged");
    if (s.len)
        str_add(&s, ")");
    printf("%s* %s\t(%s%s%s:%s):\t %s", indent, json_str(r, "id"), json_str(r, "class"),
           *provider ? ":" : "", provider, json_str(r, "type"), state);
    if (json_array_size(on) > 1) {
        printf(" [");
        for (size_t i = 0; i < json_array_size(on); i++)
            printf(" %s", json_string_value(json_array_get(on, i)));
        printf(" ]");
    } else if (json_array_size(on) == 1) {
        printf(" %s", json_str(r, "node"));
    } else if (*pending && !str_eq(pending, "probe")) {
        printf(" %s", json_str(r, "pending_node"));
    }
    printf("%s%s\n", s.len ? " " : "", flags);
    const json_t *why = json_object_get(r, "why");
    if (json_is_object(why))
        printf("%s    %s %s\n", indent, _("why:"), json_say(why, words, sizeof(words)));
}

/* Nodes of a clone's copies in that state, in one line; nothing for none. */
static void copies(const json_t *members, const char *state, const char *except, const char *title)
{
    size_t i, n = 0;
    json_t *m;
    json_array_foreach(members, i, m)
    {
        bool copy = str_eq(json_str(m, "part"), "copy");
        if (copy && str_eq(json_str(m, "state"), state) && !str_eq(json_str(m, "for"), except))
            printf("%s%s ", n++ ? "" : title, json_str(m, "for"));
    }
    if (n)
        printf("]\n");
}

/* As crm_mon has it: nodes by state; and in full what is not just as it should be. */
static void clone(const json_t *r)
{
    json_t *members = json_object_get(r, "members"), *m;
    bool promotable = json_is(r, "promotable");
    const char *promoted = "";
    size_t i;
    printf("  * Clone Set: %s [%s]%s:\n", json_str(r, "id"), json_str(r, "rsc"),
           promotable ? " (promotable)" : "");
    json_array_foreach(members, i, m) if (str_eq(json_str(m, "part"), "promoted") &&
                                          str_eq(json_str(m, "state"), "Promoted")) promoted =
        json_str(m, "node");
    if (*promoted)
        printf("    * Promoted: [ %s ]\n", promoted);
    copies(members, "Started", promoted, promotable ? "    * Unpromoted: [ " : "    * Started: [ ");
    copies(members, "Stopped", "", "    * Stopped: [ ");
    json_array_foreach(members, i, m) if (json_is_object(json_object_get(m, "why")))
        primitive(m, "    ");
}

static void resources(const json_t *a)
{
    size_t i, m;
    json_t *r, *member;
    printf("\n%s\n", _("Full List of Resources:"));
    if (!json_array_size(json_object_get(a, "resources")))
        printf("  * %s\n", _("No resources"));
    json_array_foreach(json_object_get(a, "resources"), i, r)
    {
        if (str_eq(json_str(r, "kind"), "primitive")) {
            primitive(r, "  ");
            continue;
        }
        if (str_eq(json_str(r, "kind"), "clone")) {
            clone(r);
            continue;
        }
        printf("  * Resource Group: %s:\n", json_str(r, "id"));
        json_array_foreach(json_object_get(r, "members"), m, member) primitive(member, "    ");
    }
}

/* Exit codes of agents in crm_mon's words. */
static const char *rc_word(long long rc)
{
    static const char *const word[] = {"ok",
                                       "error",
                                       "invalid parameter",
                                       "unimplemented feature",
                                       "insufficient privileges",
                                       "not installed",
                                       "not configured",
                                       "not running",
                                       "promoted",
                                       "failed (promoted)"};
    return rc >= 0 && rc < (long long)ARRAY_LEN(word) ? word[rc] : "error";
}

static void failures(const json_t *a)
{
    size_t i;
    json_t *f;
    char when[64];
    if (!json_array_size(json_object_get(a, "failures")))
        return;
    printf("\n%s\n", _("Failed Resource Actions:"));
    json_array_foreach(json_object_get(a, "failures"), i, f)
    {
        const char *reason = json_str(f, "reason");
        long long count = json_num(f, "fail_count"), most = json_num(f, "threshold");
        json_wall(f, "wall_s", when, sizeof(when));
        printf("  * ");
        printf(_("%s %s on %s returned '%s' (%lld%s%s) at %s after %lld ms"), json_str(f, "rsc"),
               json_str(f, "op"), json_str(f, "node"), rc_word(json_num(f, "rc")),
               json_num(f, "rc"), *reason ? ": " : "", reason, when, json_num(f, "exec_ms"));
        if (count >= SCORE_INF)
            printf(_(", fail-count INFINITY"));
        else if (count && most)
            printf(_(", fail-count %lld of %lld"), count, most);
        else if (count)
            printf(_(", fail-count %lld"), count);
        printf("\n");
    }
}

/* What works, but somebody must look at: a disk array without a spare disk, a full archive. */
static void warnings(const json_t *a)
{
    size_t i;
    json_t *w;
    if (!json_array_size(json_object_get(a, "warnings")))
        return;
    printf("\n%s\n", _("Running, but look at it:"));
    json_array_foreach(json_object_get(a, "warnings"), i, w) printf(
        _("  * %s on %s: %s\n"), json_str(w, "rsc"), json_str(w, "node"), json_str(w, "text"));
}

static void fencing(const json_t *a)
{
    fence_broken_show(a);
    if (!json_array_size(json_object_get(a, "fencing")))
        return;
    printf("\n%s\n", _("Fencing History:"));
    fence_history_show(a);
}

void status_show(const json_t *a)
{
    summary(a);
    nodes(a);
    links(a);
    resources(a);
    warnings(a);
    failures(a);
    fencing(a);
    if (*json_str(a, "pending"))
        printf("\n%s %s\n", _("Under way:"), json_str(a, "pending"));
}

int status_run(struct ctx *x, int argc, char **argv)
{
    int code;
    if (argc && !str_eq(argv[0], "full") && !str_eq(argv[0], "inactive"))
        return fail_with(EXIT_USAGE, _("usage: yoke status [full]"));
    json_t *a = ask(x, ask_cmd(CMD_STATUS, 0), &code);
    if (a && !x->json)
        status_show(a);
    json_decref(a);
    return code;
}
