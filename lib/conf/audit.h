/* SPDX-License-Identifier: GPL-2.0-or-later
 * audit: what no single option of yoke.conf can say: nodes, links and addresses against each other.
 *
 * Happy path: nothing is added to faults. Fails by adding errors, one sentence each; warnings are
 * for what works and is unwise. */
#ifndef YOKE_CONF_AUDIT_H
#define YOKE_CONF_AUDIT_H

#include "lib/conf/ini.h"

/* Adds to faults; origin gives the line numbers and may be NULL. */
void conf_check(const struct conf *c, const struct conf_origin *origin, struct conf_faults *faults);

#endif
