/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_confprint: what is printed is read back to the same, says where it comes from, and is JSON. */
#include <jansson.h>
#include "lib/conf/show.h"
#include "test/unit/conftext.h"
#include "test/unit/unit.h"

static struct conf conf, again;
static struct conf_origin origin;
static struct conf_faults faults;
static char text[CONF_PRINT_MAX];
static struct str s;

static void read_sample(void)
{
    ck_assert_int_eq(conf_parse_origin(CONFTEXT_SAMPLE, &conf, &origin, NULL, &faults), ERR_OK);
    str_init(&s, text, sizeof text);
}

START_TEST(print_parses_to_the_same)
{
    read_sample();
    for (int with_origin = 0; with_origin < 2; with_origin++) {
        str_init(&s, text, sizeof text);
        conf_print(&conf, with_origin ? &origin : NULL, NULL, &s);
        ck_assert(!s.cut);
        enum err err = conf_parse(text, &again, &faults);
        conftext_show(&faults);
        ck_assert_int_eq(err, ERR_OK);
        /* A key that says nothing for a link's type is not printed; its value stays the default. */
        ck_assert_int_eq(memcmp(&conf, &again, sizeof conf), 0);
    }
}
END_TEST

START_TEST(disks_and_order_are_printed)
{
    static const char with[] = CONFTEXT_SAMPLE "[disk q]\ndevice = /dev/q\ndb2 = /dev/r\n"
                                               "[disk r]\ndb1 = /dev/s\ndb2 = /dev/s\n"
                                               "[disk s]\ndevice = /dev/x\n"
                                               "[watchdog]\ndevice=/dev/watchdog\n";
    char moved[sizeof with + 64];
    const char *use = strstr(with, "use = fence");
    snprintf(moved, sizeof moved, "%.*suse = reservation, fence, lease%s", (int)(use - with), with,
             use + strlen("use = fence"));
    ck_assert_int_eq(conf_parse_origin(moved, &conf, &origin, NULL, &faults), ERR_OK);
    str_init(&s, text, sizeof text);
    conf_print(&conf, &origin, NULL, &s);
    ck_assert(!s.cut);
    ck_assert_ptr_nonnull(strstr(text, "\nuse = reservation, fence, lease "));
    ck_assert_ptr_nonnull(strstr(text, "\n[disk r]\ndevice = none "));
    ck_assert_int_eq(conf_parse(text, &again, &faults), ERR_OK);
    ck_assert_int_eq(memcmp(&conf, &again, sizeof conf), 0);
}
END_TEST

START_TEST(print_says_where_from)
{
    read_sample();
    conf_print(&conf, &origin, NULL, &s);
    static const char *const lines[] = {
        "[cluster]\nname = treasury                             ; line 2\n",
        "\ntakeover = 10s                              ; line 4\n",
        "\ndeadtime = derived                          ; default\n",
        "\n[node db2]\nid = 2                                      ; line 8\n",
        "\ndb2 = 192.168.10.12                         ; line 12\n",
        "\nport = 5410                                 ; default\n",
        "\nbaud = 115200                               ; line 17\n",
        "\nuse = fence                                 ; line 19\n",
        "\nlog-level = info                            ; default\n",
    };
    for (unsigned i = 0; i < ARRAY_LEN(lines); i++)
        ck_assert_msg(strstr(text, lines[i]) != NULL, "%s not in\n%s", lines[i], text);
    ck_assert_ptr_null(strstr(strstr(text, "[link lan]"),
                              "baud = 115200                               "
                              "; default"));
}
END_TEST

START_TEST(small_room_is_cut)
{
    char little[32];
    read_sample();
    str_init(&s, little, sizeof little);
    conf_print(&conf, &origin, NULL, &s);
    ck_assert(s.cut);
    ck_assert_uint_lt(strlen(little), sizeof little);
}
END_TEST

static json_t *load(void)
{
    json_error_t e;
    ck_assert(!s.cut);
    json_t *root = json_loads(text, 0, &e);
    ck_assert_msg(root != NULL, "%s: %s", e.text, text);
    return root;
}

static const char *text_at(const json_t *o, const char *key, const char *field)
{
    return json_string_value(json_object_get(json_object_get(o, key), field));
}

START_TEST(conf_json)
{
    struct json j;
    read_sample();
    json_init(&j, &s);
    json_open(&j, NULL, '{');
    conf_print_json(&conf, &origin, &j);
    json_close(&j, '}');
    json_t *root = load();
    json_t *cluster = json_object_get(root, "cluster");
    ck_assert_str_eq(text_at(cluster, "name", "value"), "treasury");
    ck_assert_int_eq(
        json_integer_value(json_object_get(json_object_get(cluster, "takeover"), "line")), 4);
    ck_assert(json_is_null(json_object_get(json_object_get(cluster, "deadtime"), "line")));
    json_t *com = json_array_get(json_object_get(root, "link"), 1);
    ck_assert_str_eq(json_string_value(json_object_get(com, "name")), "com");
    ck_assert_str_eq(text_at(json_object_get(com, "keys"), "db1", "value"), "/dev/ttyS0");
    ck_assert_uint_eq(json_array_size(json_object_get(root, "node")), 2);
    json_decref(root);
}
END_TEST

/* By default every proof is sought; what it lacks is said. */
START_TEST(proofs_in_words)
{
    read_sample();
    conf.guard = GUARD_ALL;
    proofs_print(&conf, NULL, &s);
    ck_assert_ptr_nonnull(strstr(text, "a fence device"));
    ck_assert_ptr_nonnull(strstr(text, "a reservation"));
    ck_assert_ptr_nonnull(strstr(text, "not its lease"));
    strcpy(conf.watchdog_device, "/dev/watchdog");
    conf.link[conf.n_links - 1].type = LINK_DISK;
    str_init(&s, text, sizeof text);
    proofs_print(&conf, NULL, &s);
    ck_assert_ptr_null(strstr(text, "not its lease"));
    ck_assert_ptr_nonnull(strstr(text, "its lease: there is"));
    str_init(&s, text, sizeof text);
    conf.guard = GUARD_FENCE;
    proofs_print(&conf, NULL, &s);
    ck_assert_ptr_null(strstr(text, "lease"));
}
END_TEST

START_TEST(timing_table)
{
    struct timing t;
    struct json j;
    read_sample();
    ck_assert_int_eq(timing_derive(&conf, &t, &s), ERR_OK);
    timing_print(&conf, &t, NULL, &s);
    ck_assert(!s.cut);
    ck_assert_ptr_nonnull(strstr(text, "  deadtime       4500ms   "));
    ck_assert_ptr_nonnull(strstr(text, "link lan (udp)\n"));
    ck_assert_ptr_nonnull(strstr(text, "link com (serial, 115200 bit/s)\n"));
    ck_assert_ptr_nonnull(strstr(text,
                                 "after at most 10s: silence 4500ms + proof by a fence device "
                                 "or a reservation 5s + margin 500ms.\n"));
    conf.guard = 0;
    ck_assert_int_eq(timing_derive(&conf, &t, &s), ERR_OK);
    str_init(&s, text, sizeof text);
    timing_print(&conf, &t, NULL, &s);
    ck_assert_ptr_nonnull(strstr(text, "UNSAFE"));

    str_init(&s, text, sizeof text);
    json_init(&j, &s);
    json_open(&j, NULL, '{');
    timing_print_json(&conf, &t, &j);
    json_close(&j, '}');
    json_t *root = load(), *timing = json_object_get(root, "timing");
    ck_assert_int_eq(json_integer_value(json_object_get(timing, "lost_ms")), 9500);
    ck_assert_int_eq(json_integer_value(json_object_get(timing, "sum_ms")), 10000);
    ck_assert(json_is_false(json_object_get(timing, "safe")));
    json_t *com = json_array_get(json_object_get(timing, "link"), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(com, "frame_ms")), 9);
    ck_assert_int_gt(json_integer_value(json_object_get(com, "queue_bytes")), 255);
    json_decref(root);
}
END_TEST

START_TEST(manual_names_every_option)
{
    const struct opt *o;
    char key[64];
    struct str k;
    str_init(&s, text, sizeof text);
    opt_print_man(&s);
    ck_assert(!s.cut);
    for (unsigned i = 0; (o = opt_at(i)) != NULL; i++) {
        str_init(&k, key, sizeof key);
        str_add(&k, o->per_node ? "\n.IR " : "\n.BR ");
        for (const char *at = o->key; *at != '\0'; at++)
            str_addf(&k, *at == '-' ? "\\%c" : "%c", *at);
        ck_assert_msg(strstr(text, key) != NULL, "%s", key);
    }
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("confprint");
    tcase_add_test(t, print_parses_to_the_same);
    tcase_add_test(t, disks_and_order_are_printed);
    tcase_add_test(t, print_says_where_from);
    tcase_add_test(t, small_room_is_cut);
    tcase_add_test(t, conf_json);
    tcase_add_test(t, proofs_in_words);
    tcase_add_test(t, timing_table);
    tcase_add_test(t, manual_names_every_option);
    return unit_end();
}
