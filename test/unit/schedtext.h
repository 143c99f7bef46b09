/* SPDX-License-Identifier: GPL-2.0-or-later
 * schedtext: a scheduler's input and its plan as text, for the golden cases and the property test.
 *
 * Input: sections, each begun by a line "crm:", "nodes:", "state:", "wish:", "options:", "expect:".
 *   nodes:    NAME member|joining|stopped|unclean [standby] [maintenance] [leaving] [half-dead]
 *   state:    PRIM NODE unknown|stopped|started|promoted|failed|stop-failed [owned] [last] [ran]
 *             [outdated] [pending=OP] [fails=N] [fail=OP:RC@SECONDS]      (* stands for all)
 *   wish:     move PRIM NODE | avoid PRIM NODE | restart PRIM
 *   options:  now=SECONDS no-quorum guard-none
 * What is not said: members and stopped nodes have it stopped, others unknown; now=1000. */
#ifndef YOKE_TEST_SCHEDTEXT_H
#define YOKE_TEST_SCHEDTEXT_H

#include "lib/cib/parse.h"
#include "lib/sched/sched.h"

enum { SCHED_TEXT_PRIMS = 256 };

struct sched_case {
    struct sched_in in;
    struct cib *cib;
    struct sched_state state[SCHED_TEXT_PRIMS * NODE_MAX];
    uint8_t wish[SCHED_TEXT_PRIMS], restart[SCHED_TEXT_PRIMS];
    nodeset avoid[SCHED_TEXT_PRIMS];
    char names[NODE_MAX][32];
    char *expect; /* what followed "expect:", inside text */
};

/* Reads a case; text is changed and must stay. False: what is wrong stands in error. */
bool sched_text_read(struct sched_case *c, char *text, struct arena *arena, struct str *error);
void sched_text_plan(const struct sched_in *in, const struct plan *plan, struct str *out);
/* What every plan must hold, whatever the input; false: what does not stands in error. */
bool sched_text_check(const struct sched_in *in, const struct plan *plan, struct str *error);

#endif
