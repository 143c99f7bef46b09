/* SPDX-License-Identifier: GPL-2.0-or-later
 * schedtext: see schedtext.h. Happy path: sched_text_read, sched_run, sched_text_check and
 * sched_text_plan. Fails on the first line that it does not understand, and says which. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "test/unit/schedtext.h"

static const char *const life_name[] = {"member", "joining", "stopped", "unclean"};
static const char *const rsc_name[] = {"unknown",  "stopped", "started",
                                       "promoted", "failed",  "stop-failed"};
static const char *const op_name[] = {"none",    "probe",   "start",  "stop",
                                      "monitor", "promote", "demote", "fence"};

static int name_find(const char *word, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, names[i]))
            return (int)i;
    return -1;
}

static unsigned node_find(const struct sched_case *c, const char *name)
{
    for (unsigned n = 0; n < c->in.n_nodes; n++)
        if (str_eq(c->names[n], name))
            return n;
    return NODE_NONE;
}

static bool node_line(struct sched_case *c, char *line)
{
    char *save, *name = strtok_r(line, " ", &save), *life = strtok_r(NULL, " ", &save), *word;
    unsigned n = c->in.n_nodes++;
    int found = life ? name_find(life, life_name, ARRAY_LEN(life_name)) : -1;
    if (n >= NODE_MAX || found < 0)
        return false;
    struct sched_node *node = &c->in.node[n];
    str_copy(c->names[n], sizeof(c->names[n]), name);
    node->name = c->names[n];
    node->life = (enum node_life)found;
    while ((word = strtok_r(NULL, " ", &save))) {
        if (str_eq(word, "standby"))
            node->standby = true;
        else if (str_eq(word, "maintenance"))
            node->maintenance = true;
        else if (str_eq(word, "leaving"))
            node->leaving = true;
        else if (str_eq(word, "half-dead"))
            node->no_exec = true;
        else
            return false;
    }
    return true;
}

/* The lines of a case are read into one place: a reason must outlive its line. */
static const char *reason_keep(const char *text)
{
    static char kept[8][96];
    static unsigned next;
    str_copy(kept[next % ARRAY_LEN(kept)], sizeof(kept[0]), text);
    return kept[next++ % ARRAY_LEN(kept)];
}

static bool state_word(struct sched_state *s, const char *word)
{
    int life = name_find(word, rsc_name, ARRAY_LEN(rsc_name)), op;
    char name[16];
    unsigned rc, at_s;
    if (life >= 0)
        s->life = (uint8_t)life;
    else if (str_starts(word, "reason="))
        s->fail_reason = reason_keep(word + strlen("reason="));
    else if (str_eq(word, "owned"))
        s->owned = true;
    else if (str_eq(word, "last"))
        s->last = true;
    else if (str_eq(word, "ran"))
        s->ever_ran = true;
    else if (str_eq(word, "outdated"))
        s->outdated = true;
    else if (str_eq(word, "fails=INFINITY"))
        s->fail_count = SCORE_INF;
    else if (sscanf(word, "fails=%u", &rc) == 1)
        s->fail_count = rc;
    else if (sscanf(word, "fit=%d", &s->fit) == 1)
        s->fit_said = true;
    else if (sscanf(word, "fail=%15[a-z]:%u@%u", name, &rc, &at_s) == 3) {
        op = name_find(name, op_name, ARRAY_LEN(op_name));
        s->fail_op = op < 0 ? OP_NONE : (uint8_t)op;
        s->fail_rc = (uint8_t)rc;
        s->fail_ms = at_s * 1000ull;
        return op > 0;
    } else if (sscanf(word, "pending=%15[a-z]", name) == 1) {
        op = name_find(name, op_name, ARRAY_LEN(op_name));
        s->pending = op < 0 ? OP_NONE : (uint8_t)op;
        return op > 0;
    } else {
        return false;
    }
    return true;
}

static bool state_line(struct sched_case *c, char *line)
{
    char *save, *prim = strtok_r(line, " ", &save), *node = strtok_r(NULL, " ", &save), *word;
    char *words = save;
    bool found = false;
    if (!node)
        return false;
    for (unsigned p = 0; p < c->cib->n_prims; p++)
        for (unsigned n = 0; n < c->in.n_nodes; n++) {
            char copy[256], *rest;
            if ((!str_eq(prim, "*") && !str_eq(prim, c->cib->prim[p].id)) ||
                (!str_eq(node, "*") && !str_eq(node, c->names[n])))
                continue;
            found = true;
            str_copy(copy, sizeof(copy), words);
            for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
                if (!state_word(&c->state[p * c->in.n_nodes + n], word))
                    return false;
        }
    return found;
}

static bool wish_line(struct sched_case *c, char *line)
{
    char *save, *what = strtok_r(line, " ", &save), *id = strtok_r(NULL, " ", &save);
    char *name = strtok_r(NULL, " ", &save);
    struct rsc_ref ref;
    unsigned node = name ? node_find(c, name) : NODE_NONE;
    if (!id || !cib_find(c->cib, id, &ref))
        return false;
    const struct cib_group *g = ref.kind == RSC_GROUP ? &c->cib->group[ref.index] : NULL;
    for (unsigned m = 0; m < (g ? g->n_members : 1u); m++) {
        unsigned p = g ? g->member[m] : ref.index;
        if (str_eq(what, "restart"))
            c->restart[p] = 1;
        else if (node == NODE_NONE)
            return false;
        else if (str_eq(what, "move"))
            c->wish[p] = (uint8_t)node;
        else if (str_eq(what, "avoid"))
            c->avoid[p] = nodeset_add(c->avoid[p], node);
        else
            return false;
    }
    return true;
}

static bool option_line(struct sched_case *c, char *line)
{
    unsigned s;
    char *save;
    for (char *word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        if (sscanf(word, "now=%u", &s) == 1)
            c->in.now_ms = s * 1000ull;
        else if (str_eq(word, "no-quorum"))
            c->in.quorate = false;
        else if (str_eq(word, "guard-none"))
            c->in.guard_none = true;
        else
            return false;
    }
    return true;
}

static bool crm_read(struct sched_case *c, char *text, struct arena *arena, struct str *error)
{
    static struct cib_faults faults; /* large; tests run one after the other */
    struct cib_names names = {.node = {NULL}};
    for (unsigned n = 0; n < c->in.n_nodes; n++)
        names.node[n] = c->names[n];
    enum err err = cib_parse(text, &names, arena, &c->cib, &faults);
    for (unsigned i = 0; err && i < faults.n; i++)
        str_addf(error, "crm line %u: %s\n", faults.at[i].line, faults.at[i].text);
    if (err || c->cib->n_prims > SCHED_TEXT_PRIMS) {
        str_addf(error, "crm: %s\n", err_text(err));
        return false;
    }
    for (unsigned p = 0; p < c->cib->n_prims; p++) {
        c->wish[p] = NODE_NONE;
        for (unsigned n = 0; n < c->in.n_nodes; n++) {
            enum node_life life = c->in.node[n].life;
            c->state[p * c->in.n_nodes + n].life =
                life == LIFE_MEMBER || life == LIFE_STOPPED ? RSC_STOPPED : RSC_UNKNOWN;
        }
    }
    c->in.cib = c->cib;
    return true;
}

enum { SECTION_CRM, SECTION_NODES, SECTION_STATE, SECTION_WISH, SECTION_OPTIONS, SECTION_EXPECT };
static const char *const section_name[] = {"crm:\n",  "nodes:\n",   "state:\n",
                                           "wish:\n", "options:\n", "expect:\n"};

/* Cuts the text where its sections begin. */
static void sections_cut(char *text, char *section[ARRAY_LEN(section_name)])
{
    for (char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        for (size_t i = 0; i < ARRAY_LEN(section_name); i++)
            if (str_starts(at, section_name[i]) && !section[i]) {
                section[i] = at + strlen(section_name[i]);
                if (at > text)
                    at[-1] = 0; /* ends the section before */
                at = section[i] - 1;
                break;
            }
}

static bool lines_read(struct sched_case *c, char *text,
                       bool (*line_read)(struct sched_case *, char *), struct str *error)
{
    char *save;
    for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save)) {
        char copy[256];
        str_copy(copy, sizeof(copy), line);
        if (line[0] != '#' && line[strspn(line, " ")] && !line_read(c, line)) {
            str_addf(error, "not understood: %s\n", copy);
            return false;
        }
    }
    return true;
}

bool sched_text_read(struct sched_case *c, char *text, struct arena *arena, struct str *error)
{
    char *section[ARRAY_LEN(section_name)] = {0};
    memset(c, 0, sizeof(*c));
    sections_cut(text, section);
    c->in.now_ms = 1000 * 1000;
    c->in.quorate = true;
    c->in.state = c->state;
    c->in.wish = c->wish;
    c->in.avoid = c->avoid;
    c->in.restart = c->restart;
    c->expect = section[SECTION_EXPECT];
    if (!section[SECTION_CRM] || !section[SECTION_NODES]) {
        str_add(error, "no crm: or no nodes: section\n");
        return false;
    }
    return lines_read(c, section[SECTION_NODES], node_line, error) &&
           crm_read(c, section[SECTION_CRM], arena, error) &&
           lines_read(c, section[SECTION_STATE], state_line, error) &&
           lines_read(c, section[SECTION_WISH], wish_line, error) &&
           lines_read(c, section[SECTION_OPTIONS], option_line, error);
}

static const char *node_text(const struct sched_in *in, unsigned node)
{
    return node < in->n_nodes ? in->node[node].name : "-";
}

void sched_text_plan(const struct sched_in *in, const struct plan *plan, struct str *out)
{
    static const char *const cause[] = {"silence", "failed-stop", "on-fail"};
    for (uint32_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->step[i];
        str_addf(out, "%u %s %s", i + 1, op_name[s->op], node_text(in, s->node));
        if (s->prim != CIB_NONE)
            str_addf(out, " %s", in->cib->prim[s->prim].id);
        else
            str_addf(out, " for %s", cause[s->cause]);
        str_add(out, s->in_flight ? " in-flight" : "");
        str_add(out, s->blocked ? " blocked" : "");
        for (unsigned k = 0; k < s->n_deps; k++)
            str_addf(out, "%s%u", k ? "," : " after ", plan->dep[s->first_dep + k] + 1);
        str_add(out, "\n");
    }
    for (unsigned p = 0; p < in->cib->n_prims; p++) {
        const struct plan_rsc *r = &plan->rsc[p];
        str_addf(out, "%s: %s", in->cib->prim[p].id, node_text(in, r->now));
        if (r->now != r->node)
            str_addf(out, " -> %s", node_text(in, r->node));
        str_addf(out, "%s%s\n", r->managed ? "" : " unmanaged", r->blocked ? " blocked" : "");
        if (r->why.id) {
            str_add(out, "  ");
            say_words(&r->why, NULL, out);
            str_add(out, "\n");
        }
    }
    if (plan->recheck_ms != UINT64_MAX)
        str_addf(out, "again in %llu s\n",
                 (unsigned long long)(plan->recheck_ms - in->now_ms) / 1000);
}

static bool step_check(const struct sched_in *in, const struct plan *plan, uint32_t i,
                       struct str *error)
{
    const struct plan_step *s = &plan->step[i];
    const char *wrong = NULL;
    const struct sched_state *state =
        s->prim == CIB_NONE ? NULL : &in->state[(size_t)s->prim * in->n_nodes + s->node];
    if (s->node >= in->n_nodes)
        wrong = "no such node";
    else if (state && in->node[s->node].life != LIFE_MEMBER)
        wrong = "on a node that is no member";
    else if (state && in->node[s->node].no_exec && !s->in_flight)
        wrong = "on a node that can run nothing";
    else if (state && !plan->rsc[s->prim].managed && s->op != OP_PROBE && !s->in_flight)
        wrong = "for an unmanaged resource";
    for (unsigned k = 0; k < s->n_deps; k++)
        if (plan->dep[s->first_dep + k] >= i)
            wrong = "depends on a later step";
    for (uint32_t k = 0; k < i && state && !wrong; k++) {
        const struct plan_step *o = &plan->step[k];
        if (o->prim != s->prim || o->node != s->node || !o->in_flight)
            continue;
        wrong = "beside an operation in flight";
        for (unsigned x = 0; x < s->n_deps; x++)
            if (plan->dep[s->first_dep + x] == k)
                wrong = NULL;
    }
    if (wrong)
        str_addf(error, "step %u: %s\n", i + 1, wrong);
    return !wrong;
}

/* A start that nothing holds back has proof of every other node. */
static bool start_check(const struct sched_in *in, const struct plan *plan, uint32_t i,
                        struct str *error)
{
    const struct plan_step *s = &plan->step[i];
    const struct cib_prim *prim = &in->cib->prim[s->prim];
    bool harmless = prim->effective.requires == REQUIRES_NOTHING || prim->is_stonith;
    bool owned = in->state[(size_t)s->prim * in->n_nodes + s->node].owned;
    for (unsigned l = 0; l < in->cib->n_locations; l++)
        if (in->cib->location[l].discovery)
            return true; /* the user promises; golden cases look at those */
    for (unsigned n = 0; n < in->n_nodes; n++) {
        const struct sched_state *state = &in->state[(size_t)s->prim * in->n_nodes + n];
        bool cleared = false, fenced = false;
        for (uint32_t k = 0; k < plan->n_steps; k++)
            fenced = fenced || (plan->step[k].op == OP_FENCE && plan->step[k].node == n);
        for (unsigned k = 0; k < s->n_deps; k++) {
            const struct plan_step *o = &plan->step[plan->dep[s->first_dep + k]];
            cleared = cleared || (o->prim == s->prim && o->node == n &&
                                  (o->op == OP_STOP || o->op == OP_PROBE));
        }
        enum node_life life = in->node[n].life;
        if (prim->part == PART_COPY && n != prim->node)
            continue; /* it may be on its own node only */
        bool open = life == LIFE_STOPPED || (life == LIFE_UNCLEAN && (in->guard_none || owned)) ||
                    (life == LIFE_JOINING &&
                     (state->life == RSC_STOPPED || (owned && state->life == RSC_UNKNOWN))) ||
                    (life == LIFE_MEMBER && (state->life == RSC_STOPPED || cleared));
        bool stop_ignored = state->life == RSC_STOP_FAILED && harmless;
        if (!open && !(harmless && life == LIFE_UNCLEAN) && !stop_ignored &&
            !(harmless && life == LIFE_JOINING && state->life == RSC_UNKNOWN) &&
            !(harmless && (in->node[n].no_exec || fenced))) {
            str_addf(error, "step %u: started without knowing about %s\n", i + 1, in->node[n].name);
            return false;
        }
    }
    return true;
}

bool sched_text_check(const struct sched_in *in, const struct plan *plan, struct str *error)
{
    bool good = true;
    if (plan->n_steps > sched_steps_max(in->cib->n_prims, in->n_nodes) ||
        plan->n_deps > sched_deps_max(in->cib->n_prims, in->n_nodes, in->cib->n_orders)) {
        str_add(error, "more steps or dependencies than there can be\n");
        good = false;
    }
    for (uint32_t i = 0; i < plan->n_steps && good; i++) {
        const struct plan_step *s = &plan->step[i];
        good = step_check(in, plan, i, error);
        if (good && s->op == OP_START && !s->blocked && !s->in_flight)
            good = start_check(in, plan, i, error);
    }
    for (unsigned p = 0; p < in->cib->n_prims && good; p++) {
        const struct plan_rsc *r = &plan->rsc[p];
        if ((r->now != r->node || !r->managed || r->blocked) && !r->why.id) {
            str_addf(error, "%s: no reason\n", in->cib->prim[p].id);
            good = false;
        }
    }
    return good;
}
