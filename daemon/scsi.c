/* SPDX-License-Identifier: GPL-2.0-or-later
 * scsi: see scsi.h. SG_IO on the block device itself: works also while device mapper has it. */
#include "daemon/scsi.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <scsi/sg.h>

enum {
    SENSE_BYTES = 64,
    HOST_TIME_OUT = 3, /* DID_TIME_OUT */
    INQUIRY = 0x12,
    INQUIRY_CDB = 6,
    PAGE_NAMES = 0x83,
    PAGE_BYTES = 1024
};

static enum pr_outcome from_errno(int code)
{
    switch (code) {
    case ENOTTY:
    case EINVAL:
    case ENOSYS:
    case EOPNOTSUPP: return PR_UNSUPPORTED; /* no SCSI disk */
    case EBUSY:
    case EAGAIN: return PR_BUSY;
    default: return PR_PATH;
    }
}

static enum pr_outcome sg_send(int fd, struct sg_io_hdr *h)
{
    uint8_t sense[SENSE_BYTES] = {0};
    h->interface_id = 'S';
    h->mx_sb_len = sizeof sense;
    h->sbp = sense;
    assert(h->timeout);
    if (ioctl(fd, SG_IO, h) != 0)
        return from_errno(errno);
    if (h->status || h->sb_len_wr)
        return pr_outcome_get(h->status, sense, h->sb_len_wr);
    if (h->host_status == HOST_TIME_OUT)
        return PR_HUNG;
    return h->host_status || h->driver_status ? PR_PATH : PR_GOOD;
}

enum pr_outcome scsi_send(int fd, const struct pr_command *c, unsigned abort_ms, uint8_t *data,
                          size_t *len)
{
    uint8_t cdb[PR_CDB], param[PR_PARAM];
    size_t cdb_len, out_len, in_len;
    pr_command_pack(c, cdb, &cdb_len, param, &out_len, &in_len);
    assert(in_len <= PR_REPLY_MAX && (out_len == 0 || in_len == 0));
    struct sg_io_hdr h = {.cmdp = cdb,
                          .cmd_len = (unsigned char)cdb_len,
                          .timeout = abort_ms ? abort_ms : SCSI_ABORT_MS};
    h.dxfer_direction = out_len ? SG_DXFER_TO_DEV : in_len ? SG_DXFER_FROM_DEV : SG_DXFER_NONE;
    h.dxferp = out_len ? param : data;
    h.dxfer_len = (unsigned)(out_len + in_len);
    *len = 0;
    enum pr_outcome outcome = sg_send(fd, &h);
    if (outcome == PR_GOOD && in_len && h.resid >= 0 && (size_t)h.resid <= in_len)
        *len = in_len - (size_t)h.resid;
    return outcome;
}

/* ---- names ----------------------------------------------------------------------------------- */

enum name_type { NAME_T10 = 1, NAME_EUI = 2, NAME_NAA = 3, NAME_STRING = 8 };

/* Longer NAA names are unique in the whole disk array, the others are for those without. */
static unsigned name_rank(const uint8_t *at)
{
    unsigned type = at[1] & 0xf, whose = at[1] >> 4 & 3;
    if (whose != 0) /* of the logical unit itself, not of the port */
        return 0;
    switch (type) {
    case NAME_NAA: return at[3] >= 16 ? 5 : 4;
    case NAME_EUI: return 3;
    case NAME_STRING: return 2;
    case NAME_T10: return 1;
    default: return 0;
    }
}

static void name_write(const uint8_t *at, char name[SCSI_NAME_LEN])
{
    struct str s;
    unsigned type = at[1] & 0xf;
    bool hex = type == NAME_NAA || type == NAME_EUI;
    str_init(&s, name, SCSI_NAME_LEN);
    str_add(&s, type == NAME_NAA   ? "naa."
                : type == NAME_EUI ? "eui."
                : type == NAME_T10 ? "t10."
                                   : "");
    for (unsigned i = 0; i < at[3]; i++) {
        uint8_t c = at[4 + i];
        if (hex)
            str_addf(&s, "%02x", c);
        else if (c > ' ' && c < 0x7f)
            str_add_char(&s, (char)c);
        else if (c == ' ' && i > 0 && at[3 + i] != ' ')
            str_add_char(&s, '_');
    }
}

bool scsi_name_get(const uint8_t *page, size_t len, char name[SCSI_NAME_LEN])
{
    unsigned best = 0;
    name[0] = '\0';
    if (len < 4 || page[1] != PAGE_NAMES)
        return false;
    size_t told = 4 + ((size_t)page[2] << 8 | page[3]);
    size_t end = told < len ? told : len;
    for (size_t at = 4; at + 4 <= end && at + 4 + page[at + 3] <= end; at += 4u + page[at + 3]) {
        unsigned rank = page[at + 3] ? name_rank(page + at) : 0;
        if (rank > best) {
            best = rank;
            name_write(page + at, name);
        }
    }
    return best > 0;
}

enum pr_outcome scsi_name(int fd, char name[SCSI_NAME_LEN])
{
    uint8_t page[PAGE_BYTES] = {0};
    uint8_t cdb[INQUIRY_CDB] = {INQUIRY, 1, PAGE_NAMES, PAGE_BYTES >> 8, PAGE_BYTES & 0xff, 0};
    struct sg_io_hdr h = {.cmdp = cdb,
                          .cmd_len = sizeof cdb,
                          .dxfer_direction = SG_DXFER_FROM_DEV,
                          .dxferp = page,
                          .timeout = SCSI_ABORT_MS,
                          .dxfer_len = sizeof page};
    enum pr_outcome outcome = sg_send(fd, &h);
    if (outcome == PR_ATTENTION) { /* INQUIRY tells of none, by the book */
        outcome = sg_send(fd, &h);
    }
    if (outcome == PR_GOOD && !scsi_name_get(page, sizeof page, name))
        return PR_UNSUPPORTED;
    return outcome;
}
