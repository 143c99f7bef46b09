/* SPDX-License-Identifier: GPL-2.0-or-later
 * views: links, guard, scores, fail counts and places, as tables. */
#include <string.h>
#include "cli/cli.h"

static void link_one(const json_t *l)
{
    char words[768];
    const json_t *rtt = json_object_get(l, "rtt_us"), *bad = json_object_get(l, "bad");
    json_t *lateness = json_object_get(l, "lateness"), *count;
    size_t i;
    printf(_("%s (%s) to %s: %s for %lld s\n"), json_str(l, "name"), json_str(l, "type"),
           json_str(l, "peer"), json_str(l, "state"), json_num(l, "since_ms") / 1000);
    printf("  %s\n", json_say(json_object_get(l, "why"), words, sizeof(words)));
    printf(_("  a beat every %lld ms, down after %lld ms\n"), json_num(l, "interval_ms"),
           json_num(l, "limit_ms"));
    printf(_("  round trip %lld us (least %lld, mean %lld, greatest %lld)\n"),
           json_num(rtt, "last"), json_num(rtt, "min"), json_num(rtt, "mean"),
           json_num(rtt, "max"));
    printf(_("  frames: %lld sent, %lld received, %lld lost, %lld late\n"), json_num(l, "sent"),
           json_num(l, "received"), json_num(l, "lost"), json_num(l, "late"));
    printf(
        _("  dropped: %lld damaged, %lld with a wrong key, %lld foreign, %lld replayed, %lld not "
          "proven\n"),
        json_num(bad, "crc") + json_num(bad, "form"), json_num(bad, "key"),
        json_num(bad, "foreign"), json_num(bad, "replayed"), json_num(bad, "unproven"));
    printf("  %s", _("beats by lateness (in time, up to 1, 2, 4 ... quarters of the interval):"));
    json_array_foreach(lateness, i, count) printf(" %lld", (long long)json_integer_value(count));
    printf("\n");
}

int link_run(struct ctx *x, int argc, char **argv)
{
    int code;
    size_t i;
    json_t *l;
    (void)argc;
    (void)argv;
    json_t *a = ask(x, ask_cmd(CMD_LINK, 0), &code);
    if (a && !x->json)
        json_array_foreach(json_object_get(a, "links"), i, l) link_one(l);
    json_decref(a);
    return code;
}

/* What would prove that node stopped. */
static void proofs_show(const json_t *p)
{
    size_t i;
    json_t *proof;
    char words[768];
    json_array_foreach(json_object_get(p, "proofs"), i, proof)
        printf("  %-12s %s  %s\n", json_str(proof, "proof"), json_is(proof, "there") ? "*" : "-",
               json_say(json_object_get(proof, "why"), words, sizeof(words)));
    const json_t *test = json_object_get(p, "watchdog_test");
    if (test)
        printf("  %-12s %s  ", "watchdog", json_is(test, "ok") ? "*" : "-");
    if (test)
        printf(
            _("when it was last tested, it was heard for %lld ms after its watchdog was last fed, "
              "whose time-out is %lld ms\n"),
            (long long)json_integer_value(json_object_get(test, "lived_ms")),
            (long long)json_integer_value(json_object_get(test, "timeout_ms")));
    if (json_object_get(p, "unprovable"))
        printf("  %s\n", json_say(json_object_get(p, "unprovable"), words, sizeof(words)));
}

/* The disks that can be reserved, or ought to be. */
static void reservations_show(const json_t *a)
{
    static const char *const state[] = {N_("being looked for"),
                                        N_("not found"),
                                        N_("unable"),
                                        N_("stranger"),
                                        N_("taken"),
                                        N_("lost"),
                                        N_("not registered"),
                                        N_("bare path"),
                                        N_("held"),
                                        N_("registered"),
                                        N_("registered, stands down")};
    size_t i;
    json_t *r;
    json_array_foreach(json_object_get(a, "reservations"), i, r)
    {
        const char *word = json_str(r, "state"), *name = json_str(r, "rsc");
        const char *reason = json_str(r, "reason");
        for (size_t k = 0; k < sizeof(state) / sizeof(state[0]); k++)
            if (strcmp(word, state[k]) == 0)
                printf(_("reservation of %s: %s%s%s%s%s\n"), *name ? name : json_str(r, "disk"),
                       _(state[k]), json_is(r, "arbiter") ? _(", decides who is first") : "",
                       *reason ? " (" : "", reason, *reason ? ")" : "");
    }
    if (json_is(a, "stands_down"))
        printf("%s\n", _("this node stands down: its reservation was taken away"));
}

int guard_run(struct ctx *x, int argc, char **argv)
{
    int code;
    size_t i;
    json_t *p;
    char words[768];
    (void)argc;
    (void)argv;
    json_t *a = ask(x, ask_cmd(CMD_GUARD, 0), &code);
    if (a && !x->json) {
        printf(_("guard: %s\n"), json_str(a, "guard"));
        if (json_is(a, "unsafe"))
            printf("  %s\n", _("UNSAFE: guard is none; services may run on both nodes at once"));
        json_array_foreach(json_object_get(a, "peers"), i, p)
        {
            printf("%s: %s\n", json_str(p, "node"),
                   json_say(json_object_get(p, "why"), words, sizeof(words)));
            if (json_object_get(p, "fencing"))
                printf("  %s\n", json_say(json_object_get(p, "fencing"), words, sizeof(words)));
            proofs_show(p);
        }
        reservations_show(a);
        if (json_is(a, "alone"))
            printf("%s\n", _("this node holds the right to go on alone"));
    }
    json_decref(a);
    return code;
}

int scores_run(struct ctx *x, int argc, char **argv)
{
    int code;
    size_t i;
    json_t *s;
    (void)argc;
    (void)argv;
    json_t *a = ask(x, ask_cmd(CMD_SCORES, 0), &code);
    if (a && !x->json)
        json_array_foreach(json_object_get(a, "scores"), i, s)
        {
            long long score = json_num(s, "score");
            printf("%-24s %-16s ", json_str(s, "rsc"), json_str(s, "node"));
            if (score >= 1000000 || score <= -1000000)
                printf("%sINFINITY\n", score < 0 ? "-" : "");
            else
                printf("%lld\n", score);
        }
    json_decref(a);
    return code;
}

int failcount_run(struct ctx *x, int argc, char **argv)
{
    int code;
    size_t i;
    json_t *f;
    if (str_eq(argv[1], "show")) {
        long long count = 0;
        json_t *a = ask(x, ask_cmd(CMD_STATUS, 0), &code);
        json_array_foreach(json_object_get(a, "failures"), i,
                           f) if (str_eq(json_str(f, "rsc"), argv[0]) &&
                                  str_eq(json_str(f, "node"), argv[2])) count =
            json_num(f, "fail_count");
        if (a && !x->json)
            printf("scope=status  name=fail-count-%s value=%lld\n", argv[0], count);
        json_decref(a);
        return code;
    }
    bool set = str_eq(argv[1], "set");
    if ((!set && !str_eq(argv[1], "delete")) || (set && argc < 4)) {
        complain(_("usage: yoke resource failcount RESOURCE set|delete|show NODE [VALUE]"));
        return EXIT_USAGE;
    }
    if (x->dry_run) { /* the daemon has no plan for it */
        if (!x->json)
            printf(_("would set the failures of %s on %s to %s\n"), argv[0], argv[2],
                   set ? argv[3] : "0");
        return EXIT_OK;
    }
    struct cmd *c = ask_cmd(CMD_FAILCOUNT, ask_flags(x));
    ask_arg(c, argv[0]);
    ask_arg(c, argv[2]);
    ask_arg(c, set ? argv[3] : "0");
    return ask_do(x, c, _("done"));
}

static bool wanted(const json_t *r, const json_t *group, const char *id)
{
    return !id || str_eq(json_str(r, "id"), id) || (group && str_eq(json_str(group, "id"), id));
}

static unsigned locate_one(const json_t *r, const json_t *group, const char *id)
{
    if (!wanted(r, group, id))
        return 0;
    json_t *on = json_object_get(r, "nodes");
    printf("resource %s is ", json_str(r, "id"));
    if (!json_array_size(on))
        printf("NOT running\n");
    else
        printf("running on: %s\n", json_str(r, "node"));
    return 1;
}

int locate_run(struct ctx *x, int argc, char **argv)
{
    int code;
    size_t i, m;
    unsigned found = 0;
    json_t *r, *member;
    const char *id = argc ? argv[0] : NULL;
    json_t *a = ask(x, ask_cmd(CMD_STATUS, 0), &code);
    if (!a || x->json) {
        json_decref(a);
        return code;
    }
    json_array_foreach(json_object_get(a, "resources"), i, r)
    {
        if (str_eq(json_str(r, "kind"), "primitive"))
            found += locate_one(r, NULL, id);
        else
            json_array_foreach(json_object_get(r, "members"), m, member) found +=
                locate_one(member, r, id);
    }
    json_decref(a);
    if (!found && id) {
        complain(_("there is no resource %s"), id);
        return EXIT_FAIL;
    }
    return code;
}
