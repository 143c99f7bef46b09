/* SPDX-License-Identifier: GPL-2.0-or-later
 * watchdog: the three ways to a watchdog.
 *
 * What the kernel knows is read from its sysfs directory before the device is opened, where there
 * is one (CONFIG_WATCHDOG_SYSFS): opening it would already feed a reset that is under way. */
#include "daemon/watchdog.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/watchdog.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include "daemon/clock.h"
#include "lib/base/num.h"
#include "lib/base/str.h"

enum {
    PATH_LEN = 320,
    MISC_MAJOR_NUMBER = 10,
    WATCHDOG_MISC_MINOR = 130, /* /dev/watchdog, another name of watchdog0 */
    PRETIMEOUT_PART = 4,
    FILE_LINE = 80, /* all lines are as long: written in place */
    SOCKET_WAIT_MS = 1000
};

void watchdog_init(struct watchdog *w, const char *path, uint64_t boot)
{
    memset(w, 0, sizeof *w);
    w->path = path;
    w->boot = boot;
    w->fd = -1;
}

static bool refuse(struct watchdog *w, enum feed_why why, int error)
{
    w->why = why;
    w->error = error;
    return false;
}

/* ---- what stands behind it ---- */

static void text_read(const char *path, char *to, size_t size)
{
    ssize_t n = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0) {
        n = read(fd, to, size - 1);
        close(fd);
    }
    to[n > 0 ? n : 0] = '\0';
    to[strcspn(to, "\n")] = '\0';
}

enum watchdog_kind watchdog_kind_of(const char *identity, bool virtual_machine)
{
    /* Emulated ones, should the machine not say that it is a virtual one. */
    static const char *const emulated[] = {"i6300ESB", "IB700", "Xen", "diag288", "VMware"};
    if (strstr(identity, "oftware Watchdog") || strstr(identity, "softdog"))
        return WATCHDOG_SOFT;
    for (unsigned i = 0; i < ARRAY_LEN(emulated); i++)
        if (strstr(identity, emulated[i]))
            return WATCHDOG_VIRTUAL;
    return virtual_machine ? WATCHDOG_VIRTUAL : WATCHDOG_HARDWARE;
}

bool watchdog_in_vm(void)
{
    static const char *const makers[] = {
        "QEMU",      "KVM",   "VMware",          "innotek",    "Xen",       "Bochs",
        "Parallels", "BHYVE", "Virtual Machine", "Amazon EC2", "OpenStack", "Alibaba"};
    static const char *const names[] = {"/sys/class/dmi/id/sys_vendor",
                                        "/sys/class/dmi/id/product_name",
                                        "/sys/class/dmi/id/bios_vendor"};
    char text[4096];
    if (access("/sys/hypervisor/type", F_OK) == 0 ||
        access("/proc/device-tree/hypervisor/compatible", F_OK) == 0)
        return true;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        text_read(names[i], text, sizeof text);
        for (unsigned k = 0; k < ARRAY_LEN(makers); k++)
            if (strstr(text, makers[k]))
                return true;
    }
    int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0; /* the first processor */
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, " hypervisor") != NULL;
}

/* ---- the kernel's device ---- */

static bool is_misc(dev_t d)
{
    return major(d) == MISC_MAJOR_NUMBER && minor(d) == WATCHDOG_MISC_MINOR;
}

/* One attribute of its sysfs directory, "" where there is none. */
static void attribute(dev_t d, const char *name, char *to, size_t size)
{
    char path[PATH_LEN];
    if (is_misc(d))
        snprintf(path, sizeof path, "/sys/class/watchdog/watchdog0/%s", name);
    else
        snprintf(path, sizeof path, "/sys/dev/char/%u:%u/%s", major(d), minor(d), name);
    text_read(path, to, size);
}

static bool attribute_is(dev_t d, const char *name, const char *value)
{
    char text[64];
    attribute(d, name, text, sizeof text);
    return strcmp(text, value) == 0;
}

static bool process_has(const char *pid, dev_t d)
{
    char path[PATH_LEN];
    struct stat st;
    const struct dirent *e;
    snprintf(path, sizeof path, "/proc/%s/fd", pid);
    DIR *fds = opendir(path);
    bool has = false;
    while (fds && !has && (e = readdir(fds)) != NULL) {
        if (fstatat(dirfd(fds), e->d_name, &st, 0) != 0 || !S_ISCHR(st.st_mode))
            continue;
        /* Two devices are one if one of them has the old name. With more than one watchdog this
         * may name the wrong owner, never overlook the right one. */
        has =
            st.st_rdev == d || (is_misc(st.st_rdev) != is_misc(d) && major(st.st_rdev) == major(d));
    }
    if (fds)
        closedir(fds);
    return has;
}

/* Who has it open; false: nobody that can be seen. */
static bool owner_find(struct watchdog *w, dev_t d)
{
    char path[PATH_LEN];
    const struct dirent *e;
    DIR *proc = opendir("/proc");
    w->owner = 0;
    while (proc && w->owner == 0 && (e = readdir(proc)) != NULL) {
        uint64_t pid;
        if (num_u64(e->d_name, 1, UINT32_MAX, &pid) || !process_has(e->d_name, d))
            continue;
        w->owner = (uint32_t)pid;
        snprintf(path, sizeof path, "/proc/%u/comm", w->owner);
        text_read(path, w->owner_name, sizeof w->owner_name);
    }
    if (proc)
        closedir(proc);
    return w->owner != 0;
}

static bool refuse_owned(struct watchdog *w, int error)
{
    return refuse(w, w->owner == 1 ? FEED_WHY_OWNED_SYSTEMD : FEED_WHY_OWNED, error);
}

/* Seconds within what the driver says it can do, as far as it says anything. */
static bool range_ok(dev_t d, uint32_t seconds)
{
    char low[32], high[32];
    uint64_t min, max;
    attribute(d, "min_timeout", low, sizeof low);
    attribute(d, "max_timeout", high, sizeof high);
    if (!num_u64(low, 1, UINT32_MAX, &min) && seconds < min)
        return false;
    return num_u64(high, 1, UINT32_MAX, &max) || seconds <= max;
}

static bool timeout_set(struct watchdog *w, uint32_t want_s, uint32_t options)
{
    int seconds = (int)want_s, read_back = 0, pre;
    if (ioctl(w->fd, WDIOC_SETTIMEOUT, &seconds) != 0 && errno != EOPNOTSUPP && errno != EINVAL &&
        errno != ENOTTY)
        return refuse(w, FEED_WHY_TIMEOUT, errno);
    if (ioctl(w->fd, WDIOC_GETTIMEOUT, &read_back) != 0 || read_back < 1)
        return refuse(w, FEED_WHY_TIMEOUT, errno);
    w->timeout_ms = (uint32_t)read_back * 1000;
    if ((uint32_t)read_back > want_s)
        return refuse(w, FEED_WHY_TIMEOUT, 0);
    /* A panic a little earlier leaves a trace of what hung (kdump); softdog's would stop the timer
     * that is to reset. */
    pre = read_back / PRETIMEOUT_PART;
    w->pretimeout_ms = 0;
    if (options & WDIOF_PRETIMEOUT && w->kind != WATCHDOG_SOFT && pre > 0 &&
        ioctl(w->fd, WDIOC_SETPRETIMEOUT, &pre) == 0 &&
        ioctl(w->fd, WDIOC_GETPRETIMEOUT, &pre) == 0 && pre > 0 && pre < read_back)
        w->pretimeout_ms = (uint32_t)pre * 1000;
    return true;
}

static bool device_open(struct watchdog *w, dev_t d, uint32_t want_ms)
{
    struct watchdog_info info = {0};
    uint32_t want_s = want_ms / 1000 + (want_ms % 1000 != 0);
    bool nowayout = attribute_is(d, "nowayout", "1");
    attribute(d, "identity", w->identity, sizeof w->identity);
    if (attribute_is(d, "state", "active"))
        return owner_find(w, d) ? refuse_owned(w, 0) : refuse(w, FEED_WHY_RUNS, 0);
    if (!range_ok(d, want_s))
        return refuse(w, FEED_WHY_TIMEOUT, 0);
    w->fd = open(w->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (w->fd < 0) {
        int error = errno;
        return error == EBUSY && owner_find(w, d) ? refuse_owned(w, error)
                                                  : refuse(w, FEED_WHY_NO_DEVICE, error);
    }
    w->stoppable = true; /* as long as nothing else is known: release it by the magic close */
    if (ioctl(w->fd, WDIOC_GETSUPPORT, &info) != 0) {
        int error = errno;
        (void)!watchdog_release(w);
        return refuse(w, FEED_WHY_NO_WATCHDOG, error);
    }
    snprintf(w->identity, sizeof w->identity, "%.32s", (const char *)info.identity);
    w->kind = (uint8_t)watchdog_kind_of(w->identity, watchdog_in_vm());
    if (!(info.options & WDIOF_MAGICCLOSE) && !nowayout) {
        watchdog_close(w); /* which stops it */
        return refuse(w, FEED_WHY_STOPS, 0);
    }
    w->stoppable = !nowayout;
    if (timeout_set(w, want_s, info.options))
        return true;
    enum feed_why why = w->why;
    int error = w->error;
    if (!w->stoppable)
        return true; /* it runs for ever now: the caller sees why, and must feed it */
    (void)!watchdog_release(w);
    return refuse(w, why, error);
}

/* ---- a socket ---- */

static bool socket_open(struct watchdog *w, uint32_t want_ms)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    struct timeval wait = {.tv_sec = SOCKET_WAIT_MS / 1000};
    char text[64];
    uint64_t ms = 0;
    w->kind = WATCHDOG_FILE;
    w->stoppable = true;
    (void)str_copy(w->identity, sizeof w->identity, "socket");
    w->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (w->fd < 0 || !str_copy(to.sun_path, sizeof to.sun_path, w->path) ||
        setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
        connect(w->fd, (const struct sockaddr *)&to, sizeof to) != 0) {
        int error = errno;
        watchdog_close(w);
        return refuse(w, FEED_WHY_NO_DEVICE, error);
    }
    int len = snprintf(text, sizeof text, "T%u", want_ms);
    ssize_t n = send(w->fd, text, (size_t)len, MSG_NOSIGNAL);
    n = n == len ? recv(w->fd, text, sizeof text - 1, 0) : -1;
    text[n > 0 ? n : 0] = '\0';
    if (text[0] == 'T' && !num_u64(text + 1, 1, UINT32_MAX, &ms))
        w->timeout_ms = (uint32_t)ms;
    if (ms > 0 && ms <= want_ms)
        return true;
    (void)!watchdog_release(w);
    return refuse(w, ms ? FEED_WHY_TIMEOUT : FEED_WHY_NO_WATCHDOG, 0);
}

/* ---- a file ---- */

static bool file_write(struct watchdog *w, const char *word)
{
    char line[FILE_LINE + 1];
    int n = snprintf(line, sizeof line, "%s %" PRIu64 " %u %016" PRIx64, word, clock_raw_us(),
                     w->timeout_ms, w->boot);
    assert(n > 0 && n < FILE_LINE);
    memset(line + n, ' ', (size_t)(FILE_LINE - n));
    line[FILE_LINE - 1] = '\n';
    ssize_t done = pwrite(w->fd, line, FILE_LINE, 0);
    w->error = done < 0 ? errno : 0;
    return done == FILE_LINE;
}

/* Does the line say that a reset of this boot is still to come? */
static bool file_runs(const struct watchdog *w)
{
    char line[FILE_LINE + 1] = "";
    uint64_t fed, boot;
    unsigned timeout;
    if (pread(w->fd, line, FILE_LINE, 0) < 0 ||
        sscanf(line, "armed %" SCNu64 " %u %" SCNx64, &fed, &timeout, &boot) != 3)
        return false;
    return boot == w->boot && clock_raw_us() < fed + (uint64_t)timeout * 1000;
}

static bool file_open(struct watchdog *w, uint32_t want_ms)
{
    w->kind = WATCHDOG_FILE;
    w->stoppable = true;
    (void)str_copy(w->identity, sizeof w->identity, "file");
    w->timeout_ms = want_ms;
    w->fd = open(w->path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
    if (w->fd < 0)
        return refuse(w, FEED_WHY_NO_DEVICE, errno);
    bool runs = file_runs(w);
    if (!runs && file_write(w, "armed"))
        return true;
    int error = w->error;
    close(w->fd);
    w->fd = -1;
    return refuse(w, runs ? FEED_WHY_RUNS : FEED_WHY_NO_DEVICE, error);
}

/* ---- all ---- */

bool watchdog_open(struct watchdog *w, uint32_t want_ms)
{
    struct stat st;
    assert(w->fd < 0 && want_ms > 0);
    w->why = FEED_WHY_FINE;
    w->error = 0;
    w->owner = 0;
    if (stat(w->path, &st) != 0)
        return refuse(w, FEED_WHY_NO_DEVICE, errno);
    if (S_ISCHR(st.st_mode)) {
        w->way = WATCHDOG_BY_DEVICE;
        return device_open(w, st.st_rdev, want_ms);
    }
    if (S_ISSOCK(st.st_mode)) {
        w->way = WATCHDOG_BY_SOCKET;
        return socket_open(w, want_ms);
    }
    if (S_ISREG(st.st_mode)) {
        w->way = WATCHDOG_BY_FILE;
        return file_open(w, want_ms);
    }
    return refuse(w, FEED_WHY_NO_WATCHDOG, 0);
}

void watchdog_look(struct watchdog *w)
{
    struct stat st;
    if (stat(w->path, &st) != 0)
        return;
    if (S_ISSOCK(st.st_mode) || S_ISREG(st.st_mode)) {
        w->kind = WATCHDOG_FILE;
        (void)str_copy(w->identity, sizeof w->identity, S_ISREG(st.st_mode) ? "file" : "socket");
    } else if (S_ISCHR(st.st_mode)) {
        attribute(st.st_rdev, "identity", w->identity, sizeof w->identity);
        if (w->identity[0])
            w->kind = (uint8_t)watchdog_kind_of(w->identity, watchdog_in_vm());
    }
}

static bool say(struct watchdog *w, char c)
{
    ssize_t n = w->way == WATCHDOG_BY_SOCKET ? send(w->fd, &c, 1, MSG_NOSIGNAL | MSG_DONTWAIT)
                                             : write(w->fd, &c, 1);
    w->error = n == 1 ? 0 : errno;
    return n == 1;
}

bool watchdog_ping(struct watchdog *w)
{
    assert(w->fd >= 0);
    if (w->way == WATCHDOG_BY_FILE)
        return file_write(w, "armed");
    if (w->way == WATCHDOG_BY_DEVICE) {
        int unused = 0;
        if (ioctl(w->fd, WDIOC_KEEPALIVE, &unused) == 0)
            return true;
    }
    return say(w, 'p'); /* a driver without the ioctl */
}

bool watchdog_release(struct watchdog *w)
{
    struct stat st;
    assert(w->fd >= 0);
    bool told = w->way == WATCHDOG_BY_FILE ? file_write(w, "disarmed") : say(w, 'V');
    bool known = fstat(w->fd, &st) == 0 && w->way == WATCHDOG_BY_DEVICE;
    close(w->fd);
    w->fd = -1;
    /* A driver that was loaded with nowayout and cannot say so goes on. */
    return told && w->stoppable && !(known && attribute_is(st.st_rdev, "state", "active"));
}

void watchdog_close(struct watchdog *w)
{
    if (w->fd < 0)
        return;
    if (w->way == WATCHDOG_BY_FILE)
        (void)file_write(w, "armed");
    close(w->fd);
    w->fd = -1;
}
