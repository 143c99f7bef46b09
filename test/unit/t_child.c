/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_child: the ways for lesser machines: a kernel without clone3 and pidfds (played by a system
 * call filter that answers ENOSYS), and a resource without a cgroup. */
#include "config.h"
#include <check.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/str.h"
#include "daemon/agent.h"
#include "daemon/cgroup.h"
#include "daemon/child.h"
#include "daemon/procwatch.h"
#include "test/unit/listener.h"

/* From now on this process and its children have no pidfd_open, clone3 and close_range. */
static bool kernel_become_old(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 434, 0, 2),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 436, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog prog = {.len = ARRAY_LEN(code), .filter = code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

static const struct heard *run(struct agents *a, uint32_t op, const char *type, const char *action,
                               uint32_t timeout_ms)
{
    struct act_agent act = {.op = op,
                            .id = "old",
                            .class = "ocf",
                            .provider = "t",
                            .type = type,
                            .action = action,
                            .timeout_ms = timeout_ms,
                            .env = "",
                            .env_len = 1};

    agents_run(a, &act);
    const struct heard *h = listener_hear(EV_AGENT_DONE, op);
    ck_assert_msg(h != NULL, "operation %u did not end", op);
    return h;
}

START_TEST(old_kernel)
{
    char text[256];
    struct str why;

    if (!kernel_become_old()) {
        printf("skipped: system call filters are not permitted here\n");
        return;
    }
    ck_assert_int_eq(child_way_best(), CHILD_BY_SIGNALFD);
    listener_open();
    struct agents *a = listener.shell.agents = agents_new(&listener.shell);
    ck_assert_ptr_nonnull(a);
    listener_agent("svc",
                   "case $1 in\n"
                   "start) setsid sleep 300 </dev/null >/dev/null 2>&1 & echo $! > $D/svc;;\n"
                   "where) cat /proc/$$/cgroup > $D/cgroup;; esac\n"
                   "echo ocf-exit-reason:heard >&2; exit 9");
    listener_agent("hang", "echo $$ > $D/hang; sleep 300");
    int extra = dup2(1, 50); /* must be closed without close_range too */
    listener_agent("fds", "ls /proc/$$/fd > $D/fds");
    run(a, 1, "fds", "monitor", 15000);
    close(extra);
    ck_assert_ptr_nonnull(strstr(listener_read("fds"), "2\n"));
    ck_assert_ptr_null(strstr(listener_read("fds"), "50\n"));

    const struct heard *h = run(a, 2, "svc", "start", 15000);
    ck_assert_int_eq(h->rc, 9);
    ck_assert_str_eq(h->text, "heard");
    h = run(a, 3, "hang", "monitor", 500);
    ck_assert(h->timed_out);
    ck_assert(process_gone(atoi(listener_read("hang"))));
    ck_assert_int_eq(run(a, 4, "missing", "start", 15000)->rc, 5);

    str_init(&why, text, sizeof(text));
    struct cgroups *g = cgroups_new("test", "probe", listener.shell.conf.run_dir, &why);
    if (!g) {
        printf("skipped: the death of a service needs a cgroup v2: %s\n", text);
        kill(atoi(listener_read("svc")), SIGKILL);
        return;
    }
    rmdir(cgroups_path(g));
    cgroups_free(g);
    run(a, 5, "svc", "where", 15000);
    ck_assert_ptr_nonnull(strstr(listener_read("cgroup"), ".one/old\n"));
    agents_watch(a, 0, "old", true);
    listener_for(100);
    ck_assert_uint_eq(listener_count(EV_RSC_GONE), 0);
    kill(atoi(listener_read("svc")), SIGKILL);
    ck_assert_msg(listener_hear(EV_RSC_GONE, 0) != NULL, "cgroup.events told nothing");
    agents_free(a);
}
END_TEST

static struct child_end late_end;
static bool late_ended;

static void on_late_end(void *context, const struct child_end *end)
{
    (void)context;
    late_end = *end;
    late_ended = true;
}

static bool has_late_ended(void *data)
{
    (void)data;
    return late_ended;
}

START_TEST(too_late_in_the_child)
{
    char *none[] = {NULL}, *argv[] = {"true", NULL};
    struct child_spec spec = {.dirs = "/nonexistent:/bin",
                              .program = "true",
                              .argv = argv,
                              .envp = none,
                              .cgroup = -1,
                              .timeout_ms = 10000,
                              .not_after_us = 1};
    struct child *c;

    listener_open();
    struct child_pool *pool =
        child_pool_new(listener.shell.loop, listener.shell.conf.run_dir, child_way_best());
    ck_assert_ptr_nonnull(pool);
    ck_assert_int_eq(child_start(pool, &spec, on_late_end, NULL, &c), 0);
    ck_assert(listener_until(has_late_ended, NULL));
    ck_assert_int_eq(late_end.exec_errno, ETIME);
    late_ended = false;
    spec.not_after_us = 0;
    ck_assert_int_eq(child_start(pool, &spec, on_late_end, NULL, &c), 0);
    ck_assert(listener_until(has_late_ended, NULL));
    ck_assert_int_eq(late_end.exec_errno, 0);
    ck_assert_int_eq(late_end.exit_code, 0);
    child_pool_free(pool);
}
END_TEST

static unsigned n_gone;
static char gone_what[PROCWATCH_WHAT_LEN];

static void on_gone(void *context, uint16_t slot, const char *what)
{
    (void)context;
    ck_assert_uint_eq(slot, 5);
    str_copy(gone_what, sizeof(gone_what), what);
    n_gone++;
}

static bool has_gone(void *data)
{
    (void)data;
    return n_gone > 0;
}

START_TEST(without_cgroup)
{
    char what[PROCWATCH_WHAT_LEN], mark[64], wanted[64];
    char *env[] = {"A=1", mark, NULL}, *argv[] = {"sleep", "300", NULL};

    if (child_way_best() != CHILD_BY_PIDFD) {
        printf("skipped: this kernel has no pidfds\n");
        return;
    }
    snprintf(mark, sizeof(mark), "OCF_RESOURCE_INSTANCE=rsc-%d", (int)getpid());
    listener_open();
    pid_t pid = fork();
    if (pid == 0) {
        execve("/bin/sleep", argv, env);
        _exit(127);
    }
    usleep(100000); /* until it has its own environment */
    struct procwatch *p = procwatch_new(listener.shell.loop, NULL, NULL, on_gone, NULL);
    procwatch_op_begin(p, 5);
    procwatch_op_end(p, 5, PROCWATCH_CHANGED, what);
    procwatch_set(p, 5, strchr(mark, '=') + 1, true);
    listener_for(50);
    ck_assert_uint_eq(n_gone, 0);
    kill(pid, SIGKILL);
    ck_assert(listener_until(has_gone, NULL));
    snprintf(wanted, sizeof(wanted), "process %d (sleep) ended", (int)pid);
    ck_assert_str_eq(gone_what, wanted);
    waitpid(pid, NULL, 0);
    procwatch_free(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("child");
    TCase *t = tcase_create("lesser machines");
    char text[256];
    struct str why;

    str_init(&why, text, sizeof(text));
    (void)listener_begin(&why);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, old_kernel);
    tcase_add_test(t, too_late_in_the_child);
    tcase_add_test(t, without_cgroup);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    listener_end();
    return failed ? 1 : 0;
}
