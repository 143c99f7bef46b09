/* SPDX-License-Identifier: GPL-2.0-or-later
 * auth: the seal of a frame: HMAC-SHA256 or HMAC-SM3 cut to 128 bits (RFC 2104 section 5), then
 * CRC. The only file of lib/ that calls libcrypto. Keys are 32 bytes; the key file holds one
 * hexadecimal key a line: the first seals, all open, so that keys can be rolled over. */
#ifndef YOKE_WIRE_AUTH_H
#define YOKE_WIRE_AUTH_H

#include <stddef.h>
#include <stdint.h>
#include "lib/base/err.h"

enum { AUTH_KEY_BYTES = 32, AUTH_KEYS_MAX = 4, AUTH_MARK_BYTES = 16 };
enum auth_kind { AUTH_KIND_SHA256, AUTH_KIND_SM3 };

struct auth; /* keeps its libcrypto contexts: allocates nothing of its own per frame */

/* Keys from the text of a key file ('#' comments, blank lines). ERR_SYNTAX, ERR_MISSING (no key),
 * ERR_FULL (more than AUTH_KEYS_MAX), ERR_UNKNOWN (libcrypto lacks the algorithm). Free with
 * auth_free. */
enum err auth_new(enum auth_kind kind, const char *keys, struct auth **out) MUST_CHECK;
void auth_free(struct auth *a);
/* Appends MAC and CRC to frame[0..len) and patches the head's length; size is the room. Sets
 * *out_len. */
enum err auth_seal(struct auth *a, uint8_t *frame, size_t len, size_t size,
                   size_t *out_len) MUST_CHECK;
/* Checks CRC, then MAC (constant time). *out_len: bytes up to the end of the body.
 * ERR_SHORT, ERR_SYNTAX, ERR_CRC, ERR_AUTH. */
enum err auth_open(struct auth *a, const uint8_t *frame, size_t len, size_t *out_len) MUST_CHECK;
/* A mark of a cluster that only holders of its key can make: the MAC by key number `key` (from 0)
 * of a text. ERR_MISSING: there are not so many keys. For the UUID of quorum disks. */
enum err auth_mark(struct auth *a, unsigned key, const char *text,
                   uint8_t out[AUTH_MARK_BYTES]) MUST_CHECK;
/* One line of a key file (64 hexadecimal digits and newline) from 32 random bytes. */
void auth_key_line(const uint8_t key[AUTH_KEY_BYTES], char out[2 * AUTH_KEY_BYTES + 2]);

#endif
