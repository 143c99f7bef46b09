/* SPDX-License-Identifier: GPL-2.0-or-later
 * lun: see lun.h. */
#include "test/unit/lun.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    GOOD = 0x00,
    CHECK = 0x02,
    CONFLICT = 0x18,
    POWER_ON = 0x2900,
    RESET = 0x2903,
    PREEMPTED = 0x2a03, /* RESERVATIONS PREEMPTED */
    RELEASED = 0x2a04,
    GONE = 0x2a05 /* REGISTRATIONS PREEMPTED */
};

void lun_init(struct lun *l)
{
    memset(l, 0, sizeof(*l));
    for (unsigned n = 0; n < LUN_NEXUSES; n++)
        l->attention[n] = POWER_ON;
}

static void put(uint8_t *at, unsigned bytes, uint64_t v)
{
    while (bytes--) {
        at[bytes] = (uint8_t)v;
        v >>= 8;
    }
}

static uint64_t get(const uint8_t *at, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | at[i];
    return v;
}

static void check(struct lun_answer *out, uint8_t key, uint16_t what)
{
    out->status = CHECK;
    out->sense_len = sizeof(out->sense);
    out->sense[0] = 0x70;
    out->sense[2] = key;
    out->sense[7] = 10;
    put(out->sense + 12, 2, what);
}

static void release(struct lun *l, unsigned by, uint16_t told)
{
    l->held = false;
    for (unsigned n = 0; n < LUN_NEXUSES; n++)
        if (n != by && l->key[n])
            l->attention[n] = told;
}

static void unregister(struct lun *l, unsigned nexus)
{
    l->key[nexus] = 0;
    if (l->held && l->holder == nexus)
        release(l, nexus, RELEASED);
}

static unsigned registered(const struct lun *l)
{
    unsigned count = 0;
    for (unsigned n = 0; n < LUN_NEXUSES; n++)
        count += l->key[n] != 0;
    return count;
}

static void registers(struct lun *l, unsigned nexus, bool over, const uint8_t *param,
                      struct lun_answer *out)
{
    uint64_t key = get(param, 8), fresh = get(param + 8, 8);
    if (!over && key != l->key[nexus]) {
        out->status = CONFLICT;
        return;
    }
    if ((param[20] & 1) && l->no_aptpl) {
        check(out, 0x5, 0x2600);
        return;
    }
    if (l->key[nexus] == 0 && fresh && l->room && registered(l) >= l->room) {
        check(out, 0x5, 0x5504);
        return;
    }
    if (l->key[nexus] == 0 && fresh == 0)
        return; /* nothing to do */
    if (fresh == 0)
        unregister(l, nexus);
    l->key[nexus] = fresh;
    l->aptpl = param[20] & 1;
    l->generation++;
}

static void reserves(struct lun *l, unsigned nexus, uint8_t type, const uint8_t *param,
                     struct lun_answer *out)
{
    if (type != PR_TYPE_WERO || l->no_wero) {
        check(out, 0x5, 0x2400);
    } else if (l->key[nexus] == 0 || get(param, 8) != l->key[nexus] ||
               (l->held && (l->holder != nexus || l->type != type))) {
        out->status = CONFLICT;
    } else {
        l->held = true;
        l->holder = (uint8_t)nexus;
        l->type = type;
    }
}

static void preempts(struct lun *l, unsigned nexus, uint8_t type, bool aborts, const uint8_t *param,
                     struct lun_answer *out)
{
    uint64_t victim = get(param + 8, 8);
    bool takes = l->held && l->key[l->holder] == victim, any = false;
    if (aborts && l->no_abort) {
        check(out, 0x5, 0x2400);
        return;
    }
    if (l->key[nexus] == 0 || get(param, 8) != l->key[nexus]) {
        out->status = CONFLICT;
        return;
    }
    if (victim == 0) {
        check(out, 0x5, 0x2600);
        return;
    }
    for (unsigned n = 0; n < LUN_NEXUSES; n++) {
        if (l->key[n] != victim)
            continue;
        any = true;
        if (aborts)
            l->tasks[n] = 0;
        if (takes && n == nexus)
            continue;
        l->key[n] = 0;
        if (n != nexus)
            l->attention[n] = takes ? PREEMPTED : GONE;
    }
    if (!any) {
        out->status = CONFLICT;
        return;
    }
    if (takes) {
        l->holder = (uint8_t)nexus;
        l->type = type;
    }
    l->generation++;
}

static void answer(struct lun_answer *out, const uint8_t *cdb, const uint8_t *at, size_t len)
{
    size_t room = (size_t)get(cdb + 7, 2);
    out->len = len < room ? len : room;
    memcpy(out->data, at, out->len);
}

static void reads_nexuses(const struct lun *l, const uint8_t *cdb, struct lun_answer *out)
{
    uint8_t at[8 + LUN_NEXUSES * 88];
    size_t len = 8;
    memset(at, 0, sizeof(at));
    for (unsigned n = 0; n < LUN_NEXUSES; n++) {
        uint8_t *d = at + len;
        if (!l->key[n])
            continue;
        put(d, 8, l->key[n]);
        d[12] = l->held && l->holder == n;
        d[13] = d[12] ? l->type : 0;
        put(d + 18, 2, 1);
        put(d + 20, 4, 64);
        d[24] = 0x45; /* iSCSI, with a session identifier */
        put(d + 26, 2, 60);
        snprintf((char *)d + 28, 60, "iqn.2000-01.test:n%u,i,0x00023d", n);
        len += 88;
    }
    put(at, 4, l->generation);
    put(at + 4, 4, len - 8);
    answer(out, cdb, at, len);
}

static void reads(const struct lun *l, const uint8_t *cdb, struct lun_answer *out)
{
    uint8_t at[8 + 8 * LUN_NEXUSES + 16];
    size_t len = 8;
    memset(at, 0, sizeof(at));
    put(at, 4, l->generation);
    switch (cdb[1] & 0x1f) {
    case 0:
        for (unsigned n = 0; n < LUN_NEXUSES; n++)
            if (l->key[n]) {
                put(at + len, 8, l->key[n]);
                len += 8;
            }
        break;
    case 1:
        if (l->held) {
            put(at + 8, 8, l->key[l->holder]);
            at[8 + 13] = l->type;
            len += 16;
        }
        break;
    case 2:
        if (l->no_abilities) {
            check(out, 0x5, 0x2400);
            return;
        }
        memset(at, 0, 8);
        put(at, 2, 8);
        at[2] = 0x10 | (l->no_aptpl ? 0 : 1);
        at[3] = 0x80 | (l->aptpl ? 1 : 0);
        at[4] = l->no_wero ? 0xca : 0xea;
        answer(out, cdb, at, 8);
        return;
    case 3: reads_nexuses(l, cdb, out); return;
    default: check(out, 0x5, 0x2400); return;
    }
    put(at + 4, 4, len - 8);
    answer(out, cdb, at, len);
}

void lun_command(struct lun *l, unsigned nexus, const uint8_t *cdb, const uint8_t *param,
                 struct lun_answer *out)
{
    assert(nexus < LUN_NEXUSES);
    memset(out, 0, offsetof(struct lun_answer, data));
    l->commands++;
    if (l->attention[nexus]) {
        check(out, 0x6, l->attention[nexus]);
        l->attention[nexus] = 0;
        return;
    }
    if (cdb[0] == 0x00)
        return;
    if (l->no_pr || (cdb[0] != 0x5e && cdb[0] != 0x5f)) {
        check(out, 0x5, 0x2000);
        return;
    }
    if (cdb[0] == 0x5e) {
        reads(l, cdb, out);
        return;
    }
    assert(get(cdb + 5, 4) == PR_PARAM);
    uint8_t action = cdb[1] & 0x1f, type = cdb[2] & 0x0f;
    if (action == 0 || action == 6)
        registers(l, nexus, action == 6, param, out);
    else if (action == 1)
        reserves(l, nexus, type, param, out);
    else if (action == 4 || action == 5)
        preempts(l, nexus, type, action == 5, param, out);
    else
        check(out, 0x5, 0x2400);
}

enum pr_outcome lun_do(struct lun *l, unsigned nexus, const struct pr_command *c,
                       struct lun_answer *out)
{
    uint8_t cdb[PR_CDB], param[PR_PARAM];
    size_t cdb_len, out_len, in_len;
    pr_command_pack(c, cdb, &cdb_len, param, &out_len, &in_len);
    lun_command(l, nexus, cdb, param, out);
    assert(out->len <= in_len);
    return pr_outcome_get(out->status, out->sense, out->sense_len);
}

bool lun_writable(const struct lun *l, unsigned nexus)
{
    return !l->held || l->key[nexus] != 0;
}

uint8_t lun_write(struct lun *l, unsigned nexus)
{
    if (l->attention[nexus]) {
        l->attention[nexus] = 0;
        return CHECK;
    }
    if (!lun_writable(l, nexus))
        return CONFLICT;
    if (l->tasks[nexus] == LUN_TASKS)
        return 0x28;
    l->tasks[nexus]++;
    return GOOD;
}

void lun_task_do(struct lun *l, unsigned nexus)
{
    if (!l->tasks[nexus])
        return;
    l->tasks[nexus]--;
    l->done[nexus]++;
}

void lun_reset(struct lun *l)
{
    memset(l->tasks, 0, sizeof(l->tasks));
    for (unsigned n = 0; n < LUN_NEXUSES; n++)
        l->attention[n] = RESET;
}

void lun_power_cycle(struct lun *l)
{
    lun_reset(l);
    for (unsigned n = 0; n < LUN_NEXUSES; n++)
        l->attention[n] = POWER_ON;
    l->generation = 0;
    if (l->aptpl)
        return;
    memset(l->key, 0, sizeof(l->key));
    l->held = false;
}
