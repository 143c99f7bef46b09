/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_pr: commands as the standard writes them, what devices answer, cut short anywhere, and keys. */
#include <string.h>
#include "lib/base/prng.h"
#include "lib/wire/pr.h"
#include "test/unit/unit.h"

static uint8_t cdb[PR_CDB], param[PR_PARAM];
static size_t cdb_len, out_len, in_len;

static void pack(enum pr_op op, uint64_t key, uint64_t sa_key)
{
    struct pr_command c = {.op = op, .key = key, .sa_key = sa_key};
    memset(cdb, 0xee, sizeof cdb);
    pr_command_pack(&c, cdb, &cdb_len, param, &out_len, &in_len);
}

static void same(const uint8_t *at, const uint8_t *want, size_t len)
{
    ck_assert_int_eq(memcmp(at, want, len), 0);
}

START_TEST(commands_are_the_standards)
{
    pack(PR_REGISTER, 0x1122334455667788, 0xaabbccddeeff0011);
    same(cdb, (const uint8_t[]){0x5f, 0x00, 0, 0, 0, 0, 0, 0, 24, 0}, 10);
    same(param,
         (const uint8_t[]){0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xaa, 0xbb, 0xcc, 0xdd,
                           0xee, 0xff, 0x00, 0x11, 0,    0,    0,    0,    1,    0,    0,    0},
         24);
    ck_assert_uint_eq(out_len, 24);
    ck_assert_uint_eq(in_len, 0);
    pack(PR_REGISTER_OVER, 1, 2);
    same(cdb, (const uint8_t[]){0x5f, 0x06, 0, 0, 0, 0, 0, 0, 24, 0}, 10);
    same(param, (const uint8_t[]){0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}, 16);
    ck_assert_uint_eq(param[20], 1);
    pack(PR_RESERVE, 1, 2);
    same(cdb, (const uint8_t[]){0x5f, 0x01, 5, 0, 0, 0, 0, 0, 24, 0}, 10);
    same(param + 8, (const uint8_t[16]){0}, 16); /* no second key, no APTPL */
    pack(PR_PREEMPT_ABORT, 1, 2);
    same(cdb, (const uint8_t[]){0x5f, 0x05, 5, 0, 0, 0, 0, 0, 24, 0}, 10);
    ck_assert_uint_eq(param[7], 1);
    ck_assert_uint_eq(param[15], 2);
    pack(PR_KEYS, 0, 0);
    same(cdb, (const uint8_t[]){0x5e, 0x00, 0, 0, 0, 0, 0, 0x40, 0, 0}, 10);
    ck_assert_uint_eq(in_len, PR_REPLY_MAX);
    ck_assert_uint_eq(out_len, 0);
    pack(PR_TEST, 0, 0);
    ck_assert_uint_eq(cdb_len, 6);
    ck_assert(pr_op_changes(PR_PREEMPT) && !pr_op_changes(PR_NEXUSES));
}
END_TEST

static enum pr_outcome fixed(uint8_t key, uint8_t asc, uint8_t ascq)
{
    uint8_t sense[18] = {0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq};
    return pr_outcome_get(0x02, sense, sizeof sense);
}

static enum pr_outcome described(uint8_t key, uint8_t asc, uint8_t ascq)
{
    uint8_t sense[8] = {0x72, key, asc, ascq};
    return pr_outcome_get(0x02, sense, sizeof sense);
}

START_TEST(sense_becomes_an_outcome)
{
    ck_assert_int_eq(pr_outcome_get(0, NULL, 0), PR_GOOD);
    ck_assert_int_eq(pr_outcome_get(0x18, NULL, 0), PR_CONFLICT);
    ck_assert_int_eq(pr_outcome_get(0x28, NULL, 0), PR_BUSY);
    ck_assert_int_eq(pr_outcome_get(0x02, NULL, 0), PR_FAILED); /* not good, whatever it is */
    ck_assert_int_eq(fixed(6, 0x29, 0), PR_ATTENTION);
    ck_assert_int_eq(described(6, 0x2a, 3), PR_ATTENTION);
    ck_assert_int_eq(fixed(5, 0x20, 0), PR_UNSUPPORTED);
    ck_assert_int_eq(fixed(5, 0x55, 4), PR_FULL);
    ck_assert_int_eq(described(5, 0x55, 4), PR_FULL);
    ck_assert_int_eq(described(2, 4, 0xa), PR_NOT_READY);
    ck_assert_int_eq(fixed(0xb, 0, 0), PR_ABORTED);
    ck_assert_int_eq(fixed(3, 0x11, 0), PR_FAILED);
    ck_assert_int_eq(fixed(1, 0, 0), PR_GOOD);
    ck_assert(pr_outcome_again(PR_ATTENTION) && !pr_outcome_again(PR_CONFLICT));
    uint8_t sense[18] = {0x70, 0, 6, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x2a, 3};
    ck_assert_uint_eq(pr_sense_get(sense, sizeof sense), 0x062a03);
    ck_assert_uint_eq(pr_sense_get(sense, 2), 0);
}
END_TEST

START_TEST(keys_are_read)
{
    const uint8_t at[] = {0, 0, 0, 9, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8};
    struct pr_keys keys;
    ck_assert_int_eq(pr_get_keys(at, sizeof at, &keys), ERR_OK);
    ck_assert_uint_eq(keys.generation, 9);
    ck_assert_uint_eq(keys.n, 2);
    ck_assert_uint_eq(keys.key[1], 0x0102030405060708);
    ck_assert(!keys.cut);
    ck_assert_int_eq(pr_get_keys(at, 16, &keys), ERR_OK);
    ck_assert(keys.cut); /* it has more than it sent */
    ck_assert_int_eq(pr_get_keys(at, 7, &keys), ERR_SHORT);
    uint8_t many[8 + 8 * (PR_KEYS_MAX + 1)] = {
        [6] = (8 * (PR_KEYS_MAX + 1)) >> 8, [7] = (8 * (PR_KEYS_MAX + 1)) & 0xff};
    ck_assert_int_eq(pr_get_keys(many, sizeof many, &keys), ERR_OK);
    ck_assert(keys.cut);
    const uint8_t odd[] = {0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3};
    ck_assert_int_eq(pr_get_keys(odd, sizeof odd, &keys), ERR_SYNTAX);
}
END_TEST

START_TEST(holder_and_abilities_are_read)
{
    const uint8_t none[] = {0, 0, 0, 9, 0, 0, 0, 0};
    const uint8_t held[] = {0, 0, 0, 9, 0, 0, 0, 16, 0, 0, 0, 0,
                            0, 0, 0, 7, 0, 0, 0, 0,  0, 5, 0, 0};
    const uint8_t able[] = {0, 8, 0x11, 0x81, 0xea, 1, 0, 0};
    struct pr_holder h;
    struct pr_abilities a;
    ck_assert_int_eq(pr_get_holder(none, sizeof none, &h), ERR_OK);
    ck_assert(!h.held);
    ck_assert_int_eq(pr_get_holder(held, sizeof held, &h), ERR_OK);
    ck_assert(h.held && h.key == 7 && h.type == PR_TYPE_WERO && h.scope == 0);
    ck_assert_int_eq(pr_get_holder(held, 20, &h), ERR_SHORT);
    ck_assert(!h.held);
    ck_assert_int_eq(pr_get_abilities(able, sizeof able, &a), ERR_OK);
    ck_assert(a.keeps && a.keeps_now && a.types_told && a.wero);
    ck_assert_int_eq(pr_get_abilities(able, 7, &a), ERR_SHORT);
    ck_assert_int_eq(pr_get_abilities(none, sizeof none, &a), ERR_SYNTAX);
}
END_TEST

START_TEST(nexuses_are_read)
{
    uint8_t at[8 + 24 + 64 + 24 + 24] = {[3] = 1, [7] = 24 + 64 + 24 + 24};
    uint8_t *d = at + 8;
    struct pr_nexus x;
    size_t pos = 0;
    enum err err;
    d[7] = 5;
    d[12] = 0x01;
    d[19] = 3;
    d[23] = 64;
    d[24] = 0x45;
    d[27] = 60;
    strcpy((char *)d + 28, "iqn.2000-01.test:a,i,0x00\x01");
    d += 24 + 64;
    d[7] = 6;
    d[23] = 24; /* fibre channel */
    memcpy(d + 24 + 8, "\x21\x00\x00\x24\xff\x01\x02\x03", 8);
    ck_assert(pr_next_nexus(at, sizeof at, &pos, &x, &err));
    ck_assert(x.key == 5 && x.holder && x.port == 3);
    ck_assert_str_eq(x.initiator, "iqn.2000-01.test:a,i,0x00?");
    ck_assert(pr_next_nexus(at, sizeof at, &pos, &x, &err));
    ck_assert(x.key == 6 && !x.holder);
    ck_assert_str_eq(x.initiator, "fc 21:00:00:24:ff:01:02:03");
    ck_assert(!pr_next_nexus(at, sizeof at, &pos, &x, &err));
    ck_assert_int_eq(err, ERR_OK);
    pos = 0;
    at[8 + 22] = 0xff; /* longer than all */
    ck_assert(!pr_next_nexus(at, sizeof at, &pos, &x, &err));
    ck_assert_int_eq(err, ERR_SHORT);
}
END_TEST

START_TEST(damaged_answers_are_survived)
{
    struct prng p;
    prng_seed(&p, 7);
    for (unsigned i = 0; i < 20000; i++) {
        uint8_t at[256];
        size_t len = prng_below(&p, sizeof at + 1), pos = 0;
        unsigned n = 0;
        struct pr_keys keys;
        struct pr_holder h;
        struct pr_abilities a;
        struct pr_nexus x;
        enum err err;
        for (size_t k = 0; k < len; k++)
            at[k] = prng_chance(&p, 600000) ? 0 : (uint8_t)prng_next(&p);
        if (pr_get_keys(at, len, &keys) == ERR_OK)
            ck_assert_uint_le(8 * keys.n + 8, len);
        err = pr_get_holder(at, len, &h);
        err = pr_get_abilities(at, len, &a);
        while (pr_next_nexus(at, len, &pos, &x, &err)) {
            ck_assert_uint_le(pos + 8, len);
            ck_assert_uint_lt(n++, 12);
        }
        ck_assert_int_lt(pr_outcome_get((uint8_t)prng_next(&p), at, len), PR_OUTCOMES);
    }
}
END_TEST

START_TEST(keys_name_cluster_and_node)
{
    const uint8_t uuid[16] = {1, 2, 3, 4, 5, 6}, other[16] = {1, 2, 3, 4, 6, 6};
    uint8_t node;
    uint64_t a = pr_key_make(uuid, 1), b = pr_key_make(uuid, 2), c = pr_key_make(other, 1);
    ck_assert_uint_eq(a, 0x796b010203040501);
    ck_assert(a != b && a != c);
    ck_assert(pr_key_kin(a, b) && !pr_key_kin(a, c));
    ck_assert_int_eq(pr_key_owner(b, uuid, &node), PR_OURS);
    ck_assert_uint_eq(node, 2);
    ck_assert_int_eq(pr_key_owner(c, uuid, &node), PR_COUSIN);
    ck_assert_int_eq(pr_key_owner(0x123abc, uuid, &node), PR_STRANGER);
    ck_assert_uint_eq(node, 0);
    ck_assert_int_eq(pr_key_owner(a & ~(uint64_t)0xff, uuid, &node), PR_STRANGER); /* node 0 */
    ck_assert_int_eq(pr_key_owner(pr_key_make(uuid, PR_NOBODY), uuid, &node), PR_OURS);
    ck_assert(!pr_key_kin(5, 5));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("pr");
    tcase_add_test(t, commands_are_the_standards);
    tcase_add_test(t, sense_becomes_an_outcome);
    tcase_add_test(t, keys_are_read);
    tcase_add_test(t, holder_and_abilities_are_read);
    tcase_add_test(t, nexuses_are_read);
    tcase_add_test(t, damaged_answers_are_survived);
    tcase_add_test(t, keys_name_cluster_and_node);
    return unit_end();
}
