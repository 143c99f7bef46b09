/* SPDX-License-Identifier: GPL-2.0-or-later
 * sink: where printed objects go: to a text, line by line behind a prefix, or into a sum only. Not
 * for use outside lib/cib. */
#ifndef YOKE_CIB_SINK_H
#define YOKE_CIB_SINK_H

#include "lib/cib/model.h"
#include "lib/base/str.h"

struct sink {
    struct str *out;    /* NULL: only sums */
    const char *prefix; /* before every line; NULL for none */
    bool comments, mid_line;
    uint32_t crc;  /* CRC-32C */
    uint64_t hash; /* FNV-1a, 64 bit */
    size_t len;
};

void sink_init(struct sink *s, struct str *out);
void sink_object(struct sink *s, const struct cib *c, unsigned object);
/* Comments at the end of the configuration. */
void sink_end(struct sink *s, const struct cib *c);
/* Kinds in display order, place from 0 to CIB_KIND_COUNT - 1. */
enum cib_kind sink_kind(unsigned place);
/* Are two objects written the same, comments aside? By length and 96 bits of sums. */
bool sink_same(const struct cib *a, unsigned object_a, const struct cib *b, unsigned object_b);

#endif
