/* SPDX-License-Identifier: GPL-2.0-or-later
 * recorder: events to files. Each item is one write, so that nothing is lost when the daemon is
 * killed. Files are readable by root only: requests may hold passwords of fence devices. */
#include "daemon/recorder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "daemon/journal.h"
#include "daemon/shell.h"

enum { PATH_LEN = 320, HASH_EVERY = 1024, ROOM = RECORD_ITEM_MAX + 65536, KEEP_TOUCHED = 65536 };

struct recorder {
    struct shell *shell;
    int fd;        /* -1: recording has ended */
    unsigned file; /* 0: record, 1 and 2: the later ones */
    size_t written;
    unsigned events; /* since the last hash */
    struct record record;
    struct record_head head;
    uint8_t *room; /* mapped: touched as far as items need it */
};

static void path_of(const struct recorder *r, const char *suffix, char path[PATH_LEN])
{
    snprintf(path, PATH_LEN, "%s/record%s", r->shell->conf.run_dir, suffix);
}

static void give_up(struct recorder *r)
{
    journal_note(r->shell->journal, SAY_WARN, JOURNAL_RECORD,
                 _("events are no longer recorded in %s (%s): should something go wrong from now "
                   "on, it cannot be replayed"),
                 r->shell->conf.run_dir, strerror(errno));
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}

static void put(struct recorder *r, const struct buf *b)
{
    assert(!b->bad);
    if (write(r->fd, b->at, b->pos) != (ssize_t)b->pos)
        give_up(r);
    r->written += b->pos;
    if (b->pos > KEEP_TOUCHED) /* a large request: its pages are not needed again soon */
        (void)madvise(r->room, ROOM, MADV_DONTNEED);
}

static void file_begin(struct recorder *r, unsigned file)
{
    static const char *const suffix[] = {"", ".1", ".2"};
    char path[PATH_LEN];
    struct buf b;
    path_of(r, suffix[file], path);
    (void)unlink(path);
    if (r->fd >= 0)
        close(r->fd);
    r->file = file;
    r->written = 0;
    r->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0600);
    if (r->fd < 0) {
        give_up(r);
        return;
    }
    record_init(&r->record);
    buf_write_init(&b, r->room, ROOM);
    record_put_head(&b, &r->head);
    put(r, &b);
}

struct recorder *recorder_new(struct shell *s, const struct record_head *head)
{
    struct recorder *r = calloc(1, sizeof *r);
    char path[PATH_LEN], old[PATH_LEN];
    if (!r)
        return NULL;
    r->shell = s;
    r->fd = -1;
    r->head = *head;
    r->head.conf_text = strdup(head->conf_text);
    void *room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!r->head.conf_text || room == MAP_FAILED) {
        free((char *)r->head.conf_text);
        free(r);
        return NULL;
    }
    r->room = room;
    path_of(r, "", path);
    path_of(r, ".old", old);
    (void)rename(path, old);
    path_of(r, ".1", path);
    (void)unlink(path);
    path_of(r, ".2", path);
    (void)unlink(path);
    file_begin(r, 0);
    return r;
}

void recorder_free(struct recorder *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    munmap(r->room, ROOM);
    free((char *)r->head.conf_text);
    free(r);
}

void recorder_event(struct recorder *r, const struct event *ev)
{
    struct buf b;
    if (r->fd < 0)
        return;
    if (r->written >= (r->file == 0 ? RECORDER_FIRST_MAX : RECORDER_LATER_MAX)) {
        if (r->file == 0)
            journal_note(r->shell->journal, SAY_INFO, JOURNAL_RECORD,
                         _("%s/record is full: it holds the daemon's first hours, later events go "
                           "to record.1 and record.2 in turn"),
                         r->shell->conf.run_dir);
        file_begin(r, r->file == 1 ? 2 : 1);
        if (r->fd < 0)
            return;
    }
    buf_write_init(&b, r->room, ROOM);
    record_put(&r->record, &b, ev);
    put(r, &b);
    r->events++;
}

bool recorder_wants_hash(const struct recorder *r)
{
    return r->fd >= 0 && r->file == 0 && r->events >= HASH_EVERY;
}

void recorder_hash(struct recorder *r, uint64_t hash)
{
    struct buf b;
    if (r->fd < 0)
        return;
    r->events = 0;
    buf_write_init(&b, r->room, ROOM);
    record_put_hash(&b, hash);
    put(r, &b);
}
