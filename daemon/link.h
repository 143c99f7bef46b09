/* SPDX-License-Identifier: GPL-2.0-or-later
 * link: the links of yoke.conf, each on its own: a descriptor, a driver, buffers, a state. One that
 * fails or hangs never holds up another; nothing is allocated per frame.
 *
 * Happy path: links_open opens each; a link that can send becomes EV_LINK usable; what comes in is
 * cut into frames, its seal opened, and becomes EV_FRAME; links_send seals and sends.
 * Ways to fail: EV_LINK not usable, with the reason in words, and tries again with growing pauses
 * or when the kernel tells of a change; EV_FRAME_BAD for what was no frame of ours, at most ten a
 * second and link; a frame that cannot go is lost. */
#ifndef YOKE_DAEMON_LINK_H
#define YOKE_DAEMON_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "daemon/shell.h"
#include "lib/wire/auth.h"
#include "lib/wire/frame.h"

enum { LINK_BAD_EVERY_MS = 100, LINK_RETRY_MIN_MS = 100, LINK_RETRY_MAX_MS = 2000 };
enum link_bad { LINK_BAD_AUTH, LINK_BAD_CRC, LINK_BAD_SYNTAX, LINK_BAD_SHORT, LINK_BAD_COUNT };

struct link;

/* One row per kind of link. All are called by link.c only. */
struct link_driver {
    const char *name;
    size_t size; /* of its private state, zeroed when the link is made */
    /* Opens; calls link_up when it can send at once, or later. False: link_down was called. */
    bool (*open)(struct link *l);
    void (*close)(struct link *l); /* whatever is open; may be called at any time */
    void (*send)(struct link *l, unsigned node, const uint8_t *frame, size_t len, bool beat);
};
/* I/O of a disk is under way for longer than its link may be silent: the kernel lets no process
 * that has such threads end, or start over, before the I/O came back. */
bool disk_hung(const struct link *l);
extern const struct link_driver link_udp, link_tcp, link_serial, link_disk;

struct link {
    struct shell *shell;
    struct links *links;
    const struct link_driver *driver;
    const struct conf_link *conf;
    const struct timing_link *timing;
    uint8_t index;
    uint8_t peer; /* index of the node at the other end; udp may have several */
    bool opened;  /* the driver holds descriptors */
    bool up;      /* the driver says that it can send */
    bool usable, told;
    bool no_carrier, had_address; /* as links_carrier last heard */
    unsigned opens; /* counts openings: who called out compares it to see a close meanwhile */
    uint32_t retry_ms;
    qb_loop_timer_handle retry, bad_timer;
    uint32_t bad[LINK_BAD_COUNT];
    uint64_t bad_us; /* when bad frames were last told of */
    char reason[REASON_LEN];
    void *state; /* the driver's */
};

/* NULL: no memory. auth is the caller's and outlives the links. */
struct links *links_new(struct shell *s, struct auth *auth);
/* After EV_BOOT. */
void links_open(struct links *ls);
void links_free(struct links *ls);
/* at: header and body, with FRAME_TAIL bytes of room behind, which are overwritten. */
void links_send(struct links *ls, uint8_t link, uint8_t node, const uint8_t *at, size_t len,
                bool beat);
/* The network below an IP link, as the kernel tells it: the interface that has our address, NULL
 * when none has it (any more), and whether that interface has carrier. */
void links_carrier(struct links *ls, unsigned link, const char *interface, bool carrier);
/* True, after telling the journal, when the daemon could not start over in place now: it would
 * stand still until a disk answers. */
bool links_hung(struct links *ls);
/* Something changed in this machine's networks: links that wait try again at once. */
void links_hurry(struct links *ls);

/* ---- for drivers ---- */

/* It can send. */
void link_up(struct link *l);
/* It cannot: closes it, tells the reason, tries again later. */
void link_down(struct link *l, const char *format, ...) PRINTF_LIKE(2, 3);
/* It cannot send now and waits, still open, for something to happen; the reason is told. */
void link_wait(struct link *l, const char *format, ...) PRINTF_LIKE(2, 3);
/* A whole frame came in; false: the link was closed meanwhile, touch it no more. authentic, if not
 * NULL, is set when the frame's seal was right. */
bool link_frame(struct link *l, const uint8_t *at, size_t len, bool *authentic) MUST_CHECK;
void link_bad(struct link *l, enum link_bad why, uint32_t count);
/* What a framer dropped since the counts in *skipped and *broken. */
void link_framer_bad(struct link *l, const struct framer *f, uint64_t *skipped, uint64_t *broken);
const char *link_addr(const struct link *l, unsigned node);
/* auth_mark with the cluster's keys. */
enum err link_mark(const struct link *l, unsigned key, const char *text,
                   uint8_t out[AUTH_MARK_BYTES]) MUST_CHECK;

#endif
