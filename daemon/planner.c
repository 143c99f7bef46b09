/* SPDX-License-Identifier: GPL-2.0-or-later
 * planner: the scheduler's memory. It is mapped once and touched only as far as plans need it. */
#include "daemon/planner.h"

#include <stdlib.h>
#include <sys/mman.h>

struct planner {
    struct arena arena;
    struct plan plan;
};

struct planner *planner_new(size_t bytes)
{
    struct planner *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        free(p);
        return NULL;
    }
    arena_init(&p->arena, at, bytes);
    return p;
}

void planner_free(struct planner *p)
{
    if (!p)
        return;
    munmap(p->arena.at, p->arena.size);
    free(p);
}

enum err planner_run(struct planner *p, const struct sched_in *in, const struct plan **out)
{
    arena_reset(&p->arena);
    enum err err = sched_run(in, &p->arena, &p->plan);
    *out = err ? NULL : &p->plan;
    return err;
}
