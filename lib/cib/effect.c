/* SPDX-License-Identifier: GPL-2.0-or-later
 * effect: effective values: our own defaults, then rsc_defaults, then the group's, then the
 * primitive's; parameters of a group are handed down to members that do not set them themselves.
 * Happy path: one walk over groups and primitives. Fails only for want of room. */
#include "lib/cib/effect.h"

#include <assert.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/cib/reading.h"
#include "lib/cib/sort.h"

/* Defaults of model.h. */
static const struct cib_meta meta_default = {
    .stickiness = SCORE_INF,
    .migration_threshold = 3,
    .failure_timeout_ms = 600000,
    .target_role = ROLE_STARTED,
    .requires = REQUIRES_FENCING,
    .is_managed = true,
    .critical = true,
};

static enum requires requires_of(const char *value)
{
    return str_eq_fold(value, "nothing")  ? REQUIRES_NOTHING
           : str_eq_fold(value, "quorum") ? REQUIRES_QUORUM
                                          : REQUIRES_FENCING;
}

static void meta_apply(struct cib_meta *m, const struct nvlist *l)
{
    for (unsigned i = 0; i < l->n; i++) {
        const char *name = l->at[i].name, *value = l->at[i].value;
        if (str_eq(name, "priority"))
            m->priority = attr_score(value, m->priority);
        else if (str_eq(name, "resource-stickiness"))
            m->stickiness = attr_score(value, m->stickiness);
        else if (str_eq(name, "migration-threshold"))
            m->migration_threshold = attr_score(value, m->migration_threshold);
        else if (str_eq(name, "failure-timeout"))
            m->failure_timeout_ms = attr_ms(value, m->failure_timeout_ms);
        else if (str_eq(name, "target-role"))
            m->target_role = attr_role(value);
        else if (str_eq(name, "requires"))
        m->requires = requires_of(value);
        else if (str_eq(name, "is-managed")) m->is_managed = attr_bool(value, m->is_managed);
        else if (str_eq(name, "maintenance")) m->maintenance = attr_bool(value, m->maintenance);
        else if (str_eq(name, "critical")) m->critical = attr_bool(value, m->critical);
        else if (str_eq(name, "multiple-active"))
        {
            m->block_on_multiple = str_eq_fold(value, "block");
            m->stop_only_on_multiple = str_eq_fold(value, "stop_only");
        }
    }
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* A member's own parameters and those of its group (or clone) that it does not set: shared where
 * they can be, counted against *left where they must be written out. */
static enum err params_inherit(struct cib_prim *p, const struct nvlist *more, size_t *left,
                               struct arena *arena)
{
    uint16_t n = p->params.n;
    p->all_params = p->params;
    if (!more || more->n == 0)
        return ERR_OK;
    if (p->params.n == 0) {
        p->all_params = *more;
        return ERR_OK;
    }
    size_t most = (size_t)p->params.n + more->n;
    if (most > *left)
        return ERR_RANGE;
    *left -= most;
    struct nv *all = arena_array(arena, most, sizeof(*all));
    if (!all)
        return ERR_FULL;
    memcpy(all, p->params.at, n * sizeof(*all));
    for (unsigned i = 0; i < more->n; i++)
        if (!nvlist_get(&p->params, more->at[i].name))
            all[n++] = more->at[i];
    p->all_params = (struct nvlist){.at = all, .n = n};
    return ERR_OK;
}

static bool param_less(const void *ctx, uint16_t a, uint16_t b)
{
    const struct nvlist *l = ctx;
    return strcmp(l->at[a].name, l->at[b].name) < 0;
}

static uint32_t text_crc(uint32_t crc, const char *text)
{
    return text ? crc32c(crc, text, strlen(text) + 1) : crc32c(crc, "", 1);
}

/* The order of parameters means nothing to an agent, so it must not change the digest. */
static uint32_t digest_of(const struct cib_prim *p)
{
    uint16_t order[2 * CIB_NV_MAX];
    const struct nvlist *l = &p->all_params;
    assert(l->n <= ARRAY_LEN(order));
    for (unsigned i = 0; i < l->n; i++)
        order[i] = (uint16_t)i;
    sort_indices(order, l->n, param_less, l);
    uint32_t crc = text_crc(text_crc(text_crc(0, p->class), p->provider), p->type);
    for (unsigned i = 0; i < l->n; i++)
        crc = text_crc(text_crc(crc, l->at[order[i]].name), l->at[order[i]].value);
    return crc;
}

/* ---- properties ------------------------------------------------------------------------------ */

static void property_apply(struct cib_properties *p, const struct nv *nv)
{
    static const char *const policies[] = {"stop", "freeze", "ignore", "demote", "fence"};
    const struct attr *a = attr_find(ATTR_PROPERTY, nv->name);
    const char *name = a ? a->name : "", *value = nv->value;
    if (str_eq(name, "symmetric-cluster"))
        p->symmetric_cluster = attr_bool(value, true);
    else if (str_eq(name, "maintenance-mode"))
        p->maintenance_mode = attr_bool(value, false);
    else if (str_eq(name, "stop-all-resources"))
        p->stop_all_resources = attr_bool(value, false);
    else if (str_eq(name, "start-failure-is-fatal"))
        p->start_failure_is_fatal = attr_bool(value, false);
    else if (str_eq(name, "stonith-enabled"))
        p->stonith_enabled = attr_bool(value, true);
    else if (str_eq(name, "startup-fencing"))
        p->startup_fencing = attr_bool(value, false);
    else if (str_eq(name, "stonith-action"))
        p->fencing_off = !str_eq_fold(value, "reboot");
    else if (str_eq(name, "stonith-timeout"))
        p->stonith_timeout_ms = attr_ms(value, p->stonith_timeout_ms);
    else if (str_eq(name, "priority-fencing-delay"))
        p->priority_fencing_delay_auto = false, p->priority_fencing_delay_ms = attr_ms(value, 0);
    else if (str_eq(name, "stonith-max-attempts"))
        p->stonith_max_attempts = attr_count(value, p->stonith_max_attempts);
    else if (str_eq(name, "batch-limit"))
        p->batch_limit = attr_count(value, 0);
    else if (str_eq(name, "node-action-limit"))
        p->node_action_limit = attr_count(value, 0);
    else if (str_eq(name, "no-quorum-policy")) {
        p->no_quorum_policy = ARRAY_LEN(policies) - 1; /* suicide is the old word for fence */
        for (unsigned i = 0; i < ARRAY_LEN(policies); i++)
            if (str_eq_fold(value, policies[i]))
                p->no_quorum_policy = (uint8_t)i;
    }
}

static void properties_apply(struct cib *c)
{
    c->properties = (struct cib_properties){.symmetric_cluster = true,
                                            .stonith_enabled = true,
                                            .stonith_timeout_ms = 60000,
                                            .priority_fencing_delay_auto = true,
                                            .stonith_max_attempts = 10};
    for (unsigned i = 0; i < c->n_sets[0]; i++)
        for (unsigned k = 0; k < c->set[0][i].nvs.n; k++)
            property_apply(&c->properties, &c->set[0][i].nvs.at[k]);
}

enum err effect_apply(struct cib *c, size_t text_len, struct arena *arena, struct cib_faults *f)
{
    struct cib_meta base = meta_default;
    size_t left = CIB_INHERITED_MIN + text_len / 16;
    assert(c && arena && f);
    for (unsigned i = 0; i < c->n_sets[CIB_RSC_DEFAULTS - CIB_PROPERTY]; i++)
        meta_apply(&base, &c->set[CIB_RSC_DEFAULTS - CIB_PROPERTY][i].nvs);
    for (unsigned i = 0; i < c->n_groups; i++) {
        c->group[i].effective = base;
        meta_apply(&c->group[i].effective, &c->group[i].meta);
    }
    for (unsigned i = 0; i < c->n_clones; i++) {
        c->clone[i].effective = base;
        meta_apply(&c->clone[i].effective, &c->clone[i].meta);
    }
    for (unsigned i = 0; i < c->n_prims; i++) {
        struct cib_prim *p = &c->prim[i];
        const struct cib_group *g = p->group == CIB_NONE ? NULL : &c->group[p->group];
        const struct cib_clone *k = p->clone == CIB_NONE ? NULL : &c->clone[p->clone];
        p->effective = g ? g->effective : k ? k->effective : base;
        if (p->is_stonith)
        p->effective.requires = REQUIRES_NOTHING;
        meta_apply(&p->effective, &p->meta);
        enum err err = params_inherit(p, g ? &g->params : k ? &k->params : NULL, &left, arena);
        if (err == ERR_RANGE)
            cib_fault_add(f, 0, false,
                          "%s and others hand down too many params; write them where needed",
                          g   ? g->id
                          : k ? k->id
                              : p->id);
        if (err)
            return ERR_FULL;
        p->digest = digest_of(p);
    }
    properties_apply(c);
    return ERR_OK;
}
