/* SPDX-License-Identifier: GPL-2.0-or-later
 * totem: corosync.conf: the one that yoke.conf asks for, and where another one disagrees with it.
 */
#ifndef YOKE_CONF_TOTEM_H
#define YOKE_CONF_TOTEM_H

#include "lib/conf/ini.h"
#include "lib/conf/timing.h"

enum {
    TOTEM_LINKS = 2,              /* of yoke.conf's IP links the first two are corosync's */
    TOTEM_TEXT_MAX = 256 * 1024,  /* a longer corosync.conf is not read */
    TOTEM_WRITTEN_MAX = 16 * 1024 /* what totem_print writes is shorter */
};

/* The places in c->link of the links that are corosync's; how many there are. */
unsigned totem_links(const struct conf *c, unsigned at[TOTEM_LINKS]);
/* A whole corosync.conf. c has at least one IP link, t is of an engine corosync. */
void totem_print(const struct conf *c, const struct timing *t, const char *keyfile,
                 struct str *out);
/* What of the text disagrees with c and t: errors, and warnings for what works and is unwise, each
 * with its line. translate may be NULL. ERR_OK, or ERR_SYNTAX when there is an error. */
enum err totem_check(const char *text, const struct conf *c, const struct timing *t,
                     opt_translate translate, struct conf_faults *faults) MUST_CHECK;

#endif
