/* SPDX-License-Identifier: GPL-2.0-or-later
 * cmd: a request of the command line to the daemon, and, forwarded, of one node to its coordinator.
 * The answer is always one JSON object: {"ok":true,...} or
 * {"ok":false,"name":"SAY_NAME","id":N,"args":[...],"error":"English sentence"}. */
#ifndef YOKE_WIRE_CMD_H
#define YOKE_WIRE_CMD_H

#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define CMD_LIST(X)                                                                                \
    X(STATUS, "status")       /* no arguments */                                                   \
    X(LINK, "link")           /* per link: state, reason, rtt, lateness histogram, losses */       \
    X(GUARD, "guard")         /* verdict on every peer */                                          \
    X(CIB_GET, "cib-get")     /* -> {"version":"E.S","text":...} */                                \
    X(CIB_PUT, "cib-put")     /* arg0 version it was based on ("" = any), text = the new one */    \
    X(EDIT, "edit")           /* arg0 kind (number of enum cib_edit_kind), arg1 id, arg2 name,     \
                                 arg3 value; flag CMD_REMOVE: no value; text for EDIT_PUT */       \
    X(MOVE, "move")           /* arg0 resource, arg1 node or "" for away from where it is */       \
    X(RESTART, "restart")     /* arg0 resource */                                                  \
    X(CLEANUP, "cleanup")     /* arg0 resource or "", arg1 node or "": forget failures, reprobe */ \
    X(FAILCOUNT, "failcount") /* arg0 resource, arg1 node, arg2 value */                           \
    X(SCORES, "scores")       /* final scores of the scheduler */                                  \
    X(FENCE, "fence")         /* arg0 node: fence it now */                                        \
    X(CONFIRM, "confirm-dead") /* arg0 node, arg1 the node's name typed again */                   \
    X(STOP, "stop")            /* this node leaves: services are handed over first; arg0 "again":  \
                                  the daemon starts over instead, resources go on running */       \
    X(IDLE, "idle")            /* answers when nothing is left to do (with CMD_WAIT) */            \
    X(VERSION, "version")                                                                          \
    X(FENCE_TEST, "fence-test") /* arg0 fence device, or "": have it tested from this node */

enum cmd_kind {
#define CMD_ENUM(name, word) CMD_##name,
    CMD_LIST(CMD_ENUM)
#undef CMD_ENUM
        CMD_KIND_COUNT
};

enum cmd_flag {
    CMD_DRY_RUN = 1,   /* answer what would be done, do nothing */
    CMD_WAIT_DONE = 2, /* answer when the effects are done, not when the request is taken */
    CMD_FORCE = 4,
    CMD_REMOVE = 8
};

enum { CMD_ARGS_MAX = 4, CMD_ARG_LEN = 256, CMD_TEXT_MAX = 1024 * 1024 };

#define CMD_STOP_AGAIN "again"
#define CMD_STOP_FOR   "for=" /* and a time: so long is what nobody manages left alone */

struct cmd {
    uint8_t kind;
    uint16_t flags;
    uint8_t n_args;
    char arg[CMD_ARGS_MAX][CMD_ARG_LEN];
    const char *text; /* long argument inside the request's bytes, no NUL at its end; or NULL */
    uint32_t text_len;
};

const char *cmd_word(enum cmd_kind kind); /* "status"; NULL when unknown */
/* b->bad when there is no room. */
void cmd_put(struct buf *b, const struct cmd *c);
/* ERR_SYNTAX, ERR_SHORT, ERR_UNKNOWN (kind or flag), ERR_RANGE (too many or too long arguments).
 * out->text points into the buffer. */
enum err cmd_get(struct buf *b, struct cmd *out) MUST_CHECK;

#endif
