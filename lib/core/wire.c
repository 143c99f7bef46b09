/* SPDX-License-Identifier: GPL-2.0-or-later
 * wire: corosync's own links. See wire.h.
 *
 * Happy path: the shell tells now and then which of them work; one that has not for as long as a
 * node may be silent, though its node is in the group by another one, is told of, and so is its
 * return. Ways to fail: corosync is away: nothing is known; a node is lost: all its wires are, and
 * that is no news. */
#include "lib/core/wire.h"
#include "lib/core/ring.h"
#include "lib/core/status.h"

void wire_event(struct node *n, const struct event *ev)
{
    struct wires *w = &n->wires;
    if (!ring_engine(n))
        return;
    w->n = ev->wires.n < WIRES_MAX ? ev->wires.n : WIRES_MAX;
    for (unsigned l = 0; l < WIRES_MAX; l++) {
        nodeset has = l < w->n ? ev->wires.has[l] : 0, up = l < w->n ? ev->wires.up[l] : 0;
        nodeset changed = (w->up[l] ^ up) | (w->has[l] ^ has);
        w->has[l] = has;
        w->up[l] = up;
        for (unsigned p = 0; p < n->conf.n_nodes; p++)
            if (nodeset_has(changed, p))
                w->since_us[l][p] = n->now_us;
    }
}

static void words(const struct node *n, unsigned l, unsigned p, bool lost, struct say *say)
{
    say_set(say, lost ? SAY_WIRE_LOST : SAY_WIRE_BACK);
    say_argf(say, "%u", l);
    say_arg(say, node_name(n, p));
}

static void tell(struct node *n, unsigned l, unsigned p, bool lost)
{
    struct say say;
    words(n, l, p, lost, &say);
    out_event(n, &say, NULL, node_name(n, p));
}

static void wire_look(struct node *n, unsigned l, unsigned p)
{
    struct wires *w = &n->wires;
    bool there = nodeset_has(ring_in(n), p) && nodeset_has(w->has[l], p);
    bool lost = there && !nodeset_has(w->up[l], p), told = nodeset_has(w->told[l], p);
    uint64_t due_us = w->since_us[l][p] + US(n->timing.lost_ms);
    if (!there) {
        w->since_us[l][p] = n->now_us; /* from its coming on */
        w->told[l] = nodeset_del(w->told[l], p);
    } else if (lost && !told && n->now_us < due_us) {
        out_wake(n, due_us);
    } else if (lost != told) {
        w->told[l] = lost ? nodeset_add(w->told[l], p) : nodeset_del(w->told[l], p);
        tell(n, l, p, lost);
    }
}

void wire_tick(struct node *n)
{
    for (unsigned l = 0; l < WIRES_MAX && ring_engine(n); l++)
        for (unsigned p = 0; p < n->conf.n_nodes; p++)
            if (p != n->self && (l < n->wires.n || n->wires.told[l]))
                wire_look(n, l, p);
}

void wire_status(struct json *j, const struct node *n)
{
    const struct wires *w = &n->wires;
    char name[16];
    for (unsigned l = 0; l < w->n && ring_engine(n); l++)
        for (unsigned p = 0; p < n->conf.n_nodes; p++) {
            if (!nodeset_has(w->has[l], p) || p == n->self)
                continue;
            bool up = nodeset_has(w->up[l], p);
            struct say why;
            struct str s;
            str_init(&s, name, sizeof(name));
            str_addf(&s, "knet%u", l);
            json_open(j, NULL, '{');
            json_text(j, "name", name);
            json_text(j, "type", "knet");
            json_text(j, "peer", node_name(n, p));
            json_text(j, "state", up ? "up" : "down");
            json_u64(j, "since_ms", (n->now_us - w->since_us[l][p]) / 1000);
            words(n, l, p, !up, &why);
            if (!up)
                status_say(j, "why", &why);
            json_close(j, '}');
        }
}
