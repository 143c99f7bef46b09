/* SPDX-License-Identifier: GPL-2.0-or-later
 * keep: what must outlive a power cut, written to the state directory by a thread of its own, so
 * that a disk that hangs never delays a beat.
 *
 *   state                   two slots of struct kept, written in turn into room taken beforehand
 *   cib.crm                 the configuration, with its version and checksum in the first line
 *   cib.lost-E.S-TIME.crm   a configuration that lost a merge
 *
 * Happy path: keep_open reads what is there; keep_state and keep_cib give EV_KEPT when the disk has
 * it. Fails: EV_KEPT with ERR_FULL or ERR_IO; keep_open refuses damaged state with a sentence in
 * why, and never begins from nothing when there are files. */
#ifndef YOKE_DAEMON_KEEP_H
#define YOKE_DAEMON_KEEP_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/str.h"
#include "lib/core/event.h"

struct shell;
struct keep;

struct keep_found {
    bool first;       /* nothing was ever kept */
    struct kept kept; /* the versions are those of cib_text */
    char *cib_text;   /* malloc'ed, the caller's to free; NULL: none */
    bool one_slot;    /* one of the two slots was damaged: worth a warning */
};

enum err keep_open(struct shell *s, const char *dir, struct keep **out, struct keep_found *found,
                   struct str *why) MUST_CHECK;
/* Waits for what is queued, but not longer than two seconds. NULL is allowed. */
void keep_close(struct keep *k);
void keep_state(struct keep *k, uint32_t op, const struct kept *kept);
void keep_cib(struct keep *k, uint32_t op, const char *text, uint32_t epoch, uint32_t seq);
void keep_lost(struct keep *k, const char *text, uint32_t epoch, uint32_t seq);

#endif
