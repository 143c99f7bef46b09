/* SPDX-License-Identifier: GPL-2.0-or-later
 * err: the world's faults as values. A function that can fail because of its input or of the
 * machine returns enum err; our own bugs are asserts. ERR_OK is zero, every other value is a
 * failure, so "if (err)" is always the right test. */
#ifndef YOKE_BASE_ERR_H
#define YOKE_BASE_ERR_H

#define ERR_LIST(X)                                                                                \
    X(OK, "success")                                                                               \
    X(FULL, "no room left")                                                                        \
    X(SHORT, "cut short")                                                                          \
    X(SYNTAX, "not well formed")                                                                   \
    X(RANGE, "out of range")                                                                       \
    X(UNKNOWN, "unknown name")                                                                     \
    X(MISSING, "not there")                                                                        \
    X(EXISTS, "already there")                                                                     \
    X(CONFLICT, "changed meanwhile")                                                               \
    X(VERSION, "version not understood")                                                           \
    X(CRC, "checksum wrong")                                                                       \
    X(AUTH, "not authentic")                                                                       \
    X(REPLAY, "seen before")                                                                       \
    X(FOREIGN, "of another cluster")                                                               \
    X(DENIED, "not permitted")                                                                     \
    X(BUSY, "busy")                                                                                \
    X(TIMEOUT, "timed out")                                                                        \
    X(IO, "input/output error")                                                                    \
    X(REFUSED, "refused")                                                                          \
    X(INTERNAL, "internal error")

enum err {
#define ERR_ENUM(name, text) ERR_##name,
    ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
        ERR_COUNT
};

/* English text of an error, never NULL; unknown values give "unknown error". */
const char *err_text(enum err err);

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define ARRAY_LEN(a)      (sizeof(a) / sizeof((a)[0]))

#endif
