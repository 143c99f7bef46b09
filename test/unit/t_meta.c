/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_meta: agents' meta-data: read, chosen by language, asked of agents that answer, lie, hang or
 * flood; and what a definition gets from them. */
#include <sys/stat.h>
#include <unistd.h>
#include "cli/meta.h"
#include "cli/runout.h"
#include "cli/unitfile.h"
#include "cli/workcopy.h"
#include "test/unit/capture.h"
#include "test/unit/scratchdir.h"
#include "test/unit/unit.h"

#define XML                                                                                        \
    "<?xml version=\"1.0\"?><!DOCTYPE resource-agent SYSTEM \"ra-api-1.dtd\">\n"                   \
    "<resource-agent name=\"fake\"><version>1.1</version>\n"                                       \
    "<longdesc lang=\"en\"> Long </longdesc><longdesc lang=\"zh-CN\">长</longdesc>\n"             \
    "<shortdesc lang=\"en\">Short</shortdesc><shortdesc lang=\"zh-CN\">短</shortdesc>\n"          \
    "<parameters><parameter name=\"sid\" required=\"1\"><longdesc lang=\"en\">l</longdesc>\n"      \
    "<shortdesc lang=\"en\">System</shortdesc><content type=\"string\"/></parameter>\n"            \
    "<parameter name=\"home\" required=\"1\"><content type=\"string\" default=\"/x\"/>"            \
    "</parameter><parameter name=\"old\"><deprecated><replaced-with name=\"home\"/></deprecated>"  \
    "<content type=\"boolean\"/></parameter></parameters>\n"                                       \
    "<actions><action name=\"start\" timeout=\"120\"/><action name=\"stop\" timeout=\"90s\"/>"     \
    "<action name=\"monitor\" timeout=\"50s\" interval=\"30\" depth=\"10\"/>"                      \
    "<action name=\"monitor\" timeout=\"40s\" interval=\"15\" depth=\"0\"/>"                       \
    "<action name=\"monitor\" timeout=\"1s\" interval=\"1s\" role=\"Promoted\"/></actions>"        \
    "<?yoke-twice harmless?><?yoke-data nowhere?></resource-agent>\n"

static struct ctx x;

/* A tree of agents: fake (answers), broken (no XML), mute (nothing), flood. */
static void agent(const char *name, const char *body)
{
    char path[256], relative[64];
    snprintf(relative, sizeof(relative), "resource.d/yoke/%s", name);
    scratch_path(path, relative);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "#!/bin/sh\n%s\n", body);
    fclose(f);
    ck_assert_int_eq(chmod(path, 0755), 0);
}

static void setup(void)
{
    char path[256];
    scratch_make();
    scratch_path(path, "resource.d");
    ck_assert_int_eq(mkdir(path, 0755), 0);
    scratch_path(path, "resource.d/yoke");
    ck_assert_int_eq(mkdir(path, 0755), 0);
    agent("fake", "[ \"$1\" = meta-data ] && [ -n \"$OCF_ROOT\" ] || exit 1\ncat <<'E'\n" XML "E");
    agent("broken", "echo '<resource-agent'");
    agent("mute", "exit 0");
    agent("flood", "while :; do echo 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'; done");
    memset(&x, 0, sizeof(x));
    x.conf_path = "yoke.conf";
    x.conf_loaded = true;
    x.level = "configure";
    str_copy(x.conf.agent_dirs, sizeof(x.conf.agent_dirs), scratch);
    str_copy(x.conf.fence_dirs, sizeof(x.conf.fence_dirs), scratch);
}

static void teardown(void)
{
    char command[128];
    workcopy_close(&x);
    snprintf(command, sizeof(command), "rm -rf %s", scratch);
    ck_assert_int_eq(system(command), 0);
}

START_TEST(test_parse)
{
    struct meta *m = meta_parse(XML, strlen(XML), "zh");
    ck_assert_ptr_nonnull(m);
    ck_assert_str_eq(m->brief, "短");
    ck_assert_str_eq(m->text, "长");
    ck_assert_uint_eq(m->n_params, 3);
    ck_assert(m->twice_harmless && !m->data_on_disk);
    ck_assert_str_eq(m->param[0].brief, "System"); /* no Chinese there: English */
    ck_assert(m->param[0].required && !m->param[0].value);
    ck_assert_str_eq(m->param[1].value, "/x");
    ck_assert(m->param[2].deprecated);
    ck_assert_str_eq(m->param[2].replaced_by, "home");
    ck_assert_str_eq(meta_action(m, "monitor")->timeout, "40s"); /* depth 0, no role */
    ck_assert_str_eq(meta_action(m, "start")->timeout, "120");
    ck_assert_ptr_null(meta_action(m, "promote"));
    meta_free(m);
    m = meta_parse(XML, strlen(XML), "en");
    ck_assert_str_eq(m->text, "Long");
    meta_free(m);
}
END_TEST

START_TEST(test_parse_nonsense)
{
    static const char bomb[] = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;&b;\">"
                               "<!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
                               "<resource-agent><shortdesc>&f;</shortdesc></resource-agent>";
    ck_assert_ptr_null(meta_parse("", 0, "en"));
    ck_assert_ptr_null(meta_parse("<a/>", 4, "en"));
    ck_assert_ptr_null(meta_parse(XML, 100, "en"));
    struct meta *m = meta_parse(bomb, sizeof(bomb) - 1, "en");
    ck_assert(!m || !strstr(m->brief, "root"));
    meta_free(m);
    m = meta_parse("<resource-agent/>", 17, "en");
    ck_assert_ptr_nonnull(m);
    ck_assert_uint_eq(m->n_params + m->n_actions, 0);
    meta_free(m);
}
END_TEST

static const char *refusal(const char *class, const char *provider, const char *type)
{
    static char reason[512];
    struct str why;
    str_init(&why, reason, sizeof(reason));
    ck_assert_ptr_null(meta_get(&x, class, provider, type, &why));
    return reason;
}

START_TEST(test_agents)
{
    char reason[512];
    struct str why;
    str_init(&why, reason, sizeof(reason));
    const struct meta *m = meta_get(&x, "ocf", "yoke", "fake", &why);
    ck_assert_msg(m != NULL, "%s", reason);
    ck_assert_str_eq(m->agent, "ocf:yoke:fake");
    ck_assert_ptr_eq(meta_get(&x, "ocf", "yoke", "fake", &why), m); /* asked once */
    ck_assert_ptr_nonnull(
        strstr(refusal("ocf", "yoke", "broken"), "no meta-data that can be read"));
    ck_assert_ptr_nonnull(strstr(refusal("ocf", "yoke", "mute"), "gives no meta-data"));
    ck_assert_ptr_nonnull(strstr(refusal("ocf", "yoke", "flood"), "writes more than"));
    ck_assert_ptr_nonnull(strstr(refusal("ocf", "yoke", "nix"), "not installed"));
    ck_assert_ptr_nonnull(strstr(refusal("ocf", "..", "yoke/fake"), "not installed"));
    ck_assert_ptr_nonnull(strstr(refusal("ocf", "yoke", "../yoke/fake"), "not installed"));
    ck_assert_ptr_nonnull(strstr(refusal("stonith", NULL, "fence_nix"), "not installed"));
    ck_assert_ptr_nonnull(strstr(refusal("lsb", NULL, "nix-nix"), "/etc/init.d/nix-nix"));
    ck_assert_ptr_nonnull(strstr(refusal("nix", NULL, "x"), "class nix"));
}
END_TEST

static void listed(void *context, const char *name)
{
    str_addf(context, "%s ", name);
}

static void unit_write(const char *dir, const char *name, const char *text)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

START_TEST(test_units)
{
    char dir[] = "/tmp/yoke-units-XXXXXX", reason[256], list[256], path[300];
    static const char *const name[] = {"web.service", "of@.service", "a.timer", "off.service",
                                       "a.txt"};
    struct str why, names;
    str_init(&why, reason, sizeof(reason));
    ck_assert_ptr_nonnull(mkdtemp(dir));
    unit_write(dir, name[0],
               "[Unit]\nDescription = A web server\n[Service]\nTimeoutSec=7\n"
               "TimeoutStartSec=5min 20s\n");
    unit_write(dir, name[1], "[Service]\nTimeoutStopSec=infinity\n");
    unit_write(dir, name[2], "[Timer]\n");
    unit_write(dir, name[3], "");
    unit_write(dir, name[4], "x\n");
    struct meta *m = unitfile_meta(dir, "web", &why), *of = unitfile_meta(dir, "of@x.y", &why);
    struct meta *same = unitfile_meta(dir, "web.service", &why);
    ck_assert(m && of && same);
    ck_assert_str_eq(m->brief, "A web server");
    ck_assert_str_eq(meta_action(m, "start")->timeout, "330s");
    ck_assert_str_eq(meta_action(m, "stop")->timeout, "17s");
    ck_assert_str_eq(meta_action(of, "start")->timeout, "100s");
    ck_assert_str_eq(meta_action(of, "stop")->timeout, "100s");
    ck_assert_ptr_null(meta_action(m, "monitor")->timeout);
    ck_assert_ptr_null(unitfile_meta(dir, "off", &why)); /* masked */
    ck_assert_ptr_null(unitfile_meta(dir, "../web", &why));
    ck_assert_ptr_nonnull(strstr(reason, "no systemd unit off.service"));
    str_init(&names, list, sizeof(list));
    unitfile_each(dir, listed, &names);
    ck_assert(strstr(list, "web ") && strstr(list, "of@ ") && strstr(list, "a.timer "));
    ck_assert(!strstr(list, "off") && !strstr(list, "txt"));
    meta_free(m);
    meta_free(of);
    meta_free(same);
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, name[i]);
        unlink(path);
    }
    rmdir(dir);
}
END_TEST

START_TEST(test_time_limit)
{
    char reason[512];
    struct str why;
    size_t len;
    char *const argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)"sleep 60 & sleep 60", NULL};
    char *const env[] = {NULL};
    str_init(&why, reason, sizeof(reason));
    ck_assert_ptr_null(runout(argv, env, 100, 1000, &len, &why));
    ck_assert_ptr_nonnull(strstr(reason, "did not answer"));
    char *const missing[] = {(char *)"/nonexistent", NULL};
    str_init(&why, reason, sizeof(reason));
    ck_assert_ptr_null(runout(missing, env, 1000, 1000, &len, &why));
}
END_TEST

/* ---- definitions, on a working copy that no daemon gave -------------------------------------- */

static void copy_begin(const char *text)
{
    x.copy = calloc(1, sizeof(*x.copy));
    ck_assert_int_eq(workcopy_parse(&x, NULL, text, &x.copy->cib, &x.copy->room), ERR_OK);
    x.copy->base = strdup(text);
    x.copy->text = strdup(text);
}

static int type(const char *kind, const char *const *words)
{
    char *argv[16] = {(char *)kind};
    int argc = 0;
    for (; words[argc]; argc++)
        argv[argc + 1] = (char *)words[argc];
    capture_begin(STDERR_FILENO);
    int code = str_eq(kind, "set")      ? conf_set_run(&x, argc, argv + 1)
               : str_eq(kind, "delete") ? conf_delete_run(&x, argc, argv + 1)
                                        : conf_define_run(&x, argc, argv + 1);
    capture_end();
    tell_end(&x, code);
    return code;
}

#define TYPE(kind, ...) type(kind, (const char *const[]){__VA_ARGS__, NULL})

/* Fence agents have another way to be asked, and parameters that whoever calls them gives. */
START_TEST(test_fence_agent)
{
    char reason[512], path[256];
    struct str why;
    scratch_path(path, "fence_fake");
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fprintf(f, "#!/bin/sh\n[ \"$1 $2\" = '-o metadata' ] || exit 1\ncat <<'E'\n"
               "<resource-agent name=\"fence_fake\" shortdesc=\"Fake\"><parameters>"
               "<parameter name=\"action\" required=\"1\"><content type=\"string\"/></parameter>"
               "<parameter name=\"plug\" required=\"1\"><content type=\"string\"/></parameter>"
               "<parameter name=\"ip\" required=\"1\"><content type=\"string\"/></parameter>"
               "</parameters><actions><action name=\"off\"/></actions></resource-agent>\nE\n");
    fclose(f);
    ck_assert_int_eq(chmod(path, 0755), 0);
    str_init(&why, reason, sizeof(reason));
    const struct meta *m = meta_get(&x, "stonith", NULL, "fence_fake", &why);
    ck_assert_msg(m != NULL, "%s", reason);
    ck_assert_str_eq(m->brief, "Fake");
    copy_begin("");
    ck_assert_int_eq(TYPE("primitive", "p", "stonith:fence_fake"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "needs the parameter ip"));
    ck_assert_ptr_null(strstr(captured, "plug"));
    ck_assert_int_eq(TYPE("primitive", "p", "stonith:fence_fake", "ip=1", "pcmk_host_list=db1"),
                     EXIT_OK);
    ck_assert_ptr_null(strstr(captured, "no parameter"));
    ck_assert_ptr_null(strstr(x.copy->text, "op ")); /* it advises no times */
}
END_TEST

START_TEST(test_advice)
{
    copy_begin("");
    ck_assert_int_eq(TYPE("primitive", "db", "ocf:yoke:fake", "params", "sid=A B"), EXIT_OK);
    ck_assert_str_eq(x.copy->text, "primitive db ocf:yoke:fake \\\n"
                                   "\tparams sid=\"A B\" \\\n"
                                   "\top monitor interval=15s timeout=40s \\\n"
                                   "\top start timeout=120s \\\n"
                                   "\top stop timeout=90s\n");
    /* What is written stays; what is not is added. */
    ck_assert_int_eq(TYPE("primitive", "d2", "ocf:yoke:fake", "params", "sid=A", "op", "monitor",
                          "interval=5s", "op", "start", "timeout=10s"),
                     EXIT_OK);
    ck_assert_ptr_nonnull(strstr(captured, "the time-out of start is 10 s"));
    ck_assert_ptr_nonnull(strstr(x.copy->text, "primitive d2 ocf:yoke:fake \\\n"
                                               "\tparams sid=A \\\n"
                                               "\top monitor interval=5s timeout=40s \\\n"
                                               "\top start timeout=10s \\\n"
                                               "\top stop timeout=90s\n"));
}
END_TEST

START_TEST(test_checks)
{
    copy_begin("");
    ck_assert_int_eq(TYPE("primitive", "db", "ocf:yoke:fake"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "needs the parameter sid: System"));
    ck_assert_ptr_null(strstr(captured, "home")); /* it has a default */
    ck_assert_str_eq(x.copy->text, "");
    ck_assert_int_eq(TYPE("primitive", "db", "ocf:yoke:fake", "sid=1", "hoome=2", "old=1"),
                     EXIT_OK);
    ck_assert_ptr_nonnull(strstr(captured, "no parameter hoome; did you mean home?"));
    ck_assert_ptr_nonnull(strstr(captured, "old is now called home"));
    ck_assert_int_eq(TYPE("primitive", "db", "ocf:yoke:fake", "sid=2"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "defined already"));
    x.force = true;
    ck_assert_int_eq(TYPE("primitive", "db", "ocf:yoke:fake"), EXIT_OK);
    ck_assert_ptr_null(strstr(x.copy->text, "sid"));
    x.force = false;
    ck_assert_int_eq(TYPE("primitive", "gone", "ocf:yoke:nix"), EXIT_OK); /* on the other node? */
    ck_assert_ptr_nonnull(strstr(captured, "not installed on this machine"));
    ck_assert_int_eq(TYPE("primitive", "p", "ocf:yoke:fake", "sid=1", "op", "monitr"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "did you mean monitor?"));
}
END_TEST

START_TEST(test_set_and_delete)
{
    copy_begin(
        "primitive a ocf:yoke:nix \\\n\top monitor interval=10s \\\n\top monitor interval=60s "
        "OCF_CHECK_LEVEL=10\nprimitive b ocf:yoke:nix\ngroup g a b\n");
    ck_assert_int_eq(TYPE("set", "a.p", "x y"), EXIT_OK);
    ck_assert_int_eq(TYPE("set", "a.meta.target-role", "Stopped"), EXIT_OK);
    ck_assert_int_eq(TYPE("set", "a.target-role", "Started"), EXIT_OK); /* meta has it */
    ck_assert_int_eq(TYPE("set", "g.priority", "5"), EXIT_OK);
    ck_assert_int_eq(TYPE("set", "a.monitor.timeout", "5s"), EXIT_USAGE);
    ck_assert_ptr_nonnull(strstr(captured, "several monitor operations"));
    ck_assert_int_eq(TYPE("set", "a.op.monitor.1m.timeout", "5s"), EXIT_OK);
    ck_assert_int_eq(TYPE("set", "a.stop.timeout", "7s"), EXIT_OK);
    ck_assert_int_eq(TYPE("set", "property.maintenance-mode", "true"), EXIT_OK);
    ck_assert_int_eq(TYPE("set", "cib-bootstrap-options.maintenance-mode", "false"), EXIT_OK);
    ck_assert_str_eq(x.copy->text, "primitive a ocf:yoke:nix \\\n"
                                   "\tparams p=\"x y\" \\\n"
                                   "\tmeta target-role=Started \\\n"
                                   "\top monitor interval=10s \\\n"
                                   "\top monitor interval=60s OCF_CHECK_LEVEL=10 timeout=5s \\\n"
                                   "\top stop timeout=7s\n"
                                   "primitive b ocf:yoke:nix\n"
                                   "group g a b \\\n"
                                   "\tmeta priority=5\n"
                                   "property cib-bootstrap-options: \\\n"
                                   "\tmaintenance-mode=false\n");
    ck_assert_int_eq(TYPE("set", "nix.p", "1"), EXIT_FAIL);
    ck_assert_int_eq(TYPE("set", "nodot", "1"), EXIT_FAIL);
    ck_assert_int_eq(TYPE("delete", "a"), EXIT_FAIL);
    ck_assert_ptr_nonnull(strstr(captured, "--force"));
    ck_assert_int_eq(TYPE("delete", "a", "g"), EXIT_OK); /* any order of words */
    ck_assert_ptr_null(strstr(x.copy->text, "group"));
    ck_assert_int_eq(TYPE("delete", "b", "nix"), EXIT_FAIL); /* all or nothing */
    ck_assert_ptr_nonnull(strstr(x.copy->text, "primitive b"));
    ck_assert(workcopy_changed(x.copy));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("meta");
    tcase_set_timeout(t, 30);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_parse);
    tcase_add_test(t, test_parse_nonsense);
    tcase_add_test(t, test_agents);
    tcase_add_test(t, test_units);
    tcase_add_test(t, test_time_limit);
    tcase_add_test(t, test_fence_agent);
    tcase_add_test(t, test_advice);
    tcase_add_test(t, test_checks);
    tcase_add_test(t, test_set_and_delete);
    return unit_end();
}
