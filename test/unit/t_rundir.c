/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_rundir: one daemon at a time; one boot id a boot; a life more each start. */
#include "test/unit/unit.h"
#include "daemon/rundir.h"
#include "test/unit/scratchdir.h"

static struct rundir dir;
static char words[512];

static enum err open_it(struct rundir *r)
{
    struct str why;
    str_init(&why, words, sizeof words);
    return rundir_open(scratch, "no-such-group", r, &why);
}

START_TEST(test_lives)
{
    ck_assert_int_eq(open_it(&dir), ERR_OK);
    uint64_t boot = dir.boot;
    ck_assert_uint_ne(boot, 0);
    for (unsigned life = 1; life < 5; life++) {
        ck_assert_uint_eq(dir.life, life);
        ck_assert_uint_eq(dir.boot, boot);
        rundir_close(&dir);
        ck_assert_int_eq(open_it(&dir), ERR_OK);
    }
    rundir_close(&dir);
}
END_TEST

START_TEST(test_second_is_refused)
{
    struct rundir other;
    char pid[32];
    ck_assert_int_eq(open_it(&dir), ERR_OK);
    ck_assert_int_eq(open_it(&other), ERR_EXISTS);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    ck_assert_ptr_nonnull(strstr(words, pid));
    rundir_close(&dir);
    ck_assert_int_eq(open_it(&other), ERR_OK);
    ck_assert_uint_eq(other.life, 2); /* the refused one did not count */
    rundir_close(&other);
}
END_TEST

/* Left by an earlier run of the machine, where the run directory is no tmpfs. */
START_TEST(test_earlier_boot)
{
    scratch_write("boot", "0b7c/17 00000000000004d2 9\n");
    ck_assert_int_eq(open_it(&dir), ERR_OK);
    ck_assert_uint_ne(dir.boot, 0x4d2);
    ck_assert_uint_eq(dir.life, 1);
    rundir_close(&dir);
}
END_TEST

START_TEST(test_damaged)
{
    static const char *const texts[] = {
        "", "x\n", "k 0 1\n", "k 12 0\n", "k 12 65536\n", "k zz 1\n", "k 12 1 more\n"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        scratch_write("boot", texts[i]);
        ck_assert_int_eq(open_it(&dir), ERR_SYNTAX);
        ck_assert_ptr_nonnull(strstr(words, "reboot"));
        ck_assert_int_eq(dir.lock, -1);
    }
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("rundir");
    tcase_add_unchecked_fixture(t, scratch_make, scratch_remove); /* also when a test fails */
    tcase_add_checked_fixture(t, scratch_empty, NULL);
    tcase_add_test(t, test_lives);
    tcase_add_test(t, test_second_is_refused);
    tcase_add_test(t, test_earlier_boot);
    tcase_add_test(t, test_damaged);
    return unit_end();
}
