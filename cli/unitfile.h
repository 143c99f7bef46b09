/* SPDX-License-Identifier: GPL-2.0-or-later
 * unitfile: units of systemd by their files on this machine, as an agent's meta-data and as a list.
 *
 * Happy path: unitfile_meta, unitfile_each. A template's instance, a@b, is found by the file of a@.
 * Fails: NULL with one sentence in why when there is no such file. What drop-ins say is not looked
 * at; process 1 is not asked, so that it works for a machine's files alone. */
#ifndef YOKE_CLI_UNITFILE_H
#define YOKE_CLI_UNITFILE_H

#include "cli/meta.h"

/* Where systemd looks, first found wins; colon separated. */
extern const char unitfile_dirs[];

/* Its description, and for start and stop a little more time than systemd gives it itself. */
struct meta *unitfile_meta(const char *dirs, const char *type, struct str *why);
/* Does systemd (or, for class lsb, init) start it at boot by itself? Then what to type, in a
 * sentence behind the resource's name; false: no. */
bool unitfile_enabled(const char *class, const char *type, struct str *why);
/* Each that could be a resource: a service without its suffix, others with it; some come twice. */
void unitfile_each(const char *dirs, void (*fn)(void *context, const char *name), void *context);

#endif
