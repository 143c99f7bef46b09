/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_reserveplay: two nodes with two paths each and one disk, under random schedules of lost paths,
 * frozen nodes, commands that come late, resets and power cuts of the array. After a take that was
 * read back nothing of the victim reaches the disk any more, never have both taken it, the loser
 * learns it, and no path that returns brings it back. With any rule broken on purpose that fails.
 *
 * The guard's part is played here: registering (unfencing) only while both are together, and each
 * command of it sent before its date or not at all (frozen programs); a take not before such
 * commands of the other are out of time; a take without the abort gives writes time. */
#include <string.h>
#include "lib/base/prng.h"
#include "lib/core/reservation.h"
#include "test/unit/lun.h"
#include "test/unit/unit.h"

enum { PATHS = 2, STEPS = 400, SEEDS = 3000, BROKEN_SEEDS = 3000, QUEUE = 4 };

enum rule {
    RULES_KEPT,
    RETURN_IGNORES,  /* a path that returns registers, whatever is there */
    PROOF_IGNORES,   /* K -> K goes over whatever is there */
    NO_ABORT,        /* PREEMPT without abort, counted as one with */
    NO_APTPL,        /* registered without it */
    LATE_UNFENCING,  /* a frozen program goes on with registering */
    NOT_READ_BACK,   /* a take whose command was sent counts as done */
    LOSER_REGISTERS, /* the loser registers again while they are parted */
    RULES
};

struct waiting { /* in the host, until its path takes it */
    bool used, write, unfences;
    struct pr_command command;
};

struct host {
    bool frozen, running, unfencing, lost, took;
    bool up[PATHS], busy[PATHS];
    bool step_held[PATHS]; /* given out by the machine, not yet handed to the kernel */
    struct reservation_step held[PATHS];
    struct waiting queue[PATHS][QUEUE];
    struct reservation r;
};

struct world {
    enum rule broken;
    struct prng p;
    struct lun lun;
    struct lun_answer answer;
    struct host host[2];
    bool parted;
    unsigned before[2]; /* writes of the node that were done when it was taken from */
    unsigned takes;
    const char *fault;
};

static const uint8_t uuid[16] = {1, 2, 3, 4, 5};

static uint64_t key_of(unsigned node)
{
    return pr_key_make(uuid, (uint8_t)(node + 1));
}

static unsigned nexus_of(unsigned node, unsigned path)
{
    return node * PATHS + path;
}

static unsigned done_by(const struct world *w, unsigned node)
{
    return w->lun.done[nexus_of(node, 0)] + w->lun.done[nexus_of(node, 1)];
}

static bool chance(struct world *w, unsigned percent)
{
    return prng_chance(&w->p, percent * 10000);
}

/* ---- the host: what a path takes, in order ----------------------------------------------------
 */

static void reply(struct host *h, unsigned path, enum pr_outcome outcome,
                  const struct lun_answer *a)
{
    h->busy[path] = false;
    if (h->running)
        reservation_reply(&h->r, (uint8_t)path, outcome, a ? a->data : NULL, a ? a->len : 0);
}

static void lun_take(struct world *w, unsigned node, unsigned path, const struct waiting *x)
{
    struct host *h = &w->host[node];
    unsigned nexus = nexus_of(node, path);
    struct pr_command c = x->command;
    uint8_t cdb[PR_CDB], param[PR_PARAM];
    size_t cdb_len, out_len, in_len;
    if (x->write) {
        if (lun_write(&w->lun, nexus) == 0 && h->lost == false && chance(w, 50))
            lun_task_do(&w->lun, nexus);
        return;
    }
    if (w->broken == PROOF_IGNORES && c.op == PR_REGISTER && c.key == c.sa_key)
        c.op = PR_REGISTER_OVER;
    if (w->broken == NO_ABORT && c.op == PR_PREEMPT_ABORT)
        c.op = PR_PREEMPT;
    pr_command_pack(&c, cdb, &cdb_len, param, &out_len, &in_len);
    if (w->broken == NO_APTPL && out_len)
        param[20] = 0;
    lun_command(&w->lun, nexus, cdb, param, &w->answer);
    if (w->broken == NO_APTPL && cdb[0] == 0x5e && cdb[1] == 2)
        w->answer.data[3] |= 1;
    if (h->busy[path])
        reply(h, path, pr_outcome_get(w->answer.status, w->answer.sense, w->answer.sense_len),
              &w->answer);
}

static bool queue_put(struct host *h, unsigned path, struct waiting x)
{
    for (unsigned i = 0; i < QUEUE; i++)
        if (!h->queue[path][i].used) {
            h->queue[path][i] = x;
            h->queue[path][i].used = true;
            return true;
        }
    return false;
}

static void queue_run(struct world *w, unsigned node, unsigned path)
{
    struct host *h = &w->host[node];
    struct waiting first = h->queue[path][0];
    if (!h->up[path] || !first.used)
        return;
    memmove(h->queue[path], h->queue[path] + 1, (QUEUE - 1) * sizeof(first));
    h->queue[path][QUEUE - 1].used = false;
    lun_take(w, node, path, &first);
}

static void path_returns(struct world *w, unsigned node, unsigned path)
{
    struct host *h = &w->host[node];
    struct pr_command c = {.op = PR_REGISTER_OVER, .sa_key = key_of(node)};
    h->up[path] = true;
    if (w->broken == RETURN_IGNORES)
        while (lun_do(&w->lun, nexus_of(node, path), &c, &w->answer) == PR_ATTENTION)
            ;
}

/* ---- the program ------------------------------------------------------------------------------
 */

static void begin(struct world *w, unsigned node, enum reserve_verb verb)
{
    struct host *h = &w->host[node];
    struct reservation_plan plan = {.verb = (uint8_t)verb,
                                    .key = key_of(node),
                                    .victim = verb == RESERVE_PREEMPT ? key_of(1 - node) : 0,
                                    .n_paths = PATHS};
    for (unsigned p = 0; p < PATHS; p++)
        if (h->busy[p] || h->step_held[p])
            return; /* the shell begins nothing on a path that has not answered */
    h->unfencing = verb == RESERVE_HOLD || verb == RESERVE_REGISTER;
    h->running = true;
    reservation_init(&h->r, &plan);
}

static bool unfences(const struct reservation_step *s)
{
    return s->command.op == PR_REGISTER_OVER ||
           (s->command.op == PR_REGISTER && s->command.sa_key && s->command.key == 0);
}

static void take_counts(struct world *w, unsigned node)
{
    struct host *h = &w->host[node], *o = &w->host[1 - node];
    h->took = true;
    w->takes++;
    if (!(reservation_state(&h->r) & RESERVE_ABORTED)) /* its writes are given time */
        for (unsigned p = 0; p < PATHS; p++)
            while (w->broken != NOT_READ_BACK && w->lun.tasks[nexus_of(1 - node, p)])
                lun_task_do(&w->lun, nexus_of(1 - node, p));
    w->before[1 - node] = done_by(w, 1 - node);
    if (o->took)
        w->fault = "both have taken the disk";
}

static void ended(struct world *w, unsigned node)
{
    struct host *h = &w->host[node];
    uint8_t state = reservation_state(&h->r);
    h->running = false;
    if (h->r.plan.verb == RESERVE_PREEMPT && !h->r.err && w->parted)
        take_counts(w, node);
    if (h->r.facts.looked && !(state & RESERVE_MINE) && h->r.plan.verb != RESERVE_HOLD)
        h->lost = true;
}

static void program_run(struct world *w, unsigned node)
{
    struct host *h = &w->host[node];
    struct reservation_step s;
    if (h->frozen || !h->running)
        return;
    while (reservation_next(&h->r, &s)) {
        h->held[s.path] = s;
        h->step_held[s.path] = true;
    }
    for (unsigned p = 0; p < PATHS; p++) {
        if (!h->step_held[p] || chance(w, 30))
            continue;
        h->step_held[p] = false;
        if (unfences(&h->held[p]) && w->parted && w->broken != LATE_UNFENCING &&
            w->broken != LOSER_REGISTERS) {
            h->busy[p] = true;
            reply(h, p, PR_PATH, NULL); /* its date has passed */
            continue;
        }
        struct waiting x = {.command = h->held[p].command, .unfences = unfences(&h->held[p])};
        h->busy[p] = true;
        if (!queue_put(h, p, x)) {
            reply(h, p, PR_PATH, NULL);
            continue;
        }
        if (w->broken == NOT_READ_BACK && h->held[p].command.op == PR_PREEMPT_ABORT && w->parted) {
            h->running = h->busy[p] = false;
            take_counts(w, node);
            return;
        }
    }
    if (reservation_over(&h->r))
        ended(w, node);
}

static void time_out(struct world *w, unsigned node, unsigned path)
{
    struct host *h = &w->host[node];
    if (h->busy[path] && !h->frozen) /* the command stays in the kernel's queue */
        reply(h, path, PR_HUNG, NULL);
}

static void part(struct world *w)
{
    w->parted = true;
}

/* A take waits until the other's commands of registering are done, or aborted by its kernel. */
static void unfencing_expires(struct world *w, unsigned node)
{
    for (unsigned p = 0; p < PATHS; p++)
        for (unsigned i = 0; i < QUEUE && w->broken != LATE_UNFENCING; i++)
            if (w->host[node].queue[p][i].unfences)
                w->host[node].queue[p][i].write = false,
                w->host[node].queue[p][i].command.op = PR_TEST;
}

static void decide(struct world *w, unsigned node)
{
    struct host *h = &w->host[node];
    if (h->frozen || h->running)
        return;
    if (!w->parted) {
        begin(w, node, chance(w, 60) ? RESERVE_HOLD : RESERVE_READ);
    } else if (w->broken == LOSER_REGISTERS && h->lost && chance(w, 30)) {
        begin(w, node, RESERVE_HOLD);
    } else if (!h->lost && !h->took && chance(w, 40)) {
        unfencing_expires(w, 1 - node);
        begin(w, node, RESERVE_PREEMPT);
    } else {
        begin(w, node, RESERVE_READ);
    }
}

/* ---- the property ------------------------------------------------------------------------------
 */

static void look(struct world *w)
{
    for (unsigned n = 0; n < 2; n++)
        if (w->host[1 - n].took && done_by(w, n) > w->before[n])
            w->fault = "a write of the victim came to the disk after the take";
}

static void mishap(struct world *w)
{
    unsigned node = (unsigned)prng_below(&w->p, 2), path = (unsigned)prng_below(&w->p, PATHS);
    struct host *h = &w->host[node];
    switch (prng_below(&w->p, 40)) {
    case 0:
    case 1: h->up[path] = false; break;
    case 2:
    case 3:
    case 4: path_returns(w, node, path); break;
    case 5: h->frozen = true; break;
    case 6:
    case 7: h->frozen = false; break;
    case 8: lun_reset(&w->lun); break;
    case 9: lun_power_cycle(&w->lun); break;
    case 10:
    case 11: time_out(w, node, path); break;
    case 12:
        if (chance(w, 20))
            part(w);
        break;
    default: break;
    }
}

static void work(struct world *w)
{
    unsigned node = (unsigned)prng_below(&w->p, 2), path = (unsigned)prng_below(&w->p, PATHS);
    struct host *h = &w->host[node];
    program_run(w, node);
    queue_run(w, node, path);
    if (chance(w, 30))
        lun_task_do(&w->lun, nexus_of(node, path));
    if (chance(w, 20) && !h->queue[path][QUEUE - 2].used)
        (void)queue_put(h, path, (struct waiting){.write = true});
    if (chance(w, 20))
        decide(w, node);
}

/* All paths work, nobody is frozen: what is under way ends, and the loser reads that it is one. */
static void calm(struct world *w)
{
    for (unsigned n = 0; n < 2; n++) {
        w->host[n].frozen = false;
        for (unsigned p = 0; p < PATHS; p++)
            path_returns(w, n, p);
    }
    for (unsigned i = 0; i < 600 && !w->fault; i++) {
        work(w);
        look(w);
    }
}

static bool anybody_writes(const struct world *w, unsigned node)
{
    return lun_writable(&w->lun, nexus_of(node, 0)) || lun_writable(&w->lun, nexus_of(node, 1));
}

static const char *play(uint64_t seed, enum rule broken, unsigned *takes)
{
    struct world w;
    memset(&w, 0, sizeof w);
    prng_seed(&w.p, seed);
    w.broken = broken;
    lun_init(&w.lun);
    for (unsigned n = 0; n < 2; n++)
        for (unsigned p = 0; p < PATHS; p++)
            w.host[n].up[p] = true;
    for (unsigned i = 0; i < 60; i++) /* together, and all well */
        work(&w);
    for (unsigned i = 0; i < STEPS && !w.fault; i++) {
        mishap(&w);
        work(&w);
        look(&w);
    }
    part(&w);
    calm(&w);
    *takes += w.takes;
    for (unsigned n = 0; n < 2 && !w.fault; n++)
        if (w.host[1 - n].took && (anybody_writes(&w, n) || !w.host[n].lost))
            w.fault = "the loser does not know it";
    return w.fault;
}

START_TEST(nothing_of_the_victim_comes_after_a_take)
{
    unsigned takes = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const char *fault = play(seed, RULES_KEPT, &takes);
        ck_assert_msg(!fault, "seed %llu: %s", (unsigned long long)seed, fault);
    }
    ck_assert_uint_gt(takes, SEEDS / 2); /* or else nothing was tried */
}
END_TEST

START_TEST(each_rule_is_needed)
{
    unsigned takes = 0, seen = 0;
    for (uint64_t seed = 1; seed <= BROKEN_SEEDS && !seen; seed++)
        seen = play(seed, (enum rule)_i, &takes) != NULL;
    ck_assert_msg(seen, "rule %d was broken, and nothing happened", _i);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("reserveplay");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, nothing_of_the_victim_comes_after_a_take);
    tcase_add_loop_test(t, each_rule_is_needed, RULES_KEPT + 1, RULES);
    return unit_end();
}
