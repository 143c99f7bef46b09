/* SPDX-License-Identifier: GPL-2.0-or-later
 * crc32c: CRC-32C (Castagnoli, RFC 3720 B.4). Finds damage; it proves nothing about origin. */
#ifndef YOKE_BASE_CRC32C_H
#define YOKE_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Start with crc = 0; feed pieces in order. */
uint32_t crc32c(uint32_t crc, const void *at, size_t len);

#endif
