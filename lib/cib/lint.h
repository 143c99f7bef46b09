/* SPDX-License-Identifier: GPL-2.0-or-later
 * lint: looks at a whole configuration for what no single object shows. */
#ifndef YOKE_CIB_LINT_H
#define YOKE_CIB_LINT_H

#include "lib/cib/parse.h"

/* Faults of groups, of operations, of constraints among each other. What it takes of the arena may
 * be given back. ERR_FULL: no room. */
enum err lint_run(const struct cib *c, struct arena *arena, struct cib_faults *f) MUST_CHECK;

#endif
