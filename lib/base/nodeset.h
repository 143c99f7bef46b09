/* SPDX-License-Identifier: GPL-2.0-or-later
 * nodeset: a set of nodes by index (0 .. NODE_MAX-1), as bits. */
#ifndef YOKE_BASE_NODESET_H
#define YOKE_BASE_NODESET_H

#include <stdbool.h>
#include <stdint.h>

enum { NODE_MAX = 16, NODE_NONE = 255 };

typedef uint16_t nodeset;

static inline nodeset nodeset_one(unsigned node)
{
    return (nodeset)(1u << node);
}
static inline bool nodeset_has(nodeset s, unsigned node)
{
    return node < NODE_MAX && (s >> node & 1u);
}
static inline nodeset nodeset_add(nodeset s, unsigned node)
{
    return (nodeset)(s | 1u << node);
}
static inline nodeset nodeset_del(nodeset s, unsigned node)
{
    return (nodeset)(s & ~(1u << node));
}
static inline unsigned nodeset_count(nodeset s)
{
    return (unsigned)__builtin_popcount(s);
}

#endif
