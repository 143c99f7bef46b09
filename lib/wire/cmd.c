/* SPDX-License-Identifier: GPL-2.0-or-later
 * cmd: a request as bytes: kind u8, flags u16, number of arguments u8, the arguments as texts, then
 * u8 whether a long text follows, its length u32 and its bytes. Happy path: cmd_put here, cmd_get
 * there. A flag that we do not know is refused: it may mean "do nothing". */
#include <assert.h>
#include <string.h>
#include "lib/wire/cmd.h"

enum { FLAGS_KNOWN = CMD_DRY_RUN | CMD_WAIT_DONE | CMD_FORCE | CMD_REMOVE };

const char *cmd_word(enum cmd_kind kind)
{
    static const char *const words[] = {
#define CMD_WORD(name, word) word,
        CMD_LIST(CMD_WORD)
#undef CMD_WORD
    };
    return (unsigned)kind < CMD_KIND_COUNT ? words[kind] : NULL;
}

void cmd_put(struct buf *b, const struct cmd *c)
{
    assert(c->kind < CMD_KIND_COUNT && c->n_args <= CMD_ARGS_MAX);
    assert(c->text ? c->text_len <= CMD_TEXT_MAX : c->text_len == 0);
    buf_put_u8(b, c->kind);
    buf_put_u16(b, c->flags);
    buf_put_u8(b, c->n_args);
    for (unsigned i = 0; i < c->n_args; i++)
        buf_put_text(b, c->arg[i]);
    buf_put_u8(b, c->text != NULL);
    if (c->text) {
        buf_put_u32(b, c->text_len);
        buf_put_bytes(b, c->text, c->text_len);
    }
}

static enum err get_arg(struct buf *b, char to[CMD_ARG_LEN])
{
    size_t len = buf_get_u16(b);
    if (b->bad)
        return ERR_SHORT;
    if (len >= CMD_ARG_LEN)
        return ERR_RANGE;
    const uint8_t *at = buf_get_view(b, len);
    if (!at)
        return ERR_SHORT;
    if (memchr(at, 0, len))
        return ERR_SYNTAX;
    memcpy(to, at, len);
    return ERR_OK;
}

static enum err get_text(struct buf *b, struct cmd *out)
{
    uint8_t has = buf_get_u8(b);
    if (!b->bad && has > 1)
        return ERR_SYNTAX;
    if (!has)
        return b->bad ? ERR_SHORT : ERR_OK;
    uint32_t len = buf_get_u32(b);
    if (len > CMD_TEXT_MAX)
        return ERR_RANGE;
    const uint8_t *at = buf_get_view(b, len);
    if (!at)
        return ERR_SHORT;
    out->text = (const char *)at;
    out->text_len = len;
    return ERR_OK;
}

enum err cmd_get(struct buf *b, struct cmd *out)
{
    memset(out, 0, sizeof(*out));
    out->kind = buf_get_u8(b);
    out->flags = buf_get_u16(b);
    out->n_args = buf_get_u8(b);
    if (b->bad)
        return ERR_SHORT;
    if (out->kind >= CMD_KIND_COUNT || out->flags & ~FLAGS_KNOWN)
        return ERR_UNKNOWN;
    if (out->n_args > CMD_ARGS_MAX)
        return ERR_RANGE;
    for (unsigned i = 0; i < out->n_args; i++) {
        enum err err = get_arg(b, out->arg[i]);
        if (err)
            return err;
    }
    return get_text(b, out);
}
