/* SPDX-License-Identifier: GPL-2.0-or-later
 * unitstart: start of a unit.
 *
 * Happy path: the drop-in is in force, an earlier failure is forgotten, StartUnit, its job ends,
 * and the unit is active; one whose program tells nobody that it is ready (Type=simple) must still
 * be so a tenth of a second later.
 * Ways to fail: what systemd said of its job, in a sentence; 5 for a unit that is not there. */
#include "config.h"
#include <errno.h>
#include <libintl.h>
#include <stdio.h>
#include <string.h>
#include "lib/base/str.h"
#include "daemon/dropin.h"
#include "daemon/sysunit.h"

#define _(text) gettext(text)

enum { SETTLE_MS = 100, JOB_TURN_MS = 500 };

/* Which of the units that it requires is to blame? */
static void dependency_name(struct sysunit *u, char *to, size_t size)
{
    static const char *const lists[] = {"Requires", "BindsTo", "Requisite"};
    struct systemd_names names;
    char word[SYSTEMD_WORD_LEN];
    unsigned i, k;

    str_copy(to, size, _("another unit"));
    for (k = 0; k < ARRAY_LEN(lists); k++) {
        if (systemd_lists(&u->s, lists[k], NULL, &names, u->last) < 0)
            continue;
        for (i = 0; i < names.n; i++)
            if (systemd_other(&u->s, names.at[i], "ActiveState", word, sizeof(word), u->last) >=
                    0 &&
                (str_eq(word, "failed") || str_eq(word, "inactive"))) {
                str_copy(to, size, names.at[i]);
                return;
            }
    }
}

static void end_failed(struct sysunit *u, const char *result)
{
    char text[SYSTEMD_NAME_LEN + 64];

    if (str_eq(result, "dependency")) {
        dependency_name(u, text, sizeof(text));
        sysunit_end(u, SYSUNIT_GENERIC,
                    _("%s was not started, because %s, which it requires, could not be: systemctl "
                      "status %s"),
                    u->name, text, u->name);
    }
    if (str_eq(result, "canceled"))
        sysunit_end(u, SYSUNIT_GENERIC,
                    _("the start of %s was called off by somebody else's request to systemd"),
                    u->name);
    if (str_eq(result, "timeout") && !sysunit_is(u, "failed"))
        sysunit_end(u, SYSUNIT_GENERIC, _("%s was not started: its JobTimeoutSec ran out"),
                    u->name);
    if (str_eq(result, "assert"))
        sysunit_end(u, SYSUNIT_GENERIC,
                    _("%s was not started: one of its Assert settings is not met"), u->name);
    sysunit_failure(u, text, sizeof(text));
    sysunit_end(u, SYSUNIT_GENERIC, _("%s did not start: %s (journalctl -u %s)"), u->name, text,
                u->name);
}

/* The job was done and it does not run. systemd forgets such units fast, and then nobody knows. */
static void end_gone(struct sysunit *u)
{
    int64_t looked = 0;
    char met[SYSTEMD_WORD_LEN];

    if (systemd_number(&u->s, NULL, "ConditionTimestamp", &looked, u->last) >= 0 && looked &&
        systemd_text(&u->s, NULL, "ConditionResult", met, sizeof(met), u->last) >= 0)
        sysunit_end(
            u, SYSUNIT_GENERIC,
            str_eq(met, "no")
                ? _("systemd skipped the start of %s: one of its Condition settings is not met")
                : _("%s ended as soon as it had started: a unit that only runs through needs "
                    "RemainAfterExit=yes"),
            u->name);
    sysunit_end(u, SYSUNIT_GENERIC,
                _("%s does not run: it only runs through and needs RemainAfterExit=yes, or one of "
                  "its Condition settings is not met"),
                u->name);
}

static void job_run(struct sysunit *u)
{
    char job[96], result[SYSTEMD_WORD_LEN] = "";
    int rc = systemd_job(&u->s, "StartUnit", "replace", job, sizeof(job), u->last);

    if (rc == -EREMOTEIO && strstr(u->s.refused, "TransactionIsDestructive"))
        sysunit_end(
            u, SYSUNIT_GENERIC,
            _("%s was not started: systemd is shutting this machine down, or about to stop it"),
            u->name);
    sysunit_must(u, rc);
    while (sysunit_must(u, systemd_job_wait(&u->s, job, sysunit_turn_ms(u, JOB_TURN_MS), result,
                                            sizeof(result), u->last)) == 0)
        if (!sysunit_in_time(u)) {
            sysunit_look(u);
            sysunit_end(u, SYSUNIT_GENERIC, _("%s is still starting after %u ms: %s (%s)"), u->name,
                        u->timeout_ms, u->state.active, u->state.sub);
        }
    sysunit_look(u);
    if (result[0] && !str_eq(result, "done") && !str_eq(result, "skipped"))
        end_failed(u, result);
}

static bool tells_ready(struct sysunit *u)
{
    char type[SYSTEMD_WORD_LEN];

    if (!str_eq(u->s.iface, SYSTEMD_ERROR "Service") ||
        systemd_text(&u->s, u->s.iface, "Type", type, sizeof(type), u->last) < 0)
        return true;
    return !str_eq(type, "simple") && !str_eq(type, "exec") && !str_eq(type, "idle");
}

/* Waits until it is active, and ends otherwise. */
static void active_wait(struct sysunit *u)
{
    for (;;) {
        sysunit_look(u);
        if (sysunit_is(u, "active") || sysunit_is(u, "reloading"))
            return;
        if (sysunit_is(u, "failed"))
            end_failed(u, "");
        if (sysunit_is(u, "inactive"))
            end_gone(u);
        if (!sysunit_in_time(u))
            sysunit_end(u, SYSUNIT_GENERIC, _("%s is still starting after %u ms: %s (%s)"), u->name,
                        u->timeout_ms, u->state.active, u->state.sub);
        systemd_sleep(&u->s, SYSUNIT_LOOK_MS);
    }
}

void sysunit_start(struct sysunit *u)
{
    sysunit_must(u, systemd_load(&u->s, u->name, u->last));
    sysunit_look(u);
    if (!sysunit_is(u, "active"))
        sysunit_need_file(u);
    (void)!dropin_set(&u->s, u->last); /* the monitor says so, if that failed */
    if (sysunit_is(u, "active")) {
        sysunit_keep(u);
        sysunit_end(u, SYSUNIT_OK, NULL);
    }
    /* Also the count of systemd's own limit of starts. It refuses while it has not loaded it. */
    int rc = systemd_tell(&u->s, "ResetFailedUnit", u->s.unit, u->last);
    if (rc != -EREMOTEIO)
        sysunit_must(u, rc);
    job_run(u);
    active_wait(u);
    if (!tells_ready(u)) {
        systemd_sleep(&u->s, SETTLE_MS);
        active_wait(u);
    }
    sysunit_keep(u);
    sysunit_end(u, SYSUNIT_OK, NULL);
}
