/* SPDX-License-Identifier: GPL-2.0-or-later
 * t_json: well-formed whatever the values are; read back by jansson, which is what users' tools do.
 */
#include <jansson.h>
#include <string.h>
#include "lib/base/json.h"
#include "test/unit/unit.h"

static char at[4096];
static struct str text;
static struct json writer;

static void begin(void)
{
    str_init(&text, at, sizeof(at));
    json_init(&writer, &text);
}

START_TEST(nests_and_separates)
{
    begin();
    json_open(&writer, NULL, '{');
    json_bool(&writer, "ok", true);
    json_open(&writer, "list", '[');
    json_u64(&writer, NULL, UINT64_MAX);
    json_i64(&writer, NULL, INT64_MIN);
    json_open(&writer, NULL, '{');
    json_close(&writer, '}');
    json_open(&writer, NULL, '[');
    json_close(&writer, ']');
    json_text(&writer, NULL, NULL);
    json_close(&writer, ']');
    json_text(&writer, "name", "db1");
    json_bool(&writer, "no", false);
    json_close(&writer, '}');
    ck_assert_str_eq(at, "{\"ok\":true,\"list\":[18446744073709551615,-9223372036854775808,{},[],"
                         "null],\"name\":\"db1\",\"no\":false}");
}
END_TEST

START_TEST(escapes)
{
    begin();
    json_text(&writer, NULL, "a\"b\\c/\b\f\n\r\t\x01\x1F\x7F");
    ck_assert_str_eq(at, "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7F\"");
    begin();
    json_open(&writer, NULL, '{');
    json_u64(&writer, "a\"\n", 1);
    json_close(&writer, '}');
    ck_assert_str_eq(at, "{\"a\\\"\\n\":1}");
}
END_TEST

#define BAD "\xEF\xBF\xBD"

START_TEST(replaces_what_is_no_utf8)
{
    static const char *const pairs[][2] = {
        {"\xE4\xB8\xAD\xC3\xA9\xF0\x9F\x98\x80", "\xE4\xB8\xAD\xC3\xA9\xF0\x9F\x98\x80"},
        {"a\x80z", "a" BAD "z"},               /* continuation alone */
        {"\xC3", BAD},                         /* cut at the end */
        {"\xE4\xB8", BAD BAD},                 /* cut at the end */
        {"\xE4\xB8z", BAD BAD "z"},            /* cut in the middle */
        {"\xC0\x80", BAD BAD},                 /* overlong NUL */
        {"\xE0\x80\xAF", BAD BAD BAD},         /* overlong */
        {"\xF0\x80\x80\xAF", BAD BAD BAD BAD}, /* overlong */
        {"\xED\xA0\x80", BAD BAD BAD},         /* surrogate */
        {"\xF4\x90\x80\x80", BAD BAD BAD BAD}, /* beyond Unicode */
        {"\xFF\xFE", BAD BAD},                 /* never in UTF-8 */
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        begin();
        json_text(&writer, NULL, pairs[i][0]);
        json_t *read = json_loads(at, JSON_DECODE_ANY, NULL);
        ck_assert_msg(read != NULL, "case %zu: %s", i, at);
        ck_assert_str_eq(json_string_value(read), pairs[i][1]);
        json_decref(read);
    }
}
END_TEST

START_TEST(survives_every_pair_of_bytes)
{
    for (unsigned i = 1; i < 256; i++)
        for (unsigned j = 1; j < 256; j++) {
            char value[3] = {(char)i, (char)j, '\0'};
            begin();
            json_text(&writer, NULL, value);
            json_t *read = json_loads(at, JSON_DECODE_ANY, NULL);
            ck_assert_msg(read != NULL, "%02x %02x: %s", i, j, at);
            if (i < 0x80 && j < 0x80)
                ck_assert_str_eq(json_string_value(read), value);
            json_decref(read);
        }
}
END_TEST

START_TEST(is_marked_when_cut)
{
    str_init(&text, at, 8);
    json_init(&writer, &text);
    json_open(&writer, NULL, '[');
    json_text(&writer, NULL, "0123456789");
    json_close(&writer, ']');
    ck_assert(text.cut);
    ck_assert_str_eq(at, "[\"01234");
}
END_TEST

int main(void)
{
    TCase *t = unit_begin("json");
    tcase_add_test(t, nests_and_separates);
    tcase_add_test(t, escapes);
    tcase_add_test(t, replaces_what_is_no_utf8);
    tcase_add_test(t, survives_every_pair_of_bytes);
    tcase_add_test(t, is_marked_when_cut);
    return unit_end();
}
