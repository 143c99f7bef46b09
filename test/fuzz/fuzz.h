/* SPDX-License-Identifier: GPL-2.0-or-later
 * fuzz: what a fuzz target is. Each f_NAME.c gives the two functions below; fuzz.c is the main
 * program of all of them, or, compiled with -DFUZZ_LLVM, the entry point of libFuzzer. */
#ifndef YOKE_TEST_FUZZ_H
#define YOKE_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

enum { FUZZ_INPUT_MAX = 16384 };

/* Tries one input, exactly len bytes long. Returns 0; what must never be aborts by FUZZ_MUST. */
int fuzz_one(const uint8_t *at, size_t len);
/* Writes the i-th well-formed input, from which others are made, to to[size] and returns its
 * length; 0 when there is no i-th. */
size_t fuzz_seed(unsigned i, uint8_t *to, size_t size);
/* The i-th of n texts as a seed; for targets that read text. */
size_t fuzz_seed_text(unsigned i, const char *const *texts, size_t n, uint8_t *to, size_t size);

void fuzz_must(int holds, const char *what, const char *file, int line);
#define FUZZ_MUST(holds) fuzz_must(!!(holds), #holds, __FILE__, __LINE__)

#endif
