/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_crc32c: the published vectors (RFC 3720 B.4), and the table against its definition. */
#include <string.h>
#include "lib/base/crc32c.h"
#include "test/unit/unit.h"

START_TEST(gives_the_known_values)
{
    uint8_t at[32];
    ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xE3069283u);
    ck_assert_uint_eq(crc32c(0, "", 0), 0);
    memset(at, 0, sizeof(at));
    ck_assert_uint_eq(crc32c(0, at, sizeof(at)), 0x8A9136AAu);
    memset(at, 0xFF, sizeof(at));
    ck_assert_uint_eq(crc32c(0, at, sizeof(at)), 0x62A8AB43u);
    for (unsigned i = 0; i < sizeof(at); i++)
        at[i] = (uint8_t)i;
    ck_assert_uint_eq(crc32c(0, at, sizeof(at)), 0x46DD794Eu);
}
END_TEST

START_TEST(takes_pieces)
{
    for (size_t cut = 0; cut <= 9; cut++)
        ck_assert_uint_eq(crc32c(crc32c(0, "123456789", cut), &"123456789"[cut], 9 - cut),
                          0xE3069283u);
}
END_TEST

START_TEST(agrees_with_the_polynomial)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t at = (uint8_t)byte;
        uint32_t crc = 0xFFFFFFFFu ^ byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82F63B78u : crc >> 1;
        ck_assert_uint_eq(crc32c(0, &at, 1), ~crc);
    }
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("crc32c");
    tcase_add_test(t, gives_the_known_values);
    tcase_add_test(t, takes_pieces);
    tcase_add_test(t, agrees_with_the_polynomial);
    return unit_end();
}
