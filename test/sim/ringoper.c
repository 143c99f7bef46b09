/* SPDX-License-Identifier: GPL-2.0-or-later
 * ringoper: the operator of a ring. See ringoper.h.
 *
 * Happy path: asks some node for something. A resource that never runs carries values (k0, k1...)
 * that are changed by edits, and by whole texts that name the version that they come from; a value
 * that was acknowledged must be there in the end, or a newer one. Ways to fail: a node refuses,
 * which is its right; no answer comes, so that the value may be either. */
#include "test/sim/ringoper.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/cib/edit.h"
#include "lib/core/mind.h"
#include "test/sim/ringhost.h"
#include "test/sim/ringoracle.h"
#include "test/sim/ringtrace.h"

enum { PUT_RETRY_S = 3, UNKNOWN_S = 20 };

static uint32_t ask(struct rworld *w, struct rhost *h, enum cmd_kind kind, uint16_t flags,
                    const char *const *arg, unsigned n, const char *text)
{
    struct cmd c = {.kind = (uint8_t)kind, .flags = flags, .n_args = (uint8_t)n};
    for (unsigned i = 0; i < n; i++)
        str_copy(c.arg[i], CMD_ARG_LEN, arg[i]);
    if (text) {
        c.text = text;
        c.text_len = (uint32_t)strlen(text);
    }
    ringtrace_note(w, h, "yoke %s %s %s %s %s", cmd_word(kind), c.arg[0], c.arg[1], c.arg[2],
                   c.arg[3]);
    return ringhost_ask(w, h, &c);
}

static uint32_t ask_edit(struct rworld *w, struct rhost *h, enum cib_edit_kind kind, const char *id,
                         const char *name, const char *value, const char *text)
{
    char number[8];
    snprintf(number, sizeof(number), "%u", kind);
    const char *arg[] = {number, id, name, value ? value : ""};
    return ask(w, h, CMD_EDIT, (uint16_t)(value || text || kind == EDIT_DELETE ? 0 : CMD_REMOVE),
               arg, 4, text);
}

static struct rhost *who_is_up(struct rworld *w, unsigned first)
{
    for (unsigned i = 0; i < w->nodes; i++) {
        struct rhost *h = &w->host[(first + i) % w->nodes];
        if (h->node && h->frozen == AWAKE)
            return h;
    }
    return NULL;
}

/* ---- values ------------------------------------------------------------------------------------
 */

static bool key_find(const char *text, unsigned key, size_t *at, size_t *len)
{
    char name[12];
    snprintf(name, sizeof(name), " k%u=", key);
    const char *p = strstr(text, name);
    if (!p)
        return false;
    p += strlen(name);
    *at = (size_t)(p - text);
    *len = strspn(p, "0123456789");
    return *len > 0;
}

/* In force at that node: what `yoke cib` would print there. */
static const char *text_of(const struct rhost *h)
{
    const struct store *s = &h->node->store;
    return s->text[s->at];
}

static bool configured(const struct rhost *h)
{
    return strstr(text_of(h), "primitive mark") != NULL;
}

/* That text with another value, based on its version. */
static uint32_t key_put(struct rworld *w, struct rhost *h, unsigned key, const char *value)
{
    static char text[RING_CIB + 32];
    char version[32];
    const char *now = text_of(h);
    size_t at, len;
    if (!key_find(now, key, &at, &len))
        return 0;
    snprintf(text, sizeof(text), "%.*s%s%s", (int)at, now, value, now + at + len);
    snprintf(version, sizeof(version), "%u.%u", h->node->store.version.epoch,
             h->node->store.version.seq);
    const char *arg[] = {version};
    return ask(w, h, CMD_CIB_PUT, 0, arg, 1, text);
}

static void key_change(struct rworld *w, struct rhost *h, struct prng *p)
{
    unsigned key = (unsigned)prng_below(p, RING_KEYS);
    struct ring_key *k = &w->key[key];
    bool put = prng_chance(p, 300000);
    if (k->open && w->now_us < k->asked_us + SEC(UNKNOWN_S))
        return;
    struct ring_asked *a = NULL;
    for (unsigned i = 0; i < RING_CLIENTS && !a; i++)
        if (!w->asked[i].used || w->now_us > w->asked[i].asked_us + SEC(300))
            a = &w->asked[i];
    if (!a)
        return;
    char value[16], name[8];
    uint32_t number = ++w->key_value;
    snprintf(value, sizeof(value), "%u", number);
    snprintf(name, sizeof(name), "k%u", key);
    k->open = true;
    k->asked_us = w->now_us;
    /* The answer may come within the asking. */
    *a = (struct ring_asked){.used = true,
                             .host = (uint8_t)h->self,
                             .key = (uint8_t)key,
                             .client = w->client + 1,
                             .life_no = h->life_no,
                             .value = number,
                             .asked_us = w->now_us};
    uint32_t client =
        put ? key_put(w, h, key, value) : ask_edit(w, h, EDIT_PARAM, "mark", name, value, NULL);
    if (!client)
        a->used = k->open = false;
}

void ringoper_answered(struct rworld *w, struct rhost *h, uint32_t client, bool ok)
{
    for (unsigned i = 0; i < RING_CLIENTS; i++) {
        struct ring_asked *a = &w->asked[i];
        if (!a->used || a->client != client || a->host != h->self || a->life_no != h->life_no)
            continue;
        struct ring_key *k = &w->key[a->key];
        a->used = false;
        if (!ok)
            return; /* it may come in force all the same: nothing is asked for a while */
        k->open = false;
        k->acked = a->value > k->acked ? a->value : k->acked;
        w->counts[RING_COUNT_CHANGES]++;
    }
}

void ringoper_judge(struct rworld *w, const struct rhost *h)
{
    const char *text = text_of(h);
    size_t at, len;
    for (unsigned i = 0; i < RING_KEYS; i++) {
        if (!w->key[i].acked)
            continue;
        uint32_t value = key_find(text, i, &at, &len) ? (uint32_t)strtoul(text + at, NULL, 10) : 0;
        if (value < w->key[i].acked)
            ringoracle_bark(w, "S19", "k%u=%u was acknowledged, and %s has k%u=%u in the end", i,
                            w->key[i].acked, rhost_name(w, h->self), i, value);
    }
}

/* ---- at random ---------------------------------------------------------------------------------
 */

static void resource_change(struct rworld *w, struct rhost *h, struct prng *p, const char *id)
{
    char text[200], value[16];
    snprintf(value, sizeof(value), "%u", (unsigned)prng_below(p, 100));
    switch (prng_below(p, 3)) {
    case 0: ask_edit(w, h, EDIT_PARAM, id, "delay", value, NULL); break;
    case 1:
        snprintf(text, sizeof(text), "primitive x%u ocf:yoke:Dummy op monitor interval=5s",
                 (unsigned)prng_below(p, 3));
        ask_edit(w, h, EDIT_PUT, "", "", NULL, text);
        break;
    default:
        snprintf(text, sizeof(text), "x%u", (unsigned)prng_below(p, 3));
        ask_edit(w, h, EDIT_DELETE, text, "", NULL, NULL);
        break;
    }
}

void ringoper_acts(struct rworld *w, struct prng *p)
{
    struct rhost *h = who_is_up(w, (unsigned)prng_below(p, w->nodes));
    const char *node = rhost_name(w, (unsigned)prng_below(p, w->nodes));
    const char *id = w->n_services ? w->service[prng_below(p, w->n_services)].id : "none";
    bool to = prng_chance(p, 700000), rarely = prng_chance(p, 200000);
    uint64_t what = prng_below(p, 16);
    const char *arg[] = {id, to ? node : ""}, *none[] = {"", ""};
    if (!h || !configured(h))
        return;
    switch (what) {
    case 0:
    case 1: ask(w, h, CMD_MOVE, 0, arg, 2, NULL); break;
    case 2: ask(w, h, CMD_RESTART, 0, arg, 1, NULL); break;
    case 3: ask(w, h, CMD_CLEANUP, 0, none, 2, NULL); break;
    case 4: ask_edit(w, h, EDIT_NODE, node, "standby", "on", NULL); break;
    case 5:
    case 6: ask_edit(w, h, EDIT_NODE, node, "standby", NULL, NULL); break;
    case 7: ask_edit(w, h, EDIT_META, id, "target-role", "Stopped", NULL); break;
    case 8: ask_edit(w, h, EDIT_META, id, "target-role", "Started", NULL); break;
    case 9:
    case 10: resource_change(w, h, p, id); break;
    case 11:
        if (rarely)
            ask(w, h, CMD_FENCE, 0, &node, 1, NULL);
        break;
    default: key_change(w, h, p); break;
    }
}

/* ---- beginning and end -------------------------------------------------------------------------
 */

void ringoper_puts_later(struct rworld *w, uint64_t due_us)
{
    ringworld_add(w, RING_OPERATOR, 0, due_us);
}

void ringoper_item(struct rworld *w, const struct ring_item *it)
{
    (void)it;
    for (unsigned i = 0; i < w->nodes; i++)
        if (w->host[i].node && configured(&w->host[i]))
            return;
    struct rhost *h = who_is_up(w, (unsigned)prng_below(&w->faults.prng, w->nodes));
    char version[32];
    const char *arg[] = {version};
    if (h)
        snprintf(version, sizeof(version), "%u.%u", h->node->store.version.epoch,
                 h->node->store.version.seq);
    if (h && h->quorate)
        ask(w, h, CMD_CIB_PUT, 0, arg, 1, w->cib_text);
    ringoper_puts_later(w, w->now_us + SEC(PUT_RETRY_S));
}

void ringoper_tidies(struct rworld *w)
{
    struct rhost *h = who_is_up(w, (unsigned)(w->now_us / 1000000));
    const struct cib *cib = h ? node_cib(h->node) : NULL;
    const char *none[] = {"", ""};
    if (!cib)
        return;
    for (unsigned i = 0; i < cib->n_prims; i++) {
        const struct cib_prim *p = &cib->prim[i];
        if (p->effective.target_role != ROLE_STOPPED || str_eq(p->id, "mark"))
            continue;
        ask_edit(w, h, EDIT_META, p->id, "target-role", "Started", NULL);
        return; /* one change at a time; the rest next time */
    }
    for (unsigned i = 0; i < cib->n_nodes; i++)
        if (cib->node[i].standby) {
            ask_edit(w, h, EDIT_NODE, cib->node[i].name, "standby", NULL, NULL);
            return;
        }
    ask(w, h, CMD_CLEANUP, 0, none, 2, NULL);
}
