/* SPDX-License-Identifier: GPL-2.0-or-later
 * feedmsg: messages of daemon and keeper as bytes, and the keeper's reasons as sentences. */
#include "lib/wire/feedmsg.h"

#include <assert.h>
#include <string.h>

#define N_(text) text /* marked for translation */

enum { MAGIC = 0x44454659 }; /* "YFED" */

size_t feed_request_put(const struct feed_request *r, uint8_t to[FEEDMSG_MAX])
{
    struct buf b;
    assert(r->verb < FEED_VERB_COUNT);
    buf_write_init(&b, to, FEEDMSG_MAX);
    buf_put_u32(&b, MAGIC);
    buf_put_u16(&b, FEEDMSG_VERSION);
    buf_put_u8(&b, r->verb);
    buf_put_u64(&b, r->until_us);
    assert(!b.bad);
    return b.pos;
}

static enum err head_get(struct buf *b)
{
    uint32_t magic = buf_get_u32(b);
    uint16_t version = buf_get_u16(b);
    if (b->bad)
        return ERR_SHORT;
    if (magic != MAGIC)
        return ERR_SYNTAX;
    return version >= 1 ? ERR_OK : ERR_VERSION;
}

enum err feed_request_get(const uint8_t *at, size_t len, struct feed_request *r)
{
    struct buf b;
    buf_read_init(&b, at, len);
    memset(r, 0, sizeof *r);
    enum err err = head_get(&b);
    if (err)
        return err;
    r->verb = buf_get_u8(&b);
    r->until_us = buf_get_u64(&b);
    if (b.bad)
        return ERR_SHORT;
    return r->verb < FEED_VERB_COUNT ? ERR_OK : ERR_UNKNOWN;
}

enum { STOPPABLE = 1, LOCKED = 2, REALTIME = 4 };

size_t feed_answer_put(const struct feed_answer *a, uint8_t to[FEEDMSG_MAX])
{
    struct buf b;
    assert(a->state < FEED_STATE_COUNT && a->why < FEED_WHY_COUNT);
    buf_write_init(&b, to, FEEDMSG_MAX);
    buf_put_u32(&b, MAGIC);
    buf_put_u16(&b, FEEDMSG_VERSION);
    buf_put_u64(&b, a->boot);
    buf_put_u8(&b, a->state);
    buf_put_u8(&b, a->kind);
    buf_put_u8(&b, a->why);
    buf_put_u8(&b, (uint8_t)((a->stoppable ? STOPPABLE : 0) | (a->locked ? LOCKED : 0) |
                             (a->realtime ? REALTIME : 0)));
    buf_put_u32(&b, (uint32_t)a->error);
    buf_put_u32(&b, a->timeout_ms);
    buf_put_u32(&b, a->pretimeout_ms);
    buf_put_u32(&b, a->want_ms);
    buf_put_u64(&b, a->until_us);
    buf_put_u64(&b, a->fed_us);
    buf_put_u32(&b, a->pid);
    buf_put_u32(&b, a->owner);
    buf_put_text(&b, a->owner_name);
    buf_put_text(&b, a->identity);
    buf_put_text(&b, a->device);
    assert(!b.bad);
    return b.pos;
}

enum err feed_answer_get(const uint8_t *at, size_t len, struct feed_answer *a)
{
    struct buf b;
    buf_read_init(&b, at, len);
    memset(a, 0, sizeof *a);
    enum err err = head_get(&b);
    if (err)
        return err;
    a->boot = buf_get_u64(&b);
    a->state = buf_get_u8(&b);
    a->kind = buf_get_u8(&b);
    a->why = buf_get_u8(&b);
    uint8_t flags = buf_get_u8(&b);
    a->stoppable = flags & STOPPABLE;
    a->locked = flags & LOCKED;
    a->realtime = flags & REALTIME;
    a->error = (int32_t)buf_get_u32(&b);
    a->timeout_ms = buf_get_u32(&b);
    a->pretimeout_ms = buf_get_u32(&b);
    a->want_ms = buf_get_u32(&b);
    a->until_us = buf_get_u64(&b);
    a->fed_us = buf_get_u64(&b);
    a->pid = buf_get_u32(&b);
    a->owner = buf_get_u32(&b);
    buf_get_text(&b, a->owner_name, sizeof a->owner_name);
    buf_get_text(&b, a->identity, sizeof a->identity);
    buf_get_text(&b, a->device, sizeof a->device);
    if (b.bad)
        return ERR_SHORT;
    /* A reason of a later version is some reason; a state of one cannot be judged. */
    return a->state < FEED_STATE_COUNT ? ERR_OK : ERR_UNKNOWN;
}

bool feed_answer_armed(const struct feed_answer *a)
{
    return a->state == FEED_ARMED || a->state == FEED_PENDING;
}

bool feed_answer_sure(const struct feed_answer *a)
{
    bool ended = a->why == FEED_WHY_DUE || a->why == FEED_WHY_TESTED || a->why == FEED_WHY_ORPHAN;
    return a->why == FEED_WHY_FINE || (a->state == FEED_PENDING && ended);
}

static const char *const sentences[FEED_WHY_COUNT] = {
    [FEED_WHY_FINE] = "",
    [FEED_WHY_NO_DEVICE] =
        N_("the watchdog %s cannot be opened: %s; look which driver this machine "
           "has (wdctl), load it, and set [watchdog] device in yoke.conf"),
    [FEED_WHY_OWNED] =
        N_("the watchdog %s is in use by %s: stop that program, or give yoke another "
           "watchdog in yoke.conf"),
    [FEED_WHY_OWNED_SYSTEMD] =
        N_("the watchdog %s belongs to systemd: set RuntimeWatchdogSec=0 (off) in "
           "/etc/systemd/system.conf and reboot, or give yoke another watchdog in yoke.conf"),
    [FEED_WHY_NO_WATCHDOG] =
        N_("%s is no watchdog: set [watchdog] device in yoke.conf to a device such as "
           "/dev/watchdog0"),
    [FEED_WHY_STOPS] =
        N_("the watchdog %s (%s) stops whenever its file is closed, so the end of one process "
           "would switch it off: load its driver with nowayout=1, or use another watchdog"),
    [FEED_WHY_TIMEOUT] = N_(
        "the watchdog %s (%s) does not take the time-out: %s was set, it says %s; set [watchdog] "
        "timeout in yoke.conf to what it can do"),
    [FEED_WHY_RUNS] =
        N_("the watchdog %s (%s) runs though no process feeds it: this machine is about "
           "to be reset; wait for that"),
    [FEED_WHY_ORPHAN] =
        N_("the keeper of the watchdog %s died while it was armed: this machine is about to be "
           "reset; wait for that, and if it does not happen, reboot it"),
    [FEED_WHY_DATE] = N_("the time until which the watchdog was to be fed has passed"),
    [FEED_WHY_DUE] =
        N_("the watchdog was not to be fed any longer, because no other node and no disk "
           "confirmed this one in time: this machine is about to be reset"),
    [FEED_WHY_TESTED] =
        N_("the feeding of the watchdog was ended on request: this machine is about to "
           "be reset"),
    [FEED_WHY_SLEPT] =
        N_("this machine was suspended while its watchdog was armed, so others may have "
           "taken its services over: it must be reset"),
    [FEED_WHY_PING] =
        N_("the watchdog %s could not be fed: %s; this machine may be about to be reset"),
};

static void ms_words(uint32_t ms, char *to, size_t size)
{
    struct str s;
    str_init(&s, to, size);
    if (ms % 1000 == 0)
        str_addf(&s, "%u s", ms / 1000);
    else
        str_addf(&s, "%u ms", ms);
}

/* Puts up to four texts in the place of %s: translations are not printf formats here, because the
 * number of places differs from row to row. */
static void fill(struct str *out, const char *format, const char *const *args, unsigned n)
{
    unsigned next = 0;
    for (const char *p = format; *p != '\0'; p++) {
        if (p[0] == '%' && p[1] == 's' && next < n) {
            str_add(out, args[next++]);
            p++;
        } else {
            str_add_char(out, *p);
        }
    }
}

void feed_answer_words(const struct feed_answer *a, const char *(*translate)(const char *),
                       const char *system, struct str *out)
{
    char set[16], says[16], owner[40];
    struct str s;
    const char *format = a->why < FEED_WHY_COUNT
                             ? sentences[a->why]
                             : N_("the keeper of a later version of yoke gave a "
                                  "reason that this version does not know");
    if (*format == '\0')
        return;
    ms_words(a->want_ms, set, sizeof set);
    ms_words(a->timeout_ms, says, sizeof says);
    str_init(&s, owner, sizeof owner);
    str_addf(&s, "%s (%u)", a->owner_name, a->owner);
    const char *second = a->why == FEED_WHY_NO_DEVICE || a->why == FEED_WHY_PING ? system
                         : a->why == FEED_WHY_OWNED                              ? owner
                                                                                 : a->identity;
    const char *const args[] = {a->device, second, set, says};
    fill(out, translate ? translate(format) : format, args, ARRAY_LEN(args));
}
