/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_opt: the table is sound, and every row takes its own default and its own bounds. */
#include <stdio.h>
#include <string.h>
#include "lib/base/say.h"
#include "lib/conf/opt.h"
#include "test/unit/unit.h"

static struct conf conf;

static char *got(const struct opt *o, const void *field)
{
    static char text[CONF_PATH_LEN];
    struct str s;
    str_init(&s, text, sizeof text);
    opt_get(o, field, &s);
    ck_assert(!s.cut);
    return text;
}

START_TEST(rows_are_sound)
{
    const struct opt *o;
    unsigned n = 0;
    for (; (o = opt_at(n)) != NULL; n++) {
        ck_assert_uint_eq(opt_index(o), n);
        ck_assert_msg(o->brief != NULL && o->text != NULL, "%s", o->key);
        ck_assert_msg(o->text[strlen(o->text) - 1] == '.', "%s: a sentence", o->key);
        ck_assert_msg(strlen(o->key) < OPT_KEY_LEN, "%s", o->key);
        ck_assert_ptr_eq(opt_find(o->section, o->key, NULL), o->per_node ? NULL : o);
        ck_assert_msg((o->type != OPT_WORD && o->type != OPT_BITS) || o->words != NULL, "%s",
                      o->key);
        for (unsigned i = 0; i < n; i++)
            ck_assert_msg(opt_at(i)->section != o->section || !str_eq(opt_at(i)->key, o->key),
                          "%s stands twice", o->key);
    }
    ck_assert_uint_gt(n, 20);
    ck_assert_uint_le(n, OPT_ROWS_MAX);
    ck_assert_ptr_null(opt_at(1000));
}
END_TEST

START_TEST(defaults_round_trip)
{
    const struct opt *o;
    for (unsigned i = 0; (o = opt_at(i)) != NULL; i++) {
        void *field = opt_field(o, &conf, 0, 0);
        if (o->value == NULL || field == NULL)
            continue;
        ck_assert_msg(opt_set(o, o->value, field) == ERR_OK, "%s = %s", o->key, o->value);
        char first[CONF_PATH_LEN];
        ck_assert(str_copy(first, sizeof first, got(o, field)));
        ck_assert_msg(opt_set(o, first, field) == ERR_OK, "%s = %s", o->key, first);
        ck_assert_str_eq(got(o, field), first);
        ck_assert_str_eq(got(o, NULL), first);
    }
}
END_TEST

START_TEST(bounds_hold)
{
    const struct opt *o;
    char text[32];
    for (unsigned i = 0; (o = opt_at(i)) != NULL; i++) {
        const char *unit = o->type == OPT_MS ? "ms" : "";
        if ((o->type != OPT_MS && o->type != OPT_NUMBER) || o->words != NULL)
            continue;
        uint32_t v = 0; /* wide enough for each field: little endian is not assumed, only size */
        snprintf(text, sizeof text, "%llu%s", (unsigned long long)o->min, unit);
        ck_assert_msg(opt_set(o, text, &v) == ERR_OK, "%s = %s", o->key, text);
        snprintf(text, sizeof text, "%llu%s", (unsigned long long)o->max, unit);
        ck_assert_msg(opt_set(o, text, &v) == ERR_OK, "%s = %s", o->key, text);
        snprintf(text, sizeof text, "%llu%s", (unsigned long long)o->max + 1, unit);
        ck_assert_msg(opt_set(o, text, &v) == ERR_RANGE, "%s = %s", o->key, text);
        snprintf(text, sizeof text, "%llu%s", (unsigned long long)o->min - 1, unit);
        ck_assert_msg(opt_set(o, text, &v) == ERR_RANGE, "%s = %s", o->key, text);
        ck_assert_int_eq(opt_set(o, "", &v), ERR_SYNTAX);
        ck_assert_int_eq(opt_set(o, "ten", &v), ERR_SYNTAX);
    }
}
END_TEST

static enum err set(enum opt_section section, const char *key, const char *value)
{
    const struct opt *o = opt_find(section, key, NULL);
    ck_assert_msg(o != NULL, "%s", key);
    return opt_set(o, value, opt_field(o, &conf, 0, 0));
}

START_TEST(values_land)
{
    ck_assert_int_eq(set(OPT_CLUSTER, "takeover", "1.5s"), ERR_OK);
    ck_assert_uint_eq(conf.takeover_ms, 1500);
    ck_assert_int_eq(set(OPT_CLUSTER, "takeover", "15"), ERR_OK);
    ck_assert_uint_eq(conf.takeover_ms, 15000);
    ck_assert_int_eq(set(OPT_CLUSTER, "deadtime", "150ms"), ERR_OK);
    ck_assert_uint_eq(conf.deadtime_ms, 150);
    ck_assert_int_eq(set(OPT_CLUSTER, "deadtime", "derived"), ERR_OK);
    ck_assert_uint_eq(conf.deadtime_ms, 0);
    ck_assert_int_eq(set(OPT_CLUSTER, "takeover", "derived"), ERR_SYNTAX);
    ck_assert_int_eq(set(OPT_NODE, "id", "255"), ERR_OK);
    ck_assert_uint_eq(conf.node[0].id, 255);
    ck_assert_int_eq(set(OPT_LINK, "type", "serial"), ERR_OK);
    ck_assert_uint_eq(conf.link[0].type, LINK_SERIAL);
    ck_assert_int_eq(set(OPT_LINK, "port", "65535"), ERR_OK);
    ck_assert_uint_eq(conf.link[0].port, 65535);
    ck_assert_int_eq(set(OPT_LINK, "baud", "4000000"), ERR_OK);
    ck_assert_uint_eq(conf.link[0].baud, 4000000);
    ck_assert_int_eq(set(OPT_LINK, "baud", "9601"), ERR_UNKNOWN);
    ck_assert_int_eq(set(OPT_LINK, "baud", "300"), ERR_RANGE);
    ck_assert_uint_eq(conf.link[0].baud, 4000000);
    ck_assert_int_eq(set(OPT_SECURITY, "auth", "hmac-sm3"), ERR_OK);
    ck_assert_uint_eq(conf.auth, AUTH_HMAC_SM3);
    ck_assert_int_eq(set(OPT_SECURITY, "encrypt", "none"), ERR_OK);
    ck_assert_int_eq(set(OPT_SECURITY, "encrypt", "aes-256-gcm"), ERR_REFUSED);
    ck_assert_int_eq(set(OPT_CLUSTER, "engine", "corosync"), ERR_OK);
    ck_assert_int_eq(set(OPT_DAEMON, "realtime", "no"), ERR_OK);
    ck_assert(!conf.realtime);
    ck_assert_int_eq(set(OPT_DAEMON, "log-level", "alert"), ERR_OK);
    ck_assert_int_eq(conf.log_level, SAY_ALERT);
    ck_assert_int_eq(set(OPT_DAEMON, "log-level", "debug"), ERR_OK);
    ck_assert_int_eq(conf.log_level, SAY_DEBUG);
    ck_assert_int_eq(set(OPT_GUARD, "on-fenced", "reset"), ERR_OK);
    ck_assert(!conf.switch_off_on_fenced);
    ck_assert_int_eq(set(OPT_GUARD, "on-fenced", "poweroff"), ERR_OK);
    ck_assert(conf.switch_off_on_fenced);
}
END_TEST

START_TEST(guard_is_a_list_in_order)
{
    const struct opt *use = opt_find(OPT_GUARD, "use", NULL);
    ck_assert_int_eq(set(OPT_GUARD, "use", "reservation, lease ,fence"), ERR_OK);
    ck_assert_uint_eq(conf.guard, GUARD_FENCE | GUARD_LEASE | GUARD_RESERVATION);
    ck_assert_uint_eq(1u << (conf.guard_order[0] - 1), GUARD_RESERVATION);
    ck_assert_uint_eq(1u << (conf.guard_order[1] - 1), GUARD_LEASE);
    ck_assert_uint_eq(1u << (conf.guard_order[2] - 1), GUARD_FENCE);
    ck_assert_str_eq(got(use, &conf.guard), "reservation, lease, fence");
    memset(conf.guard_order, 0, sizeof conf.guard_order); /* bits alone, as a test sets them */
    ck_assert_str_eq(got(use, &conf.guard), "fence, lease, reservation");
    ck_assert_int_eq(set(OPT_GUARD, "use", " fence , fence "), ERR_OK);
    ck_assert_uint_eq(conf.guard, GUARD_FENCE);
    ck_assert_str_eq(got(use, &conf.guard), "fence");
    ck_assert_int_eq(set(OPT_GUARD, "use", "lease, fense"), ERR_UNKNOWN);
    ck_assert_int_eq(set(OPT_GUARD, "use", "fense, lease"), ERR_UNKNOWN);
    ck_assert_int_eq(set(OPT_GUARD, "use", "fence none"), ERR_UNKNOWN);
    ck_assert_int_eq(set(OPT_GUARD, "use", "fence, none"), ERR_UNKNOWN);
    ck_assert_int_eq(set(OPT_GUARD, "use", "fence,"), ERR_UNKNOWN);
    ck_assert_int_eq(set(OPT_GUARD, "use", ""), ERR_UNKNOWN);
    ck_assert_uint_eq(conf.guard, GUARD_FENCE); /* untouched by failures */
    ck_assert_int_eq(set(OPT_GUARD, "use", "none"), ERR_OK);
    ck_assert_uint_eq(conf.guard, 0);
    ck_assert_uint_eq(conf.guard_order[0], 0);
}
END_TEST

START_TEST(paths_and_names)
{
    char longest[CONF_PATH_LEN + 1];
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[CONF_PATH_LEN] = '\0';
    ck_assert_int_eq(set(OPT_SECURITY, "keyfile", longest), ERR_RANGE);
    longest[CONF_PATH_LEN - 1] = '\0';
    ck_assert_int_eq(set(OPT_SECURITY, "keyfile", longest), ERR_OK);
    ck_assert_str_eq(conf.keyfile, longest);
    ck_assert_int_eq(set(OPT_SECURITY, "keyfile", "etc/key"), ERR_SYNTAX);
    ck_assert_int_eq(set(OPT_SECURITY, "keyfile", "/k"), ERR_OK);
    for (unsigned i = 2; i < CONF_PATH_LEN; i++)
        ck_assert_int_eq(conf.keyfile[i], '\0'); /* nothing of the longer one is left */
    ck_assert_int_eq(set(OPT_DAEMON, "agent-dirs", "/a:/b:/a:/b/c:/b"), ERR_OK);
    ck_assert_str_eq(conf.agent_dirs, "/a:/b:/b/c");
    ck_assert_int_eq(set(OPT_DAEMON, "agent-dirs", "/a::/b"), ERR_SYNTAX);
    ck_assert_int_eq(set(OPT_DAEMON, "agent-dirs", "/a:b"), ERR_SYNTAX);
    ck_assert_int_eq(set(OPT_CLUSTER, "name", "town-hall_2.a"), ERR_OK);
    ck_assert_int_eq(set(OPT_CLUSTER, "name", "town hall"), ERR_SYNTAX);
    longest[CONF_NAME_LEN] = '\0';
    ck_assert_int_eq(set(OPT_CLUSTER, "name", longest + 1), ERR_OK);
    longest[CONF_NAME_LEN] = 'x';
    longest[CONF_NAME_LEN + 1] = '\0';
    ck_assert_int_eq(set(OPT_CLUSTER, "name", longest + 1), ERR_RANGE);
}
END_TEST

START_TEST(look_ups)
{
    bool old = true;
    ck_assert_ptr_nonnull(opt_find(OPT_LINK, "keepalive", &old));
    ck_assert(old);
    ck_assert_ptr_nonnull(opt_find(OPT_LINK, "interval", &old));
    ck_assert(!old);
    ck_assert_ptr_null(opt_find(OPT_LINK, "NODE", NULL));
    ck_assert(opt_per_node(OPT_LINK)->per_node);
    ck_assert_int_eq(opt_elsewhere(OPT_CLUSTER, "keyfile")->section, OPT_SECURITY);
    ck_assert_ptr_null(opt_elsewhere(OPT_SECURITY, "keyfile"));
    ck_assert_int_eq(opt_section_find("guard"), OPT_GUARD);
    ck_assert_int_eq(opt_section_find("disk"), OPT_DISK);
    ck_assert_int_eq(opt_section_find("wheels"), OPT_SECTIONS);
    ck_assert_ptr_eq(opt_field(opt_per_node(OPT_LINK), &conf, 3, 1), conf.link[3].addr[1]);
    ck_assert_ptr_eq(opt_field(opt_per_node(OPT_DISK), &conf, 3, 1), conf.link[3].addr[1]);
    ck_assert_ptr_eq(opt_field(opt_find(OPT_DISK, "device", NULL), &conf, 3, 0),
                     conf.link[3].device);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("opt");
    tcase_add_test(t, rows_are_sound);
    tcase_add_test(t, defaults_round_trip);
    tcase_add_test(t, bounds_hold);
    tcase_add_test(t, values_land);
    tcase_add_test(t, guard_is_a_list_in_order);
    tcase_add_test(t, paths_and_names);
    tcase_add_test(t, look_ups);
    return unit_end();
}
