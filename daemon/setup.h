/* SPDX-License-Identifier: GPL-2.0-or-later
 * setup: what the daemon is told by its files and its command line: yoke.conf, the key file, which
 * node this is.
 *
 * Happy path: setup_read fills everything in. Fails after telling standard error and the journal
 * every fault, with its line and what to do. */
#ifndef YOKE_DAEMON_SETUP_H
#define YOKE_DAEMON_SETUP_H

#include <stdbool.h>
#include "daemon/journal.h"
#include "lib/conf/conf.h"
#include "lib/conf/timing.h"
#include "lib/wire/auth.h"

struct setup {
    const char *path;      /* of yoke.conf */
    const char *node_name; /* -n, NULL: this host's name */
    bool verbose;
    char *conf_text;
    struct conf conf;
    struct timing timing;
    unsigned self;
    struct auth *auth;
};

/* path, node_name and verbose are set by the caller. */
enum err setup_read(struct setup *s, struct journal *j) MUST_CHECK;
/* A daemon that starts over in place could go on with what the files say now. False after telling
 * the journal: they cannot be used, or say something else of what a node that runs cannot change
 * (cluster, own id, the directories that make it the same incarnation). */
bool setup_holds(const struct setup *s, struct journal *j);
void setup_free(struct setup *s);

#endif
