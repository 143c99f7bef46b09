/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_auth: published HMAC vectors (RFC 4231, GM/T 0042-2015 D.3), whole frames computed elsewhere,
 * and every way in which a frame must not open. The source itself is included, to reach the bare
 * MAC, and so that a second program can try the code for libcrypto 1.1.1 (YOKE_OLD_HMAC). */
#include "lib/wire/auth.c"
#include "test/unit/unit.h"

/* 01 02 .. 20 as the only key. */
#define KEY   "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
#define OTHER "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static struct auth *with(enum auth_kind kind, const char *keys)
{
    struct auth *a = NULL;
    ck_assert_int_eq(auth_new(kind, keys, &a), ERR_OK);
    ck_assert_ptr_nonnull(a);
    return a;
}

static size_t frame_make(uint8_t *at, const char *body)
{
    struct frame_head head = {.version = 1, .type = FRAME_DATA, .src = 1, .life = 3, .dst = 2};
    struct buf b;
    head.link = 1;
    head.cluster = crc32c(0, "treasury", 8);
    head.boot = 0x1122334455667788u;
    head.seq = 9;
    buf_write_init(&b, at, FRAME_MAX);
    frame_put_head(&b, &head);
    buf_put_bytes(&b, body, strlen(body));
    return frame_finish(&b);
}

/* A key shorter than the block is filled up with zeroes (RFC 2104), so that all vectors whose keys
 * have at most 32 bytes can be had with our keys of 32. */
START_TEST(makes_the_published_macs)
{
    static const struct {
        const char *digest;
        uint8_t key_byte, key_len; /* key_byte 0: 1, 2, 3, .. */
        uint8_t data_byte, data_len;
        const char *text;
        uint8_t mac[FRAME_MAC];
    } vectors[] = {
        {"SHA256",
         0x0b,
         20,
         0,
         0,
         "Hi There", /* RFC 4231 4.2 */
         {0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf, 0xce, 0xaf, 0x0b, 0xf1,
          0x2b}},
        {"SHA256",
         0xaa,
         20,
         0xdd,
         50,
         NULL, /* 4.4 */
         {0x77, 0x3e, 0xa9, 0x1e, 0x36, 0x80, 0x0e, 0x46, 0x85, 0x4d, 0xb8, 0xeb, 0xd0, 0x91, 0x81,
          0xa7}},
        {"SHA256",
         0,
         25,
         0xcd,
         50,
         NULL, /* 4.5 */
         {0x82, 0x55, 0x8a, 0x38, 0x9a, 0x44, 0x3c, 0x0e, 0xa4, 0xcc, 0x81, 0x98, 0x99, 0xf2, 0x08,
          0x3a}},
        {"SHA256",
         0x0c,
         20,
         0,
         0,
         "Test With Truncation", /* 4.6: cut to 128 bits, as we do */
         {0xa3, 0xb6, 0x16, 0x74, 0x73, 0x10, 0x0e, 0xe0, 0x6e, 0x0c, 0x79, 0x6c, 0x29, 0x55, 0x55,
          0x2b}},
        {"SM3",
         0,
         32,
         0,
         0, /* GM/T 0042-2015 D.3 */
         "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
         "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         {0xca, 0x05, 0xe1, 0x44, 0xed, 0x05, 0xd1, 0x85, 0x78, 0x40, 0xd1, 0xf3, 0x18, 0xa4, 0xa8,
          0x66}},
    };
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        uint8_t key[AUTH_KEY_BYTES] = {0}, data[50], full[EVP_MAX_MD_SIZE];
        for (uint8_t k = 0; k < vectors[i].key_len; k++)
            key[k] = vectors[i].key_byte ? vectors[i].key_byte : (uint8_t)(k + 1);
        memset(data, vectors[i].data_byte, sizeof(data));
        const uint8_t *at = vectors[i].text ? (const uint8_t *)vectors[i].text : data;
        size_t len = vectors[i].text ? strlen(vectors[i].text) : vectors[i].data_len;
        mac_ctx *m = mac_new(vectors[i].digest, key);
        ck_assert_ptr_nonnull(m);
        for (int again = 0; again < 3; again++) { /* a kept context gives the same every time */
            ck_assert(mac_make(m, at, len, full));
            ck_assert_msg(memcmp(full, vectors[i].mac, FRAME_MAC) == 0, "vector %zu", i);
        }
        mac_free(m);
    }
    ck_assert_ptr_null(mac_new("NOSUCH", vectors[0].mac));
}
END_TEST

START_TEST(seals_to_the_bytes_computed_elsewhere)
{
    static const uint8_t tail[2][FRAME_TAIL] = {
        {0x33, 0x34, 0x1a, 0x4b, 0xfb, 0xcb, 0x19, 0x38, 0x7e, 0x84,
         0xbb, 0x82, 0xb1, 0xda, 0xa5, 0xc9, 0xf4, 0x70, 0x95, 0x1b},
        {0xe7, 0xae, 0xae, 0x8d, 0xa4, 0xb0, 0x60, 0x7a, 0x33, 0x4a,
         0x4c, 0x76, 0xf7, 0x96, 0x10, 0x6c, 0x33, 0x4d, 0x41, 0xe6},
    };
    for (int sm3 = 0; sm3 < 2; sm3++) {
        struct auth *a = with(sm3 ? AUTH_KIND_SM3 : AUTH_KIND_SHA256, KEY "\n");
        uint8_t at[FRAME_MAX];
        size_t body = frame_make(at, "body"), len = 0, opened = 0;
        ck_assert_int_eq(auth_seal(a, at, body, sizeof(at), &len), ERR_OK);
        ck_assert_uint_eq(len, body + FRAME_TAIL);
        ck_assert_mem_eq(at + body, tail[sm3], FRAME_TAIL);
        ck_assert_int_eq(auth_open(a, at, len, &opened), ERR_OK);
        ck_assert_uint_eq(opened, body);
        auth_free(a);
    }
}
END_TEST

START_TEST(notices_every_changed_byte)
{
    struct auth *a = with(AUTH_KIND_SHA256, KEY);
    uint8_t at[FRAME_MAX];
    size_t len = 0, opened = 77;
    ck_assert_int_eq(auth_seal(a, at, frame_make(at, "body"), sizeof(at), &len), ERR_OK);
    for (size_t i = 0; i < len; i++)
        for (int bit = 0; bit < 8; bit++) {
            at[i] ^= (uint8_t)(1u << bit);
            enum err want = i < 4 ? ERR_SYNTAX : ERR_CRC;
            ck_assert_int_eq(auth_open(a, at, len, &opened), want);
            at[i] ^= (uint8_t)(1u << bit);
        }
    /* With the CRC put right by whoever changed it, the MAC tells. */
    for (size_t i = 4; i < len - FRAME_CRC; i++) {
        uint8_t forged[FRAME_MAX] = {0};
        struct buf crc;
        memcpy(forged, at, len);
        forged[i] ^= 0x40;
        buf_write_init(&crc, forged + len - FRAME_CRC, FRAME_CRC);
        buf_put_u32(&crc, crc32c(0, forged, len - FRAME_CRC));
        ck_assert_int_eq(auth_open(a, forged, len, &opened), ERR_AUTH);
    }
    ck_assert_uint_eq(opened, 77);
    ck_assert_int_eq(auth_open(a, at, len, &opened), ERR_OK);
    auth_free(a);
}
END_TEST

START_TEST(refuses_wrong_lengths)
{
    struct auth *a = with(AUTH_KIND_SHA256, KEY);
    uint8_t at[2 * FRAME_MAX];
    size_t body = frame_make(at, "body"), len = 0, opened;
    ck_assert_int_eq(auth_seal(a, at, FRAME_HEAD - 1, sizeof(at), &len), ERR_SHORT);
    ck_assert_int_eq(auth_seal(a, at, body, body + FRAME_TAIL - 1, &len), ERR_FULL);
    ck_assert_int_eq(auth_seal(a, at, FRAME_MAX - FRAME_TAIL + 1, sizeof(at), &len), ERR_FULL);
    ck_assert_int_eq(auth_seal(a, at, body, body + FRAME_TAIL, &len), ERR_OK);
    for (size_t cut = 0; cut < len; cut++)
        ck_assert_int_eq(auth_open(a, at, cut, &opened), cut < FRAME_MIN ? ERR_SHORT : ERR_SYNTAX);
    ck_assert_int_eq(auth_open(a, at, len + 1, &opened), ERR_SYNTAX);
    auth_free(a);
}
END_TEST

START_TEST(rolls_keys_over)
{
    struct auth *old = with(AUTH_KIND_SHA256, KEY), *new = with(AUTH_KIND_SHA256, OTHER);
    struct auth *both = with(AUTH_KIND_SHA256, "# new\n" OTHER "\n# old\n" KEY "\n");
    struct auth *sm3 = with(AUTH_KIND_SM3, KEY);
    uint8_t at[FRAME_MAX];
    size_t body = frame_make(at, "body"), len = 0, opened;
    ck_assert_int_eq(auth_seal(old, at, body, sizeof(at), &len), ERR_OK);
    ck_assert_int_eq(auth_open(both, at, len, &opened), ERR_OK);
    ck_assert_int_eq(auth_open(new, at, len, &opened), ERR_AUTH);
    ck_assert_int_eq(auth_open(sm3, at, len, &opened), ERR_AUTH);
    ck_assert_int_eq(auth_seal(both, at, body, sizeof(at), &len), ERR_OK);
    ck_assert_int_eq(auth_open(new, at, len, &opened), ERR_OK); /* the first key seals */
    ck_assert_int_eq(auth_open(old, at, len, &opened), ERR_AUTH);
    auth_free(old);
    auth_free(new);
    auth_free(both);
    auth_free(sm3);
}
END_TEST

START_TEST(reads_key_files)
{
    static const struct {
        const char *keys;
        enum err want;
    } files[] = {
        {"", ERR_MISSING},
        {"\n\n# only words\n  # more\n", ERR_MISSING},
        {KEY, ERR_OK},
        {"\r\n  \t" KEY "  # the key\r\n\n", ERR_OK},
        {KEY "\n" OTHER "\n" KEY "\n" KEY "\n", ERR_OK},
        {KEY "\n" OTHER "\n" KEY "\n" KEY "\n" KEY "\n", ERR_FULL},
        {KEY "0", ERR_SYNTAX},
        {"01020304", ERR_SYNTAX},
        {KEY " " KEY, ERR_SYNTAX},
        {"g102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20", ERR_SYNTAX},
        {KEY "\nnonsense\n", ERR_SYNTAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct auth *a = NULL;
        ck_assert_msg(auth_new(AUTH_KIND_SHA256, files[i].keys, &a) == files[i].want, "file %zu",
                      i);
        ck_assert((a != NULL) == (files[i].want == ERR_OK));
        auth_free(a);
    }
}
END_TEST

START_TEST(marks_differ_by_key_and_text)
{
    uint8_t one[AUTH_MARK_BYTES], two[AUTH_MARK_BYTES];
    struct auth *a = with(AUTH_KIND_SHA256, KEY "\n" OTHER "\n");
    struct auth *b = with(AUTH_KIND_SHA256, OTHER "\n");
    ck_assert_int_eq(auth_mark(a, 0, "treasury", one), ERR_OK);
    ck_assert_int_eq(auth_mark(a, 0, "treasury", two), ERR_OK);
    ck_assert_mem_eq(one, two, sizeof one);
    ck_assert_int_eq(auth_mark(a, 0, "treasure", two), ERR_OK);
    ck_assert_mem_ne(one, two, sizeof one);
    ck_assert_int_eq(auth_mark(a, 1, "treasury", two), ERR_OK);
    ck_assert_mem_ne(one, two, sizeof one);
    ck_assert_int_eq(auth_mark(b, 0, "treasury", one), ERR_OK);
    ck_assert_mem_eq(one, two, sizeof one);
    ck_assert_int_eq(auth_mark(b, 1, "treasury", one), ERR_MISSING);
    auth_free(a);
    auth_free(b);
}
END_TEST

START_TEST(writes_key_lines)
{
    uint8_t key[AUTH_KEY_BYTES];
    char line[2 * AUTH_KEY_BYTES + 2];
    for (unsigned i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)(i + 1);
    auth_key_line(key, line);
    ck_assert_str_eq(line, KEY "\n");
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("auth");
    tcase_add_test(t, makes_the_published_macs);
    tcase_add_test(t, seals_to_the_bytes_computed_elsewhere);
    tcase_add_test(t, notices_every_changed_byte);
    tcase_add_test(t, refuses_wrong_lengths);
    tcase_add_test(t, rolls_keys_over);
    tcase_add_test(t, reads_key_files);
    tcase_add_test(t, marks_differ_by_key_and_text);
    tcase_add_test(t, writes_key_lines);
    return unit_end();
}
