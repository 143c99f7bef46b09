/* SPDX-License-Identifier: GPL-2.0-or-later
 * frame: what travels on a link, the same bytes on UDP, TCP and a serial line.
 *
 *   0 sync u16 'Y' 'K'   2 length u16 (whole frame)   4 version u8   5 type u8   6 flags u8
 *   7 source id u8   8 cluster u32   12 life u16   14 destination id u8   15 link u8
 *   16 boot id u64   24 sequence u64   32 body ...   then MAC 16 bytes, CRC-32C 4 bytes
 *
 * The core writes and reads header and body; sealing (MAC, CRC) and opening is the shell's part by
 * auth.h. The MAC covers everything before it, the CRC everything before itself. Little endian.
 * flags bits 0-3 name the cipher of the body (0 none): nonce = source, life, boot, sequence, which
 * never repeat under one key.
 *
 * A stream of bytes (serial, TCP) is cut into frames by struct framer: it looks for the sync word,
 * a plausible length and a right CRC, and on any mismatch goes on one byte later, so that noise
 * costs the frame it hits and never the next one. */
#ifndef YOKE_WIRE_FRAME_H
#define YOKE_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

enum {
    FRAME_HEAD = 32,
    FRAME_MAC = 16,
    FRAME_CRC = 4,
    FRAME_TAIL = FRAME_MAC + FRAME_CRC,
    FRAME_MIN = FRAME_HEAD + FRAME_TAIL,
    FRAME_MAX = 1400,       /* fits an Ethernet frame with IPv6 and UDP headers */
    FRAME_SERIAL_MAX = 256, /* so that a beat waits for at most 22 ms at 115200 baud */
    FRAME_VERSION = 1,      /* what we write; FRAME_VERSION - 1 is understood too */
    FRAME_BEAT_BODY = 48
};

enum frame_type { FRAME_BEAT = 1, FRAME_DATA = 2, FRAME_FENCED = 3, FRAME_LINKTEST = 4 };

struct frame_head {
    uint8_t version, type, flags, src, dst, link; /* src, dst: node ids as in yoke.conf */
    uint16_t life;                                /* counts the daemon's starts within one boot */
    uint32_t cluster;                             /* crc32c of the cluster's name */
    uint64_t boot; /* the machine's incarnation, drawn at random at boot, never 0 */
    uint64_t seq;  /* rises with every frame of one (boot, life), over all links */
};

struct frame_beat {     /* FRAME_BEAT_BODY bytes */
    uint32_t stamp;     /* sender's clock, low 32 bits of us */
    uint64_t echo_boot; /* of the peer's newest frame on this link; 0: none heard lately */
    uint32_t
        echo_seq; /* its sequence, low 32 bits; only for readers of traces, so that with
                     BEAT_LEASE its place is the lease's: who does not know it misses nothing */
    uint16_t lease_cs, watchdog_cs; /* BEAT_LEASE: L and W in 10 ms, 0 without */
    uint32_t echo_stamp;            /* its stamp */
    uint32_t echo_age_us;           /* how long ago it came, by the sender's clock */
    uint32_t epoch;
    uint32_t cib_epoch, cib_seq, cib_hash; /* configuration in force at the sender */
    uint16_t flags;                        /* enum beat_flag */
    uint8_t min_version;                   /* oldest frame version the sender understands */
    uint8_t links;    /* bit per link index: which links the sender hears two-way */
    uint32_t session; /* the sender's session number, 0 if none */
};
enum beat_flag {
    BEAT_LEAVING = 1,   /* stopping: hands its services over */
    BEAT_RUNS = 2,      /* runs guarded resources */
    BEAT_NO_EXEC = 4,   /* cannot start processes or keep state */
    BEAT_IN_VIEW = 8,   /* the destination is a member of the sender's view */
    BEAT_NO_KEEP = 16,  /* its disk does not take its state: no view can be formed with it now */
    BEAT_LEASE = 32,    /* lease_cs and watchdog_cs are there */
    BEAT_ARMED = 64,    /* its watchdog runs */
    BEAT_DUE = 128,     /* and is fed no more: the machine is being reset */
    BEAT_IDLE = 2048,   /* engine corosync: without quorum, and nothing runs or begins there */
    BEAT_KIND_SHIFT = 8 /* three bits: enum watchdog_kind of event.h; 0: its lease proves nothing */
};

/* Header, and room for the body after it: b is at the body when it returns. finish patches length
 * and returns the number of bytes up to the end of the body (MAC and CRC not yet there). */
void frame_put_head(struct buf *b, const struct frame_head *h);
size_t frame_finish(struct buf *b) MUST_CHECK;
/* Reads and checks the header of a frame whose MAC and CRC were already taken off: len is up to the
 * end of the body. ERR_SHORT, ERR_SYNTAX, ERR_VERSION. b is left at the body. */
enum err frame_get_head(struct buf *b, struct frame_head *h) MUST_CHECK;
void frame_put_beat(struct buf *b, const struct frame_beat *beat);
void frame_get_beat(struct buf *b, struct frame_beat *beat); /* b->bad when short */

struct framer {
    uint8_t at[2 * FRAME_MAX];
    size_t used;
    size_t searched;  /* what ends within these bytes is no frame: not looked at again */
    uint64_t skipped; /* bytes that belonged to no frame */
    uint64_t broken;  /* candidates with a right head and a wrong CRC */
};
void framer_init(struct framer *f);
/* Takes in bytes from at[0..len); returns how many were taken (all, unless a frame is ready first:
 * call framer_next until it gives none, then go on). */
size_t framer_feed(struct framer *f, const uint8_t *at, size_t len) MUST_CHECK;
/* The next whole frame (CRC right, MAC and CRC still on it), valid until the next call; NULL if
 * none. */
const uint8_t *framer_next(struct framer *f, size_t *len);

#endif
