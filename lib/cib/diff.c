/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff: objects are matched by id, each looked up in O(log n); comments and places do not count.
 * It cannot fail; a text that is too long is cut. */
#include "lib/cib/diff.h"

#include <assert.h>
#include "lib/cib/sink.h"

static void side_put(const char *prefix, const struct cib *c, unsigned object, struct str *out)
{
    struct sink s;
    sink_init(&s, out);
    s.comments = false;
    s.prefix = prefix;
    sink_object(&s, c, object);
}

/* The object of the same name on the other side, CIB_NONE if none. */
static uint16_t twin(const struct cib *c, const struct cib_object *o)
{
    return cib_find_object(c, o->id, o->kind == CIB_NODE);
}

unsigned cib_diff(const struct cib *from, const struct cib *to, struct str *out)
{
    unsigned n = 0;
    assert(from && to && out);
    for (unsigned i = 0; i < from->n_objects; i++) {
        uint16_t at = twin(to, &from->object[i]);
        if (at != CIB_NONE && sink_same(from, i, to, at))
            continue;
        n++;
        side_put("- ", from, i, out);
        if (at != CIB_NONE)
            side_put("+ ", to, at, out);
    }
    for (unsigned i = 0; i < to->n_objects; i++)
        if (twin(from, &to->object[i]) == CIB_NONE) {
            n++;
            side_put("+ ", to, i, out);
        }
    return n;
}
