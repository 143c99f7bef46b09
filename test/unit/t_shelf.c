/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_shelf: templates found, shown and applied on a working copy that no daemon gave; each one that
 * is shipped passes the check of the configuration and of its agents' meta-data, with its examples
 * as values; and parameters validated by an agent. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/fillin.h"
#include "cli/meta.h"
#include "cli/workcopy.h"
#include "test/unit/capture.h"
#include "test/unit/scratchdir.h"
#include "test/unit/unit.h"

#define SHIPPED SOURCE_DIR "/etc/templates"
#define MINI                                                                                       \
    "about en Mini\nparam name name default mini\n en Name\nparam size number required\n"          \
    " en Size\n example 5\nbody\nprimitive ${name} ocf:yoke:probe\n params size=${size}\n"

static struct ctx x;
static char both[8192]; /* what was said, on both ways out */

static void agents_link(const char *from)
{
    char path[512], target[512];
    const struct dirent *e;
    DIR *d = opendir(from);
    while (d && (e = readdir(d)) != NULL) {
        if (*e->d_name == '.')
            continue;
        snprintf(path, sizeof(path), "%s/resource.d/yoke/%s", scratch, e->d_name);
        snprintf(target, sizeof(target), "%s/%s", from, e->d_name);
        ck_assert(symlink(target, path) == 0 || errno == EEXIST);
    }
    if (d)
        closedir(d);
}

static void setup(void)
{
    char path[256];
    scratch_make();
    scratch_path(path, "resource.d");
    ck_assert_int_eq(mkdir(path, 0755), 0);
    scratch_path(path, "resource.d/yoke");
    ck_assert_int_eq(mkdir(path, 0755), 0);
    agents_link(SOURCE_DIR "/agents");
    agents_link(BUILD_DIR "/agents");
    scratch_write(
        "resource.d/yoke/probe",
        "#!/bin/sh\n[ \"$1\" = validate-all ] && {\n"
        "  echo 'ocf-exit-reason: first' >&2\n  echo noise >&2\n"
        "  [ \"$OCF_RESKEY_size\" = 7 ] && [ \"$OCF_RESOURCE_INSTANCE\" = probe ] && exit 0\n"
        "  echo \"ocf-exit-reason: size=$OCF_RESKEY_size is not 7\" >&2\n  echo more >&2\n"
        "  exit 6\n}\ncat <<'E'\n<resource-agent name=\"probe\"><parameters>"
        "<parameter name=\"size\" required=\"1\"><content type=\"integer\"/></parameter>"
        "</parameters><actions><action name=\"start\" timeout=\"77\"/></actions>"
        "</resource-agent>\nE\n");
    scratch_path(path, "resource.d/yoke/probe");
    ck_assert_int_eq(chmod(path, 0755), 0);
    memset(&x, 0, sizeof(x));
    x.conf_path = "yoke.conf";
    x.conf_loaded = true;
    x.level = "configure";
    str_copy(x.conf.agent_dirs, sizeof(x.conf.agent_dirs), scratch);
    snprintf(path, sizeof(path), "%s:%s", scratch, SHIPPED);
    setenv("YOKE_TEMPLATES", path, 1);
    ck_assert_ptr_nonnull(freopen("/dev/null", "r", stdin)); /* nobody is asked */
}

static void teardown(void)
{
    char command[128];
    workcopy_close(&x);
    snprintf(command, sizeof(command), "rm -rf %s", scratch);
    ck_assert_int_eq(system(command), 0);
}

static void copy_begin(const char *text)
{
    workcopy_close(&x);
    x.copy = calloc(1, sizeof(*x.copy));
    ck_assert_int_eq(workcopy_parse(&x, NULL, text, &x.copy->cib, &x.copy->room), ERR_OK);
    x.copy->base = strdup(text);
    x.copy->text = strdup(text);
}

/* Runs one; both gets what it said, captured only its complaints. */
static int run(int (*command)(struct ctx *, int, char **), const char *const *words)
{
    char *argv[64];
    int argc = 0;
    FILE *said = tmpfile();
    for (; words[argc]; argc++)
        argv[argc] = (char *)words[argc];
    argv[argc] = NULL;
    fflush(NULL);
    int was = dup(STDOUT_FILENO);
    ck_assert_int_ge(dup2(fileno(said), STDOUT_FILENO), 0);
    capture_begin(STDERR_FILENO);
    int code = command(&x, argc, argv);
    tell_end(&x, code);
    capture_end();
    dup2(was, STDOUT_FILENO);
    close(was);
    rewind(said);
    size_t n = fread(both, 1, sizeof(both) - 1, said);
    both[n] = '\0';
    fclose(said);
    str_copy(both + n, sizeof(both) - n, captured);
    return code;
}

#define RUN_WORDS(command, ...) run(command, (const char *const[]){__VA_ARGS__, NULL})

START_TEST(test_list_and_show)
{
    scratch_write("mini.tmpl", MINI);
    ck_assert_int_eq(run(template_list_run, (const char *const[]){NULL}), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(both, "mini                     Mini\n"));
    ck_assert_ptr_nonnull(strstr(both, "web-app "));
    ck_assert_int_eq(RUN_WORDS(template_show_run, "mini"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(both, "size* (number): Size (such as 5)"));
    ck_assert_int_eq(RUN_WORDS(template_show_run, "min", "size=3"), EXIT_OK);
    ck_assert_str_eq(both, "primitive mini ocf:yoke:probe \\\n\tparams size=3\n");
    ck_assert_int_eq(RUN_WORDS(template_show_run, "mnii"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "did you mean mini?"));
    ck_assert_int_eq(RUN_WORDS(template_show_run, "../mini"), EXIT_FAIL);
    ck_assert_int_eq(RUN_WORDS(template_show_run, "dameng"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "can mean several templates"));
    /* One that is wrong is told, the others are there. */
    scratch_write("bad.tmpl", "about en Bad\n");
    ck_assert_int_eq(run(template_list_run, (const char *const[]){NULL}), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "bad.tmpl: there is no body"));
    ck_assert_ptr_nonnull(strstr(both, "web-app "));
    /* The first directory goes before the second. */
    scratch_write("web-app.tmpl", MINI);
    ck_assert_int_eq(RUN_WORDS(template_show_run, "web-app"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(both, "web-app: Mini"));
}
END_TEST

START_TEST(test_apply)
{
    scratch_write("mini.tmpl", MINI);
    copy_begin("primitive other ocf:yoke:probe \\\n\tparams size=1\n");
    ck_assert_int_eq(RUN_WORDS(template_apply_run, "mini"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(both, "mini needs a value for size"));
    ck_assert_int_eq(RUN_WORDS(template_apply_run, "mini", "size=7"), EXIT_OK);
    ck_assert_str_eq(x.copy->text, "primitive other ocf:yoke:probe \\\n\tparams size=1\n"
                                   "primitive mini ocf:yoke:probe \\\n\tparams size=7 \\\n"
                                   "\top start timeout=77s\n");
    ck_assert_ptr_nonnull(strstr(both, "primitive mini ocf:yoke:probe"));
    ck_assert_ptr_null(strstr(both, "other"));
    if (geteuid() == 0) /* it is content with a resource named probe only */
        ck_assert_ptr_nonnull(strstr(both, "mini: on this machine its agent says: size=7"));
    /* A name that is taken. */
    ck_assert_int_eq(RUN_WORDS(template_apply_run, "mini", "size=8"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "mini is there already"));
    ck_assert_ptr_null(strstr(x.copy->text, "size=8"));
    ck_assert_int_eq(RUN_WORDS(template_apply_run, "mini", "size=8", "name=two"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(x.copy->text, "primitive two"));
}
END_TEST

/* What the check of the configuration or an agent does not take leaves everything as it was. */
START_TEST(test_apply_refused)
{
    static const char before[] = "primitive other ocf:yoke:probe \\\n\tparams size=1\n";
    copy_begin(before);
    scratch_write("gone.tmpl", "about en x\nbody\ngroup g nobody\n");
    ck_assert_int_eq(RUN_WORDS(template_apply_run, "gone"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "nobody"));
    ck_assert_ptr_nonnull(strstr(both, "gone.tmpl:1: "));
    ck_assert_str_eq(x.copy->text, before);
    scratch_write("short.tmpl", "about en x\nbody\nprimitive p ocf:yoke:probe\n");
    ck_assert_int_eq(RUN_WORDS(template_apply_run, "short"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "needs the parameter size"));
    ck_assert_str_eq(x.copy->text, before);
    scratch_write("set.tmpl", "about en x\nbody\nprimitive p ocf:yoke:probe\n params size=1\n"
                              "set nobody.meta.priority 5\n");
    ck_assert_int_eq(RUN_WORDS(template_apply_run, "set"), EXIT_FAIL);
    ck_assert_str_eq(x.copy->text, before);
}
END_TEST

/* Every template that is shipped, once with what it needs only, once with all its examples. */
static void shipped_try(const char *name, bool all)
{
    char path[512], why[512], word[64][TEMPLATE_VALUE_LEN + 64];
    const char *words[66] = {name};
    snprintf(path, sizeof(path), "%s/%s.tmpl", SHIPPED, name);
    char *text = file_read(path, TEMPLATE_BYTES, why, sizeof(why));
    ck_assert_msg(text != NULL, "%s", why);
    struct template *t = template_parse(name, path, text);
    ck_assert_msg(t != NULL, "%s", name);
    ck_assert_msg(t->about[TEMPLATE_ZH] != NULL && (!t->note[TEMPLATE_EN] || t->note[TEMPLATE_ZH]),
                  "%s has no Chinese", name);
    unsigned n = 0;
    for (unsigned i = 0; i < t->n_params; i++) {
        const struct template_param *p = &t->param[i];
        ck_assert_msg(p->question[TEMPLATE_ZH] != NULL, "%s: %s has no Chinese", name, p->name);
        ck_assert_msg(p->value || p->example, "%s: %s has neither default nor example", name,
                      p->name);
        if (!p->example || (!all && !p->required))
            continue;
        snprintf(word[n], sizeof(word[n]), "%s=%s", p->name, p->example);
        words[n + 1] = word[n];
        n++;
    }
    /* What gateway-watch is for is there already. */
    copy_begin(
        template_param_find(t, "service", 7) < 0
            ? ""
            : "primitive oracle ocf:yoke:probe \\\n\tparams size=1 \\\n\top start timeout=77s\n");
    x.quiet = true; /* agents are not run here */
    int code = run(template_apply_run, words);
    /* That this machine has no such device or user is no fault of the template. */
    for (char *line = strtok(captured, "\n"); line; line = strtok(NULL, "\n"))
        if (!strstr(line, "this machine has no such"))
            ck_abort_msg("%s: %s", name, line);
    ck_assert_msg(code == EXIT_OK, "%s: %d %s", name, code, both);
    template_free(t);
    free(text);
}

START_TEST(test_shipped)
{
    const struct dirent *e;
    unsigned n = 0;
    DIR *d = opendir(SHIPPED);
    ck_assert_ptr_nonnull(d);
    while ((e = readdir(d)) != NULL) {
        char name[256];
        size_t len = strlen(e->d_name), cut = strlen(".tmpl");
        if (len <= cut || strcmp(e->d_name + len - cut, ".tmpl") != 0)
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)(len - cut), e->d_name);
        shipped_try(name, false);
        shipped_try(name, true);
        n++;
    }
    closedir(d);
    ck_assert_uint_ge(n, 14);
}
END_TEST

/* The promoted role gets the times that the agent advises for it. */
START_TEST(test_promotable)
{
    shipped_try("dameng-datawatch", true);
    ck_assert_ptr_nonnull(strstr(x.copy->text, "op promote timeout=120s"));
    ck_assert_ptr_nonnull(strstr(x.copy->text, "op demote timeout=120s"));
    ck_assert_ptr_nonnull(strstr(x.copy->text, "op monitor interval=9s role=Promoted timeout=30s"));
    shipped_try("gateway-watch", true);
    ck_assert_ptr_nonnull(strstr(x.copy->text, "meta resource-stickiness=1"));
}
END_TEST

START_TEST(test_validate)
{
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "ocf:yoke:probe", "size=7"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(both, "ocf:yoke:probe: right on this machine"));
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "ocf:yoke:probe", "size=8"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "ocf:yoke:probe: size=8 is not 7 (exit code 6)"));
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "yoke:probe"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "needs the parameter size"));
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "ocf:yoke:probe", "size=7", "sise=1"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(both, "no parameter sise; did you mean size?"));
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "ocf:yoke:probe", "size"), EXIT_USAGE);
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "ocf:yoke:nix", "size=1"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "not installed"));
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "systemd:cron"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "cannot validate"));
    /* A resource of the configuration, and another value for it. */
    copy_begin("primitive probe ocf:yoke:probe \\\n\tparams size=8\n");
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "probe"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "probe (ocf:yoke:probe): size=8 is not 7"));
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "probe", "size=7"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(x.copy->text, "size=8"));
    ck_assert_int_eq(RUN_WORDS(ra_validate_run, "nobody"), EXIT_FAIL);
}
END_TEST

/* Every way into the configuration is held against the meta-data. */
START_TEST(test_changes_are_checked)
{
    static const char before[] = "primitive probe ocf:yoke:probe \\\n\tparams size=8\n";
    char path[256];
    copy_begin(before);
    ck_assert_int_eq(RUN_WORDS(conf_set_run, "probe.sise", "1"), EXIT_OK);
    ck_assert_ptr_nonnull(strstr(both, "no parameter sise; did you mean size?"));
    copy_begin(before);
    scratch_write("new.crm", "primitive two ocf:yoke:probe\n");
    scratch_path(path, "new.crm");
    ck_assert_int_eq(RUN_WORDS(conf_load_run, "update", path), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "two: its agent needs the parameter size"));
    ck_assert_str_eq(x.copy->text, before);
    setenv("VISUAL", "echo primitive two ocf:yoke:probe >>", 1);
    ck_assert_int_eq(run(conf_edit_run, (const char *const[]){NULL}), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(both, "two: its agent needs the parameter size"));
    ck_assert_str_eq(x.copy->text, before);
}
END_TEST

int main(void)
{
    TCase *c = unit_begin("shelf");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, test_list_and_show);
    tcase_add_test(c, test_apply);
    tcase_add_test(c, test_apply_refused);
    tcase_add_test(c, test_shipped);
    tcase_add_test(c, test_promotable);
    tcase_add_test(c, test_validate);
    tcase_add_test(c, test_changes_are_checked);
    return unit_end();
}
