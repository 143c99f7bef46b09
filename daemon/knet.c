/* SPDX-License-Identifier: GPL-2.0-or-later
 * knet: see knet.h. The statistics of libknet cannot be tracked: cmap tells of keys that come and
 * go, not of their values; so they are asked for, in a thread, for a corosync that stands still
 * answers nobody.
 *
 * Happy path: the thread connects, reads stats.knet.nodeN.linkM.connected of each other node, and
 * wakes the main loop when something is another than before. Ways to fail: no connection, or it has
 * ended: told as "nobody knows", and tried again; the daemon ends while the thread waits for an
 * answer: it keeps what it uses, and frees it. */
#include "config.h"
#include "daemon/knet.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#ifdef HAVE_COROSYNC

#include <corosync/cmap.h>

enum { ASK_S = 1, STACK_BYTES = 256 * 1024 };

struct wires_seen {
    uint8_t n;
    nodeset has[WIRES_MAX], up[WIRES_MAX];
};

struct knet {
    struct shell *shell; /* for the main thread */
    unsigned n_nodes, self;
    uint8_t id[NODE_MAX];
    int fd; /* eventfd */
    bool threaded;
    pthread_mutex_t lock; /* for the following */
    pthread_cond_t end;
    bool ends;
    struct wires_seen seen;
};

/* ---- the thread ------------------------------------------------------------------------------ */

/* False: the connection is of no use any more. */
static bool ask(cmap_handle_t map, const struct knet *k, struct wires_seen *out)
{
    char key[CMAP_KEYNAME_MAXLEN];
    memset(out, 0, sizeof *out);
    for (unsigned p = 0; p < k->n_nodes; p++)
        for (unsigned l = 0; p != k->self && l < WIRES_MAX; l++) {
            uint8_t up = 0;
            snprintf(key, sizeof key, "stats.knet.node%u.link%u.connected", k->id[p], l);
            cs_error_t err = cmap_get_uint8(map, key, &up);
            if (err == CS_ERR_NOT_EXIST)
                continue;
            if (err != CS_OK)
                return false;
            out->has[l] = nodeset_add(out->has[l], p);
            if (up)
                out->up[l] = nodeset_add(out->up[l], p);
            if (l >= out->n)
                out->n = (uint8_t)(l + 1);
        }
    return true;
}

/* False: the daemon ends. */
static bool hand_over(struct knet *k, const struct wires_seen *seen)
{
    uint64_t one = 1;
    struct timespec until;
    bool goes_on = true;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ASK_S;
    pthread_mutex_lock(&k->lock);
    if (!k->ends && memcmp(&k->seen, seen, sizeof *seen) != 0) {
        k->seen = *seen;
        ssize_t n = write(k->fd, &one, sizeof one);
        (void)n; /* an eventfd with room takes it */
    }
    while (!k->ends && pthread_cond_timedwait(&k->end, &k->lock, &until) != ETIMEDOUT)
        ;
    goes_on = !k->ends;
    pthread_mutex_unlock(&k->lock);
    return goes_on;
}

static void *work(void *context)
{
    struct knet *k = context;
    struct wires_seen seen;
    cmap_handle_t map = 0;
    bool open = false;
    do {
        memset(&seen, 0, sizeof seen);
        if (!open)
            open = cmap_initialize_map(&map, CMAP_MAP_STATS) == CS_OK;
        if (open && !ask(map, k, &seen)) {
            (void)cmap_finalize(map);
            open = false;
            memset(&seen, 0, sizeof seen);
        }
    } while (hand_over(k, &seen));
    if (open)
        (void)cmap_finalize(map);
    close(k->fd);
    free(k);
    return NULL;
}

/* ---- the main thread ------------------------------------------------------------------------- */

static int32_t changed(int32_t fd, int32_t revents, void *context)
{
    struct knet *k = context;
    struct event ev = {.kind = EV_WIRES};
    uint64_t count;
    (void)revents;
    if (read(fd, &count, sizeof count) < 0)
        return 0;
    pthread_mutex_lock(&k->lock);
    ev.wires.n = k->seen.n;
    memcpy(ev.wires.has, k->seen.has, sizeof ev.wires.has);
    memcpy(ev.wires.up, k->seen.up, sizeof ev.wires.up);
    pthread_mutex_unlock(&k->lock);
    shell_event(k->shell, &ev);
    return 0;
}

struct knet *knet_new(struct shell *s)
{
    pthread_attr_t attr;
    pthread_t thread;
    struct knet *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->shell = s;
    k->fd = -1;
    k->self = s->self;
    k->n_nodes = s->conf.n_nodes;
    for (unsigned p = 0; p < k->n_nodes; p++)
        k->id[p] = s->conf.node[p].id;
    if (s->conf.engine != ENGINE_COROSYNC)
        return k;
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->end, NULL);
    k->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    k->threaded = k->fd >= 0 &&
                  qb_loop_poll_add(s->loop, QB_LOOP_LOW, k->fd, POLLIN, k, changed) == 0 &&
                  pthread_create(&thread, &attr, work, k) == 0;
    pthread_attr_destroy(&attr);
    if (k->threaded)
        return k;
    knet_free(k);
    return NULL;
}

/* The thread may wait for a corosync that stands still: it takes what it uses with it. */
void knet_free(struct knet *k)
{
    if (!k)
        return;
    if (k->fd >= 0)
        (void)qb_loop_poll_del(k->shell->loop, k->fd);
    if (k->threaded) {
        pthread_mutex_lock(&k->lock);
        k->ends = true;
        pthread_cond_signal(&k->end);
        pthread_mutex_unlock(&k->lock);
        return;
    }
    if (k->fd >= 0)
        close(k->fd);
    free(k);
}

#else

struct knet {
    struct shell *shell;
};

struct knet *knet_new(struct shell *s)
{
    struct knet *k = calloc(1, sizeof *k);
    if (k)
        k->shell = s;
    return k;
}

void knet_free(struct knet *k)
{
    free(k);
}

#endif
