/* SPDX-License-Identifier: GPL-2.0-or-later
 * simtrace: what happened, one line each. See simtrace.h.
 *
 * Columns: virtual time in ms, host, and "< EVENT ..." (what its node is told), "> ACTION ..."
 * (what it asks for), "* sentence" (its journal), "= ..." (what the world does), "  ..." (what
 * comes of it). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "lib/wire/frame.h"
#include "test/sim/host.h"
#include "test/sim/simtrace.h"

enum { LINE_LEN = 1200 };

void trace_open(struct trace *t, enum trace_depth depth, FILE *to)
{
    t->depth = depth;
    t->to = to;
    str_init(&t->text, t->bytes, sizeof(t->bytes));
}

static void line_v(struct world *w, const struct host *h, const char *mark, const char *format,
                   va_list ap)
{
    char line[LINE_LEN];
    struct str out;
    str_init(&out, line, sizeof(line));
    str_addf(&out, "%9" PRIu64 " %-5s %s", w->now_us / 1000, h ? host_name(w, h->self) : "world",
             mark);
    str_addv(&out, format, ap);
    str_add_char(&out, '\n');
    if (out.cut)
        line[LINE_LEN - 2] = '\n';
    if (w->trace->to)
        fputs(line, w->trace->to);
    else
        str_add(&w->trace->text, line);
}

static void line_add(struct world *w, const struct host *h, const char *mark, const char *format,
                     ...) PRINTF_LIKE(4, 5);
static void line_add(struct world *w, const struct host *h, const char *mark, const char *format,
                     ...)
{
    va_list ap;
    va_start(ap, format);
    line_v(w, h, mark, format, ap);
    va_end(ap);
}

static bool deep(const struct world *w, enum trace_depth depth)
{
    return w->trace && w->trace->depth >= depth;
}

void trace_note(struct world *w, const struct host *h, const char *format, ...)
{
    if (!deep(w, TRACE_STORY))
        return;
    va_list ap;
    va_start(ap, format);
    line_v(w, h, "= ", format, ap);
    va_end(ap);
}

void trace_story(struct world *w, const struct host *h, const char *format, ...)
{
    if (!deep(w, TRACE_STORY))
        return;
    va_list ap;
    va_start(ap, format);
    line_v(w, h, "", format, ap);
    va_end(ap);
}

/* ---- frames
 * --------------------------------------------------------------------------------------- */

static void frame_words(const uint8_t *at, size_t len, struct str *out)
{
    static const char *const word[] = {"?", "beat", "data", "fenced", "linktest"};
    struct buf b;
    struct frame_head head;
    buf_read_init(&b, at, len);
    if (frame_get_head(&b, &head)) {
        str_addf(out, "no frame, %zu bytes", len);
        return;
    }
    str_addf(out, "%s %u>%u boot %04x.%u seq %" PRIu64, word[head.type < 5 ? head.type : 0],
             head.src, head.dst, (unsigned)(head.boot & 0xffff), head.life, head.seq);
    if (head.type == FRAME_DATA) { /* a segment: lib/core/session.c */
        uint32_t from = buf_get_u32(&b), to = buf_get_u32(&b);
        uint64_t offset = buf_get_u64(&b), ack = buf_get_u64(&b);
        bool syn = buf_get_u8(&b) & 1;
        str_addf(out, " session %u>%u%s at %" PRIu64 " ack %" PRIu64 ", %zu bytes", from, to,
                 syn ? " syn" : "", offset, ack, buf_left(&b));
    }
    if (head.type != FRAME_BEAT)
        return;
    struct frame_beat beat;
    frame_get_beat(&b, &beat);
    str_addf(out, " echo %04x.%u epoch %u cib %u.%u flags %x links %x session %u",
             (unsigned)(beat.echo_boot & 0xffff), beat.echo_seq, beat.epoch, beat.cib_epoch,
             beat.cib_seq, beat.flags, beat.links, beat.session);
}

/* ---- events
 * ----------------------------------------------------------------------------------------- */

/* The steps of a plan, as far as the line goes. */
static void plan_words(const struct world *w, const struct host *h, const struct plan *plan,
                       struct str *out)
{
    static const char *const op[] = {"none",    "probe",  "start", "stop", "monitor",
                                     "promote", "demote", "fence"}; /* notify is no step */
    const struct cib *cib = h->node ? node_cib(h->node) : NULL;
    for (uint32_t i = 0; plan && i < plan->n_steps && out->len < LINE_LEN / 4; i++) {
        const struct plan_step *s = &plan->step[i];
        str_addf(out, "%s %s", i ? "," : ":", s->op < ARRAY_LEN(op) ? op[s->op] : "?");
        if (s->prim != CIB_NONE && cib && s->prim < cib->n_prims)
            str_addf(out, " %s", cib->prim[s->prim].id);
        str_addf(out, " %s%s%s", host_name(w, s->node), s->blocked ? " (blocked)" : "",
                 s->in_flight ? " (in flight)" : "");
        if (s->op == OP_FENCE)
            str_addf(out, " (cause %u)", s->cause);
    }
}

void trace_reserve_words(unsigned state, struct str *out)
{
    static const char *const word[] = {"disks",    "able",  "mine",    "held",     "VICTIM",
                                       "STRANGER", "whole", "aborted", "harmless", "ondisk"};
    for (unsigned i = 0; i < ARRAY_LEN(word); i++)
        if (state >> i & 1)
            str_addf(out, " %s", word[i]);
}

/* Disk, watchdog, reservation. */
static void guarding_words(const struct world *w, const struct event *ev, struct str *out)
{
    if (ev->kind == EV_DISK) {
        str_addf(out, "DISK %s wrote %" PRIu64 " read %" PRIu64, w->conf.link[ev->disk.link].name,
                 ev->disk.wrote_us / 1000, ev->disk.read_us / 1000);
    } else if (ev->kind == EV_WATCHDOG) {
        str_addf(out, "WATCHDOG kind %u, %u ms%s%s%s until %" PRIu64 " %s", ev->watchdog.kind,
                 ev->watchdog.timeout_ms, ev->watchdog.armed ? ", armed" : "",
                 ev->watchdog.ok ? "" : ", not ok", ev->watchdog.due ? ", reset due" : "",
                 ev->watchdog.until_us / 1000, ev->watchdog.reason ? ev->watchdog.reason : "");
    } else {
        str_addf(out, "RESERVED op %u %s slot %u disk %u:", ev->reserved.op,
                 err_text(ev->reserved.err), ev->reserved.slot, ev->reserved.disk);
        trace_reserve_words(ev->reserved.state, out);
        str_addf(out, " %s", ev->reserved.reason ? ev->reserved.reason : "");
    }
}

static void event_words(const struct world *w, const struct host *h, const struct event *ev,
                        struct str *out)
{
    switch (ev->kind) {
    case EV_BOOT:
        str_addf(out, "BOOT %016" PRIx64 ".%u kept %s cib %s", ev->boot.boot, ev->boot.life,
                 ev->boot.kept ? "yes" : "no", ev->boot.cib_text ? "yes" : "no");
        break;
    case EV_TIME: str_add(out, "TIME"); break;
    case EV_FRAME:
        str_addf(out, "FRAME %s ", w->conf.link[ev->frame.link].name);
        frame_words(ev->frame.at, ev->frame.len, out);
        break;
    case EV_FRAME_BAD:
        str_addf(out, "FRAME_BAD %s %u x %s", w->conf.link[ev->frame_bad.link].name,
                 ev->frame_bad.count, err_text(ev->frame_bad.why));
        break;
    case EV_LINK:
        str_addf(out, "LINK %s %s %s", w->conf.link[ev->link.link].name,
                 ev->link.usable ? "usable" : "not usable:", ev->link.reason);
        break;
    case EV_KEPT: str_addf(out, "KEPT op %u %s", ev->kept.op, err_text(ev->kept.err)); break;
    case EV_PLANNED:
        str_addf(out, "PLANNED op %u %s, %u steps", ev->planned.op, err_text(ev->planned.err),
                 ev->planned.plan ? ev->planned.plan->n_steps : 0);
        plan_words(w, h, ev->planned.plan, out);
        break;
    case EV_AGENT_DONE:
        str_addf(out, "AGENT_DONE op %u rc %d%s%s", ev->agent.op, ev->agent.rc,
                 ev->agent.timed_out ? " timed out" : "", ev->agent.not_run ? " not run" : "");
        break;
    case EV_RSC_GONE: str_addf(out, "RSC_GONE %s", ev->rsc.what); break;
    case EV_FENCE_DONE:
        str_addf(out, "FENCE_DONE op %u rc %d%s", ev->fence.op, ev->fence.rc,
                 ev->fence.timed_out ? " timed out" : "");
        break;
    case EV_ADMIN: str_addf(out, "ADMIN client %u", ev->admin.client); break;
    case EV_ADMIN_GONE: str_addf(out, "ADMIN_GONE client %u", ev->admin_gone.client); break;
    case EV_STALL: str_addf(out, "STALL %u ms", ev->stall.lost_ms); break;
    case EV_STOP: str_add(out, "STOP"); break;
    case EV_DISK:
    case EV_WATCHDOG:
    case EV_RESERVED: guarding_words(w, ev, out); break;
    case EV_RING:
        str_addf(out, "RING %s%s%s %#x", ev->ring.there ? "there" : "gone",
                 ev->ring.changed ? " changed" : "", ev->ring.quorate ? " quorate" : "",
                 ev->ring.group);
        break;
    case EV_WIRES: str_addf(out, "WIRES %u", ev->wires.n); break;
    case EV_CAST: str_addf(out, "CAST of %u", ev->cast.node); break;
    case EV_KIND_COUNT: break;
    }
}

void trace_event(struct world *w, const struct host *h, const struct event *ev)
{
    if (!deep(w, TRACE_ALL))
        return;
    char text[LINE_LEN / 2];
    struct str out;
    str_init(&out, text, sizeof(text));
    event_words(w, h, ev, &out);
    line_add(w, h, "< ", "%s", text);
}

/* ---- actions
 * ------------------------------------------------------------------------------------------- */

static void agent_words(const struct act_agent *a, struct str *out)
{
    str_addf(out, "AGENT_RUN op %u %s %s%s timeout %u", a->op, a->id, a->action,
             a->recurring ? " (recurring)"
             : a->kill    ? " (kills first)"
                          : "",
             a->timeout_ms);
    if (a->not_after_us)
        str_addf(out, " not after %" PRIu64, a->not_after_us / 1000);
}

const char *trace_reserve_verb(unsigned verb)
{
    static const char *const word[] = {"find", "register", "hold", "preempt", "read", "clear"};
    return verb < ARRAY_LEN(word) ? word[verb] : "?";
}

static void action_words(const struct world *w, const struct action *a, struct str *out)
{
    switch (a->kind) {
    case ACT_SEND:
        str_addf(out, "SEND %s ", w->conf.link[a->send.link].name);
        frame_words(a->send.at, a->send.len, out);
        break;
    case ACT_KEEP:
        str_addf(out, "KEEP op %u epoch %u cib %u.%u%s, %u fenced", a->keep.op, a->keep.kept.epoch,
                 a->keep.kept.cib_epoch, a->keep.kept.cib_seq,
                 a->keep.kept.alone_boot ? ", right to start alone" : "", a->keep.kept.n_fenced);
        break;
    case ACT_KEEP_CIB:
        str_addf(out, "KEEP_CIB op %u %u.%u", a->keep_cib.op, a->keep_cib.epoch, a->keep_cib.seq);
        break;
    case ACT_SAVE_LOST:
        str_addf(out, "SAVE_LOST %u.%u", a->save_lost.epoch, a->save_lost.seq);
        break;
    case ACT_PLAN: str_addf(out, "PLAN op %u", a->plan.op); break;
    case ACT_AGENT_RUN: agent_words(&a->agent, out); break;
    case ACT_AGENT_KILL: str_addf(out, "AGENT_KILL op %u", a->agent_kill.op); break;
    case ACT_WATCH: str_addf(out, "WATCH %s %s", a->watch.id, a->watch.on ? "on" : "off"); break;
    case ACT_FENCE:
        str_addf(out, "FENCE op %u %s%s", a->fence.op, a->fence.device,
                 a->fence.monitor ? " (check)" : "");
        break;
    case ACT_REPLY:
        str_addf(out, "REPLY client %u %.*s", a->reply.client,
                 (int)(a->reply.len > 300 ? 300 : a->reply.len), a->reply.text);
        break;
    case ACT_EVENT: break;
    case ACT_RESET_SELF: str_addf(out, "RESET_SELF %s", a->reset.why); break;
    case ACT_EXIT: str_addf(out, "EXIT%s", a->exit.again ? " again" : ""); break;
    case ACT_FEED: str_addf(out, "FEED until %" PRIu64, a->feed.until_us / 1000); break;
    case ACT_PERMIT: break;
    case ACT_RESERVE:
        str_addf(out, "RESERVE op %u %s %s", a->reserve.op, trace_reserve_verb(a->reserve.verb),
                 a->reserve.id ? a->reserve.id : w->conf.link[a->reserve.disk].name);
        break;
    case ACT_CAST: str_addf(out, "CAST %zu bytes", a->cast.len); break;
    case ACT_KIND_COUNT: break;
    }
}

static bool in_story(const struct action *a)
{
    if (a->kind == ACT_AGENT_RUN)
        return !str_eq(a->agent.action, "monitor");
    return a->kind == ACT_REPLY || a->kind == ACT_RESET_SELF || a->kind == ACT_EXIT ||
           a->kind == ACT_SAVE_LOST;
}

static const char *env_get(const struct act_agent *a, const char *name)
{
    size_t len = strlen(name);
    for (size_t at = 0; at < a->env_len; at += strlen(a->env + at) + 1)
        if (!strncmp(a->env + at, name, len) && a->env[at + len] == '=')
            return a->env + at + len + 1;
    return "";
}

/* Of what a copy is told: "notify db: pre promote db1". */
static void notify_words(const struct act_agent *a, struct str *out)
{
    char where[64];
    const char *op = env_get(a, "OCF_RESKEY_CRM_meta_notify_operation");
    snprintf(where, sizeof(where), "OCF_RESKEY_CRM_meta_notify_%s_uname", op);
    str_addf(out, "notify %s: %s %s %s", a->id, env_get(a, "OCF_RESKEY_CRM_meta_notify_type"), op,
             env_get(a, where));
}

void trace_action(struct world *w, const struct host *h, const struct action *a)
{
    if (!deep(w, TRACE_STORY))
        return;
    char text[LINE_LEN / 2];
    struct str out;
    str_init(&out, text, sizeof(text));
    if (a->kind == ACT_EVENT) {
        if (say_level(a->event.say.id) == SAY_DEBUG && !deep(w, TRACE_ALL))
            return;
        say_words(&a->event.say, NULL, &out);
        line_add(w, h, "* ", "%s", text);
    } else if (deep(w, TRACE_ALL)) {
        action_words(w, a, &out);
        line_add(w, h, "> ", "%s", text);
    } else if (a->kind == ACT_AGENT_RUN && str_eq(a->agent.action, "notify")) {
        notify_words(&a->agent, &out);
        line_add(w, h, "  ", "%s", text);
    } else if (a->kind == ACT_AGENT_RUN && in_story(a)) {
        line_add(w, h, "  ", "%s %s", a->agent.action, a->agent.id);
    } else if (in_story(a)) {
        action_words(w, a, &out);
        line_add(w, h, "  ", "%s", text);
    }
}
