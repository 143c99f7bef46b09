/* SPDX-License-Identifier: GPL-2.0-or-later
 * wake: the shell's timer and its queue of events that wait; made and freed with it. */
#ifndef YOKE_DAEMON_WAKE_H
#define YOKE_DAEMON_WAKE_H

struct shell;
struct wake;

struct wake *wake_new(struct shell *s); /* NULL: no memory or descriptor */
void wake_free(struct shell *s, struct wake *w);

#endif
