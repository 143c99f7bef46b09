/* SPDX-License-Identifier: GPL-2.0-or-later
 * path: one peer on one link.
 *
 * Happy path: every interval a beat goes out on every link; it echoes the newest frame heard there.
 * A path is up when the peer's beats come and say, by their echo, that ours arrive as well.
 * Ways to fail: nothing comes (down after the link's own limit), beats come without an echo of ours
 * (one way: as good as down, at once), the shell cannot send (down with the shell's reason).
 *
 * Whose frame it is: a frame counts only for the incarnation (boot id, life) of the peer that was
 * accepted, and an incarnation is accepted only when it echoes a recent stamp of our own: a
 * recording of an earlier time cannot do that. Sequence numbers rise along a path, with a window of
 * 64 for frames that overtook each other; anything seen before is dropped. */
#include <assert.h>
#include <string.h>
#include "lib/base/num.h"
#include "lib/core/gauge.h"
#include "lib/core/lease.h"
#include "lib/core/medium.h"
#include "lib/core/path.h"
#include "lib/core/peer.h"
#include "lib/core/ring.h"
#include "lib/core/session.h"

enum { GOOD_BEATS = 2, PROOF_AGE_US = 5000000, MEET_MS = 20, HURRIED_MAX = 250 };

const char *path_state_word(enum path_state state)
{
    static const char *const word[] = {"down", "one-way", "up"};
    return state < ARRAY_LEN(word) ? word[state] : "?";
}

static uint64_t limit_us(const struct node *n, unsigned link)
{
    return US(n->timing.link[link].limit_ms);
}

/* Silence that is too short for a machine to boot, and longer than a beat or two that got lost. */
static uint64_t lively_us(const struct node *n, unsigned link)
{
    return 3 * US(n->timing.link[link].interval_ms);
}

bool path_lively(const struct node *n, unsigned p)
{
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        uint64_t heard_us = n->peer[p].path[l].heard_us;
        if (heard_us && n->now_us - heard_us <= lively_us(n, l))
            return true;
    }
    return false;
}

uint64_t path_signed(const struct node *n, unsigned p)
{
    uint64_t sign_us = 0;
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        const struct path *path = &n->peer[p].path[l];
        sign_us = num_max(sign_us, num_max(path->heard_us, path->sign_us));
    }
    return sign_us;
}

bool path_signs(const struct node *n, unsigned p)
{
    uint64_t sign_us = path_signed(n, p);
    return sign_us && n->now_us - sign_us < US(n->timing.lost_ms);
}

static void path_set(struct node *n, unsigned p, unsigned l, enum path_state state,
                     const struct say *why)
{
    struct path *path = &n->peer[p].path[l];
    if (path->state == state && path->why.id == why->id) {
        path->why = *why; /* a link that cannot be used may have another reason now */
        return;
    }
    bool told = path->state != state, was_up = path->state == PATH_UP;
    path->state = (uint8_t)state;
    path->why = *why;
    if (told) {
        path->since_us = n->now_us;
        /* It was heard both ways until one of the two daemons forgot it: no reason to see a cable.
         */
        if (state == PATH_ONE_WAY && was_up && n->peer[p].state == PEER_MEETING)
            path->fresh_us = n->now_us;
        if (state == PATH_UP)
            path->fresh_us = 0;
        /* A peer that left is silent with good reason. */
        if (state == PATH_UP || (!n->peer[p].gone && !path->fresh_us))
            out_event(n, why, NULL, node_name(n, p));
    }
}

/* What was not told at once because it was to pass, and did not. */
static void path_tell_late(struct node *n, unsigned p, unsigned l)
{
    struct path *path = &n->peer[p].path[l];
    if (!path->fresh_us || n->now_us - path->fresh_us <= 2 * limit_us(n, l))
        return;
    path->fresh_us = 0;
    if (path->state != PATH_UP && !n->peer[p].gone)
        out_event(n, &path->why, NULL, node_name(n, p));
}

void path_boot(struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        for (unsigned l = 0; p != n->self && l < n->conf.n_links; l++) {
            struct path *path = &n->peer[p].path[l];
            say_set(&path->why, SAY_LINK_SILENT);
            say_arg(&path->why, n->conf.link[l].name);
            say_arg(&path->why, node_name(n, p));
            path->since_us = n->now_us;
            path->beat_due_us = n->now_us;
        }
}

void path_forget(struct node *n, unsigned p)
{
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        struct path *path = &n->peer[p].path[l];
        path->heard_us = path->echoed_us = path->confirmed_us = path->agreed_us = 0;
        path->beat_heard_us = 0;
        path->seq_top = path->seq_seen = 0;
        path->echo_seq = path->echo_stamp = 0;
        path->good = 0;
        path->stranger_boot = 0;
        path->fresh_us = path->state == PATH_UP ? n->now_us : 0;
    }
}

/* ---- out ---------------------------------------------------------------------------------- */

void path_put_head(struct node *n, struct buf *b, unsigned p, unsigned l, enum frame_type type,
                   size_t body_max)
{
    struct path *path = &n->peer[p].path[l];
    size_t size = FRAME_HEAD + body_max + FRAME_TAIL;
    buf_write_init(b, out_bytes(n, size), FRAME_HEAD + body_max);
    struct frame_head h = {
        .version = FRAME_VERSION,
        .type = (uint8_t)type,
        .src = n->conf.node[n->self].id,
        .dst = n->conf.node[p].id,
        .link = (uint8_t)l,
        .life = n->life,
        .cluster = n->cluster_crc,
        .boot = n->boot,
        /* Unique over all paths, rising along each: what a cipher's nonce needs, what a gap shows.
         */
        .seq = ++path->sent_seq << 8 | p << 3 | l,
    };
    frame_put_head(b, &h);
}

void path_send(struct node *n, struct buf *b, unsigned p, unsigned l, bool beat)
{
    size_t len = frame_finish(b);
    assert(len > 0);
    n->peer[p].path[l].sent++;
    if (n->conf.link[l].type == LINK_RING) {
        ring_frame_put(n, p, b->at, b->pos);
        return;
    }
    struct action *a = out_action(n, ACT_SEND);
    a->send.link = (uint8_t)l;
    a->send.node = (uint8_t)p;
    a->send.at = b->at;
    a->send.len = len;
    a->send.beat = beat;
}

/* boot 0: the ordinary beat; else the answer to a stranger's frame, which lets it prove itself. */
static void beat_send(struct node *n, unsigned p, unsigned l, bool stranger)
{
    struct peer *peer = &n->peer[p];
    struct path *path = &peer->path[l];
    struct frame_beat beat = {
        .stamp = (uint32_t)n->now_us,
        .epoch = n->view.epoch,
        .cib_epoch = n->store.version.epoch,
        .cib_seq = n->store.version.seq,
        .cib_hash = n->store.hash,
        .min_version = FRAME_VERSION > 1 ? FRAME_VERSION - 1 : FRAME_VERSION,
        .session = peer->session.mine,
    };
    if (stranger) {
        beat.echo_boot = path->stranger_boot;
        beat.echo_seq = path->stranger_seq;
        beat.echo_stamp = path->stranger_stamp;
        beat.echo_age_us = (uint32_t)(n->now_us - path->stranger_us);
        path->stranger_answer_us = n->now_us;
    } else if (path->heard_us && n->now_us - path->heard_us <= limit_us(n, l)) {
        beat.echo_boot = peer->boot;
        beat.echo_seq = path->echo_seq;
        beat.echo_stamp = path->echo_stamp;
        beat.echo_age_us = (uint32_t)(n->now_us - path->beat_heard_us);
    }
    beat.flags = (uint16_t)((n->durable.failed ? BEAT_NO_KEEP : 0) |
                            (n->leaving ? BEAT_LEAVING : 0) | (n->exec.no_exec ? BEAT_NO_EXEC : 0) |
                            (peer->state == PEER_MEMBER ? BEAT_IN_VIEW : 0) |
                            (ring_idle(n) ? BEAT_IDLE : 0));
    for (unsigned i = 0; i < n->conf.n_links; i++)
        if (peer->path[i].state == PATH_UP)
            beat.links |= (uint8_t)(1u << i);
    lease_tell(n, &beat);
    struct buf b;
    path_put_head(n, &b, p, l, FRAME_BEAT, FRAME_BEAT_BODY);
    frame_put_beat(&b, &beat);
    assert(!b.bad);
    path_send(n, &b, p, l, true);
}

void path_hurry(struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        for (unsigned l = 0; p != n->self && l < n->conf.n_links; l++) {
            struct path *path = &n->peer[p].path[l];
            /* never faster than four times the rhythm: a serial line has little to spare */
            uint64_t soon = path->beat_last_us + US(n->timing.link[l].interval_ms) / 4;
            if (path->beat_due_us > soon)
                path->beat_due_us = soon;
        }
}

/* ---- in ----------------------------------------------------------------------------------- */

void path_stall(struct node *n, uint32_t lost_ms)
{
    struct say say;
    say_set(&say, SAY_STALLED);
    say_argf(&say, "%u", lost_ms);
    out_event(n, &say, NULL, NULL);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        for (unsigned l = 0; p != n->self && l < n->conf.n_links; l++) {
            struct path *path = &n->peer[p].path[l];
            /* What came meanwhile still waits in the sockets: give it three beats to be read. */
            uint64_t grace = US(n->timing.link[l].interval_ms) * 3;
            uint64_t floor = n->now_us - (limit_us(n, l) > grace ? limit_us(n, l) - grace : 0);
            if (path->state != PATH_DOWN && path->heard_us && path->heard_us < floor)
                path->heard_us = floor;
            if (path->state == PATH_UP && path->echoed_us && path->echoed_us < floor)
                path->echoed_us = floor;
        }
}

/* True if this sequence number was not seen on the path before; remembers it. */
static bool seq_fresh(struct path *path, uint64_t seq)
{
    seq >>= 8;
    if (seq > path->seq_top) {
        uint64_t step = seq - path->seq_top;
        if (path->seq_top)
            path->lost += step - 1;
        path->seq_seen = step >= 64 ? 0 : path->seq_seen << step;
        path->seq_seen |= 1;
        path->seq_top = seq;
        return true;
    }
    uint64_t back = path->seq_top - seq;
    if (back >= 64 || (path->seq_seen >> back & 1))
        return false;
    path->seq_seen |= (uint64_t)1 << back;
    if (path->lost)
        path->lost--;
    return true;
}

/* A beat proves its sender's incarnation by echoing what we sent a moment ago. */
static bool beat_proves(const struct node *n, const struct frame_beat *beat)
{
    uint32_t age = (uint32_t)n->now_us - beat->echo_stamp;
    return beat->echo_boot == n->boot && age < PROOF_AGE_US;
}

static void lateness_count(struct node *n, struct path *path, unsigned l)
{
    if (path->beat_heard_us) {
        uint64_t gap = n->now_us - path->beat_heard_us;
        uint64_t interval = US(n->timing.link[l].interval_ms);
        uint64_t over = gap > interval ? (gap - interval) * 4 / interval : 0;
        unsigned bucket = 0;
        while (over && bucket < HISTOGRAM_MAX - 1) {
            over >>= 1;
            bucket++;
        }
        path->lateness[bucket]++;
        if (gap > US(n->timing.link[l].warn_ms))
            path->late++;
    }
    path->beat_heard_us = n->now_us;
}

static void rtt_count(struct path *path, uint32_t rtt_us)
{
    path->rtt_us = rtt_us;
    if (!path->rtt_min_us || rtt_us < path->rtt_min_us)
        path->rtt_min_us = rtt_us;
    if (rtt_us > path->rtt_max_us)
        path->rtt_max_us = rtt_us;
    path->rtt_mean_us = path->rtt_mean_us ? (path->rtt_mean_us * 7 + rtt_us) / 8 : rtt_us;
}

static void beat_take(struct node *n, unsigned p, unsigned l, const struct frame_head *h,
                      const struct frame_beat *beat)
{
    struct peer *peer = &n->peer[p];
    struct path *path = &peer->path[l];
    lateness_count(n, path, l);
    path->echo_seq = (uint32_t)h->seq;
    path->echo_stamp = beat->stamp;
    uint32_t now = (uint32_t)n->now_us;
    /* An echo of another incarnation is an answer to a stranger (a recording of our past, perhaps):
     * it says nothing about whether we are heard. */
    bool echo = beat->echo_boot == n->boot;
    if (echo || !beat->echo_boot)
        path->deaf = !echo;
    if (echo) {
        uint32_t age = now - beat->echo_stamp;
        if (age < 60000000) {
            uint64_t sent_us = n->now_us - age;
            if (sent_us > path->echoed_us)
                path->echoed_us = sent_us;
            if (sent_us > path->confirmed_us)
                path->confirmed_us = sent_us;
            /* Who was a member and says so no more has given us up, however well it hears us. */
            if ((beat->flags & BEAT_IN_VIEW) || !peer->agrees)
                path->agreed_us = num_max(path->agreed_us, sent_us);
            if (beat->flags & BEAT_IN_VIEW)
                peer->viewed_us = num_max(peer->viewed_us, sent_us);
            if (age >= beat->echo_age_us)
                rtt_count(path, age - beat->echo_age_us);
        }
    }
    if (path->deaf)
        path->good = 0;
    else if (echo)
        path->good = (uint8_t)num_min(path->good + 1u, GOOD_BEATS);
    gauge_beat(n, p, h->boot, beat);
    lease_sign(n, p, h->boot, beat);
    peer_beat(n, p, beat);
}

static void stranger_take(struct node *n, unsigned p, unsigned l, const struct frame_head *h,
                          const struct frame_beat *beat)
{
    struct path *path = &n->peer[p].path[l];
    n->link[l].unproven++;
    path->stranger_boot = h->boot;
    path->stranger_seq = (uint32_t)h->seq;
    path->stranger_stamp = beat->stamp;
    path->stranger_us = n->now_us;
    if (n->now_us - path->stranger_answer_us >= US(n->timing.link[l].interval_ms) / 2)
        beat_send(n, p, l, true);
}

/* Whose incarnation? Returns true if the frame is of the accepted one (perhaps just now accepted).
 */
static bool incarnation_check(struct node *n, unsigned p, unsigned l, const struct frame_head *h,
                              const struct frame_beat *beat)
{
    struct peer *peer = &n->peer[p];
    bool known = h->boot == peer->boot && h->life == peer->life;
    if (beat && (!known || peer_is_dead(n, p, h->boot)))
        lease_sign(n, p, h->boot, beat); /* whoever it is, it is alive */
    if (peer_is_dead(n, p, h->boot)) {
        peer_tell_fenced(n, p, l, h->boot);
        return false;
    }
    if (known)
        return true;
    bool proves = beat && beat_proves(n, beat);
    if (n->broken & BREAK_ECHO_BOOT)
        proves = true;
    if (h->boot == peer->old_boot || (h->boot == peer->boot && h->life < peer->life)) {
        n->link[l].replayed++;
        /* It heard what we sent after it had made room for another: both are alive. */
        if (proves && beat && h->boot != peer->boot &&
            (uint32_t)n->now_us - beat->echo_stamp < n->now_us - peer->taken_us)
            peer_twin(n, p, l);
        return false;
    }
    if (!proves) {
        if (beat)
            stranger_take(n, p, l, h, beat);
        return false;
    }
    /* Nobody boots anew while he beats: accepting it would declare dead who is alive. */
    if (peer->boot && h->boot != peer->boot && path_lively(n, p) &&
        !(n->broken & BREAK_ECHO_BOOT)) {
        n->link[l].unproven++;
        if (!peer->rival_us)
            peer->rival_us = n->now_us;
        return false;
    }
    peer_incarnation(n, p, h->boot, h->life);
    return true;
}

/* Frames of the present incarnation after another one proved itself, by more than what may have
 * been under way. */
static void rival_check(struct node *n, unsigned p, unsigned l)
{
    struct peer *peer = &n->peer[p];
    if (!peer->rival_us || n->now_us - peer->rival_us <= lively_us(n, l))
        return;
    peer->rival_us = 0;
    peer_tell_twin(n, p, l);
}

static bool head_check(struct node *n, unsigned l, const struct frame_head *h, unsigned *peer)
{
    unsigned p = conf_node_by_id(&n->conf, h->src);
    if (h->cluster != n->cluster_crc) {
        n->link[l].foreign++;
        medium_foreign(n, l, SAY_LINK_FOREIGN_CLUSTER, n->conf.cluster);
        return false;
    }
    if (p == n->self) {
        n->link[l].foreign++;
        medium_foreign(n, l, SAY_LINK_SAME_ID, node_name(n, n->self));
        return false;
    }
    if (p == NODE_NONE || h->dst != n->conf.node[n->self].id || h->boot == 0) {
        n->link[l].foreign++;
        medium_foreign(n, l, SAY_LINK_FOREIGN_NODE, n->conf.cluster);
        return false;
    }
    *peer = p;
    return true;
}

void path_frame(struct node *n, unsigned l, const uint8_t *at, size_t len)
{
    struct buf b;
    struct frame_head h;
    unsigned p;
    if (l >= n->conf.n_links)
        return;
    buf_read_init(&b, at, len);
    enum err err = frame_get_head(&b, &h);
    if (err == ERR_VERSION) {
        /* One frame of long ago, or of a twin, is no reason to part from who speaks our version. */
        if (head_check(n, l, &h, &p) && !path_lively(n, p))
            peer_incompatible(n, p, h.version);
        return;
    }
    if (err) {
        n->link[l].bad_form++;
        return;
    }
    if (!head_check(n, l, &h, &p))
        return;
    n->peer[p].path[l].sign_us = n->now_us;
    struct frame_beat beat;
    bool is_beat = h.type == FRAME_BEAT;
    if (is_beat) {
        frame_get_beat(&b, &beat);
        if (b.bad) {
            n->link[l].bad_form++;
            return;
        }
    }
    if (h.type == FRAME_FENCED) {
        peer_fenced_us(n, p, &b);
        return;
    }
    if (!incarnation_check(n, p, l, &h, is_beat ? &beat : NULL))
        return;
    struct path *path = &n->peer[p].path[l];
    if (!seq_fresh(path, h.seq)) {
        n->link[l].replayed++;
        return;
    }
    path->received++;
    /* One that was overtaken (or held back by somebody) says nothing about the present. */
    bool newest = h.seq >> 8 == path->seq_top;
    if (newest)
        path->heard_us = n->peer[p].heard_us = n->now_us;
    rival_check(n, p, l);
    if (is_beat && !newest)
        return;
    if (is_beat && beat.min_version > FRAME_VERSION)
        peer_incompatible(n, p, beat.min_version);
    else if (is_beat)
        beat_take(n, p, l, &h, &beat);
    else if (h.type == FRAME_DATA)
        session_take(n, p, &b);
}

/* ---- judgement ---------------------------------------------------------------------------- */

/* The peer's frames came within this link's own limit, and ours were confirmed. */
static bool path_heard(const struct node *n, unsigned p, unsigned l)
{
    const struct path *path = &n->peer[p].path[l];
    return path->heard_us && n->now_us - path->heard_us <= limit_us(n, l);
}

static bool path_echoed(const struct node *n, unsigned p, unsigned l)
{
    const struct path *path = &n->peer[p].path[l];
    if (n->broken & BREAK_ONE_WAY)
        return path_heard(n, p, l);
    /* An echo is up to two beats old when it comes; twice the limit leaves room for lost ones. */
    return !path->deaf && path->echoed_us && n->now_us - path->echoed_us <= 2 * limit_us(n, l);
}

/* Heard a moment ago for the first time: the other side needs a beat or two to say that it hears
 * us. */
static bool connecting(struct node *n, struct path *path, uint64_t limit)
{
    if (!path->hearing_us)
        path->hearing_us = n->now_us;
    out_wake(n, path->hearing_us + limit + 1);
    return n->now_us - path->hearing_us <= limit;
}

static void path_judge(struct node *n, unsigned p, unsigned l)
{
    struct path *path = &n->peer[p].path[l];
    const struct link *link = &n->link[l];
    uint64_t limit = limit_us(n, l);
    bool heard = path_heard(n, p, l), echoed = path_echoed(n, p, l);
    struct say why;
    enum path_state state;
    if (!heard || echoed)
        path->hearing_us = 0;
    if (!n->link[l].usable) {
        state = PATH_DOWN;
        say_set(&why, SAY_LINK_UNUSABLE);
        say_arg(&why, n->conf.link[l].name);
        say_arg(&why, n->link[l].reason);
    } else if (!heard && path->state == PATH_DOWN && link->bad_us &&
               n->now_us - link->bad_us <= 2 * limit) {
        state = PATH_DOWN; /* not silent at all: a wrong key or baud rate, say */
        why = link->bad;
    } else if (!heard) {
        state = PATH_DOWN;
        say_set(&why, SAY_LINK_SILENT);
        say_arg(&why, n->conf.link[l].name);
        say_arg(&why, node_name(n, p));
        say_argf(&why, "%u", n->timing.link[l].limit_ms);
    } else if (!echoed && path->state == PATH_DOWN && connecting(n, path, limit)) {
        return;
    } else if (!echoed) {
        state = PATH_ONE_WAY;
        say_set(&why, SAY_LINK_ONE_WAY);
        say_arg(&why, n->conf.link[l].name);
        say_arg(&why, node_name(n, p));
    } else if (path->state == PATH_UP || path->good >= GOOD_BEATS || (n->broken & BREAK_ONE_WAY)) {
        state = PATH_UP;
        say_set(&why, SAY_LINK_UP);
        say_arg(&why, n->conf.link[l].name);
        say_arg(&why, node_name(n, p));
    } else {
        return; /* on its way up: one more good beat decides */
    }
    path_set(n, p, l, state, &why);
    if (heard)
        out_wake(n, path->heard_us + limit + 1);
    if (echoed)
        out_wake(n, path->echoed_us + 2 * limit + 1);
}

/* Two that are just meeting on a network need not wait for the slow rhythm of a long takeover; but
 * a link that stays one way is not hurried for ever. */
static uint32_t beat_interval_ms(const struct node *n, struct path *path, unsigned l)
{
    uint32_t interval_ms = n->timing.link[l].interval_ms;
    uint64_t heard_us = num_max(path->heard_us, path->stranger_us);
    if (path->state == PATH_UP || !heard_us || n->now_us - heard_us >= limit_us(n, l)) {
        path->hurried = 0;
        return interval_ms;
    }
    if (conf_link_slow(&n->conf.link[l]) || path->hurried == HURRIED_MAX)
        return interval_ms;
    path->hurried++;
    return (uint32_t)num_min(interval_ms, MEET_MS);
}

static bool beat_may(const struct node *n, unsigned p, unsigned l)
{
    return n->link[l].usable && conf_link_joins(&n->conf.link[l], n->self, p) &&
           (n->conf.link[l].type != LINK_RING || ring_may_beat(n));
}

static bool beat_due(const struct node *n)
{
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        for (unsigned l = 0; p != n->self && l < n->conf.n_links; l++)
            if (beat_may(n, p, l) && n->peer[p].path[l].beat_due_us <= n->now_us)
                return true;
    return false;
}

/* When one link's beat is due, those of other links that are nearly due go with it: one waking of
 * two machines instead of one for each link. */
void path_tick(struct node *n)
{
    bool due = beat_due(n);
    for (unsigned p = 0; p < n->conf.n_nodes; p++)
        for (unsigned l = 0; p != n->self && l < n->conf.n_links; l++) {
            struct path *path = &n->peer[p].path[l];
            if (!conf_link_joins(&n->conf.link[l], n->self, p))
                continue;
            path_judge(n, p, l);
            path_tell_late(n, p, l);
            if (!beat_may(n, p, l) || n->fenced)
                continue;
            uint64_t early = due ? US(n->timing.link[l].interval_ms) / 8 : 0;
            if (path->beat_due_us <= n->now_us + early) {
                beat_send(n, p, l, false);
                path->beat_last_us = n->now_us;
                path->beat_due_us = n->now_us + US(beat_interval_ms(n, path, l));
            }
            out_wake(n, path->beat_due_us);
        }
}

bool path_any_alive(const struct node *n, unsigned p)
{
    for (unsigned l = 0; l < n->conf.n_links; l++)
        if (path_heard(n, p, l) && path_echoed(n, p, l))
            return true;
    return false;
}

uint64_t path_confirmed_until(const struct node *n, unsigned p)
{
    uint64_t until_us = 0, viewed_us = n->peer[p].viewed_us;
    if (ring_engine(n)) /* it gives us up when corosync does */
        return viewed_us ? viewed_us + timing_sure_us(US(n->timing.settle_ms)) : 0;
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        const struct path *path = &n->peer[p].path[l];
        uint64_t at_us = n->broken & BREAK_ONE_WAY ? path->heard_us : path->agreed_us;
        if (at_us)
            until_us = num_max(until_us, at_us + timing_sure_us(limit_us(n, l)));
    }
    return until_us;
}

bool path_any_up(const struct node *n, unsigned p)
{
    for (unsigned l = 0; l < n->conf.n_links; l++)
        if (n->peer[p].path[l].state == PATH_UP)
            return true;
    return false;
}

unsigned path_best(const struct node *n, unsigned p)
{
    if (ring_engine(n))
        return conf_ring(&n->conf);
    unsigned slow = CONF_LINKS_MAX; /* the first; disks come behind serial lines */
    for (unsigned l = 0; l < n->conf.n_links; l++) {
        if (n->peer[p].path[l].state != PATH_UP)
            continue;
        if (!conf_link_slow(&n->conf.link[l]))
            return l;
        if (slow == CONF_LINKS_MAX)
            slow = l;
    }
    return slow;
}
