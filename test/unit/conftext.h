/* SPDX-License-Identifier: GPL-2.0-or-later
 * conftext: configurations that the tests of lib/conf share, and a look into the faults. */
#ifndef YOKE_TEST_CONFTEXT_H
#define YOKE_TEST_CONFTEXT_H

#include <stdio.h>
#include <string.h>
#include "lib/conf/ini.h"

/* The sample of the design, as far as this version can do it. */
#define CONFTEXT_SAMPLE                                                                            \
    "[cluster]\n"                                                                                  \
    "name = treasury\n"                                                                            \
    "engine = pair            ; pair: built in, two nodes\n"                                       \
    "takeover = 10s\n"                                                                             \
    "[node db1]\n"                                                                                 \
    "id = 1\n"                                                                                     \
    "[node db2]\n"                                                                                 \
    "id = 2\n"                                                                                     \
    "[link lan]\n"                                                                                 \
    "type = udp               ; udp | tcp | serial\n"                                              \
    "db1 = 192.168.10.11\n"                                                                        \
    "db2 = 192.168.10.12\n"                                                                        \
    "[link com]\n"                                                                                 \
    "type = serial\n"                                                                              \
    "db1 = /dev/ttyS0\n"                                                                           \
    "db2 = /dev/ttyS0\n"                                                                           \
    "baud = 115200\n"                                                                              \
    "[guard]\n"                                                                                    \
    "use = fence\n"                                                                                \
    "[security]\n"                                                                                 \
    "keyfile = /etc/yoke/key\n"                                                                    \
    "auth = hmac-sha256       ; or hmac-sm3\n"                                                     \
    "encrypt = none\n"

/* The fault in that line that holds the words; NULL if none. */
static inline const struct conf_fault *conftext_fault(const struct conf_faults *f, unsigned line,
                                                      const char *words)
{
    for (unsigned i = 0; i < f->n; i++)
        if (f->at[i].line == line && strstr(f->at[i].text, words) != NULL)
            return &f->at[i];
    return NULL;
}

static inline void conftext_show(const struct conf_faults *f)
{
    for (unsigned i = 0; i < f->n; i++)
        fprintf(stderr, "%u: %s%s\n", f->at[i].line, f->at[i].warning ? "warning: " : "",
                f->at[i].text);
}

#endif
