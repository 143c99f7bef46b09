/* SPDX-License-Identifier: GPL-2.0-or-later
 * unitlook: monitor of a unit.
 *
 * active and reloading are 0; inactive and failed are 7, failed with the reason. What is just
 * starting or stopping is waited for. A recurring monitor also says (190) what would start the
 * unit behind yoke's back: that it is enabled at boot, an enabled socket or timer that triggers
 * it, or a Restart= that another drop-in has set over ours.
 * Fails with 5 for a unit that is not there or masked, unless it runs all the same. */
#include "config.h"
#include <libintl.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include "lib/base/str.h"
#include "daemon/dropin.h"
#include "daemon/footprint.h"
#include "daemon/sysunit.h"

#define _(text) gettext(text)

static bool word_is(struct sysunit *u, const char *iface, const char *name, const char *wanted)
{
    char word[SYSTEMD_WORD_LEN];

    return systemd_text(&u->s, iface, name, word, sizeof(word), u->last) >= 0 &&
           str_eq(word, wanted);
}

static bool is_enabled(struct sysunit *u)
{
    struct systemd_names by;

    if (word_is(u, NULL, "UnitFileState", "enabled"))
        return true;
    /* Made of an init script that is enabled. */
    return word_is(u, NULL, "UnitFileState", "generated") &&
           systemd_lists(&u->s, "WantedBy", NULL, &by, u->last) >= 0 && by.n;
}

/* An enabled socket, timer or path. */
static bool is_triggered(struct sysunit *u, char *by, size_t size)
{
    struct systemd_names names;
    char word[SYSTEMD_WORD_LEN];
    unsigned i;

    if (systemd_lists(&u->s, "TriggeredBy", NULL, &names, u->last) < 0)
        return false;
    for (i = 0; i < names.n; i++)
        if (systemd_other(&u->s, names.at[i], "UnitFileState", word, sizeof(word), u->last) >= 0 &&
            str_eq(word, "enabled"))
            return str_copy(by, size, names.at[i]);
    return false;
}

static bool is_restarted(struct sysunit *u, char *how, size_t size)
{
    return str_eq(u->s.iface, SYSTEMD_ERROR "Service") &&
           systemd_text(&u->s, u->s.iface, "Restart", how, size, u->last) >= 0 &&
           !str_eq(how, "no");
}

/* What would start it without asking yoke; false: nothing. */
static bool danger_find(struct sysunit *u, char *to, size_t size)
{
    char other[SYSTEMD_NAME_LEN];
    struct str s;

    str_init(&s, to, size);
    if (is_enabled(u))
        str_addf(&s,
                 _("systemd starts %s at boot by itself, behind yoke's back: systemctl disable %s"),
                 u->name, u->name);
    else if (is_triggered(u, other, sizeof(other)))
        str_addf(&s, _("%s starts %s behind yoke's back: systemctl disable --now %s"), other,
                 u->name, other);
    else if (is_restarted(u, other, sizeof(other)))
        str_addf(&s,
                 _("systemd restarts %s by itself when it fails: take Restart=%s out of its "
                   "drop-ins (systemctl cat %s)"),
                 u->name, other, u->name);
    return s.len > 0;
}

static void end_active(struct sysunit *u)
{
    char danger[SYSTEMD_WHY_LEN * 2];
    int rc = dropin_set(&u->s, u->last);

    sysunit_keep(u);
    if (u->recurring && rc < 0)
        sysunit_end(
            u, SYSUNIT_DEGRADED,
            _("systemd could not be told to stop %s after yoke when the machine goes down: %s"),
            u->name, u->s.why[0] ? u->s.why : strerror(-rc));
    if (u->recurring && danger_find(u, danger, sizeof(danger)))
        sysunit_end(u, SYSUNIT_DEGRADED, "%s", danger);
    sysunit_end(u, SYSUNIT_OK, NULL);
}

/* A probe: the settings are put in while nobody waits for it, and what is dangerous is told, for no
 * recurring monitor runs where the unit does not. */
static void end_inactive(struct sysunit *u)
{
    char text[SYSTEMD_WHY_LEN * 2];

    footprint_forget(u->run_dir, u->id);
    if (!u->recurring && str_eq(u->state.load, "loaded")) {
        (void)!dropin_set(&u->s, u->last);
        if (danger_find(u, text, sizeof(text)))
            syslog(LOG_DAEMON | LOG_WARNING, "yoke-unit(%s): %s", u->id ? u->id : u->name, text);
    }
    if (sysunit_is(u, "inactive"))
        sysunit_end(u, SYSUNIT_NOT_RUNNING, NULL);
    sysunit_failure(u, text, sizeof(text));
    sysunit_end(u, SYSUNIT_NOT_RUNNING, _("%s has failed: %s (journalctl -u %s)"), u->name, text,
                u->name);
}

void sysunit_monitor(struct sysunit *u)
{
    sysunit_must(u, systemd_load(&u->s, u->name, u->last));
    for (;;) {
        sysunit_look(u);
        if (sysunit_is(u, "active") || sysunit_is(u, "reloading") || sysunit_is(u, "refreshing"))
            end_active(u);
        if (sysunit_is(u, "inactive") || sysunit_is(u, "failed")) {
            sysunit_need_file(u);
            end_inactive(u);
        }
        if (str_eq(u->state.sub, "auto-restart"))
            sysunit_end(u, SYSUNIT_GENERIC,
                        _("%s has failed, and systemd is about to restart it by itself (Restart= "
                          "in a drop-in: systemctl cat %s)"),
                        u->name, u->name);
        if (!sysunit_in_time(u))
            sysunit_end(u, SYSUNIT_GENERIC,
                        _("%s is neither started nor stopped after %u ms: %s (%s)"), u->name,
                        u->timeout_ms, u->state.active, u->state.sub);
        systemd_sleep(&u->s, SYSUNIT_LOOK_MS);
    }
}
