/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff: which objects two configurations do not share, as lines for people. */
#ifndef YOKE_CIB_DIFF_H
#define YOKE_CIB_DIFF_H

#include "lib/cib/model.h"
#include "lib/base/str.h"

/* Writes one "- object" line (with its continuation lines) per object that only `from` has, "+
 * object" per object that only `to` has; a changed object is both. Returns the number of differing
 * objects. */
unsigned cib_diff(const struct cib *from, const struct cib *to, struct str *out);

#endif
