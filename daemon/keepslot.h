/* SPDX-License-Identifier: GPL-2.0-or-later
 * keepslot: struct kept as a block of the state file, and the head line of the configuration file.
 * Pure: no file is touched here.
 *
 *   0 "YOKESTAT"   8 version u16   10 fresh u8   16 generation u64   24 epoch u32
 *   28 cib epoch, seq, common epoch, seq u32   44 alone boot u64   52 fenced count u8
 *   56 count times: node id u8, boot u64   508 CRC-32C of all before. Little endian. */
#ifndef YOKE_DAEMON_KEEPSLOT_H
#define YOKE_DAEMON_KEEPSLOT_H

#include "lib/base/str.h"
#include "lib/core/event.h"

enum {
    KEEPSLOT_BYTES = 512,
    KEEPSLOT_STRIDE = 4096, /* each slot in a sector of its own, also where those have 4 KiB */
    KEEPSLOT_FILE = 2 * KEEPSLOT_STRIDE
};

struct keepslot {
    uint64_t generation; /* the higher one is the newer */
    bool fresh;          /* made with the file: nothing was ever kept */
    struct kept kept;
};

void keepslot_put(const struct keepslot *s, uint8_t to[KEEPSLOT_BYTES]);
/* ERR_CRC (also for what never was a slot), ERR_VERSION, ERR_RANGE. */
enum err keepslot_get(const uint8_t at[KEEPSLOT_BYTES], struct keepslot *s) MUST_CHECK;
/* Which of the two to use: 0 or 1, or 2 when neither can be; err[i] says what keepslot_get said. */
unsigned keepslot_newer(const struct keepslot slot[2], const enum err err[2]);

/* First line of the configuration file: "# yoke configuration 3.17 crc 0a1b2c3d\n". */
void keepslot_head_put(struct str *to, uint32_t epoch, uint32_t seq, const char *text);
/* *text: what follows the head, the whole file when it has none (*epoch and *seq unchanged).
 * ERR_CRC: there is a head and the text is not what it was written for. */
enum err keepslot_head_get(const char *file, const char **text, uint32_t *epoch,
                           uint32_t *seq) MUST_CHECK;

#endif
