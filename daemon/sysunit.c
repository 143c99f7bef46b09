/* SPDX-License-Identifier: GPL-2.0-or-later
 * sysunit: see sysunit.h: the program's frame, and what its actions share. */
#include "config.h"
#include <assert.h>
#include <errno.h>
#include <libintl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/num.h"
#include "lib/base/str.h"
#include "daemon/child.h"
#include "daemon/footprint.h"
#include "daemon/sysunit.h"

#define _(text) gettext(text)

#define BOOTED "/run/systemd/system" /* there if and only if systemd is process 1: sd_booted(3) */

enum { TIMEOUT_MS = 20000, MARGIN_MAX_MS = 500, SAID_LEN = 480, KILL_LOOKS = 20, KILL_LOOK_MS = 5 };

/* ---- ends ---- */

void sysunit_end(struct sysunit *u, int code, const char *format, ...)
{
    char text[SAID_LEN], *at;
    struct str said;
    va_list ap;

    systemd_close(&u->s);
    if (format) {
        str_init(&said, text, sizeof(text));
        va_start(ap, format);
        str_addv(&said, format, ap);
        va_end(ap);
        for (at = text; *at; at++) /* a message of systemd may have two lines, a reason has one */
            if (*at == '\n')
                *at = ' ';
        fprintf(stderr, "%s%s\n", CHILD_REASON_PREFIX, text);
    }
    exit(code);
}

static void end_without_systemd(struct sysunit *u)
{
    if (u->stopping)
        sysunit_end(u, SYSUNIT_OK, NULL); /* nothing can run as a unit of it */
    sysunit_end(
        u, SYSUNIT_INSTALLED,
        _("systemd did not start this machine (there is no %s): use an ocf: or lsb: agent for %s"),
        BOOTED, u->name);
}

static void end_in_silence(struct sysunit *u)
{
    const char *why = u->s.why;
    unsigned i;

    /* systemd does not start it anew: our drop-in has said so. */
    for (i = 0; u->stopping && u->forced && i < KILL_LOOKS; i++) {
        if (footprint_kill(u->run_dir, u->id))
            sysunit_end(u, SYSUNIT_OK, NULL);
        usleep(KILL_LOOK_MS * 1000);
    }
    if (u->recurring && footprint_alive(u->run_dir, u->id))
        sysunit_end(u, SYSUNIT_DEGRADED,
                    _("%s still has its processes, but %s: is process 1 well? (systemctl "
                      "is-system-running)"),
                    u->name, why);
    sysunit_end(u, SYSUNIT_GENERIC, _("%s cannot be looked after: %s"), u->name, why);
}

int sysunit_must(struct sysunit *u, int rc)
{
    if (rc >= 0)
        return rc;
    if (rc == -EREMOTEIO) /* its own words: "Unit name x@.service is missing the instance name." */
        sysunit_end(u,
                    str_eq(u->s.refused, SD_BUS_ERROR_INVALID_ARGS) ? SYSUNIT_CONFIGURED
                                                                    : SYSUNIT_GENERIC,
                    _("systemd refused: %s"), u->s.why);
    if ((rc == -ENOENT || rc == -ECONNREFUSED) && !getenv("DBUS_SYSTEM_BUS_ADDRESS") &&
        access(BOOTED, F_OK) != 0)
        end_without_systemd(u);
    end_in_silence(u);
    return rc;
}

/* ---- what is known of the unit ---- */

void sysunit_look(struct sysunit *u)
{
    sysunit_must(u, systemd_look(&u->s, &u->state, u->last));
}

bool sysunit_is(const struct sysunit *u, const char *active)
{
    return str_eq(u->state.active, active);
}

bool sysunit_in_time(const struct sysunit *u)
{
    return systemd_now_ms() < u->until;
}

void sysunit_need_file(struct sysunit *u)
{
    char other[SYSTEMD_NAME_LEN];

    if (str_eq(u->state.load, "loaded"))
        return;
    if (str_eq(u->state.load, "masked"))
        sysunit_end(u, SYSUNIT_INSTALLED,
                    _("%s is masked, so nobody may start it: systemctl unmask %s"), u->name,
                    u->name);
    if (str_eq(u->state.load, "not-found"))
        sysunit_end(u, SYSUNIT_INSTALLED,
                    _("there is no unit %s on this machine: install it, or correct the name"),
                    u->name);
    if (systemd_text(&u->s, NULL, "FragmentPath", other, sizeof(other), u->last) < 0)
        other[0] = '\0';
    sysunit_end(u, SYSUNIT_INSTALLED, _("systemd cannot use %s (%s, %s): see systemctl status %s"),
                u->name, u->state.load, other, u->name);
}

uint32_t sysunit_turn_ms(const struct sysunit *u, uint32_t most)
{
    uint64_t now = systemd_now_ms();

    return now >= u->until ? 0 : u->until - now < most ? (uint32_t)(u->until - now) : most;
}

void sysunit_keep(struct sysunit *u)
{
    struct footprint f = {.main = 0};
    int64_t pid = 0;

    if (!u->run_dir || !u->id)
        return;
    if (systemd_number(&u->s, u->s.iface, "MainPID", &pid, u->last) >= 0)
        f.main = (pid_t)pid;
    if (systemd_text(&u->s, u->s.iface, "ControlGroup", f.cgroup, sizeof(f.cgroup), u->last) >= 0 &&
        f.cgroup[0])
        footprint_keep(u->run_dir, u->id, &f);
}

static int64_t number_of(struct sysunit *u, const char *name)
{
    int64_t value;

    return systemd_number(&u->s, u->s.iface, name, &value, u->last) < 0 ? 0 : value;
}

void sysunit_failure(struct sysunit *u, char *to, size_t size)
{
    char result[SYSTEMD_WORD_LEN] = "";
    int64_t code = number_of(u, "ExecMainCode"), status = number_of(u, "ExecMainStatus");
    struct str s;

    str_init(&s, to, size);
    if (systemd_text(&u->s, u->s.iface, "Result", result, sizeof(result), u->last) < 0)
        result[0] = '\0';
    if (str_eq(result, "exit-code") && code == CLD_EXITED && status)
        str_addf(&s, _("its program ended with exit code %d"), (int)status);
    else if (str_eq(result, "exit-code"))
        str_add(&s, _("one of its programs ended with an error"));
    else if (str_eq(result, "signal") || str_eq(result, "core-dump"))
        str_addf(&s, _("its program was ended by a signal (%s)"),
                 status > 0 && status < NSIG ? strsignal((int)status) : result);
    else if (str_eq(result, "timeout"))
        str_add(&s, _("systemd's own time-out for it ran out"));
    else if (str_eq(result, "oom-kill"))
        str_add(&s, _("it was killed because memory ran out"));
    else if (str_eq(result, "watchdog"))
        str_add(&s, _("it gave no sign of life for its WatchdogSec"));
    else if (str_eq(result, "protocol"))
        str_add(&s, _("it never said that it was ready, as its Type demands"));
    else if (str_eq(result, "resources"))
        str_add(&s, _("a file, directory or user that it needs is missing"));
    else if (str_eq(result, "start-limit-hit"))
        str_add(&s, _("systemd will not start it so often"));
    else
        str_addf(&s, _("systemd says \"%s\""), result[0] ? result : u->state.sub);
}

/* ---- the frame ---- */

static uint32_t from_env(const char *name, uint32_t otherwise)
{
    const char *text = getenv(name);
    uint64_t value;

    return text && num_u64(text, 0, UINT32_MAX, &value) == ERR_OK ? (uint32_t)value : otherwise;
}

int main(int argc, char **argv)
{
    static struct sysunit u;
    uint32_t margin;

    setlocale(LC_ALL, "");
    bindtextdomain(PACKAGE, LOCALEDIR);
    textdomain(PACKAGE);
    signal(SIGPIPE, SIG_IGN);
    systemd_init(&u.s);
    if (argc != 3) {
        fprintf(stderr, "usage: yoke-unit start|stop|monitor UNIT\n");
        return SYSUNIT_ARGS;
    }
    u.stopping = str_eq(argv[1], "stop");
    u.recurring = str_eq(argv[1], "monitor") && from_env("OCF_RESKEY_CRM_meta_interval", 0) > 0;
    u.forced = getenv("OCF_YOKE_FORCE") != NULL;
    u.id = getenv("OCF_RESOURCE_INSTANCE");
    u.run_dir = getenv("OCF_YOKE_RUN_DIR");
    u.timeout_ms = from_env("OCF_RESKEY_CRM_meta_timeout", TIMEOUT_MS);
    margin = u.timeout_ms / 10 < MARGIN_MAX_MS ? u.timeout_ms / 10 : MARGIN_MAX_MS;
    u.began = systemd_now_ms();
    u.until = u.began + u.timeout_ms - margin;
    u.last = u.until + margin / 2; /* so that the state at the end can still be asked for */
    if (!systemd_name(u.name, sizeof(u.name), argv[2]))
        sysunit_end(&u, SYSUNIT_CONFIGURED, _("%s is too long to be the name of a unit"), argv[2]);
    if (str_eq(argv[1], "start"))
        sysunit_start(&u);
    if (str_eq(argv[1], "monitor"))
        sysunit_monitor(&u);
    if (u.stopping)
        sysunit_stop(&u);
    sysunit_end(&u, SYSUNIT_UNIMPLEMENTED, _("units know start, stop and monitor only"));
}
