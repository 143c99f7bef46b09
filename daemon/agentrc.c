/* SPDX-License-Identifier: GPL-2.0-or-later
 * agentrc: see agentrc.h. */
#include "config.h"
#include <errno.h>
#include <libintl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/str.h"
#include "daemon/agentrc.h"
#include "daemon/fence.h"

#define _(text) gettext(text)

void agentrc_set(struct agentrc *out, int rc, const char *reason)
{
    *out = (struct agentrc){.rc = rc};
    str_copy(out->reason, sizeof(out->reason), reason);
}

/* A sentence is cut between characters, which snprintf would not do. */
static void PRINTF_LIKE(3, 4) set_words(struct agentrc *out, int rc, const char *format, ...)
{
    struct str s;
    va_list ap;

    agentrc_set(out, rc, "");
    str_init(&s, out->reason, sizeof(out->reason));
    va_start(ap, format);
    str_addv(&s, format, ap);
    va_end(ap);
}

void agentrc_not_run(struct agentrc *out, int err)
{
    if (err == ETIME)
        agentrc_set(out, AGENTRC_GENERIC,
                    _("not executed: the time until which it was allowed had passed"));
    else if (err == ECANCELED)
        agentrc_set(out, AGENTRC_GENERIC, _("not executed: it was called off while it waited"));
    else
        set_words(out, AGENTRC_GENERIC, _("not executed: %s"), strerror(err));
    out->not_run = true;
}

static bool name_usable(const char *name)
{
    return name && name[0] && name[0] != '.' && !strchr(name, '/');
}

const char *agentrc_dirs(const char *class, const char *agent_dirs)
{
    const char *own = getenv("YOKE_LIBEXEC_DIR"); /* of a daemon that is not installed */

    if (str_eq(class, "ocf"))
        return agent_dirs;
    if (str_eq(class, "systemd"))
        return own ? own : YOKE_LIBEXECDIR;
    return AGENTRC_LSB_DIR;
}

bool agentrc_refuse(struct agentrc *out, const struct act_agent *act)
{
    bool ocf = str_eq(act->class, "ocf"), lsb = str_eq(act->class, "lsb");
    bool unit = str_eq(act->class, "systemd");

    if (!ocf && !lsb && !unit) {
        set_words(out, AGENTRC_INSTALLED, _("resources of class %s cannot be run here yet"),
                  act->class);
        return true;
    }
    if (!name_usable(act->type) || (ocf && !name_usable(act->provider))) {
        agentrc_set(out, AGENTRC_INSTALLED, _("the agent's name is none that can be looked for"));
        return true;
    }
    if (!ocf && !str_eq(act->action, "start") && !str_eq(act->action, "stop") &&
        !str_eq(act->action, "monitor")) {
        agentrc_set(out, AGENTRC_UNIMPLEMENTED,
                    lsb ? _("init scripts know start, stop and status only")
                        : _("units know start, stop and monitor only"));
        return true;
    }
    return false;
}

int agentrc_from_lsb(const char *action, int exit_code)
{
    if (str_eq(action, "monitor")) {
        switch (exit_code) {
        case 0: return AGENTRC_OK;
        case 1: /* dead, and its pid file is there */
        case 2: /* dead, and its lock file is there */
        case 3: /* not running */ return AGENTRC_NOT_RUNNING;
        case 150: /* by convention: not installed */ return AGENTRC_INSTALLED;
        default: return AGENTRC_GENERIC;
        }
    }
    if (exit_code == 7 && str_eq(action, "stop")) /* "not running": that was what we wanted */
        return AGENTRC_OK;
    /* 2 args, 3 unimplemented, 4 permission, 5 installed, 6 configured: the same numbers as OCF. */
    return exit_code <= 6 ? exit_code : AGENTRC_GENERIC;
}

static bool exec_is_missing(int err)
{
    return err == ENOENT || err == ENOTDIR || err == EACCES || err == EPERM || err == ENOEXEC ||
           err == ETXTBSY || err == ELOOP || err == ENAMETOOLONG || err == EISDIR || err == EINVAL;
}

static void from_exec(struct agentrc *out, int err, const struct act_agent *act, const char *dirs)
{
    char name[96];
    bool ocf = str_eq(act->class, "ocf");

    if (!exec_is_missing(err)) { /* memory, descriptors, disk, date: the agent cannot help it */
        agentrc_not_run(out, err);
        return;
    }
    snprintf(name, sizeof(name), "%s%.40s%s%.40s", ocf ? "resource.d/" : "",
             ocf ? act->provider : "", ocf ? "/" : "",
             str_eq(act->class, "systemd") ? AGENTRC_UNIT : act->type);
    dirs = agentrc_dirs(act->class, dirs);
    if (err == ENOENT)
        set_words(out, AGENTRC_INSTALLED, _("%s is not installed below %s"), name, dirs);
    else
        set_words(out, AGENTRC_INSTALLED, _("%s below %s cannot be executed: %s"), name, dirs,
                  strerror(err));
}

/* What every class has in common; true when that is all. */
static bool from_kill(struct agentrc *out, const struct child_end *end)
{
    if (!end->stuck && !end->timed_out && !end->killed && !end->signal)
        return false;
    if (end->stuck)
        agentrc_set(out, AGENTRC_GENERIC,
                    _("killed, but it hangs in the kernel (a disk or network?)"));
    else if (end->reason[0])
        agentrc_set(out, AGENTRC_GENERIC, end->reason);
    else if (end->timed_out)
        set_words(out, AGENTRC_GENERIC, _("did not end within %u ms"), (unsigned)end->ran_ms);
    else if (end->killed)
        agentrc_set(out, AGENTRC_GENERIC, _("killed on request"));
    else
        set_words(out, AGENTRC_GENERIC, _("killed by signal %d (%s)"), end->signal,
                  strsignal(end->signal));
    out->timed_out = end->timed_out;
    return true;
}

static int ocf_code(int code)
{
    if ((code >= 0 && code <= AGENTRC_MAX) || code == AGENTRC_DEGRADED ||
        code == AGENTRC_DEGRADED_PROMOTED)
        return code;
    return AGENTRC_GENERIC;
}

void agentrc_from_end(struct agentrc *out, const struct child_end *end, const struct act_agent *act,
                      const char *agent_dirs)
{
    bool ocf = !str_eq(act->class, "lsb"); /* yoke-unit speaks as OCF agents do */

    if (end->exec_errno) {
        from_exec(out, end->exec_errno, act, agent_dirs);
    } else if (!from_kill(out, end)) {
        int rc = ocf ? ocf_code(end->exit_code) : agentrc_from_lsb(act->action, end->exit_code);

        agentrc_set(out, rc, ocf || rc == AGENTRC_OK ? end->reason : end->last_line);
        if (!out->reason[0] && ocf && rc != end->exit_code)
            set_words(out, rc, _("exit code %d, which is none of OCF's"), end->exit_code);
    }
    out->exec_ms = end->ran_ms;
}

void agentrc_from_device(struct agentrc *out, const struct child_end *end, const char *agent,
                         const char *fence_dirs)
{
    char text[REASON_LEN];
    struct str reason;

    str_init(&reason, text, sizeof(text));
    if (!fence_confirmed(end))
        fence_reason(end, agent, fence_dirs, &reason);
    if (end->exec_errno == ETIME)
        agentrc_not_run(out, ETIME);
    else if (end->exec_errno)
        agentrc_set(out, AGENTRC_INSTALLED, text);
    else
        agentrc_set(out, fence_confirmed(end) ? AGENTRC_OK : AGENTRC_GENERIC, text);
    out->timed_out = end->timed_out;
    out->exec_ms = end->ran_ms;
}
