/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_batch: commands from a file: levels, continuation, comments, where it ends; and files loaded
 * into a working copy. */
#include <unistd.h>
#include "cli/prompt.h"
#include "cli/workcopy.h"
#include "test/unit/capture.h"
#include "test/unit/scratchdir.h"
#include "test/unit/unit.h"

static struct ctx x;

static void setup(void)
{
    scratch_make();
    memset(&x, 0, sizeof(x));
    x.conf_path = "yoke.conf";
    x.conf_loaded = true;
    str_copy(x.conf.run_dir, sizeof(x.conf.run_dir), scratch);
    str_copy(x.conf.agent_dirs, sizeof(x.conf.agent_dirs), scratch);
}

static void teardown(void)
{
    workcopy_close(&x);
    scratch_remove();
}

/* A working copy at the configure level, as if a daemon had given it. */
static void copy_begin(const char *text)
{
    x.level = "configure";
    x.copy = calloc(1, sizeof(*x.copy));
    ck_assert_int_eq(workcopy_parse(&x, NULL, text, &x.copy->cib, &x.copy->room), ERR_OK);
    x.copy->base = strdup(text);
    x.copy->text = strdup(text);
}

static const char *path_with(const char *name, const char *text)
{
    static char path[256];
    scratch_path(path, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static int batch(const char *text)
{
    FILE *f = fopen(path_with("batch", text), "r");
    capture_begin(STDERR_FILENO);
    int code = batch_run(&x, f, "batch");
    capture_end();
    fclose(f);
    return code;
}

static int line(const char *text)
{
    bool quit;
    capture_begin(STDERR_FILENO);
    int code = line_run(&x, text, &quit);
    capture_end();
    return quit ? 100 : code;
}

START_TEST(test_levels)
{
    ck_assert_int_eq(line("resource"), EXIT_OK);
    ck_assert_str_eq(x.level, "resource");
    ck_assert_int_eq(line("cd .."), EXIT_OK);
    ck_assert_ptr_null(x.level);
    ck_assert_int_eq(line("node"), EXIT_OK);
    ck_assert_int_eq(line("rsc"), EXIT_OK); /* from one level to another */
    ck_assert_str_eq(x.level, "resource");
    ck_assert_int_eq(line("end"), EXIT_OK);
    ck_assert_int_eq(line("cd nix"), EXIT_USAGE);
    ck_assert_int_eq(line("quit"), 100);
    ck_assert_int_eq(line("bye"), 100);
    ck_assert_int_eq(line("# nothing"), EXIT_OK);
    ck_assert_int_eq(line("   "), EXIT_OK);
    ck_assert_int_eq(line("status \"open"), EXIT_USAGE);
}
END_TEST

START_TEST(test_stops_at_the_first_error)
{
    ck_assert_int_eq(batch("# begin\n\nra list nix\nra list nix2\n"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "batch:3:"));
    ck_assert_ptr_null(strstr(captured, "nix2"));
    x.force = true;
    ck_assert_int_eq(batch("ra list nix\nra list nix2\n"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "nix2"));
    x.force = false;
    ck_assert_int_eq(batch("quit\nra list nix\n"), EXIT_OK);
    ck_assert_int_eq(batch(""), EXIT_OK);
}
END_TEST

START_TEST(test_continuation)
{
    copy_begin("");
    ck_assert_int_eq(line("primitive a ocf:yoke:nix \\\n\tparams p=1 \\\n\tmeta priority=2"),
                     EXIT_OK);
    ck_assert_str_eq(x.copy->text, "primitive a ocf:yoke:nix \\\n\tparams p=1 \\\n\tmeta "
                                   "priority=2\n");
    ck_assert_int_eq(batch("ra \\\nlist \\\nnix\n"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "batch:1:"));
}
END_TEST

/* Changes that were not committed are told, not sent, when the file fails. */
START_TEST(test_failed_batch_commits_nothing)
{
    copy_begin("");
    ck_assert_int_eq(batch("primitive a ocf:yoke:nix\nprimitive a\n"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "is not in force"));
    ck_assert_ptr_null(x.copy);
}
END_TEST

static int load(const char *how, const char *text)
{
    char *argv[] = {(char *)how, (char *)path_with("file", text), NULL};
    capture_begin(STDERR_FILENO);
    int code = conf_load_run(&x, 2, argv);
    capture_end();
    tell_end(&x, code);
    return code;
}

static const char start[] = "primitive a ocf:yoke:nix\nprimitive b ocf:yoke:nix\ngroup g a b\n"
                            "property cib-bootstrap-options: \\\n\tmaintenance-mode=true "
                            "no-quorum-policy=stop\n";

START_TEST(test_load_update)
{
    copy_begin(start);
    ck_assert_int_eq(load("update", "# new\nprimitive b ocf:yoke:other \\\n\tparams q=1\n"
                                    "property maintenance-mode=false\n"
                                    "primitive c ocf:yoke:nix\n"),
                     EXIT_OK);
    ck_assert_str_eq(x.copy->text, "primitive a ocf:yoke:nix\n" /* in its old place */
                                   "# new\nprimitive b ocf:yoke:other \\\n\tparams q=1\n"
                                   "primitive c ocf:yoke:nix\n"
                                   "group g a b\n"
                                   "property cib-bootstrap-options: \\\n"
                                   "\tmaintenance-mode=false \\\n\tno-quorum-policy=stop\n");
    ck_assert_uint_eq(x.copy->cib->n_prims, 3);
}
END_TEST

START_TEST(test_load_replace)
{
    copy_begin(start);
    ck_assert_int_eq(load("replace", "primitive c ocf:yoke:nix\n"), EXIT_OK);
    ck_assert_str_eq(x.copy->text, "primitive c ocf:yoke:nix\n");
    ck_assert_int_eq(load("nix", ""), EXIT_USAGE);
}
END_TEST

/* Faults have the lines of the file, whatever stands before it in the text that is read. */
START_TEST(test_load_faults)
{
    copy_begin(start);
    ck_assert_int_eq(load("update", "\nprimitive c\n\nprimtive d ocf:yoke:nix\n"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "/file:2: "));
    ck_assert_ptr_nonnull(strstr(captured, "/file:4: primtive"));
    ck_assert(!workcopy_changed(x.copy));
    ck_assert_int_eq(load("replace", "\n\ngroup g nix\n"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "/file:3: "));
}
END_TEST

/* With --json there is one object whatever happens. */
START_TEST(test_json_always)
{
    bool quit;
    x.json = true;
    capture_begin(STDOUT_FILENO);
    ck_assert_int_eq(line_run(&x, "status", &quit), EXIT_NO_DAEMON);
    capture_end();
    json_t *o = json_loads(captured, 0, NULL);
    ck_assert_ptr_nonnull(o);
    ck_assert(json_object_get(o, "ok") == json_false());
    ck_assert_ptr_nonnull(strstr(json_str(o, "error"), "not running"));
    json_decref(o);
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("batch");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_levels);
    tcase_add_test(t, test_stops_at_the_first_error);
    tcase_add_test(t, test_continuation);
    tcase_add_test(t, test_failed_batch_commits_nothing);
    tcase_add_test(t, test_load_update);
    tcase_add_test(t, test_load_replace);
    tcase_add_test(t, test_load_faults);
    tcase_add_test(t, test_json_always);
    return unit_end();
}
