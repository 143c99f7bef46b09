/* SPDX-License-Identifier: GPL-2.0-or-later
 * warning: see warning.h. */
#include <assert.h>
#include "lib/base/str.h"
#include "lib/core/exec.h"
#include "lib/core/rec.h"
#include "lib/core/warning.h"

enum { RC_OK = 0, RC_PROMOTED = 8, RC_DEGRADED = 190, RC_DEGRADED_PROMOTED = 191 };

void warning_take(struct node *n, unsigned slot, unsigned monitor, int rc, const char *reason)
{
    struct slot *s = &n->exec.slot[slot];
    struct rec *r = exec_rec(n, n->self, slot);
    bool given = rc == RC_DEGRADED || rc == RC_DEGRADED_PROMOTED, stood = r->warning[0] != '\0';
    char text[sizeof(r->warning)];
    struct say say;
    assert(slot < n->exec.n_slots && monitor <= UINT8_MAX);
    if (!given && (!stood || monitor != s->warner || (rc != RC_OK && rc != RC_PROMOTED)))
        return; /* what only another monitor sees it cannot call off; a failure has its own words */
    str_copy(text, sizeof(text), !given ? "" : reason && *reason ? reason : "degraded");
    if (str_eq(text, r->warning))
        return;
    str_copy(r->warning, sizeof(r->warning), text);
    s->warner = (uint8_t)monitor;
    say_set(&say, given ? SAY_RSC_WARNED : SAY_RSC_WELL);
    say_arg(&say, s->id);
    say_arg(&say, node_name(n, n->self));
    if (given)
        say_arg(&say, text);
    out_event(n, &say, s->id, node_name(n, n->self));
    rec_tell(n, slot);
}
