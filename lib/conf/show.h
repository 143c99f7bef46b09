/* SPDX-License-Identifier: GPL-2.0-or-later
 * show: a conf and its timing for readers: INI text, tables, JSON, and the manual page's option
 * list.
 *
 * Happy path: everything lands in the caller's str. Fails only by a str that is too small (its
 * .cut). */
#ifndef YOKE_CONF_SHOW_H
#define YOKE_CONF_SHOW_H

#include "lib/conf/ini.h"
#include "lib/conf/timing.h"
#include "lib/base/json.h"

enum { CONF_PRINT_MAX = 64 * 1024 }; /* room that is enough for any of these */

/* The effective values as a yoke.conf, behind each where it comes from: "; line 12", "; default".
 * Parsing it gives the same conf. origin may be NULL: no comments. */
void conf_print(const struct conf *c, const struct conf_origin *origin, opt_translate translate,
                struct str *out);
/* The same as members of the JSON object that is open in j:
 * "cluster":{"name":{"value":...,"line":2},...},
 * "node":[{"name":"db1","keys":{"id":{"value":"1","line":5}}}], "link":[...]. A line of null is a
 * default. */
void conf_print_json(const struct conf *c, const struct conf_origin *origin, struct json *j);
/* Which proofs are sought, and what each needs that is not there: a line each. */
void proofs_print(const struct conf *c, opt_translate translate, struct str *out);
/* Each figure, its value, its formula in words; then the sum that the user asked for. */
void timing_print(const struct conf *c, const struct timing *t, opt_translate translate,
                  struct str *out);
void timing_print_json(const struct conf *c, const struct timing *t, struct json *j);
/* The option list of yoke.conf(5) in man(7) macros. */
void opt_print_man(struct str *out);

#endif
