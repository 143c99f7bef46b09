/* SPDX-License-Identifier: GPL-2.0-or-later
 * unit: the frame around a unit test program.
 *   int main(void) { TCase *t = unit_begin("str"); tcase_add_test(t, ...); return unit_end(); } */
#ifndef YOKE_TEST_UNIT_H
#define YOKE_TEST_UNIT_H

#include <check.h>
#include <stdlib.h>

static SRunner *unit_runner;

static inline TCase *unit_begin(const char *name)
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    suite_add_tcase(suite, tcase);
    unit_runner = srunner_create(suite);
    return tcase;
}

static inline int unit_end(void)
{
    srunner_run_all(unit_runner, CK_ENV);
    int failed = srunner_ntests_failed(unit_runner);
    srunner_free(unit_runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
