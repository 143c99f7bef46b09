/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_session: the stream between two nodes, and what a damaged or malicious one can do with it:
 * nothing but begin anew. */
#include "test/unit/unit.h"
#include <string.h>
#include "lib/base/prng.h"
#include "lib/core/exec.h"
#include "lib/core/msg.h"
#include "lib/core/session.h"
#include "test/unit/corelab.h"

static const char two[] = "primitive a ocf:yoke:app\nprimitive b ocf:yoke:app\n";

static struct lab *together(void)
{
    struct lab *l = lab_open(16, 16384);
    lab_boot(l, 0, two);
    lab_boot(l, 1, two);
    lab_run(l, 5000);
    ck_assert(node_has_view(l->at[0].n, 3) && node_has_view(l->at[1].n, 3));
    return l;
}

static bool well(struct lab *l)
{
    for (unsigned i = 0; i < 2; i++)
        if (!l->at[i].up || !node_has_view(l->at[i].n, 3) || !l->at[i].n->peer[!i].reported ||
            session_waiting(l->at[i].n, !i))
            return false;
    return true;
}

/* Bytes into db1's stream to db2, whatever they are. */
static void raw(struct lab *l, const void *at, size_t len)
{
    struct session *s = &l->at[0].n->peer[1].session;
    const uint8_t *from = at;
    for (size_t i = 0; i < len; i++)
        s->out[s->end++ % s->size] = from[i];
    struct event ev = {.kind = EV_TIME};
    lab_tell(l, 0, &ev);
}

/* A message that is longer than any can be: the two part and meet again, nobody is deaf for ever.
 */
START_TEST(nonsense_begins_anew)
{
    struct lab *l = together();
    uint32_t mine = l->at[1].n->peer[0].session.mine;
    raw(l, "\xff\xff\xff\x7f\x0b", 5);
    lab_run(l, 5000);
    ck_assert_uint_ne(l->at[1].n->peer[0].session.mine, mine);
    ck_assert(well(l));
}
END_TEST

/* Both hear each other, but one side's count is wrong: noticed by what is never acknowledged. */
START_TEST(lost_step_is_noticed)
{
    struct lab *l = together();
    l->at[1].n->peer[0].session.got += 100000;
    struct cmd c = {.kind = CMD_CLEANUP, .n_args = 2, .arg = {"a", "db2"}};
    lab_ask(l, 0, 1, &c);
    lab_run(l, 1000);
    ck_assert(!well(l));
    lab_run(l, 30000);
    ck_assert(well(l));
}
END_TEST

/* An acknowledgement of what was never sent moves nothing. */
START_TEST(early_acknowledgement_is_ignored)
{
    struct lab *l = together();
    struct session *s = &l->at[0].n->peer[1].session;
    uint64_t base = s->base, end = s->end;
    uint8_t at[64];
    struct buf b;
    s->end += 100; /* queued, not yet sent */
    buf_write_init(&b, at, sizeof(at));
    buf_put_u32(&b, s->theirs);
    buf_put_u32(&b, s->mine);
    buf_put_u64(&b, s->got);
    buf_put_u64(&b, end + 50);
    buf_put_u8(&b, 0);
    struct buf in;
    buf_read_init(&in, at, b.pos);
    l->at[0].n->out = l->out;
    outbox_clear(l->out);
    session_take(l->at[0].n, 1, &in);
    ck_assert_uint_eq(s->base, base);
}
END_TEST

/* An epoch that cannot be: not followed, not kept, no abort. */
START_TEST(epochs_are_bounded)
{
    struct lab *l = lab_open(16, 16384);
    lab_boot(l, 0, two);
    lab_boot(l, 1, two);
    l->at[1].n->view.epoch = l->at[1].n->durable.want.epoch = UINT32_MAX - 1;
    lab_run(l, 3000);
    ck_assert_uint_lt(l->at[0].n->view.epoch, 100);
    ck_assert(l->at[0].up);
}
END_TEST

/* Every type of message with random bodies: whatever comes of it, no abort, and db2 answers. */
START_TEST(random_messages)
{
    struct lab *l = together();
    struct prng p;
    prng_seed(&p, 4711);
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t at[300];
        struct buf b;
        size_t len = prng_below(&p, sizeof(at));
        for (size_t k = 0; k < len; k++)
            at[k] = (uint8_t)(prng_chance(&p, 500000) ? prng_below(&p, 4) : prng_next(&p));
        if (prng_chance(&p, 300000) && len > 8)
            memcpy(at,
                   "\x01\x00"
                   "a",
                   3); /* the name of a resource, where one is expected */
        buf_write_init(&b, at, sizeof(at));
        b.pos = len;
        lab_message(l, 1, (unsigned)prng_below(&p, MSG_FENCE_ME + 2), &b);
        lab_run(l, 2);
        ck_assert(!l->at[1].reset);
        if (l->at[1].exited)
            lab_restart(l, 1);
        if (!node_has_view(l->at[0].n, 3))
            lab_run(l, 3000);
    }
    struct cmd c = {.kind = CMD_STATUS};
    lab_ask(l, 1, 1, &c);
    ck_assert_ptr_nonnull(strstr(l->at[1].reply, "\"ok\":true"));
}
END_TEST

/* More answers than the session takes: those are refused, the view holds. */
START_TEST(many_messages_at_once)
{
    static char text[64 * 1024];
    struct lab *l = lab_open(600, sizeof(text));
    struct str many;
    str_init(&many, text, sizeof(text));
    for (unsigned i = 0; i < 600; i++)
        str_addf(&many, "primitive r%u ocf:yoke:app\n", i);
    lab_boot(l, 0, text);
    lab_boot(l, 1, text);
    lab_run(l, 20000);
    ck_assert(well(l));
    struct cmd c = {.kind = CMD_STATUS};
    uint8_t at[1024];
    uint32_t mine = l->at[1].n->peer[0].session.mine;
    for (unsigned i = 0; i < 200; i++) {
        struct buf b;
        buf_write_init(&b, at, sizeof(at));
        buf_put_u32(&b, i);
        cmd_put(&b, &c);
        l->at[0].n->out = l->out;
        outbox_clear(l->out);
        msg_send(l->at[0].n, 1, MSG_ADMIN, &b);
    }
    lab_run(l, 10000);
    ck_assert(well(l));
    ck_assert_uint_eq(l->at[1].n->peer[0].session.mine, mine); /* no view broke for it */
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("session");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, nonsense_begins_anew);
    tcase_add_test(t, lost_step_is_noticed);
    tcase_add_test(t, early_acknowledgement_is_ignored);
    tcase_add_test(t, epochs_are_bounded);
    tcase_add_test(t, random_messages);
    tcase_add_test(t, many_messages_at_once);
    return unit_end();
}
