/* SPDX-License-Identifier: GPL-2.0-or-later
 * feeding: `yoke watchdog`: what the keeper of this machine's watchdog says, and a test that the
 * watchdog really resets.
 *
 * Happy path: a request to RUN_DIR/keeper, its answer shown. test asks for the node's name, writes
 * all files out, has the keeper feed no more, and counts until nobody is left to count.
 * Fails: no keeper runs (then the machine's watchdogs are shown all the same), not root; a test
 * that is survived is exit code 1. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "cli/cli.h"
#include "lib/core/event.h"
#include "lib/wire/feedmsg.h"

#define CLASS_DIR "/sys/class/watchdog"

enum { ANSWER_S = 5, SURVIVED_MS = 3000, WORDS_LEN = 512 };

/* CLOCK_MONOTONIC_RAW, the keeper's. */
static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static long long from_now_ms(uint64_t at_us)
{
    return ((long long)at_us - (long long)now_us()) / 1000;
}

/* ---- the keeper ----------------------------------------------------------------------------- */

/* -1 with errno. */
static int keeper_connect(const char *run_dir)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct timeval wait = {.tv_sec = ANSWER_S};
    if (snprintf(to.sun_path, sizeof(to.sun_path), "%s/" FEED_SOCKET, run_dir) >=
        (int)sizeof(to.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
        connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

static enum err keeper_ask(int fd, enum feed_verb verb, struct feed_answer *a)
{
    uint8_t bytes[FEEDMSG_MAX];
    struct feed_request r = {.verb = (uint8_t)verb};
    size_t len = feed_request_put(&r, bytes);
    if (send(fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
        return ERR_IO;
    ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
    return n > 0 ? feed_answer_get(bytes, (size_t)n, a) : ERR_TIMEOUT;
}

/* Whether somebody answered; why not, in words. */
static bool keeper_find(struct ctx *x, int *fd, struct feed_answer *a, struct str *why)
{
    memset(a, 0, sizeof(*a));
    *fd = keeper_connect(x->conf.run_dir);
    if (*fd < 0 && (errno == EACCES || errno == EPERM))
        str_add(why, _("only root may speak to the keeper of the watchdog"));
    else if (*fd < 0 && x->conf.watchdog_device[0] == '\0')
        str_add(why, _("there is no [watchdog] in yoke.conf, so yoke uses none"));
    else if (*fd < 0)
        str_add(why, _("no keeper of the watchdog runs on this machine: is yoked started?"));
    if (*fd < 0)
        return false;
    enum err err = keeper_ask(*fd, FEED_ASK, a);
    if (!err)
        return true;
    str_addf(why, _("the keeper of the watchdog does not answer (%s)"), translate(err_text(err)));
    close(*fd);
    *fd = -1;
    return false;
}

static const char *kind_word(unsigned kind)
{
    static const char *const words[WATCHDOG_KIND_COUNT] = {"none", "file", "soft", "virtual",
                                                           "hardware"};
    return kind < WATCHDOG_KIND_COUNT ? words[kind] : "?";
}

static const char *kind_text(unsigned kind)
{
    static const char *const texts[WATCHDOG_KIND_COUNT] = {
        N_("not known"),
        N_("UNSAFE: a stand-in for tests, which resets nothing when this machine hangs"),
        N_("WEAK: a timer of the kernel, which hangs when the kernel does"),
        N_("WEAK: of a virtual machine, which stops when that is paused"),
        N_("hardware, independent of what runs here"),
    };
    return kind < WATCHDOG_KIND_COUNT ? _(texts[kind]) : "?";
}

/* ---- the machine's watchdogs ---------------------------------------------------------------- */

static void attribute(const char *dog, const char *name, char *to, size_t size)
{
    char path[512];
    to[0] = '\0';
    snprintf(path, sizeof(path), CLASS_DIR "/%s/%s", dog, name);
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    if (fgets(to, (int)size, f))
        to[strcspn(to, "\n")] = '\0';
    fclose(f);
}

/* Every one that the kernel knows. */
static json_t *machine_list(void)
{
    char identity[FEED_IDENTITY_LEN], state[32], nowayout[8];
    json_t *list = json_array();
    const struct dirent *e;
    DIR *d = opendir(CLASS_DIR);
    while (d && (e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        attribute(e->d_name, "identity", identity, sizeof(identity));
        attribute(e->d_name, "state", state, sizeof(state));
        attribute(e->d_name, "nowayout", nowayout, sizeof(nowayout));
        json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:b}", "name", e->d_name, "identity",
                                              identity, "state", state, "nowayout",
                                              str_eq(nowayout, "1")));
    }
    if (d)
        closedir(d);
    return list;
}

static void machine_show(const json_t *list)
{
    size_t i;
    json_t *dog;
    json_array_foreach(list, i, dog)
    {
        const char *state = json_str(dog, "state");
        printf(_("  this machine has /dev/%s: %s%s%s\n"), json_str(dog, "name"),
               json_str(dog, "identity"), str_eq(state, "active") ? _(", running") : "",
               json_is(dog, "nowayout") ? _(", cannot be stopped (nowayout)") : "");
    }
    if (json_array_size(list) == 0)
        printf("%s\n", _("  the kernel knows no watchdog of this machine (load its driver; softdog "
                         "if there is none)"));
}

/* ---- show ----------------------------------------------------------------------------------- */

static void state_show(const struct feed_answer *a)
{
    long long left = from_now_ms(a->until_us), fed = -from_now_ms(a->fed_us);
    switch (a->state) {
    case FEED_IDLE: printf("%s\n", _("  stopped: nothing guarded runs here")); break;
    case FEED_HELD:
        printf(_("  fed without a date, because it cannot be stopped and nothing guarded runs "
                 "here; last %lld ms ago\n"),
               fed);
        break;
    case FEED_ARMED:
        printf(_("  armed: fed for %lld ms more unless renewed, last %lld ms ago\n"), left, fed);
        break;
    default: printf("%s\n", _("  RESET PENDING: it is not fed any more")); break;
    }
}

static void keeper_show(const struct feed_answer *a, const char *why)
{
    printf(_("watchdog %s: %s\n"), a->device, a->identity[0] ? a->identity : "-");
    printf("  %s\n", kind_text(a->kind));
    if (a->timeout_ms)
        printf(_("  resets %u ms after the last feeding (read back from the device)\n"),
               a->timeout_ms);
    if (a->pretimeout_ms)
        printf(_("  and lets the kernel say what hangs %u ms before\n"), a->pretimeout_ms);
    state_show(a);
    printf(_("  kept by process %u (%s, %s)\n"), a->pid,
           a->locked ? _("memory locked") : _("memory not locked"),
           a->realtime ? _("real time") : _("no real time"));
    if (a->why != FEED_WHY_FINE)
        printf("  %s\n", why);
}

static json_t *keeper_json(const struct feed_answer *a, const char *why)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:o,s:o,s:I,s:b,s:b,s:s}", "device", a->device,
                     "identity", a->identity, "kind", kind_word(a->kind), "state",
                     feed_state_word((enum feed_state)a->state), "timeout_ms",
                     (json_int_t)a->timeout_ms, "pretimeout_ms", (json_int_t)a->pretimeout_ms,
                     "until_ms", a->until_us ? json_integer(from_now_ms(a->until_us)) : json_null(),
                     "fed_ms", a->fed_us ? json_integer(-from_now_ms(a->fed_us)) : json_null(),
                     "keeper", (json_int_t)a->pid, "locked", a->locked, "realtime", a->realtime,
                     "why", why);
}

int watchdog_show_run(struct ctx *x, int argc, char **argv)
{
    char words[WORDS_LEN];
    struct feed_answer a;
    struct str why;
    int fd;
    (void)argc;
    (void)argv;
    str_init(&why, words, sizeof(words));
    if (!conf_need(x))
        return EXIT_FAIL;
    bool there = keeper_find(x, &fd, &a, &why);
    if (there) {
        feed_answer_words(&a, translate, strerror(a.error), &why);
        close(fd);
    }
    json_t *machine = machine_list();
    if (x->json) {
        json_show(json_pack("{s:b,s:o,s:s,s:o}", "ok", there, "watchdog",
                            there ? keeper_json(&a, words) : json_null(), "error",
                            there ? "" : words, "machine", machine));
        return there ? EXIT_OK : EXIT_FAIL;
    }
    if (there)
        keeper_show(&a, words);
    else
        complain("%s", words);
    machine_show(machine);
    json_decref(machine);
    return there ? EXIT_OK : EXIT_FAIL;
}

/* ---- test ----------------------------------------------------------------------------------- */

static void pause_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Counts until the machine is reset. Who is still here after that has no watchdog. */
static int survive(const struct feed_answer *a)
{
    uint64_t begin = now_us();
    uint64_t end_us = begin + ((uint64_t)a->timeout_ms + SURVIVED_MS) * 1000;
    printf("%s\n",
           _("The other node measures how long this one lives: see its journal, or type yoke "
             "guard there"));
    while (now_us() < end_us) {
        printf(_("fed no more for %llu ms; the reset is due after %u ms\n"),
               (unsigned long long)((now_us() - begin) / 1000), a->timeout_ms);
        fflush(stdout);
        pause_ms(a->timeout_ms < 5000 ? 250 : 1000);
    }
    return fail_with(EXIT_FAIL,
                     _("%s has NOT reset this machine %u ms after it was last fed: it protects "
                       "nothing. Reboot this machine, and use another watchdog or a fence device"),
                     a->device, a->timeout_ms);
}

/* Everything that speaks against the test; false: told. */
static bool test_fits(const struct ctx *x, const struct feed_answer *a, const char *node,
                      const char *why)
{
    if (a->state == FEED_PENDING || (a->why != FEED_WHY_FINE && a->why != FEED_WHY_DATE)) {
        complain("%s", why);
        return false;
    }
    if (a->state == FEED_ARMED && !x->force) {
        complain(_("services run on %s under this watchdog: move them first (yoke node standby "
                   "%s), or say --force"),
                 node, node);
        return false;
    }
    return true;
}

int watchdog_test_run(struct ctx *x, int argc, char **argv)
{
    char words[WORDS_LEN], typed[CONF_NAME_LEN], question[WORDS_LEN];
    struct feed_answer a;
    struct str why;
    int fd;
    const char *node = conf_need(x) ? node_or_self(x, 0, NULL) : NULL;
    if (!node)
        return EXIT_FAIL;
    str_init(&why, words, sizeof(words));
    if (!keeper_find(x, &fd, &a, &why))
        return fail_with(EXIT_FAIL, "%s", words);
    feed_answer_words(&a, translate, strerror(a.error), &why);
    int code = EXIT_FAIL;
    if (!test_fits(x, &a, node, words))
        goto out;
    snprintf(question, sizeof(question),
             _("%s will be fed no more, and %s be reset without warning %u ms later.\n"
               "Type the name of this node to go on:"),
             a.device, node, a.timeout_ms);
    code = EXIT_OK;
    if (x->dry_run) {
        printf(_("would have %s reset by %s\n"), node, a.device);
        goto out;
    }
    code = EXIT_FAIL;
    if (argc < 1 && !confirm_typed(x, question, NULL, typed, sizeof(typed)))
        goto out;
    if (!str_eq(argc < 1 ? typed : argv[0], node)) {
        complain(_("that is not the name of this node, %s: nothing was done"), node);
        goto out;
    }
    sync();
    enum err err = keeper_ask(fd, FEED_TEST, &a);
    str_init(&why, words, sizeof(words));
    feed_answer_words(&a, translate, strerror(a.error), &why);
    if (err || a.state != FEED_PENDING)
        complain(_("the keeper of the watchdog did not take it: %s"),
                 err ? translate(err_text(err)) : words);
    else
        code = survive(&a);
out:
    close(fd);
    return code;
}
