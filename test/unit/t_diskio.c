/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_diskio: two nodes over one plain file as quorum disk: what one writes the other reads, once;
 * whatever else is done to the file is reported, and never told as read; a write that hangs hangs
 * nothing else. */
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "daemon/blockdev.h"
#include "daemon/diskio.h"
#include "test/unit/scratchdir.h"
#include "test/unit/unit.h"

enum { WAIT_MS = 5000, INTERVAL_MS = 20 };

static const uint8_t uuid[BLOCK_UUID] = {1, 2, 3}, other[BLOCK_UUID] = {4, 5, 6};
static char path[256];
static struct diskio_news news;
static struct diskio_memory memory; /* of the one closed last */

static void put_at(unsigned block, const void *at, size_t len)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ck_assert(fd >= 0);
    ck_assert_int_eq(pwrite(fd, at, len, (off_t)block * BLOCK_BYTES), (ssize_t)len);
    close(fd);
}

static void wipe(unsigned block, unsigned n)
{
    static const uint8_t zero[BLOCK_BYTES];
    for (unsigned i = 0; i < n; i++)
        put_at(block + i, zero, sizeof zero);
}

static void header_put_at(const uint8_t *id, const char *cluster, uint64_t made_s)
{
    uint8_t block[BLOCK_BYTES];
    struct block_header h = {.made_s = made_s};
    memcpy(h.uuid, id, BLOCK_UUID);
    ck_assert(str_copy(h.cluster, sizeof h.cluster, cluster));
    block_put_header(block, &h);
    put_at(0, block, sizeof block);
}

static void header_put(const uint8_t *id, const char *cluster)
{
    header_put_at(id, cluster, 1);
}

static void file_make(void)
{
    scratch_make();
    scratch_path(path, "disk");
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert(fd >= 0);
    ck_assert_int_eq(ftruncate(fd, (off_t)BLOCK_COUNT * BLOCK_BYTES), 0);
    close(fd);
    header_put(uuid, "treasury");
}

static void file_end(void)
{
    unlink(path);
    scratch_remove();
}

/* Writes of the threads are held here, as by an array that does not answer. */
static atomic_bool held;

ssize_t pwrite(int fd, const void *at, size_t len, off_t offset)
{
    while (atomic_load(&held))
        usleep(1000);
    return syscall(SYS_pwrite64, fd, at, len, offset);
}

static uint64_t unwritten_us;

static struct diskio *start_with(uint8_t self, uint64_t boot, const struct diskio_memory *kept)
{
    struct diskio_plan p = {.name = "q",
                            .path = path,
                            .cluster = "treasury",
                            .n_uuid = 1,
                            .self = self,
                            .peer = (uint8_t)(3 - self),
                            .boot = boot,
                            .interval_ms = INTERVAL_MS,
                            .unwritten_us = unwritten_us};
    memcpy(p.uuid[0], uuid, sizeof uuid);
    if (kept)
        p.memory = *kept;
    struct diskio *io = diskio_start(&p);
    ck_assert_ptr_nonnull(io);
    return io;
}

static struct diskio *start(uint8_t self, uint64_t boot)
{
    return start_with(self, boot, NULL);
}

static void end(struct diskio *io)
{
    diskio_stop(io);
    ck_assert(diskio_free(io, WAIT_MS, &memory));
}

/* Takes news until `holds`; fails when there are none for long. */
#define UNTIL(io, holds)                                                                           \
    do {                                                                                           \
        struct pollfd wait_fd = {.fd = diskio_fd(io), .events = POLLIN};                           \
        ck_assert_msg(poll(&wait_fd, 1, WAIT_MS) == 1, "no news: %s", #holds);                     \
        diskio_take(io, &news);                                                                    \
    } while (!(holds))

static struct diskio *opened(uint8_t self, uint64_t boot)
{
    struct diskio *io = start(self, boot);
    UNTIL(io, news.opened || news.failed);
    ck_assert_msg(!news.failed, "%s", news.reason);
    return io;
}

static const char *frame_at(const struct block_pack *p, unsigned i)
{
    static char text[64];
    struct block b = {.at = p->at, .n = p->n, .len = p->len};
    size_t pos = 0, len = 0;
    const uint8_t *f = NULL;
    for (unsigned k = 0; k <= i; k++)
        f = block_frame(&b, &pos, &len);
    ck_assert(f != NULL && len < sizeof text);
    memcpy(text, f, len);
    text[len] = '\0';
    return text;
}

static void say(struct diskio *io, const char *text, uint64_t date)
{
    diskio_beat(io, (const uint8_t *)text, strlen(text), date);
}

static void mail(struct diskio *io, const char *text)
{
    diskio_mail(io, (const uint8_t *)text, strlen(text));
}

START_TEST(beats_and_mail_go_over)
{
    file_make();
    struct diskio *a = opened(1, 11), *b = opened(2, 22);
    UNTIL(a, news.read_us); /* a peer that never wrote is read all the same */
    ck_assert_int_eq(news.peer, BLOCK_ZERO);
    ck_assert_uint_eq(news.beat.n, 0);
    say(a, "one", 1001);
    UNTIL(a, news.wrote_us);
    ck_assert_uint_eq(news.wrote_us, 1001);
    UNTIL(b, news.beat.n);
    ck_assert_str_eq(frame_at(&news.beat, 0), "one");
    ck_assert_int_eq(news.peer, BLOCK_WHOLE);
    ck_assert_uint_ne(news.read_us, 0);
    uint64_t first_us = news.read_us;
    UNTIL(b, news.read_us > first_us); /* unchanged: read, and not handed out again */
    ck_assert_uint_eq(news.beat.n, 0);
    mail(a, "x");
    UNTIL(b, news.mail.n);
    ck_assert_str_eq(frame_at(&news.mail, 0), "x");
    mail(a, "y");
    mail(a, "z");
    char all[64] = "";
    while (strlen(all) < 2) {
        UNTIL(b, news.mail.n);
        for (unsigned i = 0; i < news.mail.n; i++)
            strcat(all, frame_at(&news.mail, i));
    }
    ck_assert_str_eq(all, "yz");
    say(b, "back", 7);
    UNTIL(a, news.beat.n);
    ck_assert_str_eq(frame_at(&news.beat, 0), "back");
    end(a);
    end(b);
    file_end();
}
END_TEST

/* Preparing a disk may wipe a beat that nobody has read: for a time an empty block says nothing. */
START_TEST(unwritten_says_nothing_at_first)
{
    file_make();
    unwritten_us = 60 * 1000000;
    struct diskio *a = opened(1, 11);
    for (unsigned i = 0; i < 3; i++) {
        UNTIL(a, news.unwritten);
        ck_assert_uint_eq(news.read_us, 0);
    }
    end(a);
    struct diskio_memory kept = memory;
    ck_assert_uint_gt(kept.since_us, 0);
    unwritten_us = 1; /* by now it was prepared long ago */
    a = start_with(1, 11, &kept);
    UNTIL(a, news.read_us);
    end(a);
    ck_assert_uint_eq(memory.since_us, kept.since_us);
    unwritten_us = 60 * 1000000;
    header_put_at(uuid, "treasury", 77); /* prepared anew */
    a = start_with(1, 11, &kept);
    UNTIL(a, news.unwritten);
    ck_assert_uint_eq(news.read_us, 0);
    end(a);
    ck_assert_uint_gt(memory.since_us, kept.since_us);
    unwritten_us = 0;
    file_end();
}
END_TEST

/* A daemon that starts again goes on where its block's sequence stands; what it wrote last is
 * written also when it ends at once. */
START_TEST(restarts_go_on)
{
    file_make();
    struct diskio *b = opened(2, 22);
    for (unsigned i = 0; i < 4; i++) {
        char text[8];
        snprintf(text, sizeof text, "%u", i);
        struct diskio *a = opened(1, 11 + i / 2); /* the same boot twice */
        say(a, text, i + 1);
        mail(a, text);
        end(a);
        bool beat = false, letter = false;
        while (!beat || !letter) {
            UNTIL(b, news.beat.n || news.mail.n);
            ck_assert(!news.back);
            beat = beat || (news.beat.n && strcmp(frame_at(&news.beat, 0), text) == 0);
            letter = letter || (news.mail.n && strcmp(frame_at(&news.mail, 0), text) == 0);
        }
    }
    end(b);
    file_end();
}
END_TEST

static void refused(const char *words)
{
    struct diskio *a = start(1, 11);
    UNTIL(a, news.failed || news.opened);
    ck_assert_msg(news.failed && strstr(news.reason, words), "%s", news.reason);
    end(a);
}

/* Closed and opened again by one daemon: nothing is handed out twice, an older block is still seen
 * to be one; a disk prepared anew is another disk. */
START_TEST(a_memory_is_kept)
{
    file_make();
    struct diskio *a = opened(1, 11), *b = opened(2, 22);
    say(a, "one", 1);
    mail(a, "x");
    bool beat = false, letter = false;
    while (!beat || !letter) {
        UNTIL(b, news.beat.n || news.mail.n);
        beat = beat || news.beat.n;
        letter = letter || news.mail.n;
    }
    end(a);
    end(b);
    struct diskio_memory kept = memory;
    b = start_with(2, 22, &kept);
    UNTIL(b, news.read_us);
    ck_assert(news.beat.n == 0 && news.mail.n == 0);
    end(b);
    wipe(1, 2);
    b = start_with(2, 22, &kept);
    UNTIL(b, news.peer == BLOCK_ZERO);
    ck_assert_uint_eq(news.read_us, 0);
    end(b);
    header_put_at(uuid, "treasury", 2);
    b = start_with(2, 22, &kept);
    UNTIL(b, news.read_us);
    end(b);
    file_end();
}
END_TEST

START_TEST(a_hanging_write_hangs_nothing_else)
{
    file_make();
    struct diskio *a = opened(1, 11), *b = opened(2, 22);
    atomic_store(&held, true);
    say(a, "one", 1);
    while (diskio_write_age_us(a) < 3 * INTERVAL_MS * 1000)
        UNTIL(a, true); /* reads go on meanwhile */
    say(a, "two", 2);
    say(a, "three", 3);
    UNTIL(a, news.read_us);
    ck_assert_uint_eq(news.wrote_us, 0);
    atomic_store(&held, false);
    UNTIL(a, news.wrote_us == 3); /* the newest, and not the one between */
    UNTIL(b, news.beat.n && strcmp(frame_at(&news.beat, 0), "three") == 0);
    atomic_store(&held, true);
    say(a, "four", 4);
    while (diskio_write_age_us(a) == 0)
        UNTIL(a, true);
    diskio_stop(a);
    ck_assert(!diskio_free(a, 50, NULL));
    atomic_store(&held, false);
    ck_assert(diskio_free(a, WAIT_MS, NULL)); /* it came back: now it can go */
    UNTIL(b, news.beat.n && strcmp(frame_at(&news.beat, 0), "four") == 0);
    end(b);
    file_end();
}
END_TEST

START_TEST(strange_disks_are_refused)
{
    uint8_t junk[BLOCK_BYTES];
    file_make();
    wipe(0, 1);
    refused("yoke disk init");
    memset(junk, 'x', sizeof junk);
    put_at(0, junk, sizeof junk);
    refused("something that is not yoke's");
    header_put(other, "treasury");
    refused("another key");
    header_put(uuid, "town");
    refused("the disk q is the cluster town's");
    header_put(uuid, "treasury");
    put_at(0, "YOKEDISK\1\0\1", 11);
    refused("damaged");
    ck_assert_int_eq(truncate(path, BLOCK_BYTES), 0);
    refused("too small");
    unlink(path);
    refused("is not there");
    ck_assert_int_eq(mkdir(path, 0700), 0);
    refused("");
    rmdir(path);
    scratch_remove();
}
END_TEST

START_TEST(bad_blocks_are_never_told_as_read)
{
    uint8_t half[100], saved[2 * BLOCK_BYTES];
    file_make();
    struct diskio *a = opened(1, 11), *b = opened(2, 22);
    say(a, "one", 1);
    UNTIL(b, news.beat.n);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(pread(fd, saved, BLOCK_BYTES, BLOCK_BYTES), BLOCK_BYTES);
    close(fd);
    say(a, "two", 2);
    UNTIL(b, news.beat.n);
    memset(half, 7, sizeof half);
    fd = open(path, O_WRONLY | O_CLOEXEC); /* torn: the middle is older */
    ck_assert_int_eq(pwrite(fd, half, sizeof half, BLOCK_BYTES + 1000), (ssize_t)sizeof half);
    close(fd);
    UNTIL(b, news.peer == BLOCK_TORN && !news.read_us);
    for (unsigned i = 0; i < 3; i++) {
        UNTIL(b, true);
        ck_assert(news.peer == BLOCK_TORN && !news.read_us && !news.beat.n);
    }
    wipe(1, 1);
    UNTIL(b, news.peer == BLOCK_ZERO);
    UNTIL(b, true);
    ck_assert(!news.read_us); /* it wrote before: this is no empty disk */
    put_at(1, saved, BLOCK_BYTES);
    UNTIL(b, news.back);
    ck_assert(!news.read_us && !news.beat.n);
    say(a, "three", 3);
    UNTIL(b, news.beat.n);
    ck_assert_str_eq(frame_at(&news.beat, 0), "three");
    ck_assert(news.read_us && !news.back);
    wipe(0, BLOCK_COUNT); /* the whole disk, under way: both notice, and nothing is written to it */
    say(a, "four", 4);
    UNTIL(a, news.failed);
    ck_assert_ptr_nonnull(strstr(news.reason, "is empty (wiped, or never prepared)"));
    UNTIL(b, news.failed);
    say(a, "five", 5);
    end(a);
    end(b);
    uint8_t block[BLOCK_BYTES];
    fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(pread(fd, block, sizeof block, BLOCK_BYTES), (ssize_t)sizeof block);
    close(fd);
    ck_assert_int_eq(block[0], 0);
    file_end();
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("diskio");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, beats_and_mail_go_over);
    tcase_add_test(t, restarts_go_on);
    tcase_add_test(t, a_memory_is_kept);
    tcase_add_test(t, a_hanging_write_hangs_nothing_else);
    tcase_add_test(t, strange_disks_are_refused);
    tcase_add_test(t, unwritten_says_nothing_at_first);
    tcase_add_test(t, bad_blocks_are_never_told_as_read);
    return unit_end();
}
