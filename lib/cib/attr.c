/* SPDX-License-Identifier: GPL-2.0-or-later
 * attr: tables of names. Where two spellings are in use (fencing-*, stonith-*) both stand in one
 * row. Happy path: attr_find, attr_value_ok, then the typed readers. Unknown names give NULL. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/base/str.h"
#include "lib/cib/attr.h"
#include "lib/cib/fault.h"

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define ROLES WORDS("Started", "Stopped", "Promoted", "Unpromoted", "Master", "Slave")

static const struct attr meta[] = {
    {"priority", NULL, ATTR_SCORE, ATTR_USED, NULL},
    {"critical", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"target-role", NULL, ATTR_WORDS, ATTR_USED, ROLES},
    {"is-managed", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"maintenance", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"resource-stickiness", NULL, ATTR_SCORE, ATTR_USED, NULL},
    {"requires", NULL, ATTR_WORDS, ATTR_USED, WORDS("nothing", "quorum", "fencing", "unfencing")},
    {"migration-threshold", NULL, ATTR_THRESHOLD, ATTR_USED, NULL},
    {"failure-timeout", NULL, ATTR_MS, ATTR_USED, NULL},
    {"multiple-active", NULL, ATTR_WORDS, ATTR_USED,
     WORDS("stop_start", "stop_only", "block", "stop_unexpected")},
    {"provides", NULL, ATTR_TEXT, ATTR_IDLE, NULL},
    {"allow-migrate", NULL, ATTR_BOOL, ATTR_IDLE, NULL},
    {"allow-unhealthy-nodes", NULL, ATTR_BOOL, ATTR_IDLE, NULL},
    {"clone-max", NULL, ATTR_COUNT, ATTR_QUIET, NULL}, /* of a clone: looked at by lint.c */
    {"clone-node-max", NULL, ATTR_COUNT, ATTR_QUIET, NULL},
    {"clone-min", NULL, ATTR_COUNT, ATTR_IDLE, NULL},
    {"globally-unique", NULL, ATTR_BOOL, ATTR_QUIET, NULL},
    {"notify", NULL, ATTR_BOOL, ATTR_QUIET, NULL},
    {"ordered", NULL, ATTR_BOOL, ATTR_IDLE, NULL},
    {"interleave", NULL, ATTR_BOOL, ATTR_QUIET, NULL},
    {"promotable", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"promoted-max", "master-max", ATTR_COUNT, ATTR_QUIET, NULL},
    {"promoted-node-max", "master-node-max", ATTR_COUNT, ATTR_QUIET, NULL},
    {"remote-node", NULL, ATTR_TEXT, ATTR_LATER, NULL},
    {"remote-addr", NULL, ATTR_TEXT, ATTR_LATER, NULL},
    {"remote-port", NULL, ATTR_TEXT, ATTR_LATER, NULL},
    {"remote-connect-timeout", NULL, ATTR_TEXT, ATTR_LATER, NULL},
    {"remote-allow-migrate", NULL, ATTR_TEXT, ATTR_LATER, NULL},
};

static const struct attr op[] = {
    {"interval", NULL, ATTR_MS, ATTR_USED, NULL},
    {"timeout", NULL, ATTR_TIMEOUT, ATTR_USED, NULL},
    {"role", NULL, ATTR_WORDS, ATTR_USED, ROLES},
    {"on-fail", NULL, ATTR_WORDS, ATTR_USED,
     WORDS("ignore", "block", "stop", "demote", "restart", "fence", "standby")},
    {"enabled", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"start-delay", NULL, ATTR_MS, ATTR_USED, NULL},
    {"interval-origin", NULL, ATTR_TEXT, ATTR_LATER, NULL},
    {"record-pending", NULL, ATTR_BOOL, ATTR_QUIET, NULL},
    {"description", NULL, ATTR_TEXT, ATTR_QUIET, NULL},
    {"name", "its name as the word behind op", ATTR_TEXT, ATTR_MOVED, NULL},
};

static const struct attr op_default[] = {
    {"timeout", NULL, ATTR_TIMEOUT, ATTR_USED, NULL},
    {"on-fail", NULL, ATTR_WORDS, ATTR_USED,
     WORDS("ignore", "block", "stop", "demote", "restart", "fence", "standby")},
    {"enabled", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"start-delay", NULL, ATTR_MS, ATTR_USED, NULL},
    {"record-pending", NULL, ATTR_BOOL, ATTR_QUIET, NULL},
    {"interval", "interval= with each op", ATTR_TEXT, ATTR_MOVED, NULL},
    {"role", "role= with each op", ATTR_TEXT, ATTR_MOVED, NULL},
};

static const struct attr node[] = {
    {"standby", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"maintenance", NULL, ATTR_BOOL, ATTR_USED, NULL},
};

static const struct attr property[] = {
    {"symmetric-cluster", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"maintenance-mode", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"stop-all-resources", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"start-failure-is-fatal", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"stonith-enabled", "fencing-enabled", ATTR_BOOL, ATTR_USED, NULL},
    {"startup-fencing", NULL, ATTR_BOOL, ATTR_USED, NULL},
    {"stonith-action", "fencing-action", ATTR_WORDS, ATTR_USED, WORDS("reboot", "off", "poweroff")},
    {"stonith-timeout", "fencing-timeout", ATTR_TIMEOUT, ATTR_USED, NULL},
    {"stonith-max-attempts", "fencing-max-attempts", ATTR_COUNT, ATTR_USED, NULL},
    {"batch-limit", NULL, ATTR_COUNT, ATTR_USED, NULL},
    {"node-action-limit", NULL, ATTR_COUNT, ATTR_USED, NULL},
    {"no-quorum-policy", NULL, ATTR_WORDS, ATTR_USED,
     WORDS("stop", "freeze", "ignore", "demote", "fence", "suicide")},
    {"stonith-watchdog-timeout", "fencing-watchdog-timeout", ATTR_TEXT, ATTR_IDLE, NULL},
    {"fence-reaction", "fencing-reaction", ATTR_WORDS, ATTR_IDLE, WORDS("stop", "panic")},
    {"concurrent-fencing", NULL, ATTR_BOOL, ATTR_IDLE, NULL},
    {"priority-fencing-delay", NULL, ATTR_MS, ATTR_USED, NULL},
    {"node-pending-timeout", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"cluster-delay", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"load-threshold", NULL, ATTR_TEXT, ATTR_IDLE, NULL},
    {"migration-limit", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"enable-acl", NULL, ATTR_BOOL, ATTR_IDLE, NULL},
    {"placement-strategy", NULL, ATTR_WORDS, ATTR_IDLE,
     WORDS("default", "utilization", "minimal", "balanced")},
    {"node-health-strategy", NULL, ATTR_TEXT, ATTR_IDLE, NULL},
    {"node-health-base", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"node-health-green", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"node-health-yellow", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"node-health-red", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"cluster-recheck-interval", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"dc-deadtime", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"election-timeout", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"join-integration-timeout", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"join-finalization-timeout", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"shutdown-escalation", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"transition-delay", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"shutdown-lock", NULL, ATTR_BOOL, ATTR_IDLE, NULL},
    {"shutdown-lock-limit", NULL, ATTR_MS, ATTR_IDLE, NULL},
    {"stop-orphan-resources", "stop-removed-resources", ATTR_BOOL, ATTR_IDLE, NULL},
    {"stop-orphan-actions", "cancel-removed-actions", ATTR_BOOL, ATTR_IDLE, NULL},
    {"remove-after-stop", NULL, ATTR_BOOL, ATTR_IDLE, NULL},
    {"pe-error-series-max", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"pe-warn-series-max", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"pe-input-series-max", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"cluster-name", NULL, ATTR_TEXT, ATTR_QUIET, NULL},
    {"dc-version", NULL, ATTR_TEXT, ATTR_QUIET, NULL},
    {"cluster-infrastructure", NULL, ATTR_TEXT, ATTR_QUIET, NULL},
    {"have-watchdog", NULL, ATTR_TEXT, ATTR_QUIET, NULL},
    {"last-lrm-refresh", NULL, ATTR_TEXT, ATTR_QUIET, NULL},
    {"default-resource-stickiness", "rsc_defaults resource-stickiness=", ATTR_TEXT, ATTR_MOVED,
     NULL},
    {"is-managed-default", "rsc_defaults is-managed=", ATTR_TEXT, ATTR_MOVED, NULL},
    {"default-action-timeout", "op_defaults timeout=", ATTR_TEXT, ATTR_MOVED, NULL},
};

/* Parameters of a stonith primitive that are not its agent's. */
static const struct attr device[] = {
    {"pcmk_host_argument", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_host_map", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_host_list", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_delay_base", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_host_check", NULL, ATTR_WORDS, ATTR_USED,
     WORDS("dynamic-list", "static-list", "status", "none")},
    {"pcmk_delay_max", NULL, ATTR_MS, ATTR_USED, NULL},
    {"pcmk_action_limit", NULL, ATTR_SCORE, ATTR_IDLE, NULL},
    {"pcmk_reboot_action", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_reboot_timeout", NULL, ATTR_TIMEOUT, ATTR_USED, NULL},
    {"pcmk_reboot_retries", NULL, ATTR_COUNT, ATTR_IDLE, NULL},
    {"pcmk_off_action", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_off_timeout", NULL, ATTR_TIMEOUT, ATTR_USED, NULL},
    {"pcmk_off_retries", NULL, ATTR_COUNT, ATTR_IDLE, NULL},
    {"pcmk_on_action", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_on_timeout", NULL, ATTR_TIMEOUT, ATTR_USED, NULL},
    {"pcmk_on_retries", NULL, ATTR_COUNT, ATTR_IDLE, NULL},
    {"pcmk_status_action", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_status_timeout", NULL, ATTR_TIMEOUT, ATTR_USED, NULL},
    {"pcmk_status_retries", NULL, ATTR_COUNT, ATTR_IDLE, NULL},
    {"pcmk_monitor_action", NULL, ATTR_TEXT, ATTR_USED, NULL},
    {"pcmk_monitor_timeout", NULL, ATTR_TIMEOUT, ATTR_USED, NULL},
    {"pcmk_monitor_retries", NULL, ATTR_COUNT, ATTR_IDLE, NULL},
    {"pcmk_list_action", NULL, ATTR_TEXT, ATTR_IDLE, NULL},
    {"pcmk_list_timeout", NULL, ATTR_TIMEOUT, ATTR_IDLE, NULL},
    {"pcmk_list_retries", NULL, ATTR_COUNT, ATTR_IDLE, NULL},
    {"provides", NULL, ATTR_TEXT, ATTR_USED, NULL},
};

struct table {
    const struct attr *at;
    size_t n;
};
static const struct table tables[ATTR_TABLES] = {
    [ATTR_META] = {meta, ARRAY_LEN(meta)},
    [ATTR_OP] = {op, ARRAY_LEN(op)},
    [ATTR_NODE] = {node, ARRAY_LEN(node)},
    [ATTR_PROPERTY] = {property, ARRAY_LEN(property)},
    [ATTR_OP_DEFAULT] = {op_default, ARRAY_LEN(op_default)},
    [ATTR_DEVICE] = {device, ARRAY_LEN(device)},
};

const struct attr *attr_find(enum attr_table table, const char *name)
{
    assert(table < ATTR_TABLES && name);
    for (size_t i = 0; i < tables[table].n; i++) {
        const struct attr *a = &tables[table].at[i];
        if (str_eq(a->name, name) || (a->use != ATTR_MOVED && str_eq(a->other, name)))
            return a;
    }
    return NULL;
}

const char *attr_nearest(enum attr_table table, const char *name)
{
    const char *names[2 * ARRAY_LEN(property)];
    size_t n = 0;
    for (size_t i = 0; i < tables[table].n; i++) {
        const struct attr *a = &tables[table].at[i];
        assert(n + 2 <= ARRAY_LEN(names));
        names[n++] = a->name;
        if (a->other && a->use != ATTR_MOVED)
            names[n++] = a->other;
    }
    return str_nearest(name, names, n);
}

bool attr_same(enum attr_table table, const char *a, const char *b)
{
    if (str_eq(a, b))
        return true;
    const struct attr *row = attr_find(table, a);
    return row && row->use != ATTR_MOVED && (str_eq(row->name, b) || str_eq(row->other, b));
}

bool attr_is_score(const char *text, int32_t *out)
{
    static const struct {
        const char *word;
        int32_t score;
    } words[] = {
        {"inf", SCORE_INF},       {"+inf", SCORE_INF},      {"-inf", -SCORE_INF},
        {"infinity", SCORE_INF},  {"+infinity", SCORE_INF}, {"-infinity", -SCORE_INF},
        {"mandatory", SCORE_INF}, {"advisory", 0},
    };
    int64_t v = 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_fold(text, words[i].word)) {
            *out = words[i].score;
            return true;
        }
    enum err err = num_i64(text, -SCORE_INF, SCORE_INF, &v);
    if (err == ERR_RANGE) /* clipped, scheduler rules 4.1.1 */
        v = *text == '-' ? -SCORE_INF : SCORE_INF;
    else if (err)
        return false;
    *out = (int32_t)v;
    return true;
}

int32_t attr_score(const char *value, int32_t fallback)
{
    int32_t score;
    return value && attr_is_score(value, &score) ? score : fallback;
}

bool attr_bool(const char *value, bool fallback)
{
    bool yes;
    return value && num_bool(value, &yes) == ERR_OK ? yes : fallback;
}

uint32_t attr_ms(const char *value, uint32_t fallback)
{
    uint64_t ms;
    return value && num_ms(value, ATTR_MS_MAX, &ms) == ERR_OK ? (uint32_t)ms : fallback;
}

uint16_t attr_count(const char *value, uint16_t fallback)
{
    uint64_t n;
    return value && num_u64(value, 0, UINT16_MAX, &n) == ERR_OK ? (uint16_t)n : fallback;
}

enum on_fail attr_on_fail(const char *value)
{
    static const char *const words[] = {
        [ON_FAIL_IGNORE] = "ignore", [ON_FAIL_DEMOTE] = "demote", [ON_FAIL_RESTART] = "restart",
        [ON_FAIL_BLOCK] = "block",   [ON_FAIL_STOP] = "stop",     [ON_FAIL_STANDBY] = "standby",
        [ON_FAIL_FENCE] = "fence",
    };
    for (unsigned i = ON_FAIL_IGNORE; value && i < ARRAY_LEN(words); i++)
        if (str_eq_fold(value, words[i]))
            return (enum on_fail)i;
    return ON_FAIL_DEFAULT;
}

enum target_role attr_role(const char *value)
{
    static const struct {
        const char *word;
        enum target_role role;
    } words[] = {
        {"Stopped", ROLE_STOPPED},   {"Started", ROLE_STARTED}, {"Unpromoted", ROLE_UNPROMOTED},
        {"Promoted", ROLE_PROMOTED}, {"Master", ROLE_PROMOTED}, {"Slave", ROLE_UNPROMOTED},
    };
    for (size_t i = 0; value && i < ARRAY_LEN(words); i++)
        if (str_eq_fold(value, words[i].word))
            return words[i].role;
    return ROLE_UNSET;
}

bool attr_value_ok(const struct attr *a, const char *value)
{
    uint64_t v = 0;
    int32_t score = 0;
    bool yes;
    assert(a && value);
    switch (a->type) {
    case ATTR_TEXT: return true;
    case ATTR_BOOL: return num_bool(value, &yes) == ERR_OK;
    case ATTR_SCORE: return attr_is_score(value, &score);
    case ATTR_COUNT: return num_u64(value, 0, UINT16_MAX, &v) == ERR_OK;
    case ATTR_THRESHOLD: return attr_is_score(value, &score) && score >= 0;
    case ATTR_MS: return num_ms(value, ATTR_MS_MAX, &v) == ERR_OK;
    case ATTR_TIMEOUT: return num_ms(value, ATTR_MS_MAX, &v) == ERR_OK && v > 0;
    case ATTR_WORDS:
        for (unsigned i = 0; a->words[i]; i++)
            if (str_eq_fold(value, a->words[i]))
                return true;
        return false;
    }
    return false;
}

void attr_allowed(const struct attr *a, const struct cib_faults *f, struct str *out)
{
    static const char *const texts[] = {
        [ATTR_TEXT] = N_("any text"),
        [ATTR_BOOL] = N_("true or false"),
        [ATTR_SCORE] = N_("a whole number, inf or -inf"),
        [ATTR_COUNT] = N_("a whole number from 0 to 65535"),
        [ATTR_THRESHOLD] = N_("a whole number from 0 on, or inf"),
        [ATTR_MS] = N_("a time such as 500ms, 10s or 2min, at most 24 days"),
        [ATTR_TIMEOUT] = N_("a time such as 500ms, 10s or 2min, more than 0 and at most 24 days"),
    };
    if (a->type != ATTR_WORDS) {
        str_add(out, cib_fault_words(f, texts[a->type]));
        return;
    }
    for (unsigned i = 0; a->words[i]; i++)
        str_addf(out, "%s%s",
                 i == 0 ? "" : cib_fault_words(f, a->words[i + 1] ? N_(", ") : N_(" or ")),
                 a->words[i]);
}
