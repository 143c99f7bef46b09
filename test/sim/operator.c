/* SPDX-License-Identifier: GPL-2.0-or-later
 * operator: the person at the keyboard. See operator.h.
 *
 * Happy path: words are put into a request and asked of a node. What a node refuses is its right;
 * the operator of the simulation confirms a death only of a machine that is really without power.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "lib/cib/edit.h"
#include "lib/cib/print.h"
#include "test/sim/host.h"
#include "test/sim/oracle.h"
#include "test/sim/operator.h"
#include "test/sim/simtrace.h"

enum { PUT_RETRY_S = 2, WORDS_MAX = 6 };

static void ask(struct world *w, struct host *h, enum cmd_kind kind, uint16_t flags,
                const char *const *arg, unsigned n, const char *text)
{
    struct cmd c = {.kind = (uint8_t)kind, .flags = flags, .n_args = (uint8_t)n};
    assert(n <= CMD_ARGS_MAX);
    for (unsigned i = 0; i < n; i++)
        str_copy(c.arg[i], CMD_ARG_LEN, arg[i]);
    if (text) {
        c.text = text;
        c.text_len = (uint32_t)strlen(text);
    }
    trace_note(w, h, "yoke %s %s %s %s %s", cmd_word(kind), c.arg[0], c.arg[1], c.arg[2], c.arg[3]);
    host_ask(w, h, &c);
}

static void ask_edit(struct world *w, struct host *h, enum cib_edit_kind kind, const char *id,
                     const char *name, const char *value, const char *text)
{
    char number[8];
    snprintf(number, sizeof(number), "%u", kind);
    const char *arg[] = {number, id, name, value ? value : ""};
    ask(w, h, CMD_EDIT, (uint16_t)(value || text || kind == EDIT_DELETE ? 0 : CMD_REMOVE), arg, 4,
        text);
}

static void ask_confirm(struct world *w, struct host *h, const char *node, uint16_t flags)
{
    const struct host *peer = &w->host[other(h->self)];
    const char *arg[] = {node, node};
    bool dead = !peer->power && str_eq(node, host_name(w, peer->self));
    if (!dead && !w->exact)
        return; /* a story may try it */
    if (dead)
        oracle_proof(w, h, peer->life_no);
    ask(w, h, CMD_CONFIRM, flags, arg, 2, NULL);
}

static void ask_put(struct world *w, struct host *h, const char *text)
{
    const char *arg[] = {""};
    ask(w, h, CMD_CIB_PUT, CMD_FORCE, arg, 1, text);
}

/* ---- words --------------------------------------------------------------------------------------
 */

static bool asks_node(struct world *w, struct host *h, char *const *word, unsigned n)
{
    const char *node = n > 1 ? word[1] : host_name(w, h->self);
    if (str_eq(word[0], "standby"))
        ask_edit(w, h, EDIT_NODE, node, "standby", "on", NULL);
    else if (str_eq(word[0], "online"))
        ask_edit(w, h, EDIT_NODE, node, "standby", NULL, NULL);
    else if (str_eq(word[0], "maintenance"))
        ask_edit(w, h, EDIT_NODE, node, "maintenance", "on", NULL);
    else if (str_eq(word[0], "ready"))
        ask_edit(w, h, EDIT_NODE, node, "maintenance", NULL, NULL);
    else if (str_eq(word[0], "fence"))
        ask(w, h, CMD_FENCE, 0, (const char *const[]){node}, 1, NULL);
    else if (str_eq(word[0], "confirm-dead"))
        ask_confirm(w, h, node, 0);
    else
        return false;
    return true;
}

static void ask_leave(struct world *w, struct host *h, const char *const *arg)
{
    h->leaving = true;
    w->trouble_us = w->now_us; /* it is asked for */
    ask(w, h, CMD_STOP, CMD_FORCE, arg, 1, NULL);
}

bool operator_asks(struct world *w, struct host *h, char *const *word, unsigned n)
{
    const char *arg[2] = {n > 1 ? word[1] : "", n > 2 ? word[2] : ""};
    if (n == 0)
        return false;
    if (str_eq(word[0], "move"))
        ask(w, h, CMD_MOVE, 0, arg, 2, NULL);
    else if (str_eq(word[0], "restart"))
        ask(w, h, CMD_RESTART, 0, arg, 1, NULL);
    else if (str_eq(word[0], "start-over"))
        ask(w, h, CMD_STOP, 0, (const char *const[]){CMD_STOP_AGAIN}, 1, NULL);
    else if (str_eq(word[0], "leave"))
        ask_leave(w, h, arg);
    else if (str_eq(word[0], "confirm-dead-force"))
        ask_confirm(w, h, arg[0], CMD_FORCE);
    else if (str_eq(word[0], "cleanup"))
        ask(w, h, CMD_CLEANUP, 0, arg, 2, NULL);
    else if (str_eq(word[0], "start"))
        ask_edit(w, h, EDIT_META, arg[0], "target-role", "Started", NULL);
    else if (str_eq(word[0], "stop"))
        ask_edit(w, h, EDIT_META, arg[0], "target-role", "Stopped", NULL);
    else if (str_eq(word[0], "manage"))
        ask_edit(w, h, EDIT_META, arg[0], "is-managed", NULL, NULL);
    else if (str_eq(word[0], "unmanage"))
        ask_edit(w, h, EDIT_META, arg[0], "is-managed", "false", NULL);
    else if (str_eq(word[0], "set") && n > 3)
        ask_edit(w, h, EDIT_PARAM, word[1], word[2], word[3], NULL);
    else if (str_eq(word[0], "meta") && n > 3)
        ask_edit(w, h, EDIT_META, word[1], word[2], word[3], NULL);
    else if (str_eq(word[0], "property") && n > 2)
        ask_edit(w, h, EDIT_PROPERTY, "", word[1], word[2], NULL);
    else if (str_eq(word[0], "delete"))
        ask_edit(w, h, EDIT_DELETE, arg[0], "", NULL, NULL);
    else if (str_eq(word[0], "put"))
        ask_put(w, h, w->cib_text);
    else
        return asks_node(w, h, word, n);
    return true;
}

/* ---- at random
 * ------------------------------------------------------------------------------------ */

static struct host *who_is_up(struct world *w, unsigned first)
{
    for (unsigned i = 0; i < SIM_NODES; i++) {
        struct host *h = &w->host[(first + i) % SIM_NODES];
        if (h->node && h->frozen == AWAKE)
            return h;
    }
    return NULL;
}

/* A configuration with one more resource, or one less, or another value. */
static void edit_at_random(struct world *w, struct host *h, struct prng *p, const char *id)
{
    char text[200], value[16];
    snprintf(value, sizeof(value), "%u", (unsigned)prng_below(p, 100));
    switch (prng_below(p, 4)) {
    case 0: ask_edit(w, h, EDIT_PARAM, id, "delay", value, NULL); break;
    case 1:
        snprintf(text, sizeof(text), "primitive n%u ocf:yoke:Dummy op monitor interval=5s",
                 (unsigned)prng_below(p, 3));
        ask_edit(w, h, EDIT_PUT, "", "", NULL, text);
        break;
    case 2:
        snprintf(text, sizeof(text), "n%u", (unsigned)prng_below(p, 3));
        ask_edit(w, h, EDIT_DELETE, text, "", NULL, NULL);
        break;
    default: ask_edit(w, h, EDIT_PROPERTY, "", "stonith-max-attempts", "7", NULL); break;
    }
}

void operator_acts(struct world *w, struct prng *p)
{
    static const char *const verb[] = {"move",    "move",    "move",     "restart",      "standby",
                                       "standby", "online",  "online",   "stop",         "start",
                                       "start",   "cleanup", "fence",    "confirm-dead", "edit",
                                       "edit",    "put",     "unmanage", "manage",       "manage"};
    struct host *h = who_is_up(w, (unsigned)prng_below(p, SIM_NODES));
    const char *word = verb[prng_below(p, ARRAY_LEN(verb))];
    unsigned node = (unsigned)prng_below(p, SIM_NODES);
    const char *id = w->n_services ? w->service[prng_below(p, w->n_services)].id : "none";
    if (!h)
        return;
    if (str_eq(word, "edit")) {
        edit_at_random(w, h, p, id);
        return;
    }
    if (str_eq(word, "fence") && !prng_chance(p, 300000))
        return;
    bool of_node = str_eq(word, "standby") || str_eq(word, "online") || str_eq(word, "fence") ||
                   str_eq(word, "confirm-dead");
    if (str_eq(word, "confirm-dead"))
        node = other(h->self);
    char words[3][CIB_ID_LEN];
    char *const at[3] = {words[0], words[1], words[2]};
    str_copy(words[0], CIB_ID_LEN, word);
    str_copy(words[1], CIB_ID_LEN, of_node ? host_name(w, node) : id);
    str_copy(words[2], CIB_ID_LEN, host_name(w, node));
    bool to = str_eq(word, "move") && prng_chance(p, 700000);
    operator_asks(w, h, at, to ? 3 : 2);
}

/* ---- beginning and end
 * ------------------------------------------------------------------------------- */

void operator_puts_later(struct world *w, uint64_t due_us)
{
    world_add(w, ITEM_SCRIPT, 0, due_us)->flag = 1;
}

bool operator_item(struct world *w, const struct item *it)
{
    if (!it->flag)
        return false;
    for (unsigned i = 0; i < SIM_NODES; i++) {
        const struct host *h = &w->host[i];
        const struct cib *cib = h->node ? node_cib(h->node) : NULL;
        if (cib && cib->n_objects)
            return true;
    }
    struct host *h = who_is_up(w, (unsigned)prng_below(&w->faults.prng, SIM_NODES));
    if (h)
        ask_put(w, h, w->cib_text);
    operator_puts_later(w, w->now_us + SEC(PUT_RETRY_S));
    return true;
}

void operator_tidies(struct world *w)
{
    struct host *h = who_is_up(w, 0);
    if (!h)
        return;
    const struct cib *cib = node_cib(h->node);
    for (unsigned i = 0; cib && i < cib->n_prims && h->node; i++) {
        if (cib->prim[i].effective.is_managed)
            continue;
        char words[2][CIB_ID_LEN] = {"manage"};
        char *const at[2] = {words[0], words[1]};
        str_copy(words[1], CIB_ID_LEN, cib->prim[i].name); /* a copy has no definition of its own */
        operator_asks(w, h, at, 2);
        return; /* one change at a time; the rest next time */
    }
    for (unsigned i = 0; cib && i < cib->n_nodes && h->node; i++) {
        if (!cib->node[i].standby)
            continue;
        char words[2][CIB_ID_LEN] = {"online"};
        char *const at[2] = {words[0], words[1]};
        str_copy(words[1], CIB_ID_LEN, cib->node[i].name);
        operator_asks(w, h, at, 2);
        return;
    }
    if (h->node)
        ask(w, h, CMD_CLEANUP, 0, (const char *const[]){"", ""}, 2, NULL);
}
