/* SPDX-License-Identifier: GPL-2.0-or-later
 * lease: what the keeper and the quorum disk said last.
 *
 * Happy path: each word is newer than the one before and is remembered. Ways to fail: a link that
 * is none is ignored; times never go back. */
#include "lib/base/num.h"
#include "lib/core/lease.h"

void lease_disk(struct node *n, const struct event *ev)
{
    unsigned l = ev->disk.link;
    if (l >= n->conf.n_links)
        return;
    /* A date of the future would be a lease for nothing. */
    if (ev->disk.wrote_us <= n->now_us)
        n->lease.wrote_us[l] = num_max(n->lease.wrote_us[l], ev->disk.wrote_us);
    if (ev->disk.read_us <= n->now_us)
        n->lease.read_us[l] = num_max(n->lease.read_us[l], ev->disk.read_us);
}

void lease_watchdog(struct node *n, const struct event *ev)
{
    n->lease.watchdog.kind = ev->watchdog.kind;
    n->lease.watchdog.timeout_ms = ev->watchdog.timeout_ms;
    n->lease.watchdog.armed = ev->watchdog.armed;
    n->lease.watchdog.ok = ev->watchdog.ok;
    n->lease.watchdog.due = ev->watchdog.due;
    n->lease.watchdog.until_us = ev->watchdog.until_us;
    str_copy(n->lease.watchdog.reason, sizeof(n->lease.watchdog.reason),
             ev->watchdog.reason ? ev->watchdog.reason : "");
}
