/* SPDX-License-Identifier: GPL-2.0-or-later
 * sim: whole clusters of two nodes in virtual time: the second shell.
 *
 *   sim --seeds FIRST:COUNT [--jobs N]   faults, oracle, liveness; every 16th seed twice (S9)
 *   sim --seed N [--trace]               one seed; --trace: each event and action of each node
 *   sim --break RULE [--seeds F:C]       a negative control: passes when the oracle barks
 *   sim --story FILE... [--update]       stories against their expected traces
 *   sim --story FILE --trace             one story at full depth
 *   sim --replay FILE [--trace]          a recording made by the daemon
 *   sim --seed N --record FILE           a recording of db1's last life in that seed
 *   sim --ring [--nodes N] ...           --seeds, --seed, --trace and --break of three and more
 *                                        nodes on corosync
 *
 * Exit 0 only when all hold; the last line is "N passed, N failed". */
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/num.h"
#include "test/sim/liveness.h"
#include "test/sim/replay.h"
#include "test/sim/ringsim.h"
#include "test/sim/simrecord.h"
#include "test/sim/simtrace.h"
#include "test/sim/story.h"
#include "test/sim/swarm.h"

enum { JOBS_MAX = 16, TWICE_EVERY = 16, BREAK_SEEDS = 20000, FAILURES_SHOWN = 20 };

static struct world world;
static struct trace trace;

struct options {
    uint64_t first, count;
    unsigned jobs;
    bool trace, seeds, update, ring;
    unsigned nodes; /* of a ring, 0: as the seed says */
    const char *self, *replay, *record, *rule;
    char *const *story;
    int n_stories;
};

/* A rule, and where it matters: worlds whose guard uses all of those proofs, and none of the others
 * that hide it. Worlds elsewhere are passed over. */
static const struct break_row {
    const char *name;
    unsigned rule;
    uint8_t with, without;
} break_table[] = {
    {"guard", BREAK_GUARD, 0, 0},
    {"fence", BREAK_FENCE_TRUST, 0, 0},
    {"oneway", BREAK_ONE_WAY, 0, 0},
    {"echo", BREAK_ECHO_BOOT, 0, 0},
    {"epoch", BREAK_EPOCH, 0, 0},
    {"right", BREAK_RIGHT, 0, 0},
    {"stop", BREAK_STOP, 0, 0},
    {"lease-heard", BREAK_LEASE_HEARD, GUARD_LEASE, GUARD_RESERVATION},
    {"lease-dead", BREAK_LEASE_DEAD, GUARD_LEASE, 0},
    {"lease-read", BREAK_LEASE_READ, GUARD_LEASE, GUARD_RESERVATION},
    {"lease-arm", BREAK_LEASE_ARM, GUARD_LEASE, 0},
    {"lease-long", BREAK_LEASE_LONG, GUARD_LEASE, GUARD_RESERVATION},
    {"watchdog", SIM_BREAK_WATCHDOG, GUARD_LEASE, 0},
    {"pr-abort", SIM_BREAK_ABORT, GUARD_RESERVATION, 0},
    {"pr-proof", SIM_BREAK_PROOF, GUARD_RESERVATION, 0},
    {"pr-return", SIM_BREAK_RETURN, GUARD_RESERVATION, 0},
    {"pr-late", SIM_BREAK_LATE, GUARD_RESERVATION, 0},
    {"pr-memory", SIM_BREAK_MEMORY, GUARD_RESERVATION, 0},
    {"pr-sent", SIM_BREAK_SENT, GUARD_RESERVATION, 0},
    {"claim-stopped", BREAK_CLAIM_STOPPED, GUARD_RESERVATION, 0},
    {"claim-take", BREAK_CLAIM_TAKE, GUARD_RESERVATION, 0},
    {"claim-loser", BREAK_CLAIM_LOSER, GUARD_RESERVATION, 0},
    {"claim-arbiter", BREAK_CLAIM_ARBITER, GUARD_RESERVATION, 0},
    {"claim-idle", BREAK_CLAIM_IDLE, GUARD_RESERVATION, 0},
    {"claim-lost", BREAK_CLAIM_LOST, GUARD_RESERVATION, 0},
    {"claim-readback", BREAK_CLAIM_READBACK, GUARD_RESERVATION, 0},
};

static void usage(const char *why)
{
    fprintf(stderr,
            "sim: %s\nusage: sim --seeds FIRST:COUNT [--jobs N] | --seed N [--trace] | "
            "--seed N --record FILE | --break RULE [--seeds F:C] | --story FILE... [--update] | "
            "--replay FILE [--trace] | --ring [--nodes N] --seeds F:C | --seed N [--trace] | "
            "--break RULE\n",
            why);
    exit(2);
}

static const struct break_row *break_rule(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(break_table); i++)
        if (str_eq(break_table[i].name, name))
            return &break_table[i];
    for (unsigned i = 0; i < ARRAY_LEN(break_table); i++)
        fprintf(stderr, "%s ", break_table[i].name);
    usage("these are the rules");
    return NULL;
}

/* What a worker tells its parent while it goes on: shared memory, one per worker. */
struct progress {
    uint64_t seed; /* being run */
    uint64_t passed, failed;
    uint64_t counts[8];
    bool done;
};

/* ---- one seed
 * ------------------------------------------------------------------------------------- */

static void seed_draw(uint64_t seed, unsigned broken, bool hashing)
{
    struct world *w = &world;
    world_open(w, seed);
    w->no_bite = broken & SIM_BREAK_WATCHDOG;
    w->broken = broken;
    w->hashing = hashing;
    swarm_draw(w);
    if (w->trace->depth) {
        char text[1200];
        struct str out;
        str_init(&out, text, sizeof(text));
        swarm_words(w, &out);
        printf("seed %llu: %s\n%s", (unsigned long long)seed, text, w->cib_text);
    }
}

static void seed_once(uint64_t seed, bool hashing)
{
    struct world *w = &world;
    seed_draw(seed, 0, hashing);
    world_run(w, w->faults.until_us);
    if (!w->barked)
        liveness_run(w);
}

static bool seed_run(uint64_t seed, const struct options *o)
{
    struct world *w = &world;
    bool twice = !o->trace && seed % TWICE_EVERY == 0;
    if (o->ring)
        return ringsim_seed(w, seed, o->nodes, twice);
    seed_once(seed, twice);
    if (w->barked || !twice)
        return !w->barked;
    uint64_t hash = w->hash;
    seed_once(seed, true);
    if (w->hash != hash && !w->barked) {
        w->barked = true;
        str_copy(w->rule, sizeof(w->rule), "S9");
        str_copy(w->bark, sizeof(w->bark), "the same seed gave another hash when it was run again");
    }
    return !w->barked;
}

/* What names the other world on the command line. */
static const char *ring_words(const struct options *o)
{
    static char text[32];
    if (!o->ring)
        return "";
    if (!o->nodes)
        return " --ring";
    snprintf(text, sizeof(text), " --ring --nodes %u", o->nodes);
    return text;
}

static void seed_failed(uint64_t seed, const struct options *o)
{
    char line[1024];
    int n = snprintf(line, sizeof(line),
                     "seed %llu at %llu ms: %s: %s\n  replay with: %s%s --seed %llu --trace\n",
                     (unsigned long long)seed, (unsigned long long)(world.now_us / 1000),
                     world.rule, world.bark, o->self, ring_words(o), (unsigned long long)seed);
    fflush(stdout);
    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        abort();
}

/* ---- many seeds
 * ---------------------------------------------------------------------------------------- */

static void worker(const struct options *o, unsigned job, struct progress *p)
{
    uint64_t from = p->seed;
    for (uint64_t s = from; s < o->first + o->count; s += o->jobs) {
        p->seed = s;
        if (seed_run(s, o)) {
            p->passed++;
        } else if (p->failed++ < FAILURES_SHOWN) {
            seed_failed(s, o);
        }
        for (unsigned i = 0; i < ARRAY_LEN(p->counts); i++)
            p->counts[i] += world.counts[i];
    }
    (void)job;
    p->done = true;
    _exit(0);
}

static pid_t worker_start(const struct options *o, unsigned job, struct progress *p)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        abort();
    if (pid == 0)
        worker(o, job, p);
    return pid;
}

/* A worker died in the middle of a seed: our own assertion, or a crash. The next one goes on after
 * it. */
static void worker_died(const struct options *o, struct progress *p, int status)
{
    printf("seed %llu: the process died (%s)\n  replay with: %s%s --seed %llu --trace\n",
           (unsigned long long)p->seed, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "exit",
           o->self, ring_words(o), (unsigned long long)p->seed);
    p->failed++;
    p->seed += o->jobs;
}

static int verdict(uint64_t passed, uint64_t failed)
{
    printf("%llu passed, %llu failed\n", (unsigned long long)passed, (unsigned long long)failed);
    return failed || !passed ? 1 : 0;
}

static int run_seeds(struct options *o)
{
    static const char *const count_name[] = {"starts",     "fencings",      "frames",
                                             "power cuts", "takeovers",     "watchdog resets",
                                             "keys taken", "writes refused"};
    struct progress *p = mmap(NULL, JOBS_MAX * sizeof(*p), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid[JOBS_MAX];
    uint64_t passed = 0, failed = 0;
    if (p == MAP_FAILED)
        abort();
    if (o->jobs > o->count)
        o->jobs = (unsigned)o->count;
    for (unsigned j = 0; j < o->jobs; j++) {
        p[j].seed = o->first + j;
        pid[j] = worker_start(o, j, &p[j]);
    }
    for (unsigned j = 0; j < o->jobs; j++) {
        int status;
        while (waitpid(pid[j], &status, 0) == pid[j] && !p[j].done) {
            worker_died(o, &p[j], status);
            pid[j] = worker_start(o, j, &p[j]);
        }
        passed += p[j].passed;
        failed += p[j].failed;
    }
    for (unsigned i = 0; i < ARRAY_LEN(count_name); i++) {
        uint64_t sum = 0;
        for (unsigned j = 0; j < o->jobs; j++)
            sum += p[j].counts[i];
        printf("%s%llu %s", i ? ", " : "", (unsigned long long)sum,
               o->ring ? ringsim_count[i] : count_name[i]);
    }
    printf("\n");
    return verdict(passed, failed);
}

static int run_seed(const struct options *o)
{
    trace_open(&trace, o->trace ? TRACE_ALL : TRACE_NONE, stdout);
    if (o->record)
        simrecord_open(&world, 0);
    bool ok = seed_run(o->first, o);
    if (!ok)
        seed_failed(o->first, o);
    if (o->record)
        ok = simrecord_close(&world, o->record) && ok;
    return verdict(ok, !ok);
}

/* A negative control: one rule is broken on purpose, some seed must be caught. */
static int run_break(const struct options *o)
{
    uint64_t runs = 0;
    const struct break_row *broken = break_rule(o->rule);
    for (uint64_t s = o->first; s < o->first + o->count; s++) {
        seed_draw(s, broken->rule, false);
        uint8_t guard = world.conf.guard;
        if ((guard & broken->with) != broken->with || (guard & broken->without))
            continue;
        runs++;
        world_run(&world, world.faults.until_us);
        if (!world.barked)
            continue;
        printf("seed %llu at %llu ms: %s: %s\nthe oracle barks, as it must\n",
               (unsigned long long)s, (unsigned long long)(world.now_us / 1000), world.rule,
               world.bark);
        return verdict(1, 0);
    }
    printf("no violation was found in %llu seeds, %llu of them in its field: the oracle is deaf to "
           "this rule\n",
           (unsigned long long)o->count, (unsigned long long)runs);
    return verdict(0, 1);
}

static int run_ring_break(const struct options *o)
{
    const struct ringsim_break *rule = ringsim_rule(o->rule);
    if (!rule)
        usage("these are the rules");
    bool barks = ringsim_bark(&world, rule, o->first, o->count, o->nodes);
    return verdict(barks, !barks);
}

static int run_stories(const struct options *o)
{
    unsigned passed = 0, failed = 0;
    for (int i = 0; i < o->n_stories; i++) {
        if (o->trace) {
            story_show(&world, o->story[i]);
            passed++;
        } else if (story_run(&world, o->story[i], o->update)) {
            passed++;
        } else {
            failed++;
        }
    }
    return verdict(passed, failed);
}

/* ---- options
 * --------------------------------------------------------------------------------------------- */

static void read_seeds(struct options *o, const char *arg)
{
    unsigned long long first, count;
    if (sscanf(arg, "%llu:%llu", &first, &count) != 2 || !count)
        usage("--seeds takes FIRST:COUNT");
    o->first = first;
    o->count = count;
    o->seeds = true;
}

static void read_options(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        uint64_t number;
        if (str_eq(a, "--trace")) {
            o->trace = true;
        } else if (str_eq(a, "--update")) {
            o->update = true;
        } else if (str_eq(a, "--ring")) {
            o->ring = true;
        } else if (!value) {
            usage("an option or its value is missing");
        } else if (str_eq(a, "--seeds")) {
            read_seeds(o, argv[++i]);
        } else if (str_eq(a, "--seed") && !num_u64(value, 0, UINT64_MAX, &number)) {
            o->first = number;
            o->count = 1;
            i++;
        } else if (str_eq(a, "--jobs") && !num_u64(value, 1, JOBS_MAX, &number)) {
            o->jobs = (unsigned)number;
            i++;
        } else if (str_eq(a, "--nodes") && !num_u64(value, 3, NODE_MAX, &number)) {
            o->nodes = (unsigned)number;
            i++;
        } else if (str_eq(a, "--break")) {
            o->rule = argv[++i];
        } else if (str_eq(a, "--replay")) {
            o->replay = argv[++i];
        } else if (str_eq(a, "--record")) {
            o->record = argv[++i];
        } else if (str_eq(a, "--story")) {
            o->story = argv + i + 1;
            while (i + 1 < argc && !str_starts(argv[i + 1], "--"))
                i++, o->n_stories++;
        } else {
            usage(a);
        }
    }
}

int main(int argc, char **argv)
{
    struct options o = {.first = 1, .count = BREAK_SEEDS, .jobs = 2, .self = argv[0]};
    world.trace = &trace;
    trace_open(&trace, TRACE_NONE, stdout);
    read_options(&o, argc, argv);
    if (o.replay)
        return replay_run(&world, o.replay, o.trace) ? verdict(1, 0) : verdict(0, 1);
    if (o.n_stories)
        return run_stories(&o);
    if (o.rule)
        return o.ring ? run_ring_break(&o) : run_break(&o);
    if (o.seeds)
        return run_seeds(&o);
    if (o.count == 1)
        return run_seed(&o);
    usage("nothing to do");
}
