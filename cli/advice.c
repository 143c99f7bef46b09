/* SPDX-License-Identifier: GPL-2.0-or-later
 * advice: a primitive held against its agent's meta-data: parameters that are missing, unknown or
 * old, and time-outs shorter than the agent advises. */
#include <stdlib.h>
#include <string.h>
#include "cli/meta.h"
#include "cli/unitfile.h"
#include "lib/base/num.h"

enum { DAY_MS = 86400000 };

static const struct meta_param *param_find(const struct meta *m, const char *name)
{
    for (unsigned i = 0; i < m->n_params; i++)
        if (str_eq(m->param[i].name, name))
            return &m->param[i];
    return NULL;
}

/* Parameters that whoever runs a fence device gives itself, or that are for it alone. */
static bool ours(const struct cib_prim *p, const char *name)
{
    static const char *const given[] = {"action",   "option",   "plug",    "port",
                                        "nodename", "priority", "provides"};
    if (str_starts(name, "pcmk_") || str_starts(name, "crm_") || str_starts(name, "trace_"))
        return true;
    for (unsigned i = 0; p->is_stonith && i < ARRAY_LEN(given); i++)
        if (str_eq(name, given[i]))
            return true;
    return false;
}

static void unknown_tell(const struct meta *m, const struct cib_prim *p, const char *name,
                         unsigned line)
{
    char text[512];
    const char **names = need(calloc(m->n_params + 1, sizeof(*names)));
    for (unsigned i = 0; i < m->n_params; i++)
        names[i] = m->param[i].name;
    const char *near = str_nearest(name, names, m->n_params);
    if (near)
        snprintf(text, sizeof(text), _("%s: its agent has no parameter %s; did you mean %s?"),
                 p->id, name, near);
    else
        snprintf(text, sizeof(text),
                 _("%s: its agent has no parameter %s (yoke ra info shows what it has)"), p->id,
                 name);
    fault_tell("", line, true, text);
    free(names);
}

static bool missing_tell(struct ctx *x, const struct meta *m, const struct cib_prim *p,
                         unsigned line)
{
    char text[512];
    bool good = true;
    for (unsigned i = 0; i < m->n_params; i++) {
        const struct meta_param *want = &m->param[i];
        if (!want->required || want->value || ours(p, want->name) ||
            nvlist_get(&p->all_params, want->name))
            continue;
        snprintf(text, sizeof(text), _("%s: its agent needs the parameter %s%s%s"), p->id,
                 want->name, want->brief && *want->brief ? ": " : "",
                 want->brief ? want->brief : "");
        fault_tell("", line, x->force, text);
        good = good && x->force;
    }
    return good;
}

static void times_tell(const struct meta *m, const struct cib *c, const struct cib_prim *p,
                       unsigned line)
{
    static const char *const action[] = {"start", "stop", "monitor", "promote", "demote"};
    char text[512];
    bool promotable = p->clone != CIB_NONE && c->clone[p->clone].promotable;
    for (unsigned i = 0; i < (promotable ? ARRAY_LEN(action) : 3); i++) {
        const struct meta_action *a = meta_action(m, action[i]);
        uint64_t ms;
        uint32_t own = cib_timeout_ms(c, p, action[i]);
        if (!a || !a->timeout || num_ms(a->timeout, DAY_MS, &ms) || own >= ms)
            continue;
        snprintf(text, sizeof(text),
                 _("%s: the time-out of %s is %u s, its agent advises at least %u s"), p->id,
                 action[i], own / 1000, (unsigned)(ms / 1000));
        fault_tell("", line, true, text);
    }
}

/* What the agent says of itself; NULL: it cannot be asked, which was told. */
static const struct meta *said(struct ctx *x, const struct cib_prim *p, unsigned line)
{
    char reason[512], text[768];
    struct str why;
    str_init(&why, reason, sizeof(reason));
    if (unitfile_enabled(p->class, p->type, &why)) {
        snprintf(text, sizeof(text), "%s: %s", p->id, reason);
        fault_tell("", line, true, text);
    }
    str_init(&why, reason, sizeof(reason));
    const struct meta *m = meta_get(x, p->class, p->provider, p->type, &why);
    if (m || !why.len)
        return m;
    snprintf(text, sizeof(text), _("%s: its agent %s:%s%s%s cannot be asked: %s"), p->id, p->class,
             p->provider ? p->provider : "", p->provider ? ":" : "", p->type, reason);
    fault_tell("", line, true, text);
    return NULL;
}

static bool params_check(struct ctx *x, const struct meta *m, const struct cib_prim *p,
                         unsigned line)
{
    char text[512];
    bool good = missing_tell(x, m, p, line);
    for (unsigned i = 0; i < p->params.n; i++) {
        const char *name = p->params.at[i].name;
        const struct meta_param *known = param_find(m, name);
        if (!known && !ours(p, name)) {
            unknown_tell(m, p, name, line);
        } else if (known && known->deprecated && known->replaced_by) {
            snprintf(text, sizeof(text), _("%s: the parameter %s is now called %s"), p->id, name,
                     known->replaced_by);
            fault_tell("", line, true, text);
        }
    }
    return good;
}

bool meta_check_params(struct ctx *x, const struct cib_prim *p, unsigned line)
{
    const struct meta *m = said(x, p, line);
    return !m || params_check(x, m, p, line);
}

bool meta_check(struct ctx *x, const struct cib *c, const struct cib_prim *p, unsigned line)
{
    const struct meta *m = said(x, p, line);
    if (!m)
        return true;
    bool good = params_check(x, m, p, line);
    times_tell(m, c, p, line);
    return good;
}
