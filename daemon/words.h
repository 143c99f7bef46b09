/* SPDX-License-Identifier: GPL-2.0-or-later
 * words: what a child writes to its standard error, of which the exit reason and the last line are
 * kept. A flood is slowed to WORDS_BYTES per WORDS_PAUSE_MS by not reading faster. Readers outlive
 * the child as long as someone holds the other end, at most WORDS_LEFT_MAX of them. */
#ifndef YOKE_DAEMON_WORDS_H
#define YOKE_DAEMON_WORDS_H

#include <qb/qbloop.h>

enum { WORDS_BYTES = 64 * 1024, WORDS_PAUSE_MS = 50, WORDS_LEFT_MAX = 64 };

struct words_pool;
struct words;

struct words_pool *words_pool_new(qb_loop_t *loop); /* NULL: no memory */
void words_pool_free(struct words_pool *pool);
/* A reader; *write_fd is the blocking end for the child, to be closed by the caller. NULL: no
 * descriptor or memory left. */
struct words *words_new(struct words_pool *pool, int *write_fd);
/* The child has ended: reads what is there now, at most a pipe's content. */
void words_read_rest(struct words *w);
const char *words_reason(const struct words *w); /* "" if none */
const char *words_last(const struct words *w);   /* "" if none */
/* The caller needs it no more; NULL is allowed. It goes on reading for those who still write. */
void words_leave(struct words *w);

#endif
