/* SPDX-License-Identifier: GPL-2.0-or-later
 * f_cmd: any bytes as a control request, and as a sentence. What is accepted is within its limits
 * and is written back as the same bytes. */
#include <string.h>
#include "lib/base/say.h"
#include "lib/wire/cmd.h"
#include "test/fuzz/fuzz.h"

size_t fuzz_seed(unsigned i, uint8_t *to, size_t size)
{
    static const struct cmd samples[] = {
        {.kind = CMD_STATUS},
        {.kind = CMD_MOVE, .flags = CMD_WAIT_DONE, .n_args = 2, .arg = {"treasury", "db2"}},
        {.kind = CMD_EDIT, .flags = CMD_DRY_RUN, .n_args = 4, .arg = {"3", "db", "a", "b"}},
        {.kind = CMD_CIB_PUT, .n_args = 1, .arg = {"1.2"}, .text = "group g a b\n", .text_len = 12},
        {.kind = CMD_CIB_PUT, .n_args = 1, .arg = {""}, .text = ""},
    };
    struct say say = {0};
    struct buf b;
    buf_write_init(&b, to, size);
    if (i < ARRAY_LEN(samples)) {
        cmd_put(&b, &samples[i]);
    } else if (i == ARRAY_LEN(samples)) {
        say_set(&say, SAY_STARTED);
        say_arg(&say, "one");
        say_arg(&say, "");
        say_arg(&say, "three");
        say_put(&say, &b);
    } else if (i == ARRAY_LEN(samples) + 1) { /* as long as can be, and more bytes after it */
        say_set(&say, SAY_STARTED);
        say_argf(&say, "%0*d", SAY_ARG_BYTES, 0);
        say_put(&say, &b);
        say_put(&say, &b);
    }
    FUZZ_MUST(!b.bad);
    return b.pos;
}

static void try_cmd(const uint8_t *at, size_t len)
{
    static uint8_t again[FUZZ_INPUT_MAX];
    struct cmd c;
    struct buf b, w;
    buf_read_init(&b, at, len);
    if (cmd_get(&b, &c))
        return;
    FUZZ_MUST(!b.bad && c.n_args <= CMD_ARGS_MAX && cmd_word(c.kind) != NULL);
    for (unsigned i = 0; i < CMD_ARGS_MAX; i++) {
        FUZZ_MUST(memchr(c.arg[i], 0, CMD_ARG_LEN) != NULL);
        FUZZ_MUST(i < c.n_args || !c.arg[i][0]);
    }
    FUZZ_MUST(!c.text ||
              (c.text >= (const char *)at && c.text + c.text_len <= (const char *)at + len));
    buf_write_init(&w, again, sizeof(again));
    cmd_put(&w, &c);
    FUZZ_MUST(!w.bad && w.pos == b.pos && memcmp(again, at, w.pos) == 0);
}

static void try_say(const uint8_t *at, size_t len)
{
    char words[4096];
    uint8_t again[512];
    struct say say;
    struct str text;
    struct buf b, w;
    buf_read_init(&b, at, len);
    say_get(&say, &b);
    str_init(&text, words, sizeof(words));
    say_words(&say, NULL, &text);
    if (b.bad) {
        FUZZ_MUST(say.id == 0 && say.n == 0);
        return;
    }
    buf_write_init(&w, again, sizeof(again));
    say_put(&say, &w);
    FUZZ_MUST(!w.bad && w.pos == b.pos && memcmp(again, at, w.pos) == 0);
    /* One sentence counts its arguments right: the last one ends where the bytes end. */
    const char *last = say_get_arg(&say, say.n - 1u);
    FUZZ_MUST(say.n == 0 || last + strlen(last) + 1 == say.args + say.len);
}

int fuzz_one(const uint8_t *at, size_t len)
{
    try_cmd(at, len);
    try_say(at, len);
    return 0;
}
