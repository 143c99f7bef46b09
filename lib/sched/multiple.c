/* SPDX-License-Identifier: GPL-2.0-or-later
 * multiple: what is active and well on several members at once, after a partition healed or because
 * somebody started it by hand. By the meta attribute multiple-active: stopped everywhere and
 * started once (stop_start), stopped (stop_only), or left alone (block). One that loses nothing by
 * running twice keeps running on one node. A failed copy beside a well one is merely stopped.
 *
 * Happy path: multiple_judge, once; nothing is active twice. No ways to fail. */
#include "lib/sched/draft.h"

void multiple_judge(struct draft *d)
{
    for (unsigned p = 0; p < d->n_prims; p++) {
        struct seat *s = &d->seat[p];
        const struct cib_meta *meta = draft_meta(d, p);
        if (s->lock || nodeset_count(s->well & (nodeset)~d->doomed) < 2)
            continue;
        if (meta->block_on_multiple) {
            s->lock = CAUSE_MULTIPLE_BLOCK;
            s->lock_node = (uint8_t)draft_lowest(s->well);
        } else if (meta->stop_only_on_multiple) {
            s->off = CAUSE_MULTIPLE_STOP;
        } else if (draft_harmless(d, p)) {
            s->home = (uint8_t)draft_lowest(s->well);
        } else {
            s->must = CAUSE_MULTIPLE;
        }
    }
}
