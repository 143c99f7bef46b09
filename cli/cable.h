/* SPDX-License-Identifier: GPL-2.0-or-later
 * cable: a serial line between two machines is tried before the cluster exists: both ends send
 * numbered frames with checksums at half of the line's rate, and tell each other what they heard.
 *
 * Happy path: cable_run fills a result with both ends' view, cable_ok judges it. Fails: -1 when the
 * line cannot be used at all, with the reason told. */
#ifndef YOKE_CLI_CABLE_H
#define YOKE_CLI_CABLE_H

#include "cli/cli.h"

/* What one end has to say about the line; travels in every frame. */
struct cable_view {
    uint32_t first, last; /* number of the first and of the newest frame heard; 0: none */
    uint32_t heard;
    uint32_t damaged; /* right head, wrong checksum */
    uint32_t noise;   /* bytes that belonged to no frame */
};

struct cable_result {
    uint32_t sent;
    uint64_t bytes_sent, bytes_heard; /* whole frames only */
    uint64_t bytes_any;               /* whatever came in */
    uint64_t span_us;                 /* from the first to the last frame heard */
    struct cable_view here, there;    /* there: as the peer last said */
    bool there_known;
    uint32_t rtt_n, rtt_min_us, rtt_max_us;
    uint64_t rtt_sum_us;
    uint32_t echoes;  /* our own frames came back */
    uint32_t twins;   /* frames of another machine with our node's id */
    uint32_t foreign; /* frames for somebody else: another link, node or cluster */
};

struct cable_plan {
    int fd;
    uint32_t baud;
    uint8_t self, peer; /* node ids */
    uint8_t link;       /* place in yoke.conf */
    uint32_t cluster;
    uint32_t wait_ms; /* for the first frame of the other end */
    uint32_t run_ms;  /* from then on */
};

void cable_run(const struct cable_plan *plan, struct cable_result *r);
uint32_t cable_lost_here(const struct cable_result *r);  /* of the peer's frames */
uint32_t cable_lost_there(const struct cable_result *r); /* of ours */
bool cable_ok(const struct cable_result *r);

#endif
