/* SPDX-License-Identifier: GPL-2.0-or-later
 * agentenv: the environment of an agent: what the core wrote, then what every agent may rely on.
 * Nothing of the daemon's own environment but language and time zone gets through.
 *
 * Happy path: agentenv_new, agentenv_add as wanted, at[] to child_start, agentenv_free.
 * Fails: NULL without memory; too much is left out and .full says so. */
#ifndef YOKE_DAEMON_AGENTENV_H
#define YOKE_DAEMON_AGENTENV_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/str.h"

enum { AGENTENV_MAX = 1024, AGENTENV_ROOT_LEN = 300 };

struct agentenv {
    char *at[AGENTENV_MAX + 1]; /* ended by NULL */
    unsigned n;
    bool full;
    char root[AGENTENV_ROOT_LEN]; /* "OCF_ROOT=", completed in the child */
    struct str text;
    char bytes[4096]; /* what agentenv_add wrote */
};

/* env: NAME=VALUE texts, each ended by NUL, the last by two; it must outlive the result. */
struct agentenv *agentenv_new(const char *env, size_t env_len);
void agentenv_free(struct agentenv *e);
/* Unless that name is there already. */
void agentenv_add(struct agentenv *e, const char *name, const char *value);
/* PATH, LANG, LC_ALL, TZ. */
void agentenv_add_common(struct agentenv *e);
/* Everything of the OCF resource agent API 1.1 that does not depend on the configuration. */
void agentenv_add_ocf(struct agentenv *e, const char *id, const char *provider, const char *type);
/* The value of a name, NULL when absent. */
const char *agentenv_get(const struct agentenv *e, const char *name);

#endif
