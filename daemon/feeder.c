/* SPDX-License-Identifier: GPL-2.0-or-later
 * feeder: see feeder.h. Nothing here waits: the keeper's socket is read and written without
 * blocking, and a date that could not be sent is sent later, if no newer one came. */
#include "daemon/feeder.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "daemon/journal.h"
#include "daemon/spawn.h"
#include "lib/base/num.h"
#include "lib/wire/feedmsg.h"

enum { RETRY_MS = 1000, SOON_MS = 50, PATH_LEN = 512, WHY_LEN = 512 };

struct feeder {
    struct shell *shell;
    int fd; /* -1: not connected */
    qb_loop_timer_handle timer;
    bool timer_set;
    struct spawn_note *note; /* shared with the process that becomes the keeper */
    pid_t pid;               /* of a keeper that we started; 0: none */
    bool heard;              /* answer is the keeper's */
    struct feed_answer answer;
    bool owed; /* until_us must still be sent */
    uint64_t until_us;
    bool leaving; /* it was asked to end, to be started anew with other settings */
    char lost[WHY_LEN];
};

/* ---- EV_WATCHDOG ---- */

static void tell(struct feeder *f, const char *lost)
{
    char words[WHY_LEN];
    struct str why;
    const struct feed_answer *a = &f->answer;
    str_init(&why, words, sizeof words);
    if (lost)
        str_add(&why, lost);
    else
        feed_answer_words(a, (const char *(*)(const char *))gettext, strerror(a->error), &why);
    bool armed = feed_answer_armed(a);
    struct event ev = {.kind = EV_WATCHDOG,
                       .watchdog = {.kind = a->kind,
                                    .timeout_ms = a->timeout_ms,
                                    .armed = armed,
                                    .ok = feed_answer_sure(a) && (!lost || armed),
                                    .due = a->state == FEED_PENDING || (armed && lost),
                                    .until_us = a->until_us,
                                    .reason = words}};
    shell_event(f->shell, &ev);
}

static void answer_take(struct feeder *f, const struct feed_answer *a)
{
    const struct feed_answer *old = &f->answer;
    bool same = f->heard && a->kind == old->kind && a->timeout_ms == old->timeout_ms &&
                a->state == old->state && a->why == old->why && a->until_us == old->until_us;
    bool news = !f->heard || a->why != old->why;
    f->answer = *a;
    f->heard = true;
    if (same)
        return;
    if (news && a->why != FEED_WHY_FINE) {
        char words[WHY_LEN];
        struct str why;
        str_init(&why, words, sizeof words);
        feed_answer_words(a, (const char *(*)(const char *))gettext, strerror(a->error), &why);
        journal_note(f->shell->journal, a->state == FEED_PENDING ? SAY_ALERT : SAY_ERROR,
                     JOURNAL_KEEPER, "%s", words);
    }
    tell(f, NULL);
}

/* ---- the connection ---- */

static void retry(void *context);

static void retry_in(struct feeder *f, unsigned ms)
{
    if (f->timer_set)
        return;
    f->timer_set = qb_loop_timer_add(f->shell->loop, QB_LOOP_HIGH, (uint64_t)ms * 1000000, f, retry,
                                     &f->timer) == 0;
}

static bool request(struct feeder *f, enum feed_verb verb, uint64_t until_us)
{
    uint8_t bytes[FEEDMSG_MAX];
    struct feed_request r = {.verb = (uint8_t)verb, .until_us = until_us};
    size_t len = feed_request_put(&r, bytes);
    return f->fd >= 0 && send(f->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

/* What is owed, if it can go; a full socket is tried again soon. */
static void pay(struct feeder *f)
{
    if (!f->owed || f->fd < 0)
        return;
    f->owed = !request(f, FEED_UNTIL, f->until_us);
    if (f->owed)
        retry_in(f, SOON_MS);
}

static void disconnect(struct feeder *f)
{
    if (f->fd < 0)
        return;
    (void)qb_loop_poll_del(f->shell->loop, f->fd);
    close(f->fd);
    f->fd = -1;
}

/* Why the keeper is gone, as far as it can be known. */
static void end_words(struct feeder *f, struct str *why)
{
    int status = 0;
    bool ended = f->pid > 0 && waitpid(f->pid, &status, WNOHANG) == f->pid;
    if (f->note->exec_errno)
        str_addf(why, _("yoke-keeper cannot be executed: %s; is yoke installed whole?"),
                 strerror(f->note->exec_errno));
    else if (feed_answer_armed(&f->answer))
        str_addf(why, _("the keeper of the watchdog ended while it was armed: this machine is "
                        "about to be reset"));
    else if (ended && WIFEXITED(status))
        str_addf(why, _("the keeper of the watchdog ended (exit code %d)"), WEXITSTATUS(status));
    else if (ended && WIFSIGNALED(status))
        str_addf(why, _("the keeper of the watchdog was killed (signal %d)"), WTERMSIG(status));
    else
        str_add(why, _("the keeper of the watchdog is gone"));
}

static void lose(struct feeder *f)
{
    char words[WHY_LEN];
    struct str why;
    disconnect(f);
    if (f->leaving) {
        f->leaving = false;
        retry_in(f, SOON_MS);
        return;
    }
    str_init(&why, words, sizeof words);
    end_words(f, &why);
    if (strcmp(words, f->lost) != 0) { /* not each second anew */
        memcpy(f->lost, words, sizeof words);
        journal_note(f->shell->journal, feed_answer_armed(&f->answer) ? SAY_ALERT : SAY_ERROR,
                     JOURNAL_KEEPER, "%s", words);
        tell(f, words);
    }
    f->heard = false; /* the next one's first answer is news, whatever it says */
    retry_in(f, RETRY_MS);
}

/* ---- the settings ---- */

/* The time-out that the device is to have. Without a lease none was derived: a quarter of takeover
 * leaves the rest to silence and date; the device counts in seconds. */
static uint32_t timeout_ms(const struct shell *s)
{
    if (s->timing.watchdog_ms)
        return s->timing.watchdog_ms;
    return s->conf.watchdog_ms ? s->conf.watchdog_ms
                               : (uint32_t)num_max(s->timing.takeover_ms / 4, 1000);
}

/* A keeper of an earlier life, with settings that were changed since, ends when it has nothing to
 * keep. */
static void settings_check(struct feeder *f)
{
    const struct feed_answer *a = &f->answer;
    if (f->leaving || a->state != FEED_IDLE ||
        (a->want_ms == timeout_ms(f->shell) && a->boot == f->shell->boot &&
         str_eq(a->device, f->shell->conf.watchdog_device)))
        return;
    f->leaving = request(f, FEED_LEAVE, 0);
}

static int32_t readable(int32_t fd, int32_t revents, void *context)
{
    struct feeder *f = context;
    uint8_t bytes[FEEDMSG_MAX];
    struct feed_answer a;
    (void)revents;
    for (;;) {
        ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        if (n <= 0 || feed_answer_get(bytes, (size_t)n, &a)) {
            lose(f);
            return 0;
        }
        f->lost[0] = '\0';
        answer_take(f, &a);
        settings_check(f);
    }
}

static bool connected(struct feeder *f, int fd)
{
    f->fd = fd;
    if (qb_loop_poll_add(f->shell->loop, QB_LOOP_HIGH, fd, POLLIN, f, readable) != 0) {
        close(fd);
        f->fd = -1;
        return false;
    }
    return true;
}

/* ---- find it, or start it ---- */

static bool find(struct feeder *f)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (snprintf(to.sun_path, sizeof to.sun_path, "%s/" FEED_SOCKET, f->shell->conf.run_dir) >=
        (int)sizeof to.sun_path)
        return false;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        close(fd);
        return false;
    }
    return connected(f, fd) && request(f, FEED_ASK, 0);
}

/* Beside this program, else where it is installed: by the time of an upgrade both are new. */
static void dirs_find(char *to, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", to, size - 1);
    to[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(to, '/');
    struct str s = {.at = to, .size = size, .len = slash ? (size_t)(slash - to) : 0};
    to[s.len] = '\0';
    str_addf(&s, "%s%s", s.len ? ":" : "", SBINDIR);
}

static bool start(struct feeder *f)
{
    char dirs[PATH_LEN], ms[16], boot[24];
    int pair[2], pidfd;
    struct shell *s = f->shell;
    char *argv[] = {"yoke-keeper", s->conf.run_dir, s->conf.watchdog_device, ms, boot, "--doom",
                    NULL};
    char *envp[] = {NULL};
    dirs_find(dirs, sizeof dirs);
    snprintf(ms, sizeof ms, "%u", timeout_ms(s));
    snprintf(boot, sizeof boot, "%016llx", (unsigned long long)s->boot);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return false;
    struct spawn what = {.dirs = dirs,
                         .program = argv[0],
                         .argv = argv,
                         .envp = envp,
                         .in = pair[1],
                         .out = -1,
                         .err = -1,
                         .cgroup = -1,
                         .note = f->note};
    f->pid = spawn_run(&what, &pidfd);
    close(pair[1]);
    if (f->pid < 0) {
        close(pair[0]);
        f->pid = 0;
        return false;
    }
    if (pidfd >= 0)
        close(pidfd);
    return connected(f, pair[0]);
}

static void reach(struct feeder *f)
{
    if (f->pid > 0 && waitpid(f->pid, NULL, WNOHANG) == f->pid)
        f->pid = 0;
    if (f->fd < 0 && !find(f) && !start(f))
        retry_in(f, RETRY_MS);
    pay(f);
}

static void retry(void *context)
{
    struct feeder *f = context;
    f->timer_set = false;
    reach(f);
}

/* ---- all ---- */

void feeder_until(struct feeder *f, uint64_t until_us)
{
    if (!f || f->shell->conf.watchdog_device[0] == '\0')
        return;
    f->owed = true;
    f->until_us = until_us;
    pay(f);
}

struct feeder *feeder_new(struct shell *s)
{
    struct feeder *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->shell = s;
    f->fd = -1;
    f->note =
        mmap(NULL, sizeof *f->note, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (f->note == MAP_FAILED) {
        free(f);
        return NULL;
    }
    if (s->conf.watchdog_device[0] == '\0')
        tell(f, _("there is no [watchdog] in yoke.conf"));
    else
        reach(f);
    return f;
}

void feeder_free(struct feeder *f)
{
    if (!f)
        return;
    if (f->timer_set)
        qb_loop_timer_del(f->shell->loop, f->timer);
    (void)request(f, FEED_LEAVE, 0);
    disconnect(f);
    munmap(f->note, sizeof *f->note);
    free(f);
}
