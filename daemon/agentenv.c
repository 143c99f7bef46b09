/* SPDX-License-Identifier: GPL-2.0-or-later
 * agentenv: see agentenv.h. */
#include "config.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "daemon/agentenv.h"
#include "daemon/child.h"

const char *agentenv_get(const struct agentenv *e, const char *name)
{
    size_t len = strlen(name);
    unsigned i;

    for (i = 0; i < e->n; i++)
        if (strncmp(e->at[i], name, len) == 0 && e->at[i][len] == '=')
            return e->at[i] + len + 1;
    return NULL;
}

static void text_add(struct agentenv *e, char *text)
{
    if (e->n >= AGENTENV_MAX)
        e->full = true;
    else
        e->at[e->n++] = text;
}

struct agentenv *agentenv_new(const char *env, size_t env_len)
{
    struct agentenv *e = calloc(1, sizeof(*e));
    size_t pos = 0;

    if (!e)
        return NULL;
    str_init(&e->text, e->bytes, sizeof(e->bytes));
    while (env && pos < env_len && env[pos]) {
        size_t len = strnlen(env + pos, env_len - pos);

        assert(pos + len < env_len); /* ended by NUL: the core's promise */
        if (strchr(env + pos, '='))
            text_add(e, (char *)(env + pos)); /* execve only reads it */
        pos += len + 1;
    }
    return e;
}

void agentenv_free(struct agentenv *e)
{
    free(e);
}

void agentenv_add(struct agentenv *e, const char *name, const char *value)
{
    size_t from = e->text.len;

    if (!value || agentenv_get(e, name))
        return;
    if (e->text.size - from < strlen(name) + strlen(value) + 3) {
        e->full = true;
        return;
    }
    str_addf(&e->text, "%s=%s", name, value);
    text_add(e, e->bytes + from);
    e->text.len++; /* keep its NUL: the next text begins behind it */
    e->bytes[e->text.len] = '\0';
}

void agentenv_add_common(struct agentenv *e)
{
    agentenv_add(e, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    agentenv_add(e, "LANG", getenv("LANG"));
    agentenv_add(e, "LC_ALL", getenv("LC_ALL"));
    agentenv_add(e, "TZ", getenv("TZ"));
}

void agentenv_add_ocf(struct agentenv *e, const char *id, const char *provider, const char *type)
{
    agentenv_add(e, "OCF_RA_VERSION_MAJOR", "1");
    agentenv_add(e, "OCF_RA_VERSION_MINOR", "1");
    agentenv_add(e, "OCF_RESOURCE_INSTANCE", id);
    agentenv_add(e, "OCF_RESOURCE_PROVIDER", provider);
    agentenv_add(e, "OCF_RESOURCE_TYPE", type);
    agentenv_add(e, "OCF_EXIT_REASON_PREFIX", CHILD_REASON_PREFIX);
    /* Where the agents' common functions log: without it they write everything to stderr. */
    agentenv_add(e, "HA_LOGFACILITY", "daemon");
    agentenv_add(e, "HA_logfacility", "daemon");
    agentenv_add(e, "HA_debug", "0");
    if (!agentenv_get(e, "OCF_ROOT")) {
        strcpy(e->root, "OCF_ROOT=");
        text_add(e, e->root);
    }
}
