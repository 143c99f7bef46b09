/* SPDX-License-Identifier: GPL-2.0-or-later
 * catalog: names of what is installed, from the directories in which it is; and an agent's name in
 * its parts. */
#ifndef YOKE_CLI_CATALOG_H
#define YOKE_CLI_CATALOG_H

#include "cli/cli.h"

enum { CATALOG_MAX = 4096 };

struct catalog {
    char *name[CATALOG_MAX]; /* malloced, each once */
    unsigned n;
};

/* Entries of a colon separated list of directories, below middle: directories (else files) that
 * begin with prefix and end with suffix, which is left out; without a suffix, executable ones. */
void catalog_scan(struct catalog *c, const char *list, const char *middle, bool dirs,
                  const char *prefix, const char *suffix);
void catalog_sort(struct catalog *c);
void catalog_free(struct catalog *c);
/* All agents of a provider, or of all providers as PROVIDER:TYPE. */
void catalog_ocf(struct ctx *x, struct catalog *c, const char *provider);

/* CLASS:[PROVIDER:]TYPE, PROVIDER:TYPE or TYPE, of class ocf then. */
struct agent_name {
    char room[256];
    const char *class, *provider, *type; /* provider NULL where the class has none */
};
bool agent_name_parse(struct agent_name *a, const char *spec);

#endif
