/* SPDX-License-Identifier: GPL-2.0-or-later
 * effect: what holds in the end for each resource and for the cluster, after all defaults. */
#ifndef YOKE_CIB_EFFECT_H
#define YOKE_CIB_EFFECT_H

#include "lib/cib/parse.h"

/* Fills effective, all_params and digest of prims and groups, and c->properties. text_len bounds
 * what groups may hand down. ERR_FULL: said in faults, or no room in the arena. */
enum err effect_apply(struct cib *c, size_t text_len, struct arena *arena,
                      struct cib_faults *f) MUST_CHECK;

#endif
