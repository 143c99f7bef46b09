/* SPDX-License-Identifier: GPL-2.0-or-later
 * workcopy: the configuration as it is being worked on: fetched from the daemon with its version,
 * changed here by lib/cib, sent back whole.
 *
 * Happy path: workcopy_open, workcopy_edit or workcopy_replace, workcopy_commit, workcopy_close.
 * Fails: every function that can tells the user why; exit codes as everywhere. A change that is not
 * right leaves the working copy as it was. */
#ifndef YOKE_CLI_WORKCOPY_H
#define YOKE_CLI_WORKCOPY_H

#include "cli/cli.h"
#include "lib/cib/edit.h"

struct workcopy {
    char version[32]; /* in force when it was fetched */
    char *base;       /* text in force then */
    char *text;       /* text as it is now, as lib/cib prints it */
    struct cib *cib;  /* parsed text; lives in room */
    void *room;
    struct cib_names names;
};

/* Where a text came from: faults name the file and its lines. What stands before and after those
 * lines is not the user's, and has no line. */
struct workcopy_origin {
    const char *path;     /* "": none */
    unsigned skip, lines; /* lines before it; lines of it, 0: all that follow */
};

/* Parses text into a new room, to be freed by the caller (NULL on failure). Faults are told; with
 * origin NULL, only errors are. */
enum err workcopy_parse(struct ctx *x, const struct workcopy_origin *origin, const char *text,
                        struct cib **out, void **room) MUST_CHECK;
/* x->copy, fetched if there is none. NULL: told, *code set. */
struct workcopy *workcopy_open(struct ctx *x, int *code);
void workcopy_close(struct ctx *x);
bool workcopy_changed(const struct workcopy *w);
/* ERR_OK, or told. */
enum err workcopy_edit(struct ctx *x, const struct cib_edit *edit) MUST_CHECK;
enum err workcopy_replace(struct ctx *x, const struct workcopy_origin *origin,
                          const char *text) MUST_CHECK;
/* Sends the copy; *again is set when it was refused because the configuration changed meanwhile
 * (then nothing was told). any: whatever is in force now is replaced. */
int workcopy_commit(struct ctx *x, bool any, bool *again);
/* Runs one command on the copy. At the configure level it stays there; else it is fetched, sent
 * and closed at once, and tried again when somebody else changed the configuration meanwhile. */
int workcopy_do(struct ctx *x, int (*change)(struct ctx *, int, char **), int argc, char **argv);

#endif
