/* SPDX-License-Identifier: GPL-2.0-or-later
 * fuzz: runs a fixed number of inputs, each made from (SEED, number) alone, so that every run is
 * the same and a failing input can be made again by itself. PROG [COUNT [SEED [FIRST]]]    PROG
 * --file FILE Happy path: prints "N passed, 0 failed", exit 0. An input that breaks an assertion, a
 * FUZZ_MUST or a sanitizer ends the program after the command that replays it was printed. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/prng.h"
#include "lib/base/str.h"
#include "test/fuzz/fuzz.h"

enum { SEEDS_MAX = 64, COUNT_DEFAULT = 20000 };

struct input {
    uint8_t at[FUZZ_INPUT_MAX];
    size_t len;
};

static char replay[200]; /* what to type to see the present input again */

static void tell_replay(void)
{
    ssize_t ignored = write(STDERR_FILENO, replay, strlen(replay));
    (void)ignored;
}

static void on_signal(int number)
{
    tell_replay();
    signal(number, SIG_DFL);
    raise(number);
}

/* AddressSanitizer calls this, if it is there, before it reports. */
void __asan_on_error(void);
void __asan_on_error(void)
{
    tell_replay();
}

void fuzz_must(int holds, const char *what, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

size_t fuzz_seed_text(unsigned i, const char *const *texts, size_t n, uint8_t *to, size_t size)
{
    size_t len = i < n ? strlen(texts[i]) : 0;
    fuzz_must(len <= size, "seed fits", __FILE__, __LINE__);
    memcpy(to, i < n ? texts[i] : "", len);
    return len;
}

/* In a block of exactly its size, so that a sanitizer sees the first byte read past the end. */
static void try_one(const uint8_t *at, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);
    if (!copy)
        abort();
    memcpy(copy, at, len);
    fuzz_one(copy, len);
    free(copy);
}

#ifdef FUZZ_LLVM
int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    return fuzz_one(at, len);
}
#else

static uint8_t odd_byte(struct prng *p)
{
    static const uint8_t odd[] = {0, 1, 9, 10, 13, 32, '"', '#', '\\', 0x7F, 0x80, 0xC3, 0xFF};
    return prng_chance(p, 500000) ? odd[prng_below(p, sizeof(odd))] : (uint8_t)prng_next(p);
}

/* Puts n bytes in at pos, or as many as there is room for. */
static void insert(struct input *in, size_t pos, const uint8_t *at, size_t n)
{
    if (n > FUZZ_INPUT_MAX - in->len)
        n = FUZZ_INPUT_MAX - in->len;
    memmove(in->at + pos + n, in->at + pos, in->len - pos);
    memcpy(in->at + pos, at, n);
    in->len += n;
}

static void mutate(struct input *in, const struct input *other, struct prng *p)
{
    uint8_t piece[256];
    size_t pos = prng_below(p, in->len + 1), left = in->len - pos;
    size_t n = prng_between(p, 1, prng_chance(p, 200000) ? sizeof(piece) : 8);
    size_t from, most = n < other->len ? n : other->len;
    switch (prng_below(p, 7)) {
    case 0: /* one bit */
        if (left)
            in->at[pos] ^= (uint8_t)(1u << prng_below(p, 8));
        break;
    case 1: /* one byte */
        if (left)
            in->at[pos] = odd_byte(p);
        break;
    case 2: /* lost bytes */
        n = n < left ? n : left;
        memmove(in->at + pos, in->at + pos + n, left - n);
        in->len -= n;
        break;
    case 3: /* noise */
        for (size_t i = 0; i < n; i++)
            piece[i] = odd_byte(p);
        insert(in, pos, piece, n);
        break;
    case 4: /* a piece of the same once more */
        n = n < left ? n : left;
        memcpy(piece, in->at + pos, n);
        insert(in, prng_below(p, in->len + 1), piece, n);
        break;
    case 5: /* a piece of another input */
        from = prng_below(p, other->len - most + 1);
        insert(in, pos, other->at + from, most);
        break;
    default: /* cut off; rarely, because it takes all that follows away */
        if (prng_chance(p, 300000))
            in->len = pos;
        break;
    }
}

static void make(struct input *in, const struct input *seeds, size_t n, struct prng *p)
{
    *in = seeds[prng_below(p, n)];
    const struct input *other = &seeds[prng_below(p, n)];
    for (uint64_t i = prng_exponential(p, 0, 4); i > 0; i--)
        mutate(in, other, p);
}

static size_t seeds_read(struct input *seeds)
{
    size_t n = 0;
    while (n < SEEDS_MAX &&
           (seeds[n].len = fuzz_seed((unsigned)n, seeds[n].at, FUZZ_INPUT_MAX)) > 0)
        n++;
    if (n < SEEDS_MAX)
        n++; /* and the empty input */
    return n;
}

static int run_file(const char *name)
{
    static struct input in;
    FILE *file = fopen(name, "rb");
    if (!file) {
        perror(name);
        return 2;
    }
    in.len = fread(in.at, 1, sizeof(in.at), file);
    fclose(file);
    try_one(in.at, in.len);
    return 0;
}

int main(int argc, char **argv)
{
    static struct input seeds[SEEDS_MAX], in;
    if (argc == 3 && str_eq(argv[1], "--file"))
        return run_file(argv[2]);
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : COUNT_DEFAULT;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t first = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    size_t n = seeds_read(seeds);
    signal(SIGABRT, on_signal);
    signal(SIGSEGV, on_signal);
    signal(SIGBUS, on_signal);
    signal(SIGFPE, on_signal);
    for (uint64_t i = first; i < first + count; i++) {
        struct prng p, mixed;
        struct str text;
        prng_seed(&p, seed);
        prng_seed(&mixed, prng_next(&p) + i);
        str_init(&text, replay, sizeof(replay));
        str_addf(&text, "replay: %.120s 1 %llu %llu\n", argv[0], (unsigned long long)seed,
                 (unsigned long long)i);
        make(&in, seeds, n, &mixed);
        try_one(in.at, in.len);
    }
    printf("%llu passed, 0 failed\n", (unsigned long long)count);
    return count ? 0 : 1;
}
#endif
