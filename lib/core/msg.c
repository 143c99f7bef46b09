/* SPDX-License-Identifier: GPL-2.0-or-later
 * msg: dispatch of session messages. Before the hello of a session nothing else is taken. */
#include "lib/core/cast.h"
#include "lib/core/fencer.h"
#include "lib/core/msg.h"
#include "lib/core/coord.h"
#include "lib/core/exec.h"
#include "lib/core/herald.h"
#include "lib/core/peer.h"
#include "lib/core/rec.h"
#include "lib/core/request.h"
#include "lib/core/reset.h"
#include "lib/core/ring.h"
#include "lib/core/session.h"
#include "lib/core/store.h"
#include "lib/core/view.h"

void msg_send(struct node *n, unsigned p, unsigned type, const struct buf *body)
{
    enum err err =
        session_send(n, p, type, body ? (const void *)body->at : "", body ? body->pos : 0);
    if (err == ERR_FULL)
        session_again(n, p);
}

void msg_send_all(struct node *n, unsigned type, const struct buf *body)
{
    if (!ring_engine(n)) {
        for (unsigned p = 0; p < n->conf.n_nodes; p++)
            if (p != n->self && n->peer[p].state == PEER_MEMBER)
                msg_send(n, p, type, body);
    } else if (n->view.state == VIEW_TOGETHER &&
               cast_send(n, NODE_NONE, type, body ? (const void *)body->at : "",
                         body ? body->pos : 0)) {
        ring_again(n);
    }
}

void msg_take(struct node *n, unsigned p, unsigned type, struct buf *b)
{
    if (ring_engine(n) && type <= MSG_BYE)
        return; /* the engine has its own */
    if (type == MSG_HELLO) {
        view_hello_take(n, p, b);
        return;
    }
    if (!session_ready(n, p))
        return;
    bool member = n->peer[p].state == PEER_MEMBER;
    switch ((enum msg_type)type) {
    case MSG_HELLO: break;
    case MSG_VIEW: view_offer_take(n, p, b); break;
    case MSG_VIEW_ACK: view_ack_take(n, p, b); break;
    case MSG_BYE: peer_goodbye(n, p); break;
    case MSG_AWAY:
        if (member)
            peer_away(n, p, b);
        break;
    case MSG_CIB_SAME:
    case MSG_CIB_PULL:
    case MSG_CIB:
    case MSG_CIB_ACK:
    case MSG_CIB_COMMIT:
    case MSG_CIB_DROP:
        if (member)
            store_msg(n, p, type, b);
        break;
    case MSG_REC:
        if (member)
            rec_take(n, p, b);
        break;
    case MSG_ORDER:
        if (member)
            coord_order_take(n, p, b);
        break;
    case MSG_FORGET:
    case MSG_FAILCOUNT:
        if (member)
            exec_msg(n, p, type, b);
        break;
    case MSG_FENCE_ME:
        if (member)
            fencer_asked(n, p, b);
        break;
    case MSG_RESET:
        if (member)
            reset_take(n, p, b);
        break;
    case MSG_NOTIFY:
        if (member)
            herald_order_take(n, p, b);
        break;
    case MSG_ADMIN:
    case MSG_ANSWER:
        if (member)
            request_msg(n, p, type, b);
        break;
    }
}
