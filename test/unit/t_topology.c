/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_topology: fencing_topology there and back, what it refuses, edits around it; the parameters of
 * fence devices that are not for their agents. */
#include "lib/cib/device.h"
#include "lib/cib/edit.h"
#include "test/unit/cibtext.h"
#include "test/unit/unit.h"

#define DEVICES                                                                                    \
    "primitive ilo1 stonith:fence_ipmilan\n"                                                       \
    "primitive ilo2 stonith:fence_ipmilan\n"                                                       \
    "primitive pdu1 stonith:fence_apc\n"                                                           \
    "primitive pdu2 stonith:fence_apc\n"

static struct cibtext t;

static void faulty(const char *text, const char *words)
{
    cibtext_parse(&t, text);
    bool found = false;
    for (unsigned i = 0; i < t.faults.n; i++)
        found = found || strstr(t.faults.at[i].text, words);
    ck_assert_msg(t.err && found, "%s: %s", text, t.faults.n ? t.faults.at[0].text : "no fault");
    cibtext_free(&t);
}

static void warned(const char *text, const char *words)
{
    cibtext_parse(&t, text);
    bool found = false;
    for (unsigned i = 0; i < t.faults.n; i++)
        found = found || (t.faults.at[i].warning && strstr(t.faults.at[i].text, words));
    ck_assert_msg(!t.err && found, "%s: %s", text, t.faults.n ? t.faults.at[0].text : "nothing");
    cibtext_free(&t);
}

START_TEST(round_trip)
{
    static const char text[] = DEVICES "fencing_topology \\\n"
                                       "\tdb1: ilo1 pdu1,pdu2 \\\n"
                                       "\tdb2: ilo2\n";
    static const char all[] = DEVICES "fencing_topology ilo1,pdu1 ilo2 \\\n"
                                      "\tdb1: pdu2\n";
    cibtext_parse(&t, DEVICES "fencing_topology db1: ilo1 pdu1,pdu2 db2:ilo2\n");
    ck_assert_int_eq(t.err, ERR_OK);
    ck_assert_uint_eq(t.faults.n, 0);
    ck_assert_str_eq(cibtext_print(t.c), text);
    ck_assert_uint_eq(t.c->n_levels, 3);
    ck_assert_uint_eq(cib_level_get(t.c, 0, 1)->n_devices, 2);
    ck_assert_uint_eq(cib_level_get(t.c, 0, 1)->device[1], 3);
    ck_assert(cib_level_get(t.c, 0, 2) == NULL);
    ck_assert_uint_eq(cib_level_get(t.c, 1, 0)->device[0], 1);
    cibtext_free(&t);
    cibtext_parse(&t, text);
    ck_assert_str_eq(cibtext_print(t.c), text);
    cibtext_free(&t);
    cibtext_parse(&t, all); /* levels for all, and of one's own */
    ck_assert_str_eq(cibtext_print(t.c), all);
    ck_assert_uint_eq(cib_level_get(t.c, 0, 0)->device[0], 3);
    ck_assert(cib_level_get(t.c, 0, 1) == NULL);
    ck_assert_uint_eq(cib_level_get(t.c, 1, 1)->device[0], 1);
    cibtext_free(&t);
}
END_TEST

START_TEST(refused)
{
    faulty(DEVICES "fencing_topology db1: nix\n", "there is no resource nix");
    faulty(DEVICES "primitive d Dummy\nfencing_topology d\n", "d is no fence device");
    faulty(DEVICES "fencing_topology\n", "needs a fence device");
    faulty(DEVICES "fencing_topology db1: db2: ilo1\n", "db1: needs a fence device behind it");
    faulty(DEVICES "fencing_topology db1: ilo1 db2:\n", "needs a fence device");
    faulty(DEVICES "fencing_topology ilo1,,ilo2\n", "between commas stands a fence device");
    faulty(DEVICES "fencing_topology ilo1,ilo1\n", "ilo1 stands twice in one level");
    faulty(DEVICES "fencing_topology attr:rack=1 ilo1\n", "by attribute or pattern");
    faulty(DEVICES "fencing_topology pattern:db.* ilo1\n", "by attribute or pattern");
    faulty(DEVICES "fencing_topology ilo1\nfencing_topology ilo2\n", "stands in line 5 already");
    faulty(DEVICES "fencing_topology ilo1 ilo1 ilo1 ilo1 ilo1 ilo1 ilo1 ilo1 ilo1 ilo1\n",
           "more than 9 levels");
    warned(DEVICES "fencing_topology db3: ilo1\n", "there is no node db3");
    warned("primitive a stonith:fence_x params pcmk_host_list=db2\nfencing_topology db1: a\n",
           "a cannot fence db1");
}
END_TEST

static enum err edit(const char *from, struct cib_edit e, char *to, size_t size)
{
    struct arena a;
    struct str out;
    struct cib_faults faults;
    size_t need = cib_arena_need(size);
    void *memory = malloc(need);
    cibtext_parse(&t, from);
    ck_assert(memory && !t.err);
    arena_init(&a, memory, need);
    str_init(&out, to, size);
    enum err err = cib_edit(t.c, &cibtext_names, &e, &a, &out, &faults);
    free(memory);
    cibtext_free(&t);
    return err;
}

START_TEST(edits)
{
    static char to[CIBTEXT_MAX];
    static const char from[] = DEVICES "fencing_topology db1: ilo1 pdu1,pdu2\n";
    struct cib_edit drop = {.kind = EDIT_DELETE, .id = "pdu1"};
    ck_assert_int_eq(edit(from, drop, to, sizeof(to)), ERR_CONFLICT);
    drop.force = true;
    ck_assert_int_eq(edit(from, drop, to, sizeof(to)), ERR_OK);
    ck_assert(strstr(to, "db1: ilo1 pdu2\n") && !strstr(to, "pdu1"));
    drop.id = "ilo1";
    ck_assert_int_eq(edit(DEVICES "fencing_topology db1: ilo1\n", drop, to, sizeof(to)), ERR_OK);
    ck_assert(!strstr(to, "fencing_topology")); /* nothing is left of it */
    struct cib_edit put = {.kind = EDIT_PUT, .value = "fencing_topology db2: ilo2"};
    ck_assert_int_eq(edit(from, put, to, sizeof(to)), ERR_OK);
    ck_assert(strstr(to, "db2: ilo2\n") && !strstr(to, "db1"));
    struct cib_edit whole = {.kind = EDIT_DELETE, .id = "fencing_topology"};
    ck_assert_int_eq(edit(from, whole, to, sizeof(to)), ERR_OK);
    ck_assert(strstr(to, "pdu1") && !strstr(to, "fencing_topology"));
}
END_TEST

START_TEST(parameters)
{
    uint32_t least, most;
    char plug[16];
    cibtext_parse(&t,
                  "primitive a stonith:fence_x params pcmk_host_map=\"db1:1;db2:2\" "
                  "pcmk_delay_base=\"db1:0;db2:3s\" pcmk_delay_max=5s pcmk_off_action=cut "
                  "pcmk_off_timeout=7s\n"
                  "primitive b stonith:fence_x params pcmk_delay_base=2\n"
                  "primitive c stonith:fence_x params pcmk_host_list=db1 pcmk_host_check=none\n");
    ck_assert_int_eq(t.err, ERR_OK);
    const struct cib_prim *a = &t.c->prim[0], *b = &t.c->prim[1];
    ck_assert(device_reaches(a, "db1") && !device_reaches(a, "db3") && device_reaches(b, "db3"));
    ck_assert(device_reaches(&t.c->prim[2], "db2"));
    ck_assert(device_plug(a, "db2", plug, sizeof(plug)));
    ck_assert_str_eq(plug, "2");
    ck_assert(!device_plug(b, "a-very-long-name-of-a-node", plug, sizeof(plug)));
    ck_assert_str_eq(device_action(a, "off"), "cut");
    ck_assert_str_eq(device_action(a, "on"), "on");
    ck_assert_uint_eq(device_timeout_ms(a, "off", 60000), 7000);
    ck_assert_uint_eq(device_timeout_ms(a, "on", 60000), 60000);
    device_delay_ms(a, "db1", &least, &most);
    ck_assert(least == 0 && most == 5000);
    device_delay_ms(a, "db2", &least, &most);
    ck_assert(least == 3000 && most == 5000);
    device_delay_ms(b, "db2", &least, &most);
    ck_assert(least == 2000 && most == 2000);
    cibtext_free(&t);
}
END_TEST

START_TEST(parameters_refused)
{
#define A "primitive a stonith:fence_x params "
    faulty(A "pcmk_delay_bse=1\n", "did you mean pcmk_delay_base?");
    faulty(A "pcmk_delay_base=soon\n", "pcmk_delay_base=soon cannot be");
    faulty(A "pcmk_delay_base=\"db1:1s;5\"\n", "cannot be; write a time");
    faulty(A "pcmk_delay_max=long\n", "pcmk_delay_max=long cannot be");
    faulty(A "pcmk_off_timeout=0\n", "pcmk_off_timeout=0 cannot be");
    faulty(A "pcmk_host_check=maybe\n", "allowed: dynamic-list, static-list, status or none");
    warned(A "pcmk_host_check=dynamic-list\n", "is not asked which nodes it can fence");
    warned(A "pcmk_off_retries=3\n", "pcmk_off_retries has no effect");
    warned(A "provides=unfencing\n", "use = reservation");
    warned(A "pcmk_delay_base=5 pcmk_delay_max=2\n", "less than pcmk_delay_base");
}
END_TEST

int main(void)
{
    TCase *tc = unit_begin("topology");
    tcase_add_test(tc, round_trip);
    tcase_add_test(tc, refused);
    tcase_add_test(tc, edits);
    tcase_add_test(tc, parameters);
    tcase_add_test(tc, parameters_refused);
    return unit_end();
}
