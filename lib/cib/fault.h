/* SPDX-License-Identifier: GPL-2.0-or-later
 * fault: sentences about a configuration, gathered while it is read and checked. */
#ifndef YOKE_CIB_FAULT_H
#define YOKE_CIB_FAULT_H

#include "lib/cib/parse.h"

/* One more sentence, which is translated; an error takes the place of a warning when there is no
 * room. */
void cib_fault_add(struct cib_faults *f, unsigned line, bool warning, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* A part of a sentence, marked by N_(), in the language in which the faults are told. */
const char *cib_fault_words(const struct cib_faults *f, const char *text);
#define N_(text) text
/* By line, those of the text as a whole (line 0) last; equal lines keep their order. */
void cib_faults_sort(struct cib_faults *f);
/* The user's words in a sentence, "%.*s": their length and they, at most 48 bytes, whole
 * characters. */
int cib_fault_len(const char *text);
#define FAULT_WORD(text) cib_fault_len(text), text

#endif
