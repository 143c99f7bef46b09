/* SPDX-License-Identifier: GPL-2.0-or-later
 * confman: writes the option list of yoke.conf(5) to standard output while the project is built.
 * Fails with exit code 1 when the list cannot be written whole. */
#include <stdio.h>
#include "lib/conf/show.h"

int main(void)
{
    static char text[CONF_PRINT_MAX];
    struct str s;
    str_init(&s, text, sizeof text);
    opt_print_man(&s);
    return s.cut || fwrite(text, 1, s.len, stdout) != s.len || fclose(stdout) != 0;
}
