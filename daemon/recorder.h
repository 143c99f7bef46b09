/* SPDX-License-Identifier: GPL-2.0-or-later
 * recorder: every event that the node is told, in files of the run directory (memory of a tmpfs, so
 * written by plain writes that never wait for a disk), for `yoke record` and the simulator.
 *
 *   record              from the start of the daemon up to RECORDER_FIRST_MAX: replays exactly
 *   record.1, record.2  what came later, in turn: the newest 2 to 4 MiB; to read, not to replay,
 *                       for a node's state cannot be rebuilt from the middle
 *   record.old          `record` of the daemon's start before this one: the one to ask after a
 * crash
 *
 * With 30 beats a second (three links of 100 ms) an idle node fills `record` in about three hours.
 * Happy path: recorder_event per event. Fails: one note in the journal, then nothing is recorded.
 */
#ifndef YOKE_DAEMON_RECORDER_H
#define YOKE_DAEMON_RECORDER_H

#include "lib/core/record.h"

struct shell;
struct recorder;

enum { RECORDER_FIRST_MAX = 12 * 1024 * 1024, RECORDER_LATER_MAX = 2 * 1024 * 1024 };

/* NULL: no memory. head->conf_text is copied. */
struct recorder *recorder_new(struct shell *s, const struct record_head *head);
void recorder_free(struct recorder *r);
void recorder_event(struct recorder *r, const struct event *ev);
/* True every so often: the node's hash is wanted then, for the replay to compare. */
bool recorder_wants_hash(const struct recorder *r);
void recorder_hash(struct recorder *r, uint64_t hash);

#endif
