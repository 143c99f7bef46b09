/* SPDX-License-Identifier: GPL-2.0-or-later
 * print: a struct cib back to the crm language, in the layout administrators know (` \` and a tab).
 * parse(print(c)) gives the same configuration, comments included. */
#ifndef YOKE_CIB_PRINT_H
#define YOKE_CIB_PRINT_H

#include "lib/cib/model.h"
#include "lib/base/str.h"

/* Display order: node primitive group colocation location order property rsc_defaults op_defaults.
 */
void cib_print(const struct cib *c, struct str *out);
/* One object by its place in c->object. */
void cib_print_object(const struct cib *c, unsigned object, struct str *out);
/* Hash of the canonical print, comments excluded: two equal configurations have the same. */
uint32_t cib_hash(const struct cib *c);

#endif
