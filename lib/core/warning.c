/* SPDX-License-Identifier: GPL-2.0-or-later
 * warning: see warning.h. */
#include <assert.h>
#include <string.h>
#include "lib/base/crc32c.h"
#include "lib/core/warning.h"

enum { RC_OK = 0, RC_PROMOTED = 8, RC_DEGRADED = 190, RC_DEGRADED_PROMOTED = 191 };

void warning_take(struct node *n, unsigned slot, int rc, const char *reason)
{
    struct slot *s = &n->exec.slot[slot];
    uint32_t mark = 0;
    struct say say;
    assert(slot < n->exec.n_slots);
    if (rc == RC_DEGRADED || rc == RC_DEGRADED_PROMOTED)
        mark = crc32c(0, reason ? reason : "", reason ? strlen(reason) : 0) | 1; /* never 0: none */
    bool news = mark != s->warned;
    s->warned = mark;
    if (!news || (!mark && rc != RC_OK && rc != RC_PROMOTED))
        return; /* a failure has its own words */
    say_set(&say, mark ? SAY_RSC_WARNED : SAY_RSC_WELL);
    say_arg(&say, s->id);
    say_arg(&say, node_name(n, n->self));
    if (mark)
        say_arg(&say, reason ? reason : "");
    out_event(n, &say, s->id, node_name(n, n->self));
}
