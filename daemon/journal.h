/* SPDX-License-Identifier: GPL-2.0-or-later
 * journal: what the daemon tells the sysadmin: the core's sentences (struct say) and the daemon's
 * own notes, each under a stable MESSAGE_ID. Under systemd to the journal with the fields YOKE_ID,
 * YOKE_NAME, YOKE_RSC, YOKE_NODE; else to standard error with a time stamp. Never blocks for long,
 * never fails visibly: a line that cannot be written is lost. Main thread only. */
#ifndef YOKE_DAEMON_JOURNAL_H
#define YOKE_DAEMON_JOURNAL_H

#include <libintl.h>
#include <stdarg.h>
#include <stdbool.h>
#include "lib/base/say.h"

#define _(text) gettext(text)

/* Numbers of the daemon's own notes: part of their MESSAGE_ID, never reused for another sentence.
 * 0: no stable id (details for whoever debugs). 700-799 shell, 800-899 agents, fences, control. */
enum journal_id {
    JOURNAL_CONFIG = 700,    /* yoke.conf, the key or the node's own name are not usable */
    JOURNAL_RUN_DIR = 701,   /* run directory, boot id or lock */
    JOURNAL_STATE = 702,     /* state directory: damaged or not writable */
    JOURNAL_LOST_COPY = 703, /* a configuration copy that lost a merge was saved */
    JOURNAL_PRIVILEGE = 704, /* real time, locked memory, OOM: not permitted here */
    JOURNAL_LINK = 705,      /* a link's descriptor: opened, lost */
    JOURNAL_RECORD = 706,    /* the event record is full or cannot be written */
    JOURNAL_STALL = 707,     /* the daemon was frozen */
    JOURNAL_SIGNAL = 708,    /* asked to stop, or a signal that is not used */
    JOURNAL_RESET = 709,     /* this node resets itself */
    JOURNAL_EXIT = 710,      /* the daemon ends */
    JOURNAL_KEEPER = 711,    /* the watchdog or its keeper */
    JOURNAL_RESERVE = 712,   /* reservations */
    JOURNAL_AGENT = 800,
    JOURNAL_CGROUP = 801,
    JOURNAL_FENCE = 802,
    JOURNAL_CONTROL = 803
};

struct journal;

/* verbose: SAY_DEBUG too, and everything to standard error as well. NULL: no memory. */
struct journal *journal_new(enum say_level least, bool verbose);
void journal_free(struct journal *j);
void journal_set_level(struct journal *j, enum say_level least);
/* One sentence of the core; rsc and node may be NULL. */
void journal_say(struct journal *j, const struct say *say, const char *rsc, const char *node);
/* One note of the daemon: format is already translated by the caller: _("..."). */
void journal_note(struct journal *j, enum say_level level, enum journal_id id, const char *format,
                  ...) PRINTF_LIKE(4, 5);
void journal_notev(struct journal *j, enum say_level level, enum journal_id id, const char *format,
                   va_list ap);
/* Latest sentence of SAY_NOTICE or more, "" if none yet: for systemd's STATUS. */
const char *journal_latest(const struct journal *j);

#endif
