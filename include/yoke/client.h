/* SPDX-License-Identifier: GPL-2.0-or-later
 * client: asks the yoke daemon of this machine, over its control socket. This is the public
 * interface that the command line uses too; link with -lyoke -lqb.
 *
 * Happy path: yoke_client_open once, yoke_client_call for each request, free() the answer,
 * yoke_client_close. An answer is one JSON object, {"ok":true,...} or {"ok":false,"error":"..."}.
 * Fails: every function returns an enum yoke_fault; yoke_fault_text says what happened and what to
 * do. After any fault but YOKE_BAD_REQUEST and YOKE_TOO_LONG the connection is of no more use.
 *
 * A client belongs to one thread at a time; different clients do not touch each other. Only root
 * and members of the group named in yoke.conf (yoke) are let in. */
#ifndef YOKE_CLIENT_H
#define YOKE_CLIENT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum yoke_fault {
    YOKE_OK,
    YOKE_NOT_RUNNING, /* no daemon listens */
    YOKE_DENIED,      /* neither root nor in the group */
    YOKE_BUSY,        /* too many clients at once */
    YOKE_TIMEOUT,     /* no answer within timeout_ms; the request may still be carried out */
    YOKE_GONE,        /* the daemon ended, or closed the connection, before the answer was whole */
    YOKE_BAD_REQUEST, /* unknown word, too many or too long arguments */
    YOKE_TOO_LONG,    /* request or answer above the limit */
    YOKE_NO_MEMORY,
    YOKE_FAULT_COUNT
};

enum yoke_flag {                   /* of a request */
                 YOKE_DRY_RUN = 1, /* answer what would be done, do nothing */
                 YOKE_WAIT = 2,    /* answer when the effects are done */
                 YOKE_FORCE = 4,
                 YOKE_REMOVE = 8
};

enum { YOKE_ARGS_MAX = 4, YOKE_NO_TIMEOUT = -1 };

struct yoke_request {
    const char *word;               /* "status", "move", ...: yoke(8) lists them */
    unsigned flags;                 /* of enum yoke_flag */
    const char *arg[YOKE_ARGS_MAX]; /* up to the first NULL */
    const char *text; /* long argument (a configuration), need not end with NUL; or NULL */
    size_t text_len;
};

struct yoke_client;

/* English sentence that says what happened and what to do; never NULL. Translations are found under
 * it in the text domain "yoke". */
const char *yoke_fault_text(enum yoke_fault fault);

/* run_dir: the daemon's run directory, NULL for the one that was built in (/run/yoke). timeout_ms:
 * for the connection; YOKE_NO_TIMEOUT waits for ever. *out is NULL on failure. */
enum yoke_fault yoke_client_open(const char *run_dir, int timeout_ms, struct yoke_client **out);
/* One request and its whole answer: *json is NUL-terminated, to be freed by the caller, NULL on
 * failure; *len may be NULL. */
enum yoke_fault yoke_client_call(struct yoke_client *c, const struct yoke_request *request,
                                 int timeout_ms, char **json, size_t *len);
/* NULL is allowed. Requests under way are not called back by it. */
void yoke_client_close(struct yoke_client *c);

#ifdef __cplusplus
}
#endif

#endif
