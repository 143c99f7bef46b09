/* SPDX-License-Identifier: GPL-2.0-or-later
 * sendq: frames that wait for a stream (serial, TCP), in two classes. A beat goes before everything
 * that has not begun, and only the newest beat is kept: an older one says nothing that the newer
 * does not say better. Other frames wait in order; a full queue drops the new one, which the
 * session sends again. A frame that has begun is finished first: half a frame would cost the next
 * one too. Pure: no descriptor here. */
#ifndef YOKE_DAEMON_SENDQ_H
#define YOKE_DAEMON_SENDQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/wire/frame.h"

enum { SENDQ_FRAMES = 64 };

struct sendq_frame {
    uint16_t len;
    uint8_t at[FRAME_MAX];
};
struct sendq {
    struct sendq_frame now;  /* being written */
    size_t written;          /* of now */
    struct sendq_frame beat; /* len 0: none waits */
    unsigned first, n, max;  /* ring */
    uint64_t dropped;        /* frames */
    struct sendq_frame ring[SENDQ_FRAMES];
};

void sendq_init(struct sendq *q, unsigned max); /* at most max frames wait, beats apart */
void sendq_put(struct sendq *q, const uint8_t *frame, size_t len, bool beat);
/* What is to be written next; 0: nothing. */
size_t sendq_head(struct sendq *q, const uint8_t **at);
void sendq_wrote(struct sendq *q, size_t bytes);
/* The frame being written is not whole yet. */
bool sendq_begun(const struct sendq *q);
void sendq_clear(struct sendq *q);

#endif
