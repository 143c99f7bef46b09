/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_watchdog: what stands behind an identity; file and socket as watchdogs; what is refused. A
 * driver of the kernel is played behind ioctl, on a device file that takes every write. */
#include "test/unit/unit.h"
#include <errno.h>
#include <linux/watchdog.h>
#include <stdarg.h>
#include <sys/stat.h>
#include "daemon/watchdog.h"
#include "test/unit/dog.h"
#include "test/unit/scratchdir.h"

static const char device[] = "/dev/null";
static struct driver {
    bool on;
    uint32_t options;
    const char *identity;
    int timeout_s, at_most_s, at_least_s; /* what it makes of a time-out */
    int pre_s;
} driver;
int __wrap_ioctl(int fd, unsigned long request, ...);

/* The one caller here is daemon/watchdog.c. */
int __wrap_ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    va_start(args, request);
    void *to = va_arg(args, void *);
    va_end(args);
    int *seconds = to;
    ck_assert_int_ge(fd, 0);
    errno = ENOTTY;
    if (!driver.on)
        return -1;
    if (request == WDIOC_GETSUPPORT) {
        struct watchdog_info *info = to;
        *info = (struct watchdog_info){.options = driver.options};
        strcpy((char *)info->identity, driver.identity);
    } else if (request == WDIOC_SETTIMEOUT) {
        driver.timeout_s = *seconds > driver.at_most_s    ? driver.at_most_s
                           : *seconds < driver.at_least_s ? driver.at_least_s
                                                          : *seconds;
    } else if (request == WDIOC_GETTIMEOUT) {
        *seconds = driver.timeout_s;
    } else if (request == WDIOC_SETPRETIMEOUT) {
        driver.pre_s = *seconds;
    } else if (request == WDIOC_GETPRETIMEOUT) {
        *seconds = driver.pre_s;
    } else if (request != WDIOC_KEEPALIVE) {
        return -1;
    }
    return 0;
}

static struct watchdog w;
static char path[256];

START_TEST(test_kinds)
{
    static const struct {
        const char *identity;
        enum watchdog_kind machine, vm;
    } rows[] = {
        {"Software Watchdog", WATCHDOG_SOFT, WATCHDOG_SOFT},
        {"iTCO_wdt", WATCHDOG_HARDWARE, WATCHDOG_VIRTUAL},
        {"i6300ESB timer", WATCHDOG_VIRTUAL, WATCHDOG_VIRTUAL},
        {"IB700 WDT", WATCHDOG_VIRTUAL, WATCHDOG_VIRTUAL},
        {"IPMI", WATCHDOG_HARDWARE, WATCHDOG_VIRTUAL},
        {"HPE iLO2+ HW Watchdog Timer", WATCHDOG_HARDWARE, WATCHDOG_VIRTUAL},
        {"SBSA Generic Watchdog", WATCHDOG_HARDWARE, WATCHDOG_VIRTUAL},
    };
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        ck_assert_int_eq(watchdog_kind_of(rows[i].identity, false), rows[i].machine);
        ck_assert_int_eq(watchdog_kind_of(rows[i].identity, true), rows[i].vm);
    }
}
END_TEST

static void refused(const char *name, enum feed_why why)
{
    scratch_path(path, name);
    watchdog_init(&w, path, 7);
    ck_assert(!watchdog_open(&w, 1000));
    ck_assert_int_eq(w.why, why);
    ck_assert_int_eq(w.fd, -1);
}

START_TEST(test_refused)
{
    refused("nothing", FEED_WHY_NO_DEVICE);
    scratch_path(path, ".");
    refused(".", FEED_WHY_NO_WATCHDOG);
    watchdog_init(&w, "/dev/null", 7); /* takes everything, feeds nothing */
    ck_assert(!watchdog_open(&w, 1000));
    ck_assert_int_eq(w.why, FEED_WHY_NO_WATCHDOG);
}
END_TEST

static void line_has(const char *word)
{
    char line[128] = "";
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
    fclose(f);
    ck_assert_msg(strncmp(line, word, strlen(word)) == 0, "%s", line);
}

START_TEST(test_file)
{
    scratch_write("dog", "");
    scratch_path(path, "dog");
    watchdog_init(&w, path, 7);
    ck_assert(watchdog_open(&w, 60000));
    ck_assert_int_eq(w.kind, WATCHDOG_FILE);
    ck_assert_uint_eq(w.timeout_ms, 60000);
    line_has("armed ");
    ck_assert(watchdog_ping(&w));
    ck_assert(watchdog_release(&w));
    line_has("disarmed ");
    ck_assert(watchdog_open(&w, 60000));
    watchdog_close(&w);
    line_has("armed ");
    refused("dog", FEED_WHY_RUNS); /* a reset that is under way is not put off */
    watchdog_init(&w, path, 8);    /* but the one of an earlier boot is over */
    ck_assert(watchdog_open(&w, 60000));
    ck_assert(watchdog_release(&w));
}
END_TEST

START_TEST(test_socket)
{
    scratch_path(path, "dog");
    struct dog *d = dog_new(path, DOG_HONEST);
    ck_assert_ptr_nonnull(d);
    watchdog_init(&w, path, 7);
    ck_assert(watchdog_open(&w, 60000));
    ck_assert_uint_eq(w.timeout_ms, 60000);
    ck_assert_uint_eq(d->timeout_ms, 60000);
    uint32_t feeds = d->feeds;
    ck_assert(watchdog_ping(&w));
    ck_assert(watchdog_release(&w));
    for (unsigned i = 0; i < 2000 && !d->clean_closes; i++)
        usleep(1000);
    ck_assert(!d->runs);
    ck_assert_uint_ge(d->feeds, feeds + 2);
    ck_assert(watchdog_open(&w, 60000));
    watchdog_close(&w);
    for (unsigned i = 0; i < 2000 && !d->dirty_closes; i++)
        usleep(1000);
    ck_assert(d->runs);
    ck_assert_uint_eq(d->dirty_closes, 1);
    dog_free(d);
}
END_TEST

/* A time-out that is longer than asked for would make every bound wrong. */
START_TEST(test_socket_vices)
{
    scratch_path(path, "dog");
    struct dog *d = dog_new(path, DOG_SLOW);
    refused("dog", FEED_WHY_TIMEOUT);
    for (unsigned i = 0; i < 2000 && !d->clean_closes; i++)
        usleep(1000);
    ck_assert(!d->runs);
    dog_free(d);
    d = dog_new(path, DOG_DEAF);
    refused("dog", FEED_WHY_NO_WATCHDOG);
    dog_free(d);
}
END_TEST

static const struct driver good = {.on = true,
                                   .options = WDIOF_MAGICCLOSE | WDIOF_SETTIMEOUT,
                                   .identity = "iTCO_wdt",
                                   .timeout_s = 30,
                                   .at_most_s = 600,
                                   .at_least_s = 2};

START_TEST(test_driver)
{
    driver = good;
    watchdog_init(&w, device, 7);
    ck_assert(watchdog_open(&w, 3500));
    ck_assert_uint_eq(w.timeout_ms, 4000); /* whole seconds, and read back */
    ck_assert_uint_eq(w.pretimeout_ms, 0); /* it has none */
    ck_assert(w.stoppable);
    ck_assert_str_eq(w.identity, "iTCO_wdt");
    ck_assert(watchdog_ping(&w));
    ck_assert(watchdog_release(&w));
}
END_TEST

/* Without the magic close every end of a process would switch it off: no lease can stand on it. */
START_TEST(test_driver_that_stops)
{
    driver = good;
    driver.options = WDIOF_SETTIMEOUT;
    watchdog_init(&w, device, 7);
    ck_assert(!watchdog_open(&w, 4000));
    ck_assert_int_eq(w.why, FEED_WHY_STOPS);
    ck_assert_int_eq(w.fd, -1);
    ck_assert_int_eq(driver.timeout_s, 30); /* and nothing was set */
}
END_TEST

/* One that cannot be as fast as it must is refused; one that is faster is used as it is. */
START_TEST(test_driver_timeouts)
{
    driver = good;
    driver.at_least_s = 10;
    watchdog_init(&w, device, 7);
    ck_assert(!watchdog_open(&w, 4000));
    ck_assert_int_eq(w.why, FEED_WHY_TIMEOUT);
    ck_assert_uint_eq(w.timeout_ms, 10000); /* told to the user */
    driver = good;
    driver.at_most_s = 3;
    watchdog_init(&w, device, 7);
    ck_assert(watchdog_open(&w, 4000));
    ck_assert_uint_eq(w.timeout_ms, 3000);
    ck_assert(watchdog_release(&w));
}
END_TEST

/* A panic before the reset leaves a trace; softdog's would stop the timer that is to reset. */
START_TEST(test_driver_pretimeout)
{
    driver = good;
    driver.options |= WDIOF_PRETIMEOUT;
    watchdog_init(&w, device, 7);
    ck_assert(watchdog_open(&w, 8000));
    ck_assert_uint_eq(w.pretimeout_ms, 2000);
    ck_assert(watchdog_release(&w));
    driver.identity = "Software Watchdog";
    driver.pre_s = 0;
    watchdog_init(&w, device, 7);
    ck_assert(watchdog_open(&w, 8000));
    ck_assert_int_eq(w.kind, WATCHDOG_SOFT);
    ck_assert_uint_eq(w.pretimeout_ms, 0);
    ck_assert_int_eq(driver.pre_s, 0);
    ck_assert(watchdog_release(&w));
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("watchdog");
    tcase_add_unchecked_fixture(t, scratch_make, scratch_remove);
    tcase_add_checked_fixture(t, scratch_empty, NULL);
    tcase_add_test(t, test_kinds);
    tcase_add_test(t, test_refused);
    tcase_add_test(t, test_file);
    tcase_add_test(t, test_driver);
    tcase_add_test(t, test_driver_that_stops);
    tcase_add_test(t, test_driver_timeouts);
    tcase_add_test(t, test_driver_pretimeout);
    tcase_add_test(t, test_socket);
    tcase_add_test(t, test_socket_vices);
    return unit_end();
}
