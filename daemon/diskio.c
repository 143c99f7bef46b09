/* SPDX-License-Identifier: GPL-2.0-or-later
 * diskio: the two threads of a quorum disk and what they share with the main thread.
 *
 * Happy path: the reader opens the device, looks at the header, learns from our own blocks where
 * their sequence stands, and then reads header and the peer's blocks once an interval; the writer
 * waits for a beat or mail, looks at the header again and writes. Looking at the header each time
 * keeps us from writing to a disk that was given to somebody else meanwhile. Fails: fail() once,
 * then both end. No lock is held during I/O. */
#include "daemon/diskio.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "daemon/blockdev.h"
#include "daemon/clock.h"
#include "daemon/journal.h"

enum {
    STACK_BYTES = 256 * 1024,
    SEQ_LEAP = 16, /* a write of ours that hung through a restart may land late: be beyond it */
    PATH_LEN = 256,
    NAME_LEN = BLOCK_NAME_LEN
};

struct slot { /* one of our own blocks */
    uint64_t seq;
    struct block_pack pack;
    bool due;
};

struct diskio {
    char name[NAME_LEN], path[PATH_LEN], cluster[NAME_LEN];
    uint8_t known[DISKIO_UUIDS_MAX][BLOCK_UUID], uuid[BLOCK_UUID];
    unsigned n_known;
    uint8_t self, peer;
    uint64_t boot;
    uint32_t interval_ms;
    uint64_t unwritten_us;
    int wake;
    pthread_t reader, writer;
    struct blockdev dev;         /* the reader opens it before `opened` */
    struct diskio_memory memory; /* the reader's */
    uint8_t *read_at, *write_at;

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t changed;
    unsigned threads; /* running */
    bool opened, ending;
    struct slot beat, mail;
    uint64_t sent_us;                       /* date of the beat that waits */
    uint64_t read_since_us, write_since_us; /* I/O under way, 0: none */
    struct diskio_news news;
    bool news_frames; /* frames wait to be taken: no further read until then */
};

/* ---- shared by the threads ---- */

static void tell(struct diskio *io)
{
    uint64_t one = 1;
    if (write(io->wake, &one, sizeof one) < 0)
        assert(errno == EAGAIN); /* then the main loop is awake already */
}

static void fail(struct diskio *io, const char *reason)
{
    pthread_mutex_lock(&io->lock);
    if (!io->news.failed && !io->ending) {
        io->news.failed = true;
        (void)str_copy(io->news.reason, sizeof io->news.reason, reason);
        tell(io);
    }
    io->ending = true;
    pthread_cond_broadcast(&io->changed);
    pthread_mutex_unlock(&io->lock);
}

static void io_failed(struct diskio *io, bool reading, int code)
{
    char reason[DISKIO_REASON_LEN];
    struct str s;
    str_init(&s, reason, sizeof reason);
    str_addf(&s,
             reading ? _("cannot read %s: %s: look at paths, array and 'dmesg'")
                     : _("cannot write %s: %s: look at paths, array and 'dmesg'"),
             io->path, strerror(code));
    fail(io, reason);
}

/* Notes that I/O begins (or has ended); false: it should not begin any more. */
static bool under_way(struct diskio *io, uint64_t *since_us, bool on)
{
    pthread_mutex_lock(&io->lock);
    *since_us = on ? clock_raw_us() : 0;
    bool go = !io->ending;
    pthread_mutex_unlock(&io->lock);
    return go;
}

/* Reads block 0 to `at` and judges it. False: failed. */
static bool header_look(struct diskio *io, uint8_t *at, struct block_header *h)
{
    char reason[DISKIO_REASON_LEN];
    struct str s;
    int code = blockdev_read(&io->dev, 0, 1, at);
    if (code) {
        io_failed(io, true, code);
        return false;
    }
    str_init(&s, reason, sizeof reason);
    if (blockdev_header_ok(at, io->name, io->cluster, (const uint8_t(*)[BLOCK_UUID])io->known,
                           io->n_known, h, &s))
        return true;
    fail(io, reason);
    return false;
}

/* ---- the reader ---- */

/* Where our own block's sequence stands, so that it goes on rising. */
static void slot_learn(struct diskio *io, struct slot *slot, enum block_kind kind)
{
    struct block b;
    const uint8_t *at = io->read_at + (kind == BLOCK_BEAT ? 0 : BLOCK_BYTES);
    slot->seq = SEQ_LEAP;
    if (block_get(at, io->uuid, kind, io->self, &b) != BLOCK_WHOLE)
        return;
    slot->seq = b.seq + SEQ_LEAP;
    slot->pack.first += b.first + b.n - 1;
}

static bool device_open(struct diskio *io)
{
    char reason[DISKIO_REASON_LEN];
    struct block_header header;
    struct str s;
    str_init(&s, reason, sizeof reason);
    if (blockdev_open(&io->dev, io->path, BLOCKDEV_WRITE, &s)) {
        fail(io, reason);
        return false;
    }
    if (!header_look(io, io->read_at, &header))
        return false;
    memcpy(io->uuid, header.uuid, BLOCK_UUID);
    if (header.made_s != io->memory.made_s)
        io->memory = (struct diskio_memory){.made_s = header.made_s, .since_us = clock_raw_us()};
    int code = blockdev_read(&io->dev, block_place(BLOCK_BEAT, io->self), 2, io->read_at);
    if (code) {
        io_failed(io, true, code);
        return false;
    }
    pthread_mutex_lock(&io->lock);
    slot_learn(io, &io->beat, BLOCK_BEAT);
    slot_learn(io, &io->mail, BLOCK_MAIL);
    io->opened = io->news.opened = true;
    io->news.direct = io->dev.direct;
    pthread_cond_broadcast(&io->changed);
    tell(io);
    pthread_mutex_unlock(&io->lock);
    return true;
}

/* One block of the peer: frames that are new go to `out`. The state, and whether it had gone back.
 * Its own never-written block is as good as a whole one that says nothing. */
static enum block_state slot_take(struct diskio *io, enum block_kind kind, struct block_pack *out,
                                  bool *back)
{
    const uint8_t *at = io->read_at + (kind == BLOCK_BEAT ? 0 : BLOCK_BYTES);
    struct block b;
    size_t pos = 0, len;
    enum block_state state = block_get(at, io->uuid, kind, io->peer, &b);
    if (state != BLOCK_WHOLE)
        return state;
    enum block_news news = block_news(&io->memory.seen[kind], &b);
    *back = *back || news == BLOCK_BACK;
    if (news != BLOCK_NEW)
        return state;
    for (unsigned i = 0; i < b.n; i++) {
        const uint8_t *frame = block_frame(&b, &pos, &len);
        if (kind == BLOCK_BEAT || block_frame_new(&io->memory.seen[kind], &b, i))
            block_pack_add(out, frame, len);
    }
    return state;
}

static void blocks_take(struct diskio *io, uint64_t began_us)
{
    struct diskio_news *news = &io->news;
    bool back = false;
    enum block_state beat = slot_take(io, BLOCK_BEAT, &news->beat, &back);
    enum block_state mail = slot_take(io, BLOCK_MAIL, &news->mail, &back);
    /* A mailbox that was never used beside a beat is usual; a beat that is gone is not. */
    if (mail == BLOCK_ZERO && io->memory.seen[BLOCK_MAIL].seq == 0)
        mail = BLOCK_WHOLE;
    news->peer = beat != BLOCK_WHOLE ? beat : mail;
    news->back = back;
    io->news_frames = news->beat.n > 0 || news->mail.n > 0;
    news->unwritten =
        beat == BLOCK_ZERO && mail == BLOCK_WHOLE && io->memory.seen[BLOCK_BEAT].seq == 0;
    bool never = news->unwritten && began_us >= io->memory.since_us + io->unwritten_us;
    if (!back && ((beat == BLOCK_WHOLE && mail == BLOCK_WHOLE) || never))
        news->read_us = began_us;
}

/* One round; false: failed. */
static bool peer_read(struct diskio *io)
{
    struct block_header header;
    if (!under_way(io, &io->read_since_us, true))
        return false;
    uint64_t began_us = clock_raw_us();
    if (!header_look(io, io->read_at, &header))
        return false;
    if (header.made_s != io->memory.made_s)
        io->memory.since_us = clock_raw_us(); /* prepared anew while it was open */
    int code = blockdev_read(&io->dev, block_place(BLOCK_BEAT, io->peer), 2, io->read_at);
    if (code) {
        io_failed(io, true, code);
        return false;
    }
    pthread_mutex_lock(&io->lock);
    io->read_since_us = 0;
    blocks_take(io, began_us);
    tell(io);
    pthread_mutex_unlock(&io->lock);
    return true;
}

static void time_add(struct timespec *t, uint32_t ms)
{
    t->tv_nsec += (long)(ms % 1000) * 1000000;
    t->tv_sec += ms / 1000 + t->tv_nsec / 1000000000;
    t->tv_nsec %= 1000000000;
}

/* Waits for the next round, and until the frames of the last one were taken. False: ending. */
static bool round_wait(struct diskio *io)
{
    struct timespec until;
    int code = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    time_add(&until, io->interval_ms);
    pthread_mutex_lock(&io->lock);
    while (!io->ending && code == 0)
        code = pthread_cond_timedwait(&io->changed, &io->lock, &until);
    while (!io->ending && io->news_frames)
        pthread_cond_wait(&io->changed, &io->lock);
    bool go = !io->ending;
    pthread_mutex_unlock(&io->lock);
    return go;
}

static void thread_end(struct diskio *io, uint64_t *since_us)
{
    pthread_mutex_lock(&io->lock);
    *since_us = 0;
    io->threads--;
    pthread_cond_broadcast(&io->changed);
    pthread_mutex_unlock(&io->lock);
}

static void *reader(void *context)
{
    struct diskio *io = context;
    if (under_way(io, &io->read_since_us, true) && device_open(io))
        while (peer_read(io) && round_wait(io))
            ;
    thread_end(io, &io->read_since_us);
    return NULL;
}

/* ---- the writer ---- */

/* Puts what waits into write_at; false: nothing waits. */
static bool slot_put(struct diskio *io, struct slot *slot, enum block_kind kind)
{
    struct block b = {.kind = kind, .node = io->self, .boot = io->boot};
    if (!slot->due)
        return false;
    slot->due = false;
    memcpy(b.uuid, io->uuid, BLOCK_UUID);
    b.seq = ++slot->seq;
    b.first = slot->pack.first;
    b.n = slot->pack.n;
    b.len = slot->pack.len;
    b.at = slot->pack.at;
    block_put(io->write_at + (kind == BLOCK_BEAT ? 0 : BLOCK_BYTES), &b);
    return true;
}

static bool round_write(struct diskio *io, bool beat, bool mail, uint64_t sent_us)
{
    struct block_header header;
    unsigned first = block_place(beat ? BLOCK_BEAT : BLOCK_MAIL, io->self);
    uint8_t *spare = io->write_at + 2 * BLOCK_BYTES;
    if (!header_look(io, spare, &header))
        return false;
    /* Beat and mailbox are neighbours: both go in one write when both wait. */
    int code = blockdev_write(&io->dev, first, beat && mail ? 2 : 1,
                              io->write_at + (beat ? 0 : BLOCK_BYTES));
    if (code) {
        io_failed(io, false, code);
        return false;
    }
    pthread_mutex_lock(&io->lock);
    io->write_since_us = 0;
    if (beat) {
        io->news.wrote_us = sent_us;
        tell(io);
    }
    pthread_mutex_unlock(&io->lock);
    return true;
}

static void *writer(void *context)
{
    struct diskio *io = context;
    bool go = true;
    while (go) {
        pthread_mutex_lock(&io->lock);
        while (!io->ending && !(io->opened && (io->beat.due || io->mail.due)))
            pthread_cond_wait(&io->changed, &io->lock);
        bool last = io->ending;
        bool ready = io->opened && !io->news.failed;
        bool beat = ready && slot_put(io, &io->beat, BLOCK_BEAT);
        bool mail = ready && slot_put(io, &io->mail, BLOCK_MAIL);
        uint64_t sent_us = io->sent_us;
        io->write_since_us = beat || mail ? clock_raw_us() : 0;
        pthread_mutex_unlock(&io->lock);
        go = (!beat && !mail) || round_write(io, beat, mail, sent_us);
        go = go && !last;
    }
    thread_end(io, &io->write_since_us);
    return NULL;
}

/* ---- the main thread ---- */

static bool thread_begin(struct diskio *io, pthread_t *thread, void *(*run)(void *))
{
    sigset_t all, before;
    pthread_attr_t attr;
    sigfillset(&all); /* signals are the main thread's */
    if (pthread_attr_init(&attr) != 0)
        return false;
    (void)pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&io->lock);
    bool begun = pthread_create(thread, &attr, run, io) == 0;
    io->threads += begun;
    pthread_mutex_unlock(&io->lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return begun;
}

static void memory_free(struct diskio *io)
{
    if (io->wake >= 0)
        close(io->wake);
    blockdev_close(&io->dev);
    free(io->read_at);
    free(io->write_at);
    free(io);
}

struct diskio *diskio_start(const struct diskio_plan *plan)
{
    pthread_condattr_t attr;
    struct diskio *io = calloc(1, sizeof *io);
    assert(plan->n_uuid > 0 && plan->n_uuid <= DISKIO_UUIDS_MAX && plan->interval_ms > 0);
    if (!io)
        return NULL;
    io->dev.fd = -1;
    io->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    io->read_at = blockdev_memory(2);
    io->write_at = blockdev_memory(3);
    if (io->wake < 0 || !io->read_at || !io->write_at ||
        !str_copy(io->name, sizeof io->name, plan->name) ||
        !str_copy(io->path, sizeof io->path, plan->path) ||
        !str_copy(io->cluster, sizeof io->cluster, plan->cluster)) {
        memory_free(io);
        return NULL;
    }
    memcpy(io->known, plan->uuid, sizeof io->known);
    io->n_known = plan->n_uuid;
    io->self = plan->self;
    io->peer = plan->peer;
    io->boot = plan->boot;
    io->interval_ms = plan->interval_ms;
    io->unwritten_us = plan->unwritten_us;
    io->memory = plan->memory;
    block_pack_init(&io->beat.pack);
    block_pack_init(&io->mail.pack);
    block_pack_init(&io->news.beat);
    block_pack_init(&io->news.mail);
    pthread_mutex_init(&io->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&io->changed, &attr);
    pthread_condattr_destroy(&attr);
    bool writes = thread_begin(io, &io->writer, writer);
    if (writes && thread_begin(io, &io->reader, reader))
        return io;
    diskio_stop(io);
    if (writes)
        pthread_join(io->writer, NULL); /* it waits for the opening, so it ends at once */
    memory_free(io);
    return NULL;
}

int diskio_fd(const struct diskio *io)
{
    return io->wake;
}

void diskio_beat(struct diskio *io, const uint8_t *frame, size_t len, uint64_t sent_us)
{
    pthread_mutex_lock(&io->lock);
    uint64_t first = io->beat.pack.first + io->beat.pack.n;
    block_pack_init(&io->beat.pack); /* the newest wins */
    io->beat.pack.first = first;
    block_pack_add(&io->beat.pack, frame, len);
    io->beat.due = true;
    io->sent_us = sent_us;
    pthread_cond_broadcast(&io->changed);
    pthread_mutex_unlock(&io->lock);
}

void diskio_mail(struct diskio *io, const uint8_t *frame, size_t len)
{
    pthread_mutex_lock(&io->lock);
    block_pack_add(&io->mail.pack, frame, len);
    io->mail.due = true;
    pthread_cond_broadcast(&io->changed);
    pthread_mutex_unlock(&io->lock);
}

void diskio_take(struct diskio *io, struct diskio_news *out)
{
    uint64_t count;
    if (read(io->wake, &count, sizeof count) < 0)
        assert(errno == EAGAIN);
    pthread_mutex_lock(&io->lock);
    *out = io->news;
    io->news.opened = false;
    io->news.wrote_us = io->news.read_us = 0;
    block_pack_init(&io->news.beat);
    block_pack_init(&io->news.mail);
    io->news_frames = false;
    pthread_cond_broadcast(&io->changed);
    pthread_mutex_unlock(&io->lock);
}

static uint64_t age(struct diskio *io, const uint64_t *since_us)
{
    pthread_mutex_lock(&io->lock);
    uint64_t now = clock_raw_us(), since = *since_us;
    pthread_mutex_unlock(&io->lock);
    return since != 0 && now > since ? now - since : 0;
}

uint64_t diskio_read_age_us(struct diskio *io)
{
    return age(io, &io->read_since_us);
}

uint64_t diskio_write_age_us(struct diskio *io)
{
    return age(io, &io->write_since_us);
}

void diskio_stop(struct diskio *io)
{
    pthread_mutex_lock(&io->lock);
    io->ending = true;
    pthread_cond_broadcast(&io->changed);
    pthread_mutex_unlock(&io->lock);
}

bool diskio_free(struct diskio *io, unsigned wait_ms, struct diskio_memory *memory)
{
    struct timespec until;
    int code = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    time_add(&until, wait_ms);
    pthread_mutex_lock(&io->lock);
    assert(io->ending);
    while (io->threads > 0 && code == 0)
        code = pthread_cond_timedwait(&io->changed, &io->lock, &until);
    bool ended = io->threads == 0;
    pthread_mutex_unlock(&io->lock);
    if (!ended)
        return false;
    pthread_join(io->reader, NULL);
    pthread_join(io->writer, NULL);
    if (memory)
        *memory = io->memory;
    pthread_cond_destroy(&io->changed);
    pthread_mutex_destroy(&io->lock);
    memory_free(io);
    return true;
}
