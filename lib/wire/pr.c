/* SPDX-License-Identifier: GPL-2.0-or-later
 * pr: see pr.h. */
#include "lib/wire/pr.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { /* SPC-4, SAM-5 */
       OPCODE_TEST = 0x00,
       OPCODE_IN = 0x5e,
       OPCODE_OUT = 0x5f,
       STATUS_CHECK = 0x02,
       STATUS_BUSY = 0x08,
       STATUS_CONFLICT = 0x18,
       STATUS_FULL = 0x28, /* TASK SET FULL */
       STATUS_ACA = 0x30,
       STATUS_ABORTED = 0x40,
       SENSE_FIXED = 0x70,
       SENSE_DESCRIPTOR = 0x72,
       KEY_NONE = 0x0,
       KEY_RECOVERED = 0x1,
       KEY_NOT_READY = 0x2,
       KEY_ILLEGAL = 0x5,
       KEY_ATTENTION = 0x6,
       KEY_ABORTED = 0xb,
       ASC_NO_ROOM = 0x5504, /* INSUFFICIENT REGISTRATION RESOURCES */
       APTPL = 0x01,
       IN_SMALL = 512,
       KEY_MAGIC = 0x796b, /* "yk" */
       KEY_MARK = 5        /* bytes */
};

static const struct {
    uint8_t opcode, action;
    bool changes;
    const char *word;
} ops[PR_OPS] = {
    [PR_TEST] = {OPCODE_TEST, 0, false, "TEST UNIT READY"},
    [PR_KEYS] = {OPCODE_IN, 0, false, "READ KEYS"},
    [PR_HOLDER] = {OPCODE_IN, 1, false, "READ RESERVATION"},
    [PR_ABILITIES] = {OPCODE_IN, 2, false, "REPORT CAPABILITIES"},
    [PR_NEXUSES] = {OPCODE_IN, 3, false, "READ FULL STATUS"},
    [PR_REGISTER] = {OPCODE_OUT, 0, true, "REGISTER"},
    [PR_REGISTER_OVER] = {OPCODE_OUT, 6, true, "REGISTER AND IGNORE EXISTING KEY"},
    [PR_RESERVE] = {OPCODE_OUT, 1, true, "RESERVE"},
    [PR_PREEMPT] = {OPCODE_OUT, 4, true, "PREEMPT"},
    [PR_PREEMPT_ABORT] = {OPCODE_OUT, 5, true, "PREEMPT AND ABORT"},
};

static const char *const outcomes[PR_OUTCOMES] = {
    [PR_GOOD] = "done",
    [PR_CONFLICT] = "reservation conflict",
    [PR_ATTENTION] = "unit attention",
    [PR_BUSY] = "busy",
    [PR_NOT_READY] = "not ready",
    [PR_UNSUPPORTED] = "not supported",
    [PR_FULL] = "no room for a registration",
    [PR_ABORTED] = "aborted",
    [PR_FAILED] = "failed",
    [PR_PATH] = "path lost",
    [PR_HUNG] = "no answer",
};

static void put_be(uint8_t *at, unsigned bytes, uint64_t v)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
}

static uint64_t get_be(const uint8_t *at, unsigned bytes)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | at[i];
    return v;
}

bool pr_op_changes(enum pr_op op)
{
    assert(op < PR_OPS);
    return ops[op].changes;
}

const char *pr_op_word(enum pr_op op)
{
    assert(op < PR_OPS);
    return ops[op].word;
}

void pr_command_pack(const struct pr_command *c, uint8_t cdb[PR_CDB], size_t *cdb_len,
                     uint8_t param[PR_PARAM], size_t *out_len, size_t *in_len)
{
    assert(c->op < PR_OPS);
    memset(cdb, 0, PR_CDB);
    memset(param, 0, PR_PARAM);
    *cdb_len = c->op == PR_TEST ? 6 : PR_CDB;
    *out_len = *in_len = 0;
    cdb[0] = ops[c->op].opcode;
    if (c->op == PR_TEST)
        return;
    cdb[1] = ops[c->op].action;
    if (cdb[0] == OPCODE_IN) {
        *in_len = c->op == PR_HOLDER || c->op == PR_ABILITIES ? IN_SMALL : PR_REPLY_MAX;
        put_be(cdb + 7, 2, *in_len);
        return;
    }
    bool registers = c->op == PR_REGISTER || c->op == PR_REGISTER_OVER;
    *out_len = PR_PARAM;
    cdb[2] = registers ? 0 : PR_TYPE_WERO; /* scope 0: the logical unit */
    put_be(cdb + 5, 4, PR_PARAM);
    /* With "ignore" the old key means nothing, and some devices want it to be 0. */
    put_be(param, 8, c->op == PR_REGISTER_OVER ? 0 : c->key);
    put_be(param + 8, 8, c->op == PR_RESERVE ? 0 : c->sa_key);
    /* The last REGISTER decides for the whole device: none of ours may be without it. */
    param[20] = registers ? APTPL : 0;
}

const char *pr_outcome_text(enum pr_outcome outcome)
{
    assert(outcome < PR_OUTCOMES);
    return outcomes[outcome];
}

bool pr_outcome_again(enum pr_outcome outcome)
{
    return outcome == PR_ATTENTION || outcome == PR_BUSY || outcome == PR_NOT_READY;
}

uint32_t pr_sense_get(const uint8_t *sense, size_t len)
{
    if (len >= 4 && (sense[0] & 0x7e) == SENSE_DESCRIPTOR)
        return (uint32_t)(sense[1] & 0x0f) << 16 | (uint32_t)sense[2] << 8 | sense[3];
    if (len >= 3 && (sense[0] & 0x7e) == SENSE_FIXED) {
        uint32_t more = len >= 14 ? (uint32_t)sense[12] << 8 | sense[13] : 0;
        return (uint32_t)(sense[2] & 0x0f) << 16 | more;
    }
    return 0;
}

static enum pr_outcome checked(uint32_t sense)
{
    switch (sense >> 16) {
    case KEY_RECOVERED: return PR_GOOD; /* carried out, with some trouble */
    case KEY_NOT_READY: return PR_NOT_READY;
    case KEY_ATTENTION: return PR_ATTENTION;
    case KEY_ABORTED: return PR_ABORTED;
    case KEY_ILLEGAL: return (sense & 0xffff) == ASC_NO_ROOM ? PR_FULL : PR_UNSUPPORTED;
    default: return PR_FAILED;
    }
}

enum pr_outcome pr_outcome_get(uint8_t status, const uint8_t *sense, size_t sense_len)
{
    switch (status & 0x7e) {
    case 0: return PR_GOOD;
    case STATUS_CONFLICT: return PR_CONFLICT;
    case STATUS_BUSY:
    case STATUS_FULL:
    case STATUS_ACA: return PR_BUSY;
    case STATUS_ABORTED: return PR_ABORTED;
    case STATUS_CHECK: return checked(pr_sense_get(sense, sense_len));
    default: return PR_FAILED;
    }
}

/* ---- what comes back ------------------------------------------------------------------------ */

/* Generation and length, with which all but the capabilities begin. *rest: bytes after them that
 * are there; *cut: the device has more. */
static enum err head_get(const uint8_t *at, size_t len, uint32_t *generation, size_t *rest,
                         bool *cut)
{
    if (len < 8)
        return ERR_SHORT;
    uint64_t has = get_be(at + 4, 4);
    *generation = (uint32_t)get_be(at, 4);
    *cut = has > len - 8;
    *rest = *cut ? len - 8 : (size_t)has;
    return ERR_OK;
}

enum err pr_get_keys(const uint8_t *at, size_t len, struct pr_keys *out)
{
    size_t rest;
    memset(out, 0, sizeof(*out));
    enum err err = head_get(at, len, &out->generation, &rest, &out->cut);
    if (err)
        return err;
    if (!out->cut && rest % 8)
        return ERR_SYNTAX;
    for (size_t pos = 0; pos + 8 <= rest; pos += 8) {
        if (out->n == PR_KEYS_MAX) {
            out->cut = true;
            break;
        }
        out->key[out->n++] = get_be(at + 8 + pos, 8);
    }
    return ERR_OK;
}

enum err pr_get_holder(const uint8_t *at, size_t len, struct pr_holder *out)
{
    size_t rest;
    bool cut;
    memset(out, 0, sizeof(*out));
    enum err err = head_get(at, len, &out->generation, &rest, &cut);
    if (err)
        return err;
    if (rest == 0 && !cut)
        return ERR_OK; /* nobody holds it */
    if (rest < 16)
        return ERR_SHORT;
    out->held = true;
    out->key = get_be(at + 8, 8);
    out->scope = at[8 + 13] >> 4;
    out->type = at[8 + 13] & 0x0f;
    return ERR_OK;
}

enum err pr_get_abilities(const uint8_t *at, size_t len, struct pr_abilities *out)
{
    memset(out, 0, sizeof(*out));
    if (len < 8)
        return ERR_SHORT;
    if (get_be(at, 2) < 8)
        return ERR_SYNTAX;
    out->keeps = at[2] & 0x01;
    out->types_told = at[3] & 0x80;
    out->keeps_now = at[3] & 0x01;
    out->wero = out->types_told && (at[4] & 0x20);
    return ERR_OK;
}

static void hex(char *to, size_t size, const char *kind, const uint8_t *at, unsigned n,
                const char *between)
{
    size_t pos = (size_t)snprintf(to, size, "%s ", kind);
    for (unsigned i = 0; i < n && pos + 4 < size; i++)
        pos += (size_t)snprintf(to + pos, size - pos, "%s%02x", i ? between : "", at[i]);
}

/* A TransportID (SPC-4 7.6.4): who the registered initiator is. */
static void initiator_get(const uint8_t *at, size_t len, char to[PR_NAME_LEN])
{
    unsigned protocol = len > 0 ? at[0] & 0x0f : 0xff;
    to[0] = '\0';
    if (protocol == 0x0 && len >= 16) {
        hex(to, PR_NAME_LEN, "fc", at + 8, 8, ":");
    } else if (protocol == 0x6 && len >= 12) {
        hex(to, PR_NAME_LEN, "sas", at + 4, 8, "");
    } else if (protocol == 0x5 && len > 4) {
        size_t has = (size_t)get_be(at + 2, 2), n = 0;
        has = has < len - 4 ? has : len - 4;
        for (; n < has && n < PR_NAME_LEN - 1 && at[4 + n]; n++)
            to[n] = at[4 + n] >= 0x20 && at[4 + n] < 0x7f ? (char)at[4 + n] : '?';
        to[n] = '\0';
    } else {
        snprintf(to, PR_NAME_LEN, "type %u", protocol);
    }
}

bool pr_next_nexus(const uint8_t *at, size_t len, size_t *pos, struct pr_nexus *out, enum err *err)
{
    enum { DESCRIPTOR = 24 };
    uint32_t generation;
    size_t rest;
    bool cut;
    memset(out, 0, sizeof(*out));
    *err = head_get(at, len, &generation, &rest, &cut);
    if (*err)
        return false;
    if (*pos == rest) {
        *err = cut ? ERR_FULL : ERR_OK;
        return false;
    }
    const uint8_t *d = at + 8 + *pos;
    size_t left = rest - *pos;
    uint64_t more = left < DESCRIPTOR ? 0 : get_be(d + 20, 4);
    if (left < DESCRIPTOR || more > left - DESCRIPTOR) {
        *err = cut ? ERR_FULL : ERR_SHORT;
        return false;
    }
    out->key = get_be(d, 8);
    out->all_ports = d[12] & 0x02;
    out->holder = d[12] & 0x01;
    out->port = (uint16_t)get_be(d + 18, 2);
    initiator_get(d + DESCRIPTOR, (size_t)more, out->initiator);
    *pos += DESCRIPTOR + (size_t)more;
    return true;
}

/* ---- keys ----------------------------------------------------------------------------------- */

uint64_t pr_key_make(const uint8_t uuid[16], uint8_t node)
{
    assert((node >= 1 && node <= PR_NODES_MAX) || node == PR_NOBODY);
    return (uint64_t)KEY_MAGIC << 48 | get_be(uuid, KEY_MARK) << 8 | node;
}

uint8_t pr_key_node(uint64_t key)
{
    uint8_t node = (uint8_t)key;
    bool fits = (node >= 1 && node <= PR_NODES_MAX) || node == PR_NOBODY;
    return key >> 48 == KEY_MAGIC && fits ? node : 0;
}

bool pr_key_kin(uint64_t a, uint64_t b)
{
    return pr_key_node(a) && pr_key_node(b) && a >> 8 == b >> 8;
}

enum pr_owner pr_key_owner(uint64_t key, const uint8_t uuid[16], uint8_t *node)
{
    *node = pr_key_node(key);
    if (*node == 0)
        return PR_STRANGER;
    return pr_key_kin(key, pr_key_make(uuid, 1)) ? PR_OURS : PR_COUSIN;
}
