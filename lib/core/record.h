/* SPDX-License-Identifier: GPL-2.0-or-later
 * record: events as bytes, so that what a daemon was told can be told again on a desk. The daemon
 * writes it, the simulator replays it; also the form in which events wait in the daemon's queue.
 *
 * A recording is a head (whose node it was: the text of yoke.conf, index, seed, limits) and items
 * one after the other: an event, or the hash that the node had after the event before it. Times are
 * differences; a frame is stored as what differs from the last frame of that length on its link, so
 * that a beat of 80 bytes takes about 30. A plan is not stored: who replays runs sched_run on the
 * input of ACT_PLAN, when EV_PLANNED comes.
 *
 * Happy path: record_put_head, record_init, record_put ...; record_get_head, record_init,
 * record_get until ERR_SHORT, which is the end (an item that was only half written included).
 * Fails: b->bad when there is no room; ERR_SYNTAX, ERR_VERSION, ERR_RANGE for what is no recording.
 */
#ifndef YOKE_CORE_RECORD_H
#define YOKE_CORE_RECORD_H

#include "lib/base/buf.h"
#include "lib/core/event.h"
#include "lib/core/node.h"

enum {
    RECORD_VERSION = 2,
    RECORD_FRAME_MAX = 128,            /* longer frames are stored whole */
    RECORD_ITEM_MAX = 2 * 1024 * 1024, /* no item is longer */
    RECORD_SMALL = 512 /* an item without configuration text, request or cast is shorter, when its
                          texts are at most REASON_LEN and its frame RECORD_FRAME_MAX */
};

struct record_head {
    struct limits limits;
    uint8_t self;
    uint64_t seed;
    const char *conf_text; /* NUL-terminated; when read: inside the buffer */
};

/* What both ends remember of the items before. */
struct record {
    uint64_t now_us, wall_s;
    struct {
        uint16_t len;
        uint8_t at[RECORD_FRAME_MAX];
    } last[CONF_LINKS_MAX];
    struct kept kept; /* what a read EV_BOOT points to */
};

struct record_item {
    bool is_hash;
    uint64_t hash; /* node_hash after the event before */
    struct event
        ev; /* points into the buffer and into the struct record; EV_PLANNED without plan */
};

void record_put_head(struct buf *b, const struct record_head *h);
enum err record_get_head(struct buf *b, struct record_head *h) MUST_CHECK;
void record_init(struct record *r);
void record_put(struct record *r, struct buf *b, const struct event *ev);
void record_put_hash(struct buf *b, uint64_t hash);
/* ERR_SHORT: b holds no further whole item, and its position is unchanged. What item points to
 * stays valid until the next call and as long as the buffer does. */
enum err record_get(struct record *r, struct buf *b, struct record_item *item) MUST_CHECK;

#endif
