/* SPDX-License-Identifier: GPL-2.0-or-later
 * err: texts of the error values. */
#include "lib/base/err.h"

const char *err_text(enum err err)
{
    static const char *const text[] = {
#define ERR_TEXT(name, text) text,
        ERR_LIST(ERR_TEXT)
#undef ERR_TEXT
    };
    return (unsigned)err < ARRAY_LEN(text) ? text[err] : "unknown error";
}
