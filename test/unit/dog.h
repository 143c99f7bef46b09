/* SPDX-License-Identifier: GPL-2.0-or-later
 * dog: a watchdog for tests, played by a process of its own behind a unix socket, by the kernel's
 * rules: connecting starts it (or feeds it when it runs), every message feeds it, a close after a
 * message that held 'V' stops it, any other close feeds it once more and it runs on. When it fires
 * it notes the time, and kills what it was given. */
#ifndef YOKE_TEST_DOG_H
#define YOKE_TEST_DOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum dog_vice { DOG_HONEST, DOG_SLOW /* says twice the time-out */, DOG_DEAF /* no answer */ };

/* In memory shared with the process that plays it. */
struct dog {
    volatile uint32_t opens, feeds, dirty_closes, clean_closes;
    volatile uint32_t timeout_ms; /* in force */
    volatile bool runs;
    volatile uint64_t fed_us, fired_us; /* CLOCK_MONOTONIC_RAW; 0: not yet */
    volatile bool nowayout;             /* 'V' is not listened to */
    pid_t pid, victim;                  /* 0: nobody */
    char path[108];
};

/* Listens when this returns. NULL: it could not. */
struct dog *dog_new(const char *path, enum dog_vice vice);
void dog_free(struct dog *d);
uint64_t dog_now_us(void);

#endif
