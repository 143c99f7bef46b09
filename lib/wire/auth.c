/* SPDX-License-Identifier: GPL-2.0-or-later
 * auth: the seal, by libcrypto. Happy path: auth_new once, then auth_seal and auth_open per frame
 * on kept contexts: nothing is allocated here per frame (libcrypto 3.0 makes and frees two small
 * blocks of its own inside). Fails when libcrypto lacks the digest, on a key file that is not well
 * formed, and on frames that are cut, damaged or sealed by somebody else. */
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include "lib/base/buf.h"
#include "lib/base/crc32c.h"
#include "lib/base/str.h"
#include "lib/wire/auth.h"
#include "lib/wire/frame.h"

/* Kylin V10, UOS 20 and Red Hat 8 still have libcrypto 1.1.1, which has no EVP_MAC. */
#if OPENSSL_VERSION_NUMBER < 0x30000000L || defined(YOKE_OLD_HMAC)
#include <openssl/hmac.h>

typedef HMAC_CTX mac_ctx;

static mac_ctx *mac_new(const char *digest, const uint8_t *key)
{
    const EVP_MD *md = EVP_get_digestbyname(digest);
    mac_ctx *m = md ? HMAC_CTX_new() : NULL;
    if (m && HMAC_Init_ex(m, key, AUTH_KEY_BYTES, md, NULL) != 1) {
        HMAC_CTX_free(m);
        return NULL;
    }
    return m;
}

static void mac_free(mac_ctx *m)
{
    HMAC_CTX_free(m);
}

static bool mac_make(mac_ctx *m, const uint8_t *at, size_t len, uint8_t full[EVP_MAX_MD_SIZE])
{
    return HMAC_Init_ex(m, NULL, 0, NULL, NULL) == 1 && HMAC_Update(m, at, len) == 1 &&
           HMAC_Final(m, full, NULL) == 1;
}
#else
#include <openssl/core_names.h>
#include <openssl/params.h>

typedef EVP_MAC_CTX mac_ctx;

static mac_ctx *mac_new(const char *digest, const uint8_t *key)
{
    char name[8];
    bool fits = str_copy(name, sizeof(name), digest);
    assert(fits);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    mac_ctx *m = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac); /* the context keeps its own reference */
    if (m && EVP_MAC_init(m, key, AUTH_KEY_BYTES, params) != 1) {
        EVP_MAC_CTX_free(m);
        return NULL;
    }
    return m;
}

static void mac_free(mac_ctx *m)
{
    EVP_MAC_CTX_free(m);
}

static bool mac_make(mac_ctx *m, const uint8_t *at, size_t len, uint8_t full[EVP_MAX_MD_SIZE])
{
    size_t out = 0;
    return EVP_MAC_init(m, NULL, 0, NULL) == 1 && EVP_MAC_update(m, at, len) == 1 &&
           EVP_MAC_final(m, full, &out, EVP_MAX_MD_SIZE) == 1 && out >= FRAME_MAC;
}
#endif

struct auth {
    unsigned n;
    mac_ctx *mac[AUTH_KEYS_MAX];
};

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One key of exactly len hexadecimal digits. */
static bool key_read(const char *at, size_t len, uint8_t key[AUTH_KEY_BYTES])
{
    if (len != 2 * AUTH_KEY_BYTES)
        return false;
    for (size_t i = 0; i < AUTH_KEY_BYTES; i++) {
        int high = hex_value(at[2 * i]), low = hex_value(at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        key[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Some releases of libcrypto 3.0 did not go back to the kept key on re-initialisation: a MAC made
 * twice must be the same, or this libcrypto must not be used. */
static bool mac_repeats(mac_ctx *m)
{
    static const uint8_t probe[] = "yoke";
    uint8_t first[EVP_MAX_MD_SIZE], again[EVP_MAX_MD_SIZE];
    return mac_make(m, probe, sizeof(probe), first) && mac_make(m, probe, sizeof(probe), again) &&
           memcmp(first, again, FRAME_MAC) == 0;
}

static enum err key_add(struct auth *a, const char *digest, const char *line, size_t len)
{
    uint8_t key[AUTH_KEY_BYTES];
    if (!key_read(line, len, key))
        return ERR_SYNTAX;
    if (a->n == AUTH_KEYS_MAX)
        return ERR_FULL;
    mac_ctx *m = mac_new(digest, key);
    OPENSSL_cleanse(key, sizeof(key));
    if (!m)
        return ERR_UNKNOWN;
    a->mac[a->n++] = m;
    return mac_repeats(m) ? ERR_OK : ERR_UNKNOWN;
}

static enum err keys_read(struct auth *a, const char *digest, const char *keys)
{
    while (*keys) {
        size_t line = strcspn(keys, "\n");
        size_t from = strspn(keys, " \t\r");
        from = from < line ? from : line;
        size_t len = strcspn(keys + from, "#\r\n \t");
        size_t after = from + len;
        after += strspn(keys + after, " \t\r");
        if (after < line && keys[after] != '#')
            return ERR_SYNTAX; /* two words on a line */
        if (len) {
            enum err err = key_add(a, digest, keys + from, len);
            if (err)
                return err;
        }
        keys += line + (keys[line] == '\n');
    }
    return a->n ? ERR_OK : ERR_MISSING;
}

enum err auth_new(enum auth_kind kind, const char *keys, struct auth **out)
{
    assert(keys && (kind == AUTH_KIND_SHA256 || kind == AUTH_KIND_SM3));
    *out = NULL;
    struct auth *a = OPENSSL_zalloc(sizeof(*a));
    if (!a)
        return ERR_INTERNAL;
    enum err err = keys_read(a, kind == AUTH_KIND_SM3 ? "SM3" : "SHA256", keys);
    if (err) {
        auth_free(a);
        return err;
    }
    *out = a;
    return ERR_OK;
}

void auth_free(struct auth *a)
{
    if (!a)
        return;
    for (unsigned i = 0; i < a->n; i++)
        mac_free(a->mac[i]);
    OPENSSL_free(a);
}

enum err auth_seal(struct auth *a, uint8_t *frame, size_t len, size_t size, size_t *out_len)
{
    assert(a->n > 0);
    uint8_t full[EVP_MAX_MD_SIZE];
    struct buf b;
    if (len < FRAME_HEAD)
        return ERR_SHORT;
    if (len + FRAME_TAIL > size || len + FRAME_TAIL > FRAME_MAX)
        return ERR_FULL;
    buf_write_init(&b, frame + 2, 2);
    buf_put_u16(&b, (uint16_t)(len + FRAME_TAIL));
    if (!mac_make(a->mac[0], frame, len, full))
        return ERR_INTERNAL;
    buf_write_init(&b, frame + len, FRAME_TAIL);
    buf_put_bytes(&b, full, FRAME_MAC);
    buf_put_u32(&b, crc32c(0, frame, len + FRAME_MAC));
    assert(!b.bad);
    *out_len = len + FRAME_TAIL;
    return ERR_OK;
}

enum err auth_open(struct auth *a, const uint8_t *frame, size_t len, size_t *out_len)
{
    assert(a->n > 0);
    uint8_t full[EVP_MAX_MD_SIZE];
    struct buf b;
    if (len < FRAME_MIN)
        return ERR_SHORT;
    buf_read_init(&b, frame, len);
    uint8_t y = buf_get_u8(&b), k = buf_get_u8(&b);
    if (y != 'Y' || k != 'K' || len > FRAME_MAX || buf_get_u16(&b) != len)
        return ERR_SYNTAX;
    size_t body = len - FRAME_TAIL;
    buf_read_init(&b, frame + body, FRAME_TAIL);
    const uint8_t *mac = buf_get_view(&b, FRAME_MAC);
    if (crc32c(0, frame, len - FRAME_CRC) != buf_get_u32(&b))
        return ERR_CRC;
    bool right = false;
    for (unsigned i = 0; i < a->n; i++) {
        if (!mac_make(a->mac[i], frame, body, full))
            return ERR_INTERNAL;
        right |= CRYPTO_memcmp(full, mac, FRAME_MAC) == 0;
    }
    if (!right)
        return ERR_AUTH;
    *out_len = body;
    return ERR_OK;
}

enum err auth_mark(struct auth *a, unsigned key, const char *text, uint8_t out[AUTH_MARK_BYTES])
{
    uint8_t full[EVP_MAX_MD_SIZE];
    if (key >= a->n)
        return ERR_MISSING;
    if (!mac_make(a->mac[key], (const uint8_t *)text, strlen(text), full))
        return ERR_INTERNAL;
    memcpy(out, full, AUTH_MARK_BYTES);
    return ERR_OK;
}

void auth_key_line(const uint8_t key[AUTH_KEY_BYTES], char out[2 * AUTH_KEY_BYTES + 2])
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < AUTH_KEY_BYTES; i++) {
        out[2 * i] = digit[key[i] >> 4];
        out[2 * i + 1] = digit[key[i] & 15];
    }
    out[2 * AUTH_KEY_BYTES] = '\n';
    out[2 * AUTH_KEY_BYTES + 1] = '\0';
}
