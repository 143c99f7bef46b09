/* SPDX-License-Identifier: GPL-2.0-or-later
 * words: see words.h. */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/child.h"
#include "daemon/words.h"

struct words {
    struct words_pool *pool;
    struct words *next;
    int fd; /* -1: nobody writes any more */
    bool left, paused;
    qb_loop_timer_handle timer;
    size_t burst; /* bytes since the last pause */
    size_t len;
    char line[CHILD_LINE_LEN], reason[CHILD_LINE_LEN], last[CHILD_LINE_LEN];
};

struct words_pool {
    qb_loop_t *loop;
    struct words *first;
    unsigned n_left;
};

static void words_free(struct words *w)
{
    struct words **p = &w->pool->first;

    if (w->paused)
        qb_loop_timer_del(w->pool->loop, w->timer);
    if (w->fd >= 0) {
        qb_loop_poll_del(w->pool->loop, w->fd);
        close(w->fd);
    }
    while (*p != w)
        p = &(*p)->next;
    *p = w->next;
    w->pool->n_left -= w->left;
    free(w);
}

static void line_end(struct words *w)
{
    const char *from = w->line;

    while (w->len > 0 && strchr(" \t\r", w->line[w->len - 1]))
        w->len--;
    w->line[w->len] = '\0';
    w->len = 0;
    from += strspn(from, " \t");
    if (!*from)
        return;
    str_copy(w->last, sizeof(w->last), from);
    if (str_starts(from, CHILD_REASON_PREFIX)) {
        from += strlen(CHILD_REASON_PREFIX);
        str_copy(w->reason, sizeof(w->reason), from + strspn(from, " \t"));
    }
}

static void words_take(struct words *w, const char *at, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++) {
        if (at[i] == '\n')
            line_end(w);
        else if (w->len < sizeof(w->line) - 1)
            w->line[w->len++] = at[i] ? at[i] : ' '; /* of an endless line its beginning counts */
    }
}

/* Reads once; false when nothing is to be had now or ever. */
static bool words_read(struct words *w)
{
    char part[8192];
    ssize_t n = w->fd < 0 ? 0 : read(w->fd, part, sizeof(part));

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (n <= 0) {
        if (w->fd >= 0) {
            qb_loop_poll_del(w->pool->loop, w->fd);
            close(w->fd);
        }
        w->fd = -1;
        return false;
    }
    w->burst += (size_t)n;
    if (!w->left)
        words_take(w, part, (size_t)n);
    return true;
}

static int32_t words_ready(int32_t fd, int32_t events, void *data);

static void pause_over(void *data)
{
    struct words *w = data;

    w->paused = false;
    w->burst = 0;
    if (w->fd >= 0)
        (void)qb_loop_poll_add(w->pool->loop, QB_LOOP_LOW, w->fd, POLLIN, w, words_ready);
}

static int32_t words_ready(int32_t fd, int32_t events, void *data)
{
    struct words *w = data;

    (void)fd, (void)events;
    (void)words_read(w);
    if (w->fd < 0) {
        if (w->left)
            words_free(w);
        return 0;
    }
    if (w->burst >= WORDS_BYTES &&
        qb_loop_timer_add(w->pool->loop, QB_LOOP_LOW, WORDS_PAUSE_MS * 1000000ull, w, pause_over,
                          &w->timer) == 0) {
        w->paused = true;
        qb_loop_poll_del(w->pool->loop, w->fd);
    }
    return 0;
}

struct words *words_new(struct words_pool *pool, int *write_fd)
{
    struct words *w = calloc(1, sizeof(*w));
    int fd[2];

    if (!w)
        return NULL;
    if (pipe2(fd, O_CLOEXEC) != 0) {
        free(w);
        return NULL;
    }
    w->pool = pool;
    w->fd = fd[0];
    if (fcntl(w->fd, F_SETFL, O_NONBLOCK) != 0 ||
        qb_loop_poll_add(pool->loop, QB_LOOP_LOW, w->fd, POLLIN, w, words_ready) != 0) {
        close(fd[0]);
        close(fd[1]);
        free(w);
        return NULL;
    }
    w->next = pool->first;
    pool->first = w;
    *write_fd = fd[1];
    return w;
}

void words_read_rest(struct words *w)
{
    size_t start = w->burst;

    while (w->burst - start < WORDS_BYTES && words_read(w))
        ;
    line_end(w); /* a last line without newline is one too */
}

const char *words_reason(const struct words *w)
{
    return w->reason;
}

const char *words_last(const struct words *w)
{
    return w->last;
}

void words_leave(struct words *w)
{
    struct words *old, *oldest = NULL;

    if (!w)
        return;
    if (w->fd < 0) {
        words_free(w);
        return;
    }
    assert(!w->left);
    w->left = true;
    if (++w->pool->n_left <= WORDS_LEFT_MAX)
        return;
    for (old = w->pool->first; old; old = old->next) /* new ones come first in the list */
        if (old->left)
            oldest = old;
    words_free(oldest);
}

struct words_pool *words_pool_new(qb_loop_t *loop)
{
    struct words_pool *pool = calloc(1, sizeof(*pool));

    if (pool)
        pool->loop = loop;
    return pool;
}

void words_pool_free(struct words_pool *pool)
{
    if (!pool)
        return;
    while (pool->first)
        words_free(pool->first);
    free(pool);
}
