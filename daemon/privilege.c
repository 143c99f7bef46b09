/* SPDX-License-Identifier: GPL-2.0-or-later
 * privilege: locked memory, real time, OOM protection.
 *
 * MCL_ONFAULT, because locking every library whole would cost twice the memory. What start-up
 * alone needed is let go before (libcrypto's providers, name services: more than half of all), and
 * what a takeover runs through is touched after: the stack and the program's own pages.
 * SCHED_RESET_ON_FORK, so that neither agents nor the thread that waits for the disk run in real
 * time. */
#include "config.h"

#include "daemon/privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MCL_ONFAULT
#define MCL_ONFAULT 4
#endif

/* Above ordinary tasks, below everything else that asked for real time (kernel threads have 50). */
enum { PRIORITY = 2, STACK_TOUCH = 96 * 1024, PAGE = 4096 };

static void touch_stack(void)
{
    volatile char room[STACK_TOUCH];
    for (size_t i = 0; i < sizeof room; i += PAGE)
        room[i] = 0;
}

/* Lets go the pages of read-only segments: they are as in the file and come back when needed. Not
 * where the loader had to change the text itself. */
static int let_go(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_DYNAMIC)
            continue;
        for (const ElfW(Dyn) *d = (const void *)(info->dlpi_addr + h->p_vaddr); d->d_tag; d++)
            if (d->d_tag == DT_TEXTREL || (d->d_tag == DT_FLAGS && d->d_un.d_val & DF_TEXTREL))
                return 0;
    }
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || h->p_flags & PF_W)
            continue;
        uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
        uintptr_t from = (info->dlpi_addr + h->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t to = (info->dlpi_addr + h->p_vaddr + h->p_memsz) & ~(page - 1);
        if (to > from)
            (void)madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

/* Reads a byte of each page of the program itself (the first object of the list), whatever lies
 * there: not to be judged by AddressSanitizer. */
__attribute__((no_sanitize_address)) static int touch_program(struct dl_phdr_info *info,
                                                              size_t size, void *unused)
{
    (void)size;
    (void)unused;
    volatile char sum = 0; /* volatile: the reads must happen */
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || !(h->p_flags & PF_R))
            continue;
        const char *at = (const char *)(info->dlpi_addr + h->p_vaddr);
        for (size_t k = 0; k < h->p_memsz; k += PAGE)
            sum = (char)(sum + at[k]);
    }
    return 1;
}

static void lock_memory(struct journal *j)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    dl_iterate_phdr(let_go, NULL);
    (void)setrlimit(RLIMIT_MEMLOCK, &all); /* not needed with CAP_IPC_LOCK */
    if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
        journal_note(j, SAY_WARN, JOURNAL_PRIVILEGE,
                     _("memory cannot be locked (%s): when this machine swaps, heartbeats may be "
                       "late; give yoked CAP_IPC_LOCK or LimitMEMLOCK=infinity, or set lock-memory "
                       "= no"),
                     strerror(errno));
        return;
    }
    touch_stack();
    dl_iterate_phdr(touch_program, NULL);
}

static void real_time(struct journal *j)
{
    struct sched_param p = {.sched_priority = PRIORITY};
    if (sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &p) == 0)
        return;
    int code = errno;
    journal_note(j, SAY_WARN, JOURNAL_PRIVILEGE,
                 _("real-time priority is not to be had (%s): on a busy machine heartbeats may be "
                   "late; give yoked CAP_SYS_NICE or LimitRTPRIO=2, or set realtime = no"),
                 strerror(code));
    if (setpriority(PRIO_PROCESS, 0, -10) != 0)
        return; /* the next best thing; the warning above has said it all */
}

static void oom_protect(struct journal *j)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, "-1000", 5) == 5;
    if (!done)
        journal_note(j, SAY_NOTICE, JOURNAL_PRIVILEGE,
                     _("yoked cannot be kept from the out-of-memory killer (%s): give it "
                       "CAP_SYS_RESOURCE or OOMScoreAdjust=-1000"),
                     strerror(errno));
    if (fd >= 0)
        close(fd);
}

void privilege_raise(const struct conf *c, struct journal *j)
{
    if (c->lock_memory)
        lock_memory(j);
    if (c->realtime)
        real_time(j);
    oom_protect(j);
}
