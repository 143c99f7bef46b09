/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_totemfile: yoke corosync write, show and check on files of a directory: what is written, what
 * is never overwritten, what is kept, and the exit codes. */
#include <sys/stat.h>
#include "cli/cli.h"
#include "test/unit/capture.h"
#include "test/unit/scratchdir.h"
#include "test/unit/unit.h"

static struct ctx x;
static char conf_path[256], out[256], key[256], bak[300];

#define YOKE_CONF                                                                                  \
    "[cluster]\nname = treasury\nengine = corosync\ntakeover = 10s\n[guard]\nuse = fence\n"        \
    "[node a]\nid = 1\n[node b]\nid = 2\n"                                                         \
    "[link lan]\ntype = udp\na = 10.0.0.1\nb = 10.0.0.2\n"                                         \
    "[link two]\ntype = udp\na = fd00::1\nb = fd00::2\n"

static void conf_write(const char *text)
{
    scratch_write("yoke.conf", text);
    x.conf_loaded = x.conf_tried = false;
}

static void setup(void)
{
    scratch_make();
    scratch_path(conf_path, "yoke.conf");
    scratch_path(out, "corosync.conf");
    scratch_path(key, "authkey");
    snprintf(bak, sizeof(bak), "%s.bak", out);
    x = (struct ctx){.conf_path = conf_path};
    conf_write(YOKE_CONF);
}

/* Runs it with one argument or none; what it says on that descriptor is in captured. */
static int said(int (*run)(struct ctx *, int, char **), const char *arg, int fd)
{
    char *argv[] = {(char *)arg, NULL};
    capture_begin(fd);
    int code = run(&x, arg ? 1 : 0, argv);
    capture_end();
    return code;
}

static char *content(const char *path)
{
    char why[256];
    char *text = file_read(path, 65536, why, sizeof(why));
    ck_assert_msg(text != NULL, "%s", why);
    return text;
}

static unsigned mode_of(const char *path, off_t *size)
{
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    *size = st.st_size;
    return st.st_mode & 07777;
}

START_TEST(test_written_with_its_key)
{
    off_t size;
    x.dry_run = true;
    ck_assert_int_eq(said(corosync_write_run, out, STDOUT_FILENO), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(captured, "would write"));
    ck_assert(access(out, F_OK) != 0 && access(key, F_OK) != 0);
    x.dry_run = false;
    ck_assert_int_eq(said(corosync_write_run, out, STDOUT_FILENO), EXIT_OK);
    ck_assert_uint_eq(mode_of(out, &size), 0644);
    ck_assert_uint_eq(mode_of(key, &size), 0400);
    ck_assert_int_eq(size, 256);
    ck_assert_int_eq(said(corosync_check_run, out, STDOUT_FILENO), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(captured, "2 nodes"));
    /* What is shown has the same nodes; its key is where corosync looks. */
    char *text = content(out), *nodes = strstr(text, "nodelist {");
    ck_assert_int_eq(said(corosync_show_run, NULL, STDOUT_FILENO), EXIT_OK);
    ck_assert(nodes != NULL && strstr(captured, nodes) != NULL);
    ck_assert_ptr_nonnull(strstr(text, key));
    ck_assert_ptr_nonnull(strstr(captured, "keyfile: /etc/corosync/authkey\n"));
    free(text);
}
END_TEST

START_TEST(test_another_one_is_kept)
{
    off_t size;
    scratch_write("corosync.conf", "totem {\n}\n");
    ck_assert_int_eq(said(corosync_write_run, out, STDERR_FILENO), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "--force"));
    ck_assert_uint_eq(mode_of(out, &size), mode_of(conf_path, &size));
    ck_assert(access(key, F_OK) != 0 && access(bak, F_OK) != 0);

    scratch_write("authkey", "mine");
    x.force = true;
    ck_assert_int_eq(said(corosync_write_run, out, STDOUT_FILENO), EXIT_OK);
    char *old = content(bak), *kept = content(key);
    ck_assert_str_eq(old, "totem {\n}\n");
    ck_assert_str_eq(kept, "mine");
    free(old);
    free(kept);

    /* The same text again changes nothing, and needs no force. */
    x.force = false;
    ck_assert_int_eq(said(corosync_write_run, out, STDOUT_FILENO), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(captured, "says so already"));
    old = content(bak);
    ck_assert_str_eq(old, "totem {\n}\n");
    free(old);
}
END_TEST

START_TEST(test_refusals)
{
    ck_assert_int_eq(said(corosync_write_run, "/nonexistent/corosync.conf", STDERR_FILENO),
                     EXIT_FAIL);
    ck_assert_int_eq(said(corosync_check_run, out, STDERR_FILENO), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "yoke corosync write makes one"));
    conf_write("[cluster]\nname = x\nengine = corosync\ntakeover = 10s\n[guard]\nuse = fence\n"
               "[node a]\nid = 1\n[node b]\nid = 2\n"
               "[link com]\ntype = serial\na = /dev/ttyS0\nb = /dev/ttyS0\n");
    ck_assert_int_eq(said(corosync_show_run, NULL, STDERR_FILENO), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "corosync needs an IP network"));
    conf_write("[cluster]\nname = x\n");
    ck_assert_int_eq(said(corosync_show_run, NULL, STDERR_FILENO), EXIT_FAIL);
}
END_TEST

START_TEST(test_check_tells)
{
    scratch_write("corosync.conf", "totem {\n  cluster_name: treasury\n  crypto_hash: sha256\n"
                                   "  token: 99999\n}\nnodelist {\n"
                                   "  node {\n    name: a\n    nodeid: 1\n"
                                   "    ring0_addr: 10.0.0.1\n    ring1_addr: fd00::1\n  }\n"
                                   "  node {\n    name: b\n    nodeid: 2\n"
                                   "    ring0_addr: 10.0.0.2\n    ring1_addr: fd00::2\n  }\n}\n"
                                   "quorum {\n  provider: corosync_votequorum\n"
                                   "  two_node: 1\n}\n");
    ck_assert_int_eq(said(corosync_check_run, out, STDERR_FILENO), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "corosync.conf:4: corosync settles after"));
    x.json = true;
    ck_assert_int_eq(said(corosync_check_run, out, STDOUT_FILENO), EXIT_FAIL);
    json_t *o = json_loads(captured, 0, NULL), *list = json_object_get(o, "faults");
    ck_assert_ptr_nonnull(o);
    ck_assert(!json_is(o, "ok"));
    ck_assert_uint_eq(json_array_size(list), 1);
    ck_assert_int_eq(json_num(json_array_get(list, 0), "line"), 4);
    ck_assert(!json_is(json_array_get(list, 0), "warning"));
    json_decref(o);
}
END_TEST

/* No file, and so no place for a key. */
START_TEST(test_to_standard_output)
{
    ck_assert_int_eq(said(corosync_write_run, "-", STDOUT_FILENO), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(captured, "keyfile: /etc/corosync/authkey\n"));
    ck_assert(access("authkey", F_OK) != 0 && access(key, F_OK) != 0);
}
END_TEST

/* Who has a pair is told so, and sees the text all the same. */
START_TEST(test_a_pair)
{
    conf_write("[cluster]\nname = x\ntakeover = 10s\n[guard]\nuse = fence\n"
               "[node a]\nid = 1\n[node b]\nid = 2\n"
               "[link lan]\ntype = udp\na = 10.0.0.1\nb = 10.0.0.2\n");
    ck_assert_int_eq(said(corosync_write_run, out, STDERR_FILENO), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(captured, "engine = pair"));
    ck_assert_int_eq(said(corosync_check_run, out, STDERR_FILENO), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(captured, "engine = pair"));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("totemfile");
    tcase_add_checked_fixture(t, setup, scratch_remove);
    tcase_add_test(t, test_written_with_its_key);
    tcase_add_test(t, test_another_one_is_kept);
    tcase_add_test(t, test_refusals);
    tcase_add_test(t, test_check_tells);
    tcase_add_test(t, test_to_standard_output);
    tcase_add_test(t, test_a_pair);
    return unit_end();
}
