/* SPDX-License-Identifier: GPL-2.0-or-later
 * catalog: `yoke ra`: which agents are installed on this machine, and what one says of itself. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli/catalog.h"
#include "cli/meta.h"
#include "cli/unitfile.h"

static void put(struct catalog *c, const char *name)
{
    for (unsigned i = 0; i < c->n; i++)
        if (str_eq(c->name[i], name))
            return;
    if (c->n < CATALOG_MAX)
        c->name[c->n++] = need(strdup(name));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void catalog_sort(struct catalog *c)
{
    qsort(c->name, c->n, sizeof(*c->name), by_name);
}

void catalog_free(struct catalog *c)
{
    while (c->n > 0)
        free(c->name[--c->n]);
}

static void show(struct ctx *x, struct catalog *c)
{
    json_t *list = json_array();
    catalog_sort(c);
    for (unsigned i = 0; i < c->n; i++) {
        if (x->json)
            json_array_append_new(list, json_string(c->name[i]));
        else
            printf("%s\n", c->name[i]);
    }
    catalog_free(c);
    if (x->json)
        json_show(json_pack("{s:b,s:O}", "ok", 1, "agents", list));
    json_decref(list);
}

/* Entries of a directory: directories (executable files otherwise) that begin with prefix and end
 * with suffix, which is left out. */
static void scan(struct catalog *c, const char *dir, bool dirs, const char *prefix,
                 const char *suffix)
{
    char path[4096];
    const struct dirent *e;
    DIR *d = opendir(dir);
    while (d && (e = readdir(d)) != NULL) {
        size_t len = strlen(e->d_name), cut = strlen(suffix);
        snprintf(path, sizeof(path), "%s/%s/.", dir, e->d_name);
        bool is_dir = access(path, F_OK) == 0;
        path[strlen(path) - 2] = '\0';
        if (*e->d_name == '.' || is_dir != dirs || !str_starts(e->d_name, prefix) || len <= cut ||
            strcmp(e->d_name + len - cut, suffix) != 0)
            continue;
        if (!*suffix && access(path, X_OK) != 0)
            continue;
        snprintf(path, sizeof(path), "%.*s", (int)(len - cut), e->d_name);
        put(c, path);
    }
    if (d)
        closedir(d);
}

void catalog_scan(struct catalog *c, const char *list, const char *middle, bool dirs,
                  const char *prefix, const char *suffix)
{
    char path[4096];
    while (*list) {
        size_t len = strcspn(list, ":");
        snprintf(path, sizeof(path), "%.*s%s", (int)len, list, middle);
        scan(c, path, dirs, prefix, suffix);
        list += len + (list[len] == ':');
    }
}

static void providers(struct ctx *x, struct catalog *c)
{
    catalog_scan(c, meta_agent_dirs(x), "/resource.d", true, "", "");
}

void catalog_ocf(struct ctx *x, struct catalog *c, const char *provider)
{
    struct catalog all = {.n = 0};
    char path[512], name[512];
    if (provider) {
        snprintf(path, sizeof(path), "/resource.d/%s", provider);
        catalog_scan(c, meta_agent_dirs(x), path, false, "", "");
        return;
    }
    providers(x, &all);
    for (unsigned i = 0; i < all.n; i++) {
        struct catalog own = {.n = 0};
        catalog_ocf(x, &own, all.name[i]);
        for (unsigned k = 0; k < own.n; k++) {
            snprintf(name, sizeof(name), "%s:%s", all.name[i], own.name[k]);
            put(c, name);
            free(own.name[k]);
        }
        free(all.name[i]);
    }
}

static void classes(struct ctx *x)
{
    struct catalog all = {.n = 0};
    json_t *list = json_array();
    providers(x, &all);
    qsort(all.name, all.n, sizeof(*all.name), by_name);
    if (!x->json)
        printf("lsb\nocf /");
    for (unsigned i = 0; i < all.n; i++) {
        json_array_append_new(list, json_string(all.name[i]));
        if (!x->json)
            printf(" %s", all.name[i]);
        free(all.name[i]);
    }
    if (!x->json)
        printf("\nstonith\nsystemd\n");
    else
        json_show(json_pack("{s:b,s:[s,s,s,s],s:O}", "ok", 1, "classes", "lsb", "ocf", "stonith",
                            "systemd", "providers", list));
    json_decref(list);
}

static void unit_put(void *context, const char *name)
{
    put(context, name);
}

int ra_list_run(struct ctx *x, int argc, char **argv)
{
    struct catalog c = {.n = 0};
    if (argc == 0) {
        classes(x);
        return EXIT_OK;
    }
    if (str_eq(argv[0], "ocf"))
        catalog_ocf(x, &c, argc > 1 ? argv[1] : NULL);
    else if (str_eq(argv[0], "stonith"))
        catalog_scan(&c, meta_fence_dirs(x), "", false, "fence_", "");
    else if (str_eq(argv[0], "lsb"))
        scan(&c, "/etc/init.d", false, "", "");
    else if (str_eq(argv[0], "systemd"))
        unitfile_each(unitfile_dirs, unit_put, &c);
    else
        return fail_with(EXIT_USAGE, _("there is no class %s: ocf, stonith, lsb or systemd"),
                         argv[0]);
    show(x, &c);
    return EXIT_OK;
}

/* ---- one agent ------------------------------------------------------------------------------ */

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *as_json(const struct meta *m)
{
    json_t *params = json_array(), *actions = json_array();
    for (unsigned i = 0; i < m->n_params; i++) {
        const struct meta_param *p = &m->param[i];
        json_array_append_new(params,
                              json_pack("{s:s,s:o,s:o,s:b,s:b,s:s,s:s}", "name", p->name, "type",
                                        text_or_null(p->type), "default", text_or_null(p->value),
                                        "required", p->required, "deprecated", p->deprecated,
                                        "brief", p->brief, "text", p->text));
    }
    for (unsigned i = 0; i < m->n_actions; i++) {
        const struct meta_action *a = &m->action[i];
        json_array_append_new(actions, json_pack("{s:s,s:o,s:o,s:o,s:i}", "name", a->name,
                                                 "timeout", text_or_null(a->timeout), "interval",
                                                 text_or_null(a->interval), "role",
                                                 text_or_null(a->role), "depth", a->depth));
    }
    return json_pack("{s:b,s:s,s:s,s:s,s:b,s:b,s:o,s:o}", "ok", 1, "agent", m->agent, "brief",
                     m->brief, "text", m->text, "twice_harmless", m->twice_harmless, "data_on_disk",
                     m->data_on_disk, "parameters", params, "actions", actions);
}

static void as_text(const struct meta *m)
{
    printf("%s (%s)\n\n", m->brief, m->agent);
    if (*m->text)
        printf("%s\n\n", m->text);
    if (m->twice_harmless)
        printf("%s\n\n", _("Running it on two nodes for a moment destroys nothing: it follows its "
                           "group when the group's disks were taken from a silent node."));
    if (m->data_on_disk)
        printf("%s\n\n", _("All that it writes lies on the disks of its group: it is safe to start "
                           "when those were taken from a silent node."));
    printf("%s\n", _("Parameters (*: required, []: default):"));
    for (unsigned i = 0; i < m->n_params; i++) {
        const struct meta_param *p = &m->param[i];
        printf("\n%s%s (%s", p->name, p->required ? "*" : "", p->type ? p->type : "string");
        if (p->value && *p->value)
            printf(", [%s]", p->value);
        printf("): %s%s\n", p->deprecated ? _("(deprecated) ") : "", p->brief);
        if (*p->text)
            printf("    %s\n", p->text);
    }
    printf("\n%s\n\n", _("Operations' advised times:"));
    for (unsigned i = 0; i < m->n_actions; i++) {
        const struct meta_action *a = &m->action[i];
        printf("    %-16s", a->name);
        if (a->timeout)
            printf(" timeout=%s", a->timeout);
        if (a->interval)
            printf(" interval=%s", a->interval);
        if (a->role)
            printf(" role=%s", a->role);
        printf("\n");
    }
}

bool agent_name_parse(struct agent_name *a, const char *spec)
{
    if (!str_copy(a->room, sizeof(a->room), spec))
        return false;
    char *type = strrchr(a->room, ':'), *provider = NULL;
    a->class = "ocf";
    if (type) {
        *type++ = '\0';
        a->class = a->room;
        provider = strchr(a->room, ':');
        if (provider)
            *provider++ = '\0';
        if (!provider && (str_eq(a->room, "heartbeat") || str_eq(a->room, "yoke"))) {
            provider = a->room; /* PROVIDER:TYPE */
            a->class = "ocf";
        }
    }
    a->provider = str_eq(a->class, "ocf") && !provider ? "heartbeat" : provider;
    a->type = type ? type : a->room;
    return *a->type && *a->class;
}

int ra_info_run(struct ctx *x, int argc, char **argv)
{
    char reason[512];
    struct agent_name a;
    struct str why;
    (void)argc;
    str_init(&why, reason, sizeof(reason));
    if (!agent_name_parse(&a, argv[0]))
        return fail_with(EXIT_USAGE, _("usage: yoke ra info CLASS:[PROVIDER:]TYPE"));
    const struct meta *m = meta_get(x, a.class, a.provider, a.type, &why);
    if (!m && !why.len)
        return fail_with(EXIT_FAIL, _("agents of class %s have no meta-data"), a.class);
    if (!m)
        return fail_with(EXIT_FAIL, _("%s cannot be asked: %s"), argv[0], reason);
    if (x->json)
        json_show(as_json(m));
    else
        as_text(m);
    return EXIT_OK;
}
