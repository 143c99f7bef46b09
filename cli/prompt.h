/* SPDX-License-Identifier: GPL-2.0-or-later
 * prompt: commands line by line, from a terminal or a file. */
#ifndef YOKE_CLI_PROMPT_H
#define YOKE_CLI_PROMPT_H

#include "cli/cli.h"

/* One line; *quit is set when it says so. */
int line_run(struct ctx *x, const char *line, bool *quit);
int prompt_loop(struct ctx *x);
/* Words that may follow those given, one a line: for completion by a shell. */
int complete_show(struct ctx *x, int argc, char *const *argv);
/* path is for what is told. The exit code is that of the first failure, with --force the worst. */
int batch_run(struct ctx *x, FILE *in, const char *path);

#endif
