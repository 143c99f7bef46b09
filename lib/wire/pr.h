/* SPDX-License-Identifier: GPL-2.0-or-later
 * pr: SCSI-3 persistent reservations as bytes: commands (CDB and parameter list) out, what the
 * device answers in, and the keys of a cluster's nodes. Big endian, after SPC-4 (6.15 PERSISTENT
 * RESERVE IN, 6.16 PERSISTENT RESERVE OUT, 4.5 sense data).
 *
 * Happy path: pr_command_pack makes a command, pr_outcome_get says how it ended, one of pr_get_*
 * reads what came back. Fails: data that is shorter than it claims, or that no device may send, is
 * ERR_SHORT or ERR_SYNTAX; what a device refuses is an enum pr_outcome. */
#ifndef YOKE_WIRE_PR_H
#define YOKE_WIRE_PR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"

enum {
    PR_CDB = 10,          /* bytes of a reservation command; PR_TEST has 6 */
    PR_PARAM = 24,        /* bytes of a parameter list */
    PR_KEYS_MAX = 128,    /* registrations on one disk that are looked at */
    PR_REPLY_MAX = 16384, /* bytes that are asked for at most: 128 with long transport names */
    PR_NODES_MAX = 16,    /* node ids 1..16 */
    PR_NAME_LEN = 232     /* of an initiator, with NUL: 223 are an iSCSI name's most */
};

/* Who may write: registered nexuses only. Everybody may read. */
enum { PR_TYPE_WERO = 5 };

enum pr_op {
    PR_TEST,          /* TEST UNIT READY: takes a waiting unit attention, changes nothing */
    PR_KEYS,          /* READ KEYS */
    PR_HOLDER,        /* READ RESERVATION */
    PR_ABILITIES,     /* REPORT CAPABILITIES */
    PR_NEXUSES,       /* READ FULL STATUS */
    PR_REGISTER,      /* key: what this nexus has (0: nothing), sa_key: what it gets (0: nothing) */
    PR_REGISTER_OVER, /* REGISTER AND IGNORE EXISTING KEY: whatever it has */
    PR_RESERVE,       /* type WERO */
    PR_PREEMPT,       /* sa_key's registrations end, its reservation becomes ours */
    PR_PREEMPT_ABORT, /* the same, and its commands under way end undone */
    PR_OPS
};

struct pr_command {
    enum pr_op op;
    uint64_t key;    /* our registered key */
    uint64_t sa_key; /* the key that is set, or preempted */
};

/* Does it change anything on the device? */
bool pr_op_changes(enum pr_op op);
const char *pr_op_word(enum pr_op op); /* "READ KEYS" */
/* cdb[PR_CDB] and param[PR_PARAM] are filled in. *cdb_len: 6 or 10; *out_len: bytes of param that
 * go to the device; *in_len: bytes that it may send. */
void pr_command_pack(const struct pr_command *c, uint8_t cdb[PR_CDB], size_t *cdb_len,
                     uint8_t param[PR_PARAM], size_t *out_len, size_t *in_len);

/* How a command ended. Not carried out: ATTENTION, BUSY, CONFLICT, NOT_READY, UNSUPPORTED, FULL.
 * Nobody knows whether: ABORTED, FAILED, PATH, HUNG. */
enum pr_outcome {
    PR_GOOD,
    PR_CONFLICT,    /* this nexus does not have that key, or nobody has the one to preempt */
    PR_ATTENTION,   /* something happened to the device before; told once, then ask again */
    PR_BUSY,        /* the device wants to be asked again later */
    PR_NOT_READY,   /* so does this path (ALUA transition, standby, becoming ready) */
    PR_UNSUPPORTED, /* the device does not know this command, or not so */
    PR_FULL,        /* it has no room for another registration */
    PR_ABORTED,
    PR_FAILED, /* medium or hardware */
    PR_PATH,   /* never came to the device, or never back */
    PR_HUNG,   /* no answer in time; it may still be carried out */
    PR_OUTCOMES
};

const char *pr_outcome_text(enum pr_outcome outcome); /* English, for logs and JSON */
/* May the same command simply be sent again? */
bool pr_outcome_again(enum pr_outcome outcome);
/* SCSI status byte and sense data, fixed or descriptor format; sense_len may be 0. */
enum pr_outcome pr_outcome_get(uint8_t status, const uint8_t *sense, size_t sense_len);
/* Sense key, ASC and ASCQ as 0xKKAAQQ, 0 when there are none: for messages. */
uint32_t pr_sense_get(const uint8_t *sense, size_t sense_len);

struct pr_keys {
    uint32_t generation; /* counts registrations and preemptions, not reservations */
    unsigned n;
    bool cut;                  /* the device has more than were read */
    uint64_t key[PR_KEYS_MAX]; /* once for each registered nexus */
};
enum err pr_get_keys(const uint8_t *at, size_t len, struct pr_keys *out) MUST_CHECK;

struct pr_holder {
    uint32_t generation;
    bool held;
    uint8_t scope, type;
    uint64_t key; /* of the holder */
};
enum err pr_get_holder(const uint8_t *at, size_t len, struct pr_holder *out) MUST_CHECK;

struct pr_abilities {
    bool keeps;      /* PTPL_C: registrations can outlive a loss of power (APTPL) */
    bool keeps_now;  /* PTPL_A: they do */
    bool types_told; /* TMV: `wero` means something */
    bool wero;
};
enum err pr_get_abilities(const uint8_t *at, size_t len, struct pr_abilities *out) MUST_CHECK;

/* Registered nexuses one by one. pr_next_nexus: false at the end; *err tells when it was a bad one.
 * *pos begins at 0. */
struct pr_nexus {
    uint64_t key;
    bool holder, all_ports;
    uint16_t port;               /* relative target port */
    char initiator[PR_NAME_LEN]; /* "iqn...,i,0x...", "fc 21:00:...", "sas 5000...", "type 4" */
};
bool pr_next_nexus(const uint8_t *at, size_t len, size_t *pos, struct pr_nexus *out, enum err *err);

/* ---- keys ------------------------------------------------------------------------------------
 *   63..48 "yk"   47..8 mark of the cluster   7..0 node id
 * The mark is the first 40 bits of the cluster's UUID, which is a MAC: two clusters have the same
 * one by chance once in 10^12. */
enum pr_owner {
    PR_OURS,    /* a node of this cluster */
    PR_COUSIN,  /* of another yoke cluster, or of ours under another key file */
    PR_STRANGER /* not made by yoke */
};
/* node: 1..PR_NODES_MAX, or PR_NOBODY. */
enum { PR_NOBODY = 255 /* registered by no node: to try a command on */ };
uint64_t pr_key_make(const uint8_t uuid[16], uint8_t node);
/* *node gets the node id, 0 when it is a stranger's. */
enum pr_owner pr_key_owner(uint64_t key, const uint8_t uuid[16], uint8_t *node);
/* Are both of one cluster? */
bool pr_key_kin(uint64_t a, uint64_t b);
uint8_t pr_key_node(uint64_t key); /* 0: a stranger's */

#endif
