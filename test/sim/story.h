/* SPDX-License-Identifier: GPL-2.0-or-later
 * story: a named scenario in a text file, and the trace that it must give, compared as text.
 *
 * A story file:
 *   # what it is about
 *   takeover 2s | deadtime 500ms | join-wait 1s | guard none
 *   link NAME udp|tcp|serial [BAUD]
 *   service ID START_MS STOP_MS MONITOR_MS         how long its agent takes
 *   cib [NODE VERSION COMMON] ... end              kept configuration of both, or of one node
 *   empty [NODE]                                   no kept configuration
 *   lenient                                        violations are told, not judged
 *   at MS COMMAND ...                              see the table in story.c
 *   until MS                                       60000 */
#ifndef YOKE_SIM_STORY_H
#define YOKE_SIM_STORY_H

#include "test/sim/world.h"

/* Runs one story and compares its trace with FILE.expect beside it, or writes that. True: equal. */
bool story_run(struct world *w, const char *path, bool update);
/* Prints the trace of a story at full depth. */
void story_show(struct world *w, const char *path);
void story_item(struct world *w, const struct item *it);
/* A frame leaves a host: stories may keep it to play it again later. */
void story_saw(struct world *w, const struct host *h, unsigned link, const struct parcel *p);

#endif
