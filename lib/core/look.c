/* SPDX-License-Identifier: GPL-2.0-or-later
 * look: a node seen from outside: what it still has to do, and the hash of all that decides what it
 * will do. The hash goes over a canonical serialisation, never over raw memory, so that padding and
 * addresses do not count. */
#include <string.h>
#include "lib/core/claim.h"
#include "lib/core/coord.h"
#include "lib/core/durable.h"
#include "lib/core/exec.h"
#include "lib/core/fencer.h"
#include "lib/core/peer.h"
#include "lib/core/rec.h"
#include "lib/core/ring.h"
#include "lib/core/view.h"

static bool pending_rec(const struct node *n, struct str *out)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        for (unsigned p = 0; p < n->conf.n_nodes; p++) {
            const struct rec *r = exec_rec_const(n, p, i);
            if (!n->exec.slot[i].used || r->pending == OP_NONE)
                continue;
            str_addf(out, "%s of %s on %s", rec_op_word(r->pending), n->exec.slot[i].id,
                     node_name(n, p));
            return true;
        }
    return false;
}

/* Something runs there, or may. */
static bool peer_holds(const struct node *n, unsigned p)
{
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used && rec_active(exec_rec_const(n, p, i)))
            return true;
    return false;
}

bool node_pending(const struct node *n, struct str *out)
{
    struct say why;
    if (n->view.state != VIEW_ALONE && n->view.state != VIEW_TOGETHER) {
        str_addf(out, "no view yet (%s)", view_state_word(n->view.state));
        return true;
    }
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        if (p == n->self)
            continue;
        if (n->peer[p].state == PEER_MEETING ||
            (n->peer[p].state == PEER_MEMBER && !n->peer[p].reported)) {
            str_addf(out, "waiting for the report of %s", node_name(n, p));
            return true;
        }
        /* An attempt that nothing waits for is not waited for. */
        if (fencer_busy(n, p, &why) && (fencer_runs(n) || peer_holds(n, p))) {
            say_words(&why, NULL, out);
            return true;
        }
    }
    if (n->store.change != CHANGE_NONE) {
        str_add(out, "a change of the configuration");
        return true;
    }
    if (pending_rec(n, out))
        return true;
    if (!coord_idle(n)) {
        str_add(out, n->coord.issued ? "steps of the plan under way" : "a plan being made");
        return true;
    }
    if (!durable_reached(n, n->durable.generation)) {
        str_add(out, "state being written to disk");
        return true;
    }
    return false;
}

/* FNV-1a, 64 bit. */
static void mix(uint64_t *h, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++) {
        *h ^= v & 0xff;
        *h *= 0x100000001b3u;
        v >>= 8;
    }
}

static void mix_text(uint64_t *h, const char *t)
{
    for (; *t; t++) {
        *h ^= (uint8_t)*t;
        *h *= 0x100000001b3u;
    }
    mix(h, 0);
}

static void mix_peer(uint64_t *h, const struct node *n, unsigned p)
{
    const struct peer *peer = &n->peer[p];
    mix(h, (uint64_t)peer->state | (uint64_t)peer->reported << 8 | (uint64_t)peer->proof << 16 |
               (uint64_t)peer->gone << 24 | (uint64_t)peer->life << 32);
    mix(h, peer->boot);
    mix(h, peer->heard_us);
    mix(h, peer->session.mine | (uint64_t)peer->session.theirs << 32);
    mix(h, peer->session.base);
    mix(h, peer->session.next);
    mix(h, peer->session.end);
    mix(h, peer->session.got);
    mix(h, peer->session.resend_us);
    mix(h, peer->sign.dead_us);
    mix(h, peer->stranger.dead_us);
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        const struct path *path = &peer->path[l];
        mix(h, path->state);
        mix(h, path->heard_us);
        mix(h, path->echoed_us);
        mix(h, path->seq_top);
        mix(h, path->seq_seen);
        mix(h, path->sent_seq);
        mix(h, path->beat_due_us);
    }
}

static void mix_claim(uint64_t *h, const struct claim *c)
{
    mix(h, c->op | (uint64_t)c->state << 32 | (uint64_t)c->verb << 48 | (uint64_t)c->tries << 56);
    mix(h, (uint64_t)c->found | (uint64_t)c->looked << 1 | (uint64_t)c->mine << 2 |
               (uint64_t)c->held << 3 | (uint64_t)c->bare << 4 | (uint64_t)c->forgot << 5 |
               (uint64_t)c->taken << 8);
    mix(h, c->settled_us);
    mix(h, c->ended_us);
}

static void mix_slot(uint64_t *h, const struct node *n, unsigned i)
{
    const struct slot *s = &n->exec.slot[i];
    mix_text(h, s->id);
    mix(h,
        s->op | (uint64_t)s->op_kind << 32 | (uint64_t)s->queued << 40 | (uint64_t)s->gone << 48);
    mix(h, s->monitor_due_us[0]);
    mix(h, (uint64_t)n->coord.wish[i] | (uint64_t)n->coord.avoid[i] << 8 |
               (uint64_t)n->coord.restart[i] << 32);
    for (unsigned p = 0; p < n->conf.n_nodes; p++) {
        const struct rec *r = exec_rec_const(n, p, i);
        mix(h, (uint64_t)r->life | (uint64_t)r->pending << 8 | (uint64_t)r->fail_op << 16 |
                   (uint64_t)r->owned << 24 | (uint64_t)r->outdated << 25 |
                   (uint64_t)r->fail_count << 32);
        mix(h, r->fail_us);
    }
}

uint64_t node_hash(const struct node *n)
{
    uint64_t h = 0xcbf29ce484222325u;
    mix(&h, n->now_us);
    mix(&h, n->deadline_us);
    mix(&h, n->op);
    mix(&h, (uint64_t)n->view.state | (uint64_t)n->view.coordinator << 8 |
                (uint64_t)n->view.epoch << 16);
    mix(&h, n->view.members);
    mix(&h, n->durable.generation | (uint64_t)n->durable.done_generation << 32);
    mix(&h, n->store.version.epoch | (uint64_t)n->store.version.seq << 32);
    mix(&h, n->store.hash | (uint64_t)n->store.change << 32);
    mix(&h, n->coord.dirty_serial | (uint64_t)n->coord.plan_op << 32);
    mix(&h, (uint64_t)n->leaving | (uint64_t)n->left << 1 | (uint64_t)n->fenced << 2 |
                (uint64_t)n->exiting << 3 | (uint64_t)n->again << 4);
    const struct lease *e = &n->lease;
    mix(&h, (uint64_t)e->mode | (uint64_t)e->watchdog.kind << 8 |
                (uint64_t)e->watchdog.armed << 16 | (uint64_t)e->watchdog.ok << 17 |
                (uint64_t)e->ending << 18 | (uint64_t)e->settled << 19);
    mix(&h, e->mode_us);
    mix(&h, e->echo_us);
    mix(&h, e->floor_us);
    mix(&h, e->valid_us);
    mix(&h, e->fed_us);
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        mix(&h, e->wrote_us[l]);
        mix(&h, e->read_us[l]);
    }
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        if (p != n->self)
            mix_peer(&h, n, p);
    for (unsigned i = 0; i < n->exec.n_slots; i++)
        if (n->exec.slot[i].used)
            mix_slot(&h, n, i);
    for (unsigned i = 0; claim_active(n) && i < claim_count(n); i++)
        mix_claim(&h, &n->claims.at[i]);
    mix(&h, n->claims.lost);
    if (ring_engine(n))
        ring_mix(mix, &h, n);
    return h;
}
