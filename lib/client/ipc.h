/* SPDX-License-Identifier: GPL-2.0-or-later
 * ipc: what client and daemon say to each other by libqb. The client asks and the daemon answers
 * each message with exactly one: so nothing ever queues up for a slow client, and a message is
 * small whatever a request or answer is.
 *
 *   PUT   a part of the request (struct cmd, encoded) -> after all but the last part: empty; after
 *         the last: the first part of the answer, whenever it is there
 *   NEXT  -> the next part of the answer, whenever it is there
 *
 * A part with IPC_LAST is the last of its request or answer. */
#ifndef YOKE_CLIENT_IPC_H
#define YOKE_CLIENT_IPC_H

#include <stdint.h>
#include <qb/qbipc_common.h>

enum {
    IPC_PUT = 1,
    IPC_NEXT = 2,
    IPC_LAST = 1,
    IPC_PART_MAX = 8 * 1024,
    IPC_MESSAGE_MAX = IPC_PART_MAX + 64,
    IPC_REQUEST_MAX = 1024 * 1024 + 8 * 1024, /* CMD_TEXT_MAX, and the rest of a cmd */
    IPC_ANSWER_MAX = 16 * 1024 * 1024,
    IPC_NAME_LEN = 32
};

struct ipc_request {
    struct qb_ipc_request_header head; /* id: IPC_PUT or IPC_NEXT; size: of the whole message */
    uint32_t flags;                    /* IPC_LAST */
    uint32_t len;                      /* of part */
    uint8_t part[IPC_PART_MAX];
};

struct ipc_answer {
    struct qb_ipc_response_header head; /* error: 0 or minus an errno: the connection ends */
    uint32_t flags;
    uint32_t len;
    uint8_t part[IPC_PART_MAX];
};

/* Name of the libqb service that belongs to a run directory: two daemons that have different ones
 * may share a network name space. run_dir NULL: the built-in one. */
void ipc_name(const char *run_dir, char name[IPC_NAME_LEN]);

#endif
