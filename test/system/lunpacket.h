/* SPDX-License-Identifier: GPL-2.0-or-later
 * lunpacket: what lunpath.so and lunserver say to each other. */
#ifndef YOKE_TEST_LUNPACKET_H
#define YOKE_TEST_LUNPACKET_H

#include <stddef.h>
#include <stdint.h>

enum { LUN_CDB = 16, LUN_PARAM = 24, LUN_DATA = 16384, LUN_CONFLICT = 0x18 };
enum { LUN_ORDER = 'C', LUN_WRITE = 'W', LUN_TEST = 'X' };

struct lun_packet {
    uint8_t kind, nexus;
    uint8_t cdb[LUN_CDB], param[LUN_PARAM];
};

struct lun_reply { /* as much of data as len says */
    uint8_t status, sense_len, sense[18];
    uint32_t len;
    uint8_t data[LUN_DATA];
};

#endif
