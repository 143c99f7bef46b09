/* SPDX-License-Identifier: GPL-2.0-or-later
 * tell: what the user is told: complaints and faults on standard error, with --json one object on
 * standard output, whatever happened.
 *
 * Happy path: json_show by whoever has an answer; tell_end after every command sees to it that
 * there is one. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"

/* Of the command that runs now: there is only one at a time in this process. */
static struct {
    char complaint[1024]; /* the first one */
    json_t *faults;
    bool shown;
} told;

void complain(const char *format, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (!*told.complaint)
        str_copy(told.complaint, sizeof(told.complaint), text);
    fflush(stdout);
    fprintf(stderr, "yoke: %s\n", text);
}

int fail_with(int code, const char *format, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    complain("%s", text);
    return code;
}

void fault_tell(const char *path, unsigned line, bool warning, const char *text)
{
    if (!told.faults)
        told.faults = json_array();
    json_array_append_new(told.faults, json_pack("{s:s,s:i,s:b,s:s}", "file", path, "line",
                                                 (int)line, "warning", warning, "text", text));
    if (!warning && !*told.complaint)
        str_copy(told.complaint, sizeof(told.complaint), text);
    fflush(stdout);
    fprintf(stderr, "yoke: ");
    if (*path)
        fprintf(stderr, line ? "%s:%u: " : "%s: ", path, line);
    else if (line)
        fprintf(stderr, _("line %u: "), line);
    fprintf(stderr, "%s%s\n", warning ? _("warning: ") : "", text);
}

void json_show(json_t *object)
{
    fflush(stderr);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
    told.shown = true;
}

void tell_end(const struct ctx *x, int code)
{
    if (x->json && !told.shown) {
        json_t *o = json_pack("{s:b}", "ok", code == EXIT_OK);
        if (*told.complaint)
            json_object_set_new(o, "error", json_string(told.complaint));
        if (told.faults)
            json_object_set(o, "faults", told.faults);
        json_show(o);
    }
    json_decref(told.faults);
    memset(&told, 0, sizeof(told));
}

const char *translate(const char *text)
{
    return *text ? gettext(text) : text; /* gettext("") is the catalogue's head */
}

void *need(void *memory)
{
    if (!memory) {
        complain("%s", strerror(ENOMEM));
        exit(EXIT_FAIL);
    }
    return memory;
}
