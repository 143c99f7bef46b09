/* SPDX-License-Identifier: GPL-2.0-or-later
 * fenceview: the fence devices as this node sees them, what they did, and a test of them.
 *
 * Happy path: status and the answer of a test have the same list. Fails: no device; a device that
 * does not answer, with a non-zero exit code, also from list when its last test had failed. */
#include "cli/cli.h"

enum { TEST_MS = 300000 };

static int device_one(const json_t *d)
{
    size_t i;
    json_t *node;
    char when[64];
    bool tested = json_is(d, "tested"), ok = json_is(d, "ok");
    printf("%s (%s) ->", json_str(d, "id"), json_str(d, "agent"));
    json_array_foreach(json_object_get(d, "nodes"), i, node) printf(" %s", json_string_value(node));
    json_wall(d, "wall_s", when, sizeof(when));
    if (!tested)
        printf(": %s\n", _("not tested yet"));
    else if (ok)
        printf(_(": works (tested %s, took %lld ms)\n"), when, json_num(d, "took_ms"));
    else
        printf(_(": DOES NOT WORK (tested %s): %s\n"), when, json_str(d, "reason"));
    return tested && !ok ? EXIT_FAIL : EXIT_OK;
}

static int devices_show(struct ctx *x, const json_t *a, const char *only)
{
    size_t i;
    json_t *d;
    int worst = EXIT_OK;
    bool any = false;
    json_array_foreach(json_object_get(a, "fence_devices"), i, d)
    {
        if (only && !str_eq(json_str(d, "id"), only))
            continue;
        any = true;
        int code = x->json ? json_is(d, "tested") && !json_is(d, "ok") ? EXIT_FAIL : EXIT_OK
                           : device_one(d);
        worst = code > worst ? code : worst;
    }
    if (!any && !x->json)
        printf("%s\n", _("there is no fence device that this node could use on another"));
    return worst;
}

void fence_broken_show(const json_t *a)
{
    size_t i;
    json_t *d;
    bool head = false;
    json_array_foreach(json_object_get(a, "fence_devices"), i, d)
    {
        if (!json_is(d, "tested") || json_is(d, "ok"))
            continue;
        if (!head)
            printf("\n%s\n", _("Fence Devices:"));
        head = true;
        printf("  * ");
        (void)device_one(d);
    }
}

void fence_history_show(const json_t *a)
{
    size_t i;
    json_t *f;
    char when[64];
    json_array_foreach(json_object_get(a, "fencing"), i, f)
    {
        json_wall(f, "wall_s", when, sizeof(when));
        printf("  * ");
        if (json_is(f, "ok"))
            printf(_("%s was fenced by %s at %s"), json_str(f, "target"), json_str(f, "device"),
                   when);
        else
            printf(_("fencing %s by %s failed at %s: %s"), json_str(f, "target"),
                   json_str(f, "device"), when, json_str(f, "reason"));
        printf("\n");
    }
}

int fence_list_run(struct ctx *x, int argc, char **argv)
{
    int code;
    (void)argc;
    (void)argv;
    json_t *a = ask(x, ask_cmd(CMD_STATUS, 0), &code);
    if (a)
        code = devices_show(x, a, NULL);
    json_decref(a);
    return code;
}

int fence_history_run(struct ctx *x, int argc, char **argv)
{
    int code;
    (void)argc;
    (void)argv;
    json_t *a = ask(x, ask_cmd(CMD_STATUS, 0), &code);
    if (a && !x->json) {
        if (!json_array_size(json_object_get(a, "fencing")))
            printf("%s\n", _("this node has fenced nobody since its daemon started"));
        fence_history_show(a);
    }
    json_decref(a);
    return code;
}

int fence_test_run(struct ctx *x, int argc, char **argv)
{
    int code;
    struct cmd *c = ask_cmd(CMD_FENCE_TEST, 0);
    if (argc)
        ask_arg(c, argv[0]);
    x->timeout_ms = x->timeout_ms < TEST_MS ? TEST_MS : x->timeout_ms;
    json_t *a = ask(x, c, &code);
    if (a)
        code = devices_show(x, a, argc ? argv[0] : NULL);
    json_decref(a);
    return code;
}
