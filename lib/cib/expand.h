/* SPDX-License-Identifier: GPL-2.0-or-later
 * expand: clones as what the scheduler and the executor know anyway: primitives. A clone of a
 * primitive P is
 *   P:0 P:1 ...  one copy for each node, which may run on that node only. It takes over from
 *                nobody, so it asks for no proof that another node is stopped;
 *   P:promoted   if promotable: the promoted role as a primitive of its own, placed on one node
 *                where P's copy runs. Its start is the agent's promote, its stop is demote. It is
 *                guarded as any service is: nowhere is it started while another node may have it.
 * So everything that holds for a primitive (guard, stickiness, moves, failures, orders) holds for
 * the promoted role with no word written twice. Constraints on a clone are spread: others behind
 * them say the same of its parts. What is ordered after a clone waits for the copy of its own node.
 *
 * Happy path: expand_clones, once, behind all checks. Fails: ERR_FULL, or a fault that is told. */
#ifndef YOKE_CIB_EXPAND_H
#define YOKE_CIB_EXPAND_H

#include "lib/cib/parse.h"

/* Without names of nodes (a text that is only looked at) nothing is done. */
enum err expand_clones(struct cib *c, const struct cib_names *names, struct arena *arena,
                       struct cib_faults *f) MUST_CHECK;

#endif
