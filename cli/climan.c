/* SPDX-License-Identifier: GPL-2.0-or-later
 * climan: writes the command list of yoke(8) to standard output while the project is built, from
 * the table of commands. Fails with exit code 1 when it cannot be written whole. */
#include <stdio.h>
#include "cli/cli.h"

/* Text with what man(7) would take for its own made harmless. */
static void put(const char *text)
{
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

static void level(const char *name, const char *help)
{
    printf(".SS \"%s%s\"\n", name ? "yoke " : "Commands of no level", name ? name : "");
    if (name) {
        put(help);
        printf(".\n");
    }
    for (unsigned i = 0; command_at(i); i++) {
        const struct command *c = command_at(i);
        if (!str_eq(c->level, name))
            continue;
        printf(".TP\n\\fB%s%s", name ? name : "", name ? " " : "");
        put(c->name);
        printf("\\fR \\fI");
        put(c->args);
        printf("\\fR\n");
        put(c->help);
        if (c->alias) {
            printf(" (also: ");
            put(c->alias);
            printf(")");
        }
        printf(".\n");
    }
}

int main(void)
{
    level(NULL, "");
    for (unsigned i = 0; level_at(i); i++)
        level(level_at(i), level_help(level_at(i)));
    return ferror(stdout) || fclose(stdout) != 0;
}
