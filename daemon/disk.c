/* SPDX-License-Identifier: GPL-2.0-or-later
 * disk: a link over a quorum disk: beats stand in a block each, data frames in a mailbox, and the
 * peer's are read at the link's rhythm.
 *
 * Happy path: diskio opens the device and looks at its header: the link is up. A beat that is on
 * the disk, and a read that brought the peer's blocks whole, become EV_DISK, the latter after the
 * frames that it brought. Ways to fail: whatever diskio calls failed closes the link, with what to
 * do, and it is opened again later; I/O that hangs makes the link wait, and keeps it from being
 * opened again until that I/O came back; blocks of the peer that stay torn, foreign, wiped or old
 * for longer than the link's limit close it too: opening again writes our own block anew, which
 * heals the disk if it was wiped. */
#include <assert.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include "daemon/clock.h"
#include "daemon/diskio.h"
#include "daemon/journal.h"
#include "daemon/link.h"
#include "lib/base/num.h"

enum { END_WAIT_MS = 500, MS = 1000 };

struct disk {
    struct diskio *io;
    struct diskio *old; /* closed, and a thread of it still hangs in the kernel */
    bool polled, waiting;
    qb_loop_timer_handle watch; /* looks for I/O that hangs */
    uint64_t good_us;           /* when the peer's blocks were last as they should be */
    bool cache_told;
    struct diskio_memory memory;
    struct diskio_news news; /* large */
};

static const char *own_path(const struct link *l)
{
    return link_addr(l, l->shell->self);
}

static void event_disk(struct link *l, uint64_t wrote_us, uint64_t read_us)
{
    struct event ev = {.kind = EV_DISK,
                       .disk = {.link = l->index, .wrote_us = wrote_us, .read_us = read_us}};
    shell_event(l->shell, &ev);
}

/* The date of a beat: the core's time of the step that made it, of which the beat carries the low
 * 32 bits. Called in that very step. */
static uint64_t beat_us(const uint8_t *frame, size_t len)
{
    struct frame_beat beat;
    struct buf b;
    uint64_t now = clock_raw_us();
    if (len < FRAME_HEAD + FRAME_BEAT_BODY + FRAME_TAIL)
        return now;
    buf_read_init(&b, frame + FRAME_HEAD, FRAME_BEAT_BODY);
    frame_get_beat(&b, &beat);
    return now - (uint32_t)((uint32_t)now - beat.stamp);
}

/* Why the peer's blocks are not as they should be, and what to do. */
static void peer_bad(struct link *l, const struct diskio_news *news)
{
    const char *peer = l->shell->conf.node[l->peer].name, *name = l->conf->name;
    if (news->back)
        link_down(l,
                  _("the disk %s gives back an older block of %s than before: a cache or mirror "
                    "before it lags, take it away"),
                  name, peer);
    else if (news->peer == BLOCK_ZERO)
        link_down(l, _("the blocks of %s on the disk %s were wiped: who else writes there?"), peer,
                  name);
    else if (news->peer == BLOCK_TORN)
        link_down(l,
                  _("the blocks of %s on the disk %s are damaged: who else writes there? If nobody "
                    "does, look at the array"),
                  peer, name);
    else if (news->peer == BLOCK_NEWER)
        link_down(
            l, _("%s writes the disk %s in the form of a later version: update yoke on this node"),
            peer, name);
    else if (news->peer == BLOCK_OLDER)
        link_down(l,
                  _("%s writes the disk %s in the form of an earlier version: update yoke on that "
                    "node"),
                  peer, name);
    else
        link_down(l,
                  _("where %s's blocks should be, the disk %s holds something else (%s): who else "
                    "writes there?"),
                  peer, name, block_state_word(news->peer));
}

/* Frames of one block, in order; false: the link was closed meanwhile. */
static bool frames_take(struct link *l, const struct block_pack *pack)
{
    struct block b = {.at = pack->at, .n = pack->n, .len = pack->len};
    size_t pos = 0, len;
    const uint8_t *frame;
    while ((frame = block_frame(&b, &pos, &len)) != NULL)
        if (!link_frame(l, frame, len, NULL))
            return false;
    return true;
}

static void opened(struct link *l, const struct diskio_news *news)
{
    struct disk *d = l->state;
    d->good_us = clock_raw_us();
    if (!news->direct && !d->cache_told)
        journal_note(l->shell->journal, SAY_WARN, JOURNAL_LINK,
                     _("link %s: %s is a plain file without direct I/O, so that what is read may "
                       "be this machine's cache: for tests only"),
                     l->conf->name, own_path(l));
    d->cache_told = d->cache_told || !news->direct;
    link_up(l);
}

static int32_t news_came(int32_t fd, int32_t revents, void *context)
{
    struct link *l = context;
    struct disk *d = l->state;
    struct diskio_news *news = &d->news;
    unsigned opens = l->opens;
    (void)fd;
    (void)revents;
    diskio_take(d->io, news);
    if (news->failed) {
        link_down(l, "%s", news->reason);
        return 0;
    }
    if (news->opened)
        opened(l, news);
    if (news->wrote_us)
        event_disk(l, news->wrote_us, 0);
    if (!frames_take(l, &news->beat) || !frames_take(l, &news->mail))
        return 0;
    if (news->read_us || news->unwritten)
        d->good_us = clock_raw_us();
    if (news->read_us) {
        event_disk(l, 0, news->read_us);
    } else if (l->opened && l->opens == opens && (news->back || news->peer != BLOCK_WHOLE) &&
               clock_raw_us() - d->good_us > (uint64_t)l->timing->limit_ms * MS) {
        peer_bad(l, news);
    }
    return 0;
}

bool disk_hung(const struct link *l)
{
    const struct disk *d = l->state;
    uint64_t limit_us = (uint64_t)l->timing->limit_ms * MS;
    return (d->io &&
            (diskio_read_age_us(d->io) > limit_us || diskio_write_age_us(d->io) > limit_us)) ||
           (d->old && (diskio_read_age_us(d->old) > 0 || diskio_write_age_us(d->old) > 0));
}

static void watch_set(struct link *l);

/* Is I/O under way for longer than the link may be silent? Then nobody hears us on it. */
static void watch_fired(void *context)
{
    struct link *l = context;
    struct disk *d = l->state;
    uint64_t limit_us = (uint64_t)l->timing->limit_ms * MS;
    bool read = diskio_read_age_us(d->io) > limit_us, write = diskio_write_age_us(d->io) > limit_us;
    d->watch = 0;
    watch_set(l);
    if (read || write) {
        d->waiting = true;
        link_wait(
            l,
            read ? _("a read of %s hangs for more than %u ms: look at paths, array and 'dmesg'")
                 : _("a write to %s hangs for more than %u ms: look at paths, array and 'dmesg'"),
            own_path(l), l->timing->limit_ms);
    } else if (d->waiting) {
        d->waiting = false;
        link_up(l);
    }
}

static void watch_set(struct link *l)
{
    struct disk *d = l->state;
    if (qb_loop_timer_add(l->shell->loop, QB_LOOP_LOW, (uint64_t)l->timing->interval_ms * 1000000,
                          l, watch_fired, &d->watch) != 0)
        d->watch = 0;
}

static bool plan_make(struct link *l, struct diskio_plan *plan)
{
    const struct conf *c = &l->shell->conf;
    const struct disk *d = l->state;
    /* Whatever lease it told, it is over by then. */
    const struct timing *t = &l->shell->timing;
    uint32_t dead_ms = timing_dead_ms(t->lease_long_ms, t->watchdog_ms);
    *plan = (struct diskio_plan){.name = l->conf->name,
                                 .path = own_path(l),
                                 .cluster = c->cluster,
                                 .self = c->node[l->shell->self].id,
                                 .peer = c->node[l->peer].id,
                                 .boot = l->shell->boot,
                                 .interval_ms = l->timing->interval_ms,
                                 .unwritten_us = (uint64_t)dead_ms * MS,
                                 .memory = d->memory};
    while (plan->n_uuid < DISKIO_UUIDS_MAX &&
           link_mark(l, plan->n_uuid, c->cluster, plan->uuid[plan->n_uuid]) == ERR_OK)
        plan->n_uuid++;
    return plan->n_uuid > 0;
}

static bool disk_open(struct link *l)
{
    struct disk *d = l->state;
    struct diskio_plan plan;
    if (d->old && !diskio_free(d->old, 0, &d->memory)) {
        link_down(l,
                  _("a read or write of %s that was begun earlier still hangs: look at paths, "
                    "array and 'dmesg'"),
                  own_path(l));
        return false;
    }
    d->old = NULL;
    d->io = plan_make(l, &plan) ? diskio_start(&plan) : NULL;
    if (!d->io) {
        link_down(l, _("no memory or no thread for the disk %s"), own_path(l));
        return false;
    }
    d->polled =
        qb_loop_poll_add(l->shell->loop, QB_LOOP_HIGH, diskio_fd(d->io), POLLIN, l, news_came) == 0;
    if (!d->polled) {
        link_down(l, _("no room in the main loop"));
        return false;
    }
    watch_set(l);
    return true;
}

static void disk_close(struct link *l)
{
    struct disk *d = l->state;
    if (d->watch)
        qb_loop_timer_del(l->shell->loop, d->watch);
    d->watch = 0;
    d->waiting = false;
    if (d->io) {
        if (d->polled)
            (void)qb_loop_poll_del(l->shell->loop, diskio_fd(d->io));
        diskio_stop(d->io);
        assert(!d->old);
        d->old = d->io;
        d->io = NULL;
    }
    d->polled = false;
    /* At the end of the daemon its last beat, which says goodbye, gets its time; a disk that hangs
     * is left to the kernel. */
    if (l->shell->ended && d->old && diskio_free(d->old, END_WAIT_MS, NULL))
        d->old = NULL;
}

static void disk_send(struct link *l, unsigned node, const uint8_t *frame, size_t len, bool beat)
{
    (void)node;
    struct disk *d = l->state;
    if (beat)
        diskio_beat(d->io, frame, len, beat_us(frame, len));
    else
        diskio_mail(d->io, frame, len);
}

const struct link_driver link_disk = {"disk", sizeof(struct disk), disk_open, disk_close,
                                      disk_send};
