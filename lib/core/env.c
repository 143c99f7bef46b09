/* SPDX-License-Identifier: GPL-2.0-or-later
 * env: what an agent is told. OCF resource agent API 1.1: parameters as OCF_RESKEY_*, what the
 * cluster knows as OCF_RESKEY_CRM_meta_*; fence agent API: name=value lines. A resource is stopped
 * with the parameters it was started with, whatever the configuration says by now. */
#include <assert.h>
#include <string.h>
#include "lib/cib/device.h"
#include "lib/core/env.h"
#include "lib/core/exec.h"
#include "lib/core/herald.h"
#include "lib/core/rec.h"

enum { ENV_MAX = 128 * 1024, FENCE_INPUT_MAX = 16 * 1024, PLUG_LEN = 256 };

/* NAME=VALUE and its NUL; dashes become underscores, as the agents expect. */
static void env_add(struct str *s, const char *prefix, const char *name, const char *value)
{
    str_add(s, prefix);
    for (; *name; name++)
        str_add_char(s, *name == '-' ? '_' : *name);
    str_add_char(s, '=');
    str_add(s, value);
    str_add_n(s, "", 1);
}

static void env_params(struct str *s, const struct nvlist *l)
{
    for (unsigned i = 0; i < l->n; i++)
        env_add(s, "OCF_RESKEY_", l->at[i].name, l->at[i].value);
}

static void env_number(struct str *s, const char *name, uint32_t value)
{
    char text[16];
    struct str t;
    str_init(&t, text, sizeof(text));
    str_addf(&t, "%u", value);
    env_add(s, "OCF_RESKEY_CRM_meta_", name, text);
}

/* From whom an agent may take disks over: a start is only asked for when the guard allows it. */
static void env_nodes(const struct node *n, struct str *s)
{
    str_add(s, "OCF_YOKE_NODES=");
    for (unsigned i = 0; i < n->conf.n_nodes; i++)
        str_addf(s, "%s%s", i ? " " : "", node_name(n, i));
    str_add_n(s, "", 1);
}

static void env_remembered(const struct node *n, unsigned slot, struct str *s)
{
    const char *at = n->exec.params + (size_t)slot * PARAMS_MAX;
    while (*at) {
        size_t len = strlen(at) + 1;
        str_add_n(s, at, len);
        at += len;
    }
}

void env_remember(struct node *n, unsigned slot)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    struct str s;
    char *at = n->exec.params + (size_t)slot * PARAMS_MAX;
    str_init(&s, at, PARAMS_MAX - 1);
    env_params(&s, &prim->all_params);
    if (s.cut) /* too long to remember: then the configured ones are used */
        s.len = 0;
    at[s.len] = at[s.len + 1] = '\0';
}

/* Two lists of the same copies: their names and their nodes. */
static void notify_list(const struct node *n, const struct cib_clone *k, const char *name,
                        nodeset nodes, struct str *s)
{
    for (unsigned by_node = 0; by_node < 2; by_node++) {
        const char *space = "";
        str_addf(s, "OCF_RESKEY_CRM_meta_notify_%s_%s=", name, by_node ? "uname" : "resource");
        for (unsigned p = 0; p < n->conf.n_nodes; p++) {
            uint16_t copy = nodeset_has(nodes, p) ? cib_copy(n->store.cib, k, p) : CIB_NONE;
            if (copy == CIB_NONE)
                continue;
            str_addf(s, "%s%s", space, by_node ? node_name(n, p) : n->store.cib->prim[copy].id);
            space = " ";
        }
        str_add_n(s, "", 1);
    }
}

/* OCF's notify_*: who is what now, and of what this copy is told, or what it does itself. */
static void notify_env(const struct node *n, const struct cib_clone *k, unsigned slot,
                       struct str *s)
{
    static const enum rsc_op op[] = {OP_START, OP_STOP, OP_PROMOTE, OP_DEMOTE};
    const struct slot *at = &n->exec.slot[slot];
    bool told = at->op_kind == OP_NOTIFY && at->n_notices;
    struct notice what = {.op = OP_NONE, .node = (uint8_t)n->self};
    nodeset active = 0, promoted = 0, all = 0;
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        uint16_t copy = cib_copy(n->store.cib, k, p);
        if (copy == CIB_NONE)
            continue;
        all = nodeset_add(all, p);
        if (rec_active(exec_rec_const(n, p, n->store.slot_of_prim[copy])))
            active = nodeset_add(active, p);
        if (k->promotable && rec_active(exec_rec_const(n, p, n->store.slot_of_prim[k->promoted])))
            promoted = nodeset_add(promoted, p);
    }
    if (told) {
        what = at->notice[0];
        env_add(s, "OCF_RESKEY_CRM_meta_", "notify_type",
                what.when == NOTICE_BEFORE ? "pre" : "post");
        env_add(s, "OCF_RESKEY_CRM_meta_", "notify_operation", rec_op_word((enum rsc_op)what.op));
    } else {
        what.op = herald_named(exec_prim(n, slot), (enum rsc_op)at->op_kind);
    }
    for (unsigned i = 0; i < ARRAY_LEN(op); i++)
        notify_list(n, k, rec_op_word(op[i]), what.op == op[i] ? nodeset_one(what.node) : 0, s);
    notify_list(n, k, "active", active, s);
    notify_list(n, k, "inactive", all & (nodeset)~active, s);
    if (!k->promotable)
        return;
    notify_list(n, k, "promoted", promoted, s);
    notify_list(n, k, "unpromoted", active & (nodeset)~promoted, s);
    notify_list(n, k, "master", promoted, s); /* their names before OCF 1.1 */
    notify_list(n, k, "slave", active & (nodeset)~promoted, s);
}

/* What agents of clones ask for, by its old names too. */
static void part_env(const struct node *n, unsigned slot, const struct cib_prim *prim,
                     struct str *s)
{
    const struct cib_clone *k = &n->store.cib->clone[prim->clone];
    env_number(s, "clone", n->self);
    env_number(s, "clone_max", n->store.cib->n_copies);
    env_number(s, "clone_node_max", 1);
    env_add(s, "OCF_RESKEY_CRM_meta_", "globally_unique", "false");
    env_add(s, "OCF_RESKEY_CRM_meta_", "notify", k->notify ? "true" : "false");
    if (k->notify)
        notify_env(n, k, slot, s);
    env_add(s, "OCF_RESKEY_CRM_meta_", "promotable", k->promotable ? "true" : "false");
    if (!k->promotable)
        return;
    env_number(s, "promoted_max", 1);
    env_number(s, "promoted_node_max", 1);
    env_number(s, "master_max", 1);
    env_number(s, "master_node_max", 1);
    env_add(s, "OCF_RESKEY_CRM_meta_", "role",
            prim->part == PART_PROMOTED ? "Promoted" : "Unpromoted");
}

const char *env_agent(struct node *n, unsigned slot, const char *action, const struct cib_op *op,
                      uint32_t interval_ms, uint32_t timeout_ms, bool started, size_t *len)
{
    const struct cib_prim *prim = exec_prim(n, slot);
    char *at = out_open(n, ENV_MAX);
    struct str s;
    str_init(&s, at, ENV_MAX - 1);
    env_add(&s, "", "OCF_RA_VERSION_MAJOR", "1");
    env_add(&s, "", "OCF_RA_VERSION_MINOR", "1");
    env_add(&s, "", "OCF_RESOURCE_INSTANCE", prim->name);
    env_add(&s, "", "OCF_RESOURCE_TYPE", prim->type);
    env_add(&s, "", "OCF_RESOURCE_PROVIDER", prim->provider ? prim->provider : "");
    if (started && n->exec.params[(size_t)slot * PARAMS_MAX])
        env_remembered(n, slot, &s);
    else
        env_params(&s, &prim->all_params);
    if (n->exec.slot[slot].stop_try == STOP_FORCED) /* the harder way, if the agent knows one */
        env_add(&s, "", "OCF_YOKE_FORCE", "yes");
    env_nodes(n, &s);
    env_add(&s, "OCF_RESKEY_CRM_meta_", "name", action);
    env_add(&s, "OCF_RESKEY_CRM_meta_", "on_node", node_name(n, n->self));
    env_number(&s, "on_node_uuid", n->conf.node[n->self].id);
    env_number(&s, "timeout", timeout_ms);
    env_number(&s, "interval", interval_ms);
    for (unsigned i = 0; i < prim->meta.n; i++)
        env_add(&s, "OCF_RESKEY_CRM_meta_", prim->meta.at[i].name, prim->meta.at[i].value);
    if (prim->part != PART_WHOLE)
        part_env(n, slot, prim, &s);
    const char *level = op ? nvlist_get(&op->extra, "OCF_CHECK_LEVEL") : NULL;
    env_add(&s, "", "OCF_CHECK_LEVEL", level ? level : "0");
    if (op)
        for (unsigned i = 0; i < op->extra.n; i++)
            if (!str_eq(op->extra.at[i].name, "OCF_CHECK_LEVEL"))
                env_add(&s, "OCF_RESKEY_", op->extra.at[i].name, op->extra.at[i].value);
    at[s.len + 1] = '\0';
    *len = s.len;
    out_close(n, s.len + 2);
    return s.cut ? NULL : at;
}

/* ---- fence agents ------------------------------------------------------------------------- */

const char *env_fence(struct node *n, const struct cib_prim *prim, const char *node,
                      const char *action)
{
    const struct nvlist *params = &prim->all_params;
    char *at = out_open(n, FENCE_INPUT_MAX), port[PLUG_LEN];
    struct str s;
    bool whole = true;
    const char *argument = nvlist_get(params, "pcmk_host_argument");
    str_init(&s, at, FENCE_INPUT_MAX);
    for (unsigned i = 0; i < params->n; i++)
        if (!str_starts(params->at[i].name, "pcmk_") && !str_eq(params->at[i].name, "action") &&
            !str_eq(params->at[i].name, "provides"))
            str_addf(&s, "%s=%s\n", params->at[i].name, params->at[i].value);
    str_addf(&s, "action=%s\n", device_action(prim, action));
    if (node) { /* else: a check of the device itself */
        str_addf(&s, "nodename=%s\n", node);
        whole = device_plug(prim, node, port, sizeof(port));
        if (!argument)
            argument = "plug";
        if (!str_eq(argument, "none") && !nvlist_get(params, argument))
            str_addf(&s, "%s=%s\n", argument, port);
    }
    out_close(n, s.len + 1);
    return s.cut || !whole ? NULL : at;
}
