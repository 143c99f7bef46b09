/* SPDX-License-Identifier: GPL-2.0-or-later
 * keepslot: bytes of the state file. Happy path: put, write, read, get. Fails when the checksum is
 * wrong, or a later version of yoke wrote it. */
#include "daemon/keepslot.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/buf.h"
#include "lib/base/crc32c.h"

enum { VERSION = 1, CRC_AT = KEEPSLOT_BYTES - 4, FENCED_AT = 64 };

static const char magic[8] = {'Y', 'O', 'K', 'E', 'S', 'T', 'A', 'T'};

void keepslot_put(const struct keepslot *s, uint8_t to[KEEPSLOT_BYTES])
{
    const struct kept *k = &s->kept;
    struct buf b;
    assert(k->n_fenced <= KEPT_FENCED_MAX);
    memset(to, 0, KEEPSLOT_BYTES);
    buf_write_init(&b, to, KEEPSLOT_BYTES);
    buf_put_bytes(&b, magic, sizeof magic);
    buf_put_u16(&b, VERSION);
    buf_put_u8(&b, s->fresh);
    b.pos = 16;
    buf_put_u64(&b, s->generation);
    buf_put_u32(&b, k->epoch);
    buf_put_u32(&b, k->cib_epoch);
    buf_put_u32(&b, k->cib_seq);
    buf_put_u32(&b, k->common_epoch);
    buf_put_u32(&b, k->common_seq);
    buf_put_u64(&b, k->alone_boot);
    buf_put_u64(&b, k->orphan_boot);
    buf_put_u8(&b, k->n_fenced);
    b.pos = FENCED_AT;
    for (unsigned i = 0; i < k->n_fenced; i++) {
        buf_put_u8(&b, k->fenced[i].node_id);
        buf_put_u64(&b, k->fenced[i].boot);
    }
    assert(!b.bad && b.pos <= CRC_AT);
    b.pos = CRC_AT;
    buf_put_u32(&b, crc32c(0, to, CRC_AT));
}

enum err keepslot_get(const uint8_t at[KEEPSLOT_BYTES], struct keepslot *s)
{
    struct kept *k = &s->kept;
    struct buf b;
    memset(s, 0, sizeof *s);
    buf_read_init(&b, at, KEEPSLOT_BYTES);
    b.pos = CRC_AT;
    if (memcmp(at, magic, sizeof magic) != 0 || buf_get_u32(&b) != crc32c(0, at, CRC_AT))
        return ERR_CRC;
    b.pos = sizeof magic;
    if (buf_get_u16(&b) != VERSION)
        return ERR_VERSION;
    s->fresh = buf_get_u8(&b) != 0;
    b.pos = 16;
    s->generation = buf_get_u64(&b);
    k->epoch = buf_get_u32(&b);
    k->cib_epoch = buf_get_u32(&b);
    k->cib_seq = buf_get_u32(&b);
    k->common_epoch = buf_get_u32(&b);
    k->common_seq = buf_get_u32(&b);
    k->alone_boot = buf_get_u64(&b);
    k->orphan_boot = buf_get_u64(&b);
    k->n_fenced = buf_get_u8(&b);
    if (k->n_fenced > KEPT_FENCED_MAX)
        return ERR_RANGE;
    b.pos = FENCED_AT;
    for (unsigned i = 0; i < k->n_fenced; i++) {
        k->fenced[i].node_id = buf_get_u8(&b);
        k->fenced[i].boot = buf_get_u64(&b);
    }
    return ERR_OK;
}

unsigned keepslot_newer(const struct keepslot slot[2], const enum err err[2])
{
    if (err[0] && err[1])
        return 2;
    if (err[0] || err[1])
        return err[0] ? 1 : 0;
    return slot[1].generation > slot[0].generation ? 1 : 0;
}

void keepslot_head_put(struct str *to, uint32_t epoch, uint32_t seq, const char *text)
{
    str_addf(to, "# yoke configuration %u.%u crc %08x\n", epoch, seq,
             crc32c(0, text, strlen(text)));
}

enum err keepslot_head_get(const char *file, const char **text, uint32_t *epoch, uint32_t *seq)
{
    unsigned e, q, crc;
    int end = 0;
    *text = file;
    if (sscanf(file, "# yoke configuration %u.%u crc %8x%n", &e, &q, &crc, &end) != 3 ||
        file[end] != '\n')
        return ERR_OK;
    *text = file + end + 1;
    *epoch = e;
    *seq = q;
    return crc32c(0, *text, strlen(*text)) == crc ? ERR_OK : ERR_CRC;
}
