/* SPDX-License-Identifier: GPL-2.0-or-later
 * f_crm: any text as a configuration, and as an object put into one. What is accepted prints to a
 * text that is accepted, means the same and prints the same; memory stays within what
 * cib_arena_need says; what is refused has a reason. */
#include <stdlib.h>
#include <string.h>
#include "lib/cib/diff.h"
#include "lib/cib/edit.h"
#include "lib/cib/print.h"
#include "test/fuzz/fuzz.h"
#include "test/unit/cibgen.h"
#include "test/unit/cibtext.h"

/* A canonical text can be longer than what it came from, but not that much. */
enum { OUT_MAX = 16 * FUZZ_INPUT_MAX };

size_t fuzz_seed(unsigned i, uint8_t *to, size_t size)
{
    static const char *const texts[] = {
        CIBTEXT_SAMPLE,
        "primitve a Dummy\nprimitive a Dummy parms x=1\ngroup g a a zz\nclone c g\n",
        "node $id=\"1\" db1:normal\nms m a\nlocation l a rule -inf: x eq 1\n",
        "order o [ a b ]\ncolocation c inf: ( a b ) d\nproperty $id=x a=b\nmonitor a:Master 1:2\n",
        "primitive a Dummy\nprimitive b Dummy\norder x a b\norder y b a\ncolocation z inf: a b\n",
    };
    char text[FUZZ_INPUT_MAX / 2];
    struct str s;
    if (i < ARRAY_LEN(texts))
        return fuzz_seed_text(i, texts, ARRAY_LEN(texts), to, size);
    if (i >= 40)
        return 0;
    str_init(&s, text, sizeof(text));
    cibgen_text(i, &s);
    memcpy(to, text, s.len);
    return s.len;
}

static void faults_must(const struct cib_faults *f, enum err err)
{
    FUZZ_MUST(f->n <= CIB_FAULTS_MAX);
    FUZZ_MUST((err == ERR_OK) == (f->n_errors == 0));
    FUZZ_MUST(err == ERR_OK || f->n > 0);
    for (unsigned i = 0; i < f->n; i++) {
        FUZZ_MUST(memchr(f->at[i].text, 0, CIB_FAULT_LEN) && f->at[i].text[0]);
        for (const char *at = f->at[i].text; *at; at += str_utf8_len(at))
            FUZZ_MUST(str_utf8_len(at) > 0 && (uint8_t)*at >= ' ');
    }
}

static void again_must(const struct cib *c)
{
    static char first[OUT_MAX], second[OUT_MAX];
    struct cibtext t;
    struct str s;
    str_init(&s, first, sizeof(first));
    cib_print(c, &s);
    FUZZ_MUST(!s.cut);
    cibtext_parse(&t, first);
    faults_must(&t.faults, t.err);
    FUZZ_MUST(t.err == ERR_OK);
    FUZZ_MUST(cib_hash(c) == cib_hash(t.c));
    str_init(&s, second, sizeof(second));
    FUZZ_MUST(cib_diff(c, t.c, &s) == 0);
    str_init(&s, second, sizeof(second));
    cib_print(t.c, &s);
    FUZZ_MUST(strcmp(first, second) == 0);
    cibtext_free(&t);
}

/* The text as one object put into a small configuration. */
static void try_put(const char *text)
{
    static char out_text[OUT_MAX];
    static struct cibtext base;
    struct cib_faults faults;
    struct arena a;
    struct str out;
    struct cib_edit e = {.kind = EDIT_PUT, .id = "", .name = "", .value = text};
    cibtext_parse(&base, "primitive p0 Dummy\nprimitive p1 Dummy\ngroup g1 p0 p1\n# end\n");
    FUZZ_MUST(base.err == ERR_OK);
    size_t need = cib_arena_need(OUT_MAX);
    void *memory = malloc(need);
    FUZZ_MUST(memory != NULL);
    arena_init(&a, memory, need);
    str_init(&out, out_text, sizeof(out_text));
    enum err err = cib_edit(base.c, &cibtext_names, &e, &a, &out, &faults);
    faults_must(&faults, err);
    FUZZ_MUST(err == ERR_OK || err == ERR_SYNTAX);
    free(memory);
    cibtext_free(&base);
}

int fuzz_one(const uint8_t *at, size_t len)
{
    char *text = malloc(len + 1);
    struct cibtext t;
    FUZZ_MUST(text != NULL);
    memcpy(text, at, len);
    text[len] = '\0';
    cibtext_parse(&t, text);
    faults_must(&t.faults, t.err);
    FUZZ_MUST(t.err == ERR_OK || t.err == ERR_SYNTAX);
    FUZZ_MUST((t.err == ERR_OK) == (t.c != NULL));
    if (t.c)
        again_must(t.c);
    cibtext_free(&t);
    if (strlen(text) < 500)
        try_put(text);
    free(text);
    return 0;
}
