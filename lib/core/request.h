/* SPDX-License-Identifier: GPL-2.0-or-later
 * request: what clients ask, answered here or by the coordinator. */
#ifndef YOKE_CORE_REQUEST_H
#define YOKE_CORE_REQUEST_H

#include "lib/base/json.h"
#include "lib/core/mind.h"

void request_admin(struct node *n, const struct event *ev);
void request_gone(struct node *n, uint32_t client);
void request_msg(struct node *n, unsigned p, unsigned type, struct buf *b);
/* The change that a request asked for is in force, or will not be. */
/* The view broke while it was worked on: nobody knows what becomes of it. */
void request_unknown(struct node *n, unsigned request);
void request_change_done(struct node *n, unsigned request, enum err err);
/* All the tests of fence devices that somebody asked for have ended. */
void request_drilled(struct node *n);
void request_fenced(struct node *n, unsigned target, bool ok, const char *why);
/* The plan of a dry run; plan NULL: it could not be made. */
void request_dry_run(struct node *n, unsigned request, const struct sched_in *in,
                     const struct plan *plan);
void request_part(struct node *n, unsigned p);
void request_tick(struct node *n);

/* Answers and frees a request; text is JSON. */
void request_answer(struct node *n, struct request *r, const char *text, size_t len);
/* {"ok":false,...} with a sentence. */
void request_refuse(struct node *n, struct request *r, const struct say *why);
void request_refuse_err(struct node *n, struct request *r, enum say_id id, const char *arg,
                        enum err err);
void request_ok(struct node *n, struct request *r);
/* Begins an answer in the node's scratch; ends it and sends it, or says that it is too long. */
void request_json(struct node *n, struct json *j, struct str *s);
void request_json_end(struct node *n, struct request *r, struct json *j, const struct str *s);

/* wish.c: what a coordinator does at a client's wish. */
void wish_do(struct node *n, struct request *r, const struct cmd *c);

#endif
