/* SPDX-License-Identifier: GPL-2.0-or-later
 * meta: see meta.h. The XML is read without network, without entities of its own making and without
 * a DTD, so that an agent can only be wrong, not do harm. */
#include <assert.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/meta.h"
#include "cli/runout.h"
#include "cli/unitfile.h"
#include "lib/base/num.h"
#include "lib/conf/opt.h"

enum { META_MS = 10000, META_BYTES = 1024 * 1024 };

static char *copy(const xmlChar *text)
{
    return text ? need(strdup((const char *)text)) : NULL;
}

/* An attribute, malloced; NULL when absent. */
static char *attr(const xmlNode *n, const char *name)
{
    xmlChar *value = xmlGetProp(n, (const xmlChar *)name);
    char *text = copy(value);
    xmlFree(value);
    return text;
}

static bool attr_true(const xmlNode *n, const char *name)
{
    char *text = attr(n, name);
    bool on = false;
    if (!text || num_bool(text, &on))
        on = false;
    free(text);
    return on;
}

static bool is(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && str_eq((const char *)n->name, name);
}

static const xmlNode *child(const xmlNode *n, const char *name)
{
    for (const xmlNode *c = n ? n->children : NULL; c; c = c->next)
        if (is(c, name))
            return c;
    return NULL;
}

/* Blanks at both ends off. */
static char *trimmed(char *text)
{
    size_t from = strspn(text, " \t\r\n"), len = strlen(text);
    while (len > from && strchr(" \t\r\n", text[len - 1]))
        len--;
    memmove(text, text + from, len - from);
    text[len - from] = '\0';
    return text;
}

/* The text of that element in the reader's language, else in English, else in any. */
static char *described(const xmlNode *n, const char *name, const char *language)
{
    const xmlNode *best = NULL;
    int best_rank = 0;
    for (const xmlNode *c = n ? n->children : NULL; c; c = c->next) {
        if (!is(c, name))
            continue;
        char *lang = attr(c, "lang");
        int rank = !lang ? 1 : str_starts(lang, language) ? 3 : str_starts(lang, "en") ? 2 : 1;
        free(lang);
        if (rank > best_rank) {
            best = c;
            best_rank = rank;
        }
    }
    xmlChar *content = best ? xmlNodeGetContent(best) : NULL;
    char *text = content ? trimmed(copy(content)) : need(strdup(""));
    xmlFree(content);
    return text;
}

static void param_read(struct meta *m, const xmlNode *n, const char *language)
{
    const xmlNode *content = child(n, "content"), *old = child(n, "deprecated");
    struct meta_param *p = &m->param[m->n_params];
    p->name = attr(n, "name");
    if (!p->name)
        return;
    m->n_params++;
    p->type = content ? attr(content, "type") : NULL;
    p->value = content ? attr(content, "default") : NULL;
    p->required = attr_true(n, "required");
    p->deprecated = old || attr_true(n, "deprecated");
    p->replaced_by = child(old, "replaced-with") ? attr(child(old, "replaced-with"), "name") : NULL;
    p->brief = described(n, "shortdesc", language);
    p->text = described(n, "longdesc", language);
}

static void action_read(struct meta *m, const xmlNode *n)
{
    struct meta_action *a = &m->action[m->n_actions];
    char *depth = attr(n, "depth");
    a->name = attr(n, "name");
    if (a->name) {
        m->n_actions++;
        a->timeout = attr(n, "timeout");
        a->interval = attr(n, "interval");
        a->role = attr(n, "role");
        a->depth = depth ? atoi(depth) : 0;
    }
    free(depth);
}

/* <?yoke-twice harmless?> */
static bool says(const xmlNode *root, const char *trait, const char *value)
{
    for (const xmlNode *c = root->children; c; c = c->next)
        if (c->type == XML_PI_NODE && c->content && str_eq((const char *)c->name, trait) &&
            str_eq((const char *)c->content, value))
            return true;
    return false;
}

static unsigned count(const xmlNode *n, const char *name)
{
    unsigned k = 0;
    for (const xmlNode *c = n ? n->children : NULL; c; c = c->next)
        k += is(c, name);
    return k;
}

struct meta *meta_parse(const char *xml, size_t len, const char *language)
{
    xmlDoc *doc = xmlReadMemory(xml, (int)len, "meta-data", NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    const xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
    if (!root || !is(root, "resource-agent")) {
        xmlFreeDoc(doc);
        return NULL;
    }
    const xmlNode *params = child(root, "parameters"), *actions = child(root, "actions");
    struct meta *m = need(calloc(1, sizeof(*m)));
    m->twice_harmless = says(root, "yoke-twice", "harmless");
    m->data_on_disk = says(root, "yoke-data", "disk");
    m->param = need(calloc(count(params, "parameter") + 1, sizeof(*m->param)));
    m->action = need(calloc(count(actions, "action") + 1, sizeof(*m->action)));
    for (const xmlNode *c = params ? params->children : NULL; c; c = c->next)
        if (is(c, "parameter"))
            param_read(m, c, language);
    for (const xmlNode *c = actions ? actions->children : NULL; c; c = c->next)
        if (is(c, "action"))
            action_read(m, c);
    m->brief = described(root, "shortdesc", language);
    if (!*m->brief) { /* fence agents have it as an attribute */
        char *brief = attr(root, "shortdesc");
        if (brief) {
            free(m->brief);
            m->brief = brief;
        }
    }
    m->text = described(root, "longdesc", language);
    xmlFreeDoc(doc);
    return m;
}

void meta_free(struct meta *m)
{
    for (unsigned i = 0; m && i < m->n_params; i++) {
        struct meta_param *p = &m->param[i];
        free(p->name);
        free(p->type);
        free(p->value);
        free(p->brief);
        free(p->text);
        free(p->replaced_by);
    }
    for (unsigned i = 0; m && i < m->n_actions; i++) {
        struct meta_action *a = &m->action[i];
        free(a->name);
        free(a->timeout);
        free(a->interval);
        free(a->role);
    }
    if (m) {
        free(m->param);
        free(m->action);
        free(m->brief);
        free(m->text);
    }
    free(m);
}

const struct meta_action *meta_action(const struct meta *m, const char *name)
{
    const struct meta_action *best = NULL;
    for (unsigned i = 0; m && i < m->n_actions; i++) {
        const struct meta_action *a = &m->action[i];
        if (!str_eq(a->name, name))
            continue;
        bool better = !best || (best->role && !a->role) ||
                      (!best->role == !a->role && a->depth < best->depth);
        best = better ? a : best;
    }
    return best;
}

/* ---- running agents ----------------------------------------------------------------------------
 */

static const char *default_of(enum opt_section section, const char *key)
{
    const struct opt *o = opt_find(section, key, NULL);
    static char text[4][CONF_PATH_LEN];
    static unsigned next;
    struct str s;
    char *at = text[next++ % 4];
    str_init(&s, at, CONF_PATH_LEN);
    assert(o);
    opt_get(o, NULL, &s);
    return at;
}

const char *meta_agent_dirs(struct ctx *x)
{
    return conf_try(x) ? x->conf.agent_dirs : default_of(OPT_DAEMON, "agent-dirs");
}

const char *meta_fence_dirs(struct ctx *x)
{
    return conf_try(x) ? x->conf.fence_dirs : default_of(OPT_DAEMON, "fence-dirs");
}

/* The first of colon separated directories that has an executable dir/middle/name; false if none.
 */
static bool find(const char *dirs, const char *middle, const char *name, char *dir, size_t dir_size,
                 char *path, size_t path_size)
{
    while (*dirs) {
        size_t len = strcspn(dirs, ":");
        snprintf(dir, dir_size, "%.*s", (int)len, dirs);
        snprintf(path, path_size, "%s/%s%s", dir, middle, name);
        if (len && access(path, X_OK) == 0)
            return true;
        dirs += len + (dirs[len] == ':');
    }
    return false;
}

static bool plain_name(const char *name)
{
    return name && *name && *name != '.' && !strchr(name, '/');
}

/* lsb: there is only the file to look for. */
static void look_for(const char *class, const char *type, struct str *why)
{
    char dir[CONF_PATH_LEN], path[2 * CONF_PATH_LEN];
    if (!str_eq(class, "lsb"))
        str_addf(why, _("there are no agents of class %s"), class);
    else if (!find("/etc/init.d", "", type, dir, sizeof(dir), path, sizeof(path)))
        str_addf(why, _("there is no /etc/init.d/%s on this machine"), type);
}

static struct meta *known;

const char *meta_language(void)
{
    const char *name = setlocale(LC_MESSAGES, NULL), *first = getenv("LANGUAGE");
    /* As gettext has it: LANGUAGE goes before the locale, unless that is C. */
    if (name && !str_eq(name, "C") && !str_eq(name, "POSIX") && first && *first)
        name = first;
    return name && str_starts(name, "zh") ? "zh" : "en";
}

bool meta_place(struct ctx *x, const char *class, const char *provider, const char *type,
                struct meta_place *at, struct str *why)
{
    char middle[CONF_PATH_LEN];
    bool fence = str_eq(class, "stonith");
    const char *dirs = fence ? meta_fence_dirs(x) : meta_agent_dirs(x);
    snprintf(middle, sizeof(middle), "resource.d/%s/", provider ? provider : "");
    if (plain_name(type) && (fence || plain_name(provider)) &&
        find(dirs, fence ? "" : middle, type, at->root, sizeof(at->root), at->path,
             sizeof(at->path)))
        return true;
    str_addf(why, _("it is not installed on this machine (looked in %s)"), dirs);
    return false;
}

static struct meta *agent_ask(struct ctx *x, const char *class, const char *provider,
                              const char *type, struct str *why)
{
    struct meta_place at;
    char root[CONF_PATH_LEN + 16], self[CONF_PATH_LEN + 32], *path = at.path;
    bool fence = str_eq(class, "stonith");
    if (!meta_place(x, class, provider, type, &at, why))
        return NULL;
    snprintf(root, sizeof(root), "OCF_ROOT=%s", at.root);
    snprintf(self, sizeof(self), "OCF_RESOURCE_TYPE=%s", type);
    char *const ocf[] = {path, (char *)"meta-data", NULL};
    char *const fenced[] = {path, (char *)"-o", (char *)"metadata", NULL};
    char locale[2][128]; /* in which agents that know it describe themselves */
    snprintf(locale[0], sizeof(locale[0]), "LANG=%s", setlocale(LC_MESSAGES, NULL));
    snprintf(locale[1], sizeof(locale[1]), "LC_ALL=%s", setlocale(LC_MESSAGES, NULL));
    char *const env[] = {
        root,
        self,
        locale[0],
        locale[1],
        (char *)"OCF_RESOURCE_INSTANCE=meta-data",
        (char *)"OCF_RA_VERSION_MAJOR=1",
        (char *)"OCF_RA_VERSION_MINOR=1",
        (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        NULL};
    size_t len;
    char *xml = runout(fence ? fenced : ocf, env, META_MS, META_BYTES, &len, why);
    struct meta *m = xml ? meta_parse(xml, len, meta_language()) : NULL;
    if (xml && !m)
        str_addf(why, _("%s gives no meta-data that can be read"), path);
    free(xml);
    return m;
}

const struct meta *meta_get(struct ctx *x, const char *class, const char *provider,
                            const char *type, struct str *why)
{
    char agent[256];
    bool unit = str_eq(class, "systemd");
    if (!unit && !str_eq(class, "ocf") && !str_eq(class, "stonith")) {
        look_for(class, type, why);
        return NULL;
    }
    snprintf(agent, sizeof(agent), "%s:%s%s%s", class, provider ? provider : "",
             provider ? ":" : "", type);
    for (struct meta *m = known; m; m = m->next)
        if (str_eq(m->agent, agent))
            return m;
    struct meta *m =
        unit ? unitfile_meta(unitfile_dirs, type, why) : agent_ask(x, class, provider, type, why);
    if (m) {
        str_copy(m->agent, sizeof(m->agent), agent);
        m->next = known;
        known = m;
    }
    return m;
}
