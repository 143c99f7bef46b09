/* SPDX-License-Identifier: GPL-2.0-or-later
 * device: see device.h. Lists for nodes are "NODE:VALUE;NODE:VALUE", as other tools write them; a
 * blank or a semicolon stands between, a colon or an equals sign within. Fails: unknown names and
 * values that cannot be are errors; what other tools do and yoke does not is a warning. */
#include "lib/cib/device.h"

#include <assert.h>
#include <string.h>
#include "lib/base/str.h"
#include "lib/cib/attr.h"

enum { KEY_LEN = 64 };

#define ERROR(f, line, ...) cib_fault_add((f), (line), false, __VA_ARGS__)
#define WARN(f, line, ...)  cib_fault_add((f), (line), true, __VA_ARGS__)

/* The value behind the node's name, as a copy in to; false if not listed, or too long: a name that
 * is cut is the name of another machine. */
static bool list_get(const char *list, const char *node, char *to, size_t size)
{
    size_t len = strlen(node);
    for (const char *at = list; *at;) {
        size_t span = strcspn(at, "; \t");
        if (span > len && !strncmp(at, node, len) && (at[len] == ':' || at[len] == '=')) {
            struct str s;
            str_init(&s, to, size);
            str_add_n(&s, at + len + 1, span - len - 1);
            return !s.cut;
        }
        at += span;
        at += strspn(at, "; \t");
    }
    return false;
}

static bool list_has(const char *list, const char *node)
{
    size_t len = strlen(node);
    for (const char *at = list; *at;) {
        size_t span = strcspn(at, ", ;\t");
        if (span == len && !strncmp(at, node, len))
            return true;
        at += span;
        at += strspn(at, ", ;\t");
    }
    return false;
}

bool device_reaches(const struct cib_prim *p, const char *node)
{
    char port[CIB_ID_LEN * 4];
    const char *map = nvlist_get(&p->all_params, "pcmk_host_map");
    const char *list = nvlist_get(&p->all_params, "pcmk_host_list");
    const char *check = nvlist_get(&p->all_params, "pcmk_host_check");
    if (check && str_eq_fold(check, "none"))
        return true;
    if (map && list_get(map, node, port, sizeof(port)))
        return true;
    return list ? list_has(list, node) : !map;
}

bool device_plug(const struct cib_prim *p, const char *node, char *to, size_t size)
{
    const char *map = nvlist_get(&p->all_params, "pcmk_host_map");
    assert(node && to && size > 0);
    if (map && list_get(map, node, to, size))
        return true;
    return str_copy(to, size, node);
}

static const char *key_get(const struct cib_prim *p, const char *action, const char *what)
{
    char key[KEY_LEN];
    struct str s;
    str_init(&s, key, sizeof(key));
    str_addf(&s, "pcmk_%s_%s", action, what);
    return nvlist_get(&p->all_params, key);
}

const char *device_action(const struct cib_prim *p, const char *action)
{
    const char *mapped = key_get(p, action, "action");
    return mapped ? mapped : action;
}

uint32_t device_timeout_ms(const struct cib_prim *p, const char *action, uint32_t fallback)
{
    return attr_ms(key_get(p, action, "timeout"), fallback);
}

void device_delay_ms(const struct cib_prim *p, const char *node, uint32_t *least_ms,
                     uint32_t *most_ms)
{
    char own[KEY_LEN];
    const char *base = nvlist_get(&p->all_params, "pcmk_delay_base");
    *least_ms = 0;
    if (base && strpbrk(base, ":="))
        *least_ms = list_get(base, node, own, sizeof(own)) ? attr_ms(own, 0) : 0;
    else if (base)
        *least_ms = attr_ms(base, 0);
    *most_ms = attr_ms(nvlist_get(&p->all_params, "pcmk_delay_max"), *least_ms);
    if (*most_ms < *least_ms)
        *most_ms = *least_ms;
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* One time, or one for each node. */
static void delay_base_check(const char *value, struct cib_faults *f, unsigned line)
{
    const struct attr *ms = attr_find(ATTR_DEVICE, "pcmk_delay_max");
    char one[KEY_LEN];
    for (const char *at = value + strspn(value, "; \t"); *at;) {
        size_t span = strcspn(at, "; \t"), name = strcspn(at, ":=");
        const char *from = name < span ? at + name + 1 : at;
        struct str s;
        str_init(&s, one, sizeof(one));
        str_add_n(&s, from, (size_t)(at + span - from));
        if (s.cut || !attr_value_ok(ms, one) || (name >= span && strpbrk(value, ":=;")))
            ERROR(f, line,
                  "pcmk_delay_base=%.*s cannot be; write a time such as 5s, or one for each node: "
                  "db1:0;db2:5s",
                  FAULT_WORD(value));
        if (f->n_errors)
            return;
        at += span;
        at += strspn(at, "; \t");
    }
}

static void delays_check(const struct cib_prim *p, struct cib_faults *f, unsigned line)
{
    uint32_t base = attr_ms(nvlist_get(&p->all_params, "pcmk_delay_base"), 0);
    uint32_t most = attr_ms(nvlist_get(&p->all_params, "pcmk_delay_max"), base);
    if (most < base)
        WARN(f, line, "%s: pcmk_delay_max is less than pcmk_delay_base: the base alone counts",
             p->id);
}

static void name_unknown(const struct cib_prim *p, const char *name, struct cib_faults *f,
                         unsigned line)
{
    const char *near = attr_nearest(ATTR_DEVICE, name);
    if (near)
        ERROR(f, line, "%s: there is no %.*s; did you mean %s?", p->id, FAULT_WORD(name), near);
    else
        ERROR(f, line, "%s: there is no %.*s for a fence device", p->id, FAULT_WORD(name));
}

static void one_check(const struct cib_prim *p, const struct nv *nv, struct cib_faults *f,
                      unsigned line)
{
    char list[160];
    struct str s;
    const struct attr *a = attr_find(ATTR_DEVICE, nv->name);
    if (!a) {
        name_unknown(p, nv->name, f, line);
    } else if (!attr_value_ok(a, nv->value)) {
        str_init(&s, list, sizeof(list));
        attr_allowed(a, f, &s);
        ERROR(f, line, "%s=%.*s cannot be; allowed: %s", nv->name, FAULT_WORD(nv->value), list);
    } else if (a->use == ATTR_IDLE) {
        WARN(f, line, "%s has no effect in this version of yoke", nv->name);
    } else if (str_eq(nv->name, "pcmk_delay_base")) {
        delay_base_check(nv->value, f, line);
    } else if (str_eq(nv->name, "pcmk_host_check") &&
               (str_eq_fold(nv->value, "dynamic-list") || str_eq_fold(nv->value, "status"))) {
        WARN(f, line,
             "%s: the device is not asked which nodes it can fence (pcmk_host_check=%s); write "
             "pcmk_host_list or pcmk_host_map, or it is taken to reach every node",
             p->id, nv->value);
    } else if (str_eq(nv->name, "provides")) {
        WARN(f, line,
             "%s: unfencing by a fence device (provides=) is not in this version of yoke; for a "
             "reservation of the shared disks write use = reservation in yoke.conf",
             p->id);
    }
}

void device_check(const struct cib_prim *p, struct cib_faults *f, unsigned line)
{
    assert(p && p->is_stonith && f);
    for (unsigned i = 0; i < p->params.n && f->n_errors <= CIB_FAULTS_MAX; i++)
        if (str_starts(p->params.at[i].name, "pcmk_") || str_eq(p->params.at[i].name, "provides"))
            one_check(p, &p->params.at[i], f, line);
    if (!f->n_errors)
        delays_check(p, f, line);
}
