// SPDX-License-Identifier: Apache-2.0
#include "sandboxd/accounts/api_key.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char id_letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
static const char secret_letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char prefix[] = "sbx_";
enum { PREFIX_LENGTH = sizeof prefix - 1 };

static void draw(const char *letters, size_t length, char *out)
{
    for (size_t i = 0; i < length; i++)
        out[i] = letters[randombytes_uniform((uint32_t)strlen(letters))];
    out[length] = '\0';
}

static void hash_secret(const char *secret, struct api_key_hash *ret_hash)
{
    crypto_hash_sha256(ret_hash->bytes, (const unsigned char *)secret, API_KEY_SECRET_LENGTH);
}

void api_key_make(struct api_key *ret_key, char ret_text[API_KEY_SIZE])
{
    char secret[API_KEY_SECRET_LENGTH + 1];
    draw(id_letters, API_KEY_ID_LENGTH, ret_key->id);
    draw(secret_letters, API_KEY_SECRET_LENGTH, secret);
    hash_secret(secret, &ret_key->hash);
    snprintf(ret_text, API_KEY_SIZE, "%s%s_%s", prefix, ret_key->id, secret);
    sodium_memzero(secret, sizeof secret);
}

static bool all_of(const char *text, size_t length, const char *letters)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0' || strchr(letters, text[i]) == NULL)
            return false;
    return true;
}

bool api_key_read(struct bytes text, struct api_key *ret_key)
{
    if (text.length != API_KEY_SIZE - 1 || memcmp(text.data, prefix, PREFIX_LENGTH) != 0)
        return false;
    const char *id = text.data + PREFIX_LENGTH, *secret = id + API_KEY_ID_LENGTH + 1;
    if (!all_of(id, API_KEY_ID_LENGTH, id_letters) || secret[-1] != '_' ||
        !all_of(secret, API_KEY_SECRET_LENGTH, secret_letters))
        return false;
    memcpy(ret_key->id, id, API_KEY_ID_LENGTH);
    ret_key->id[API_KEY_ID_LENGTH] = '\0';
    hash_secret(secret, &ret_key->hash);
    return true;
}

bool api_key_hash_equal(const struct api_key_hash *a, const struct api_key_hash *b)
{
    return sodium_memcmp(a->bytes, b->bytes, API_KEY_HASH_SIZE) == 0;
}

bool api_key_of_header(const char *value, struct bytes *ret_text)
{
    static const char scheme[] = "Bearer ";
    if (value == NULL || strncasecmp(value, scheme, sizeof scheme - 1) != 0)
        return false;
    value += sizeof scheme - 1;
    value += strspn(value, " ");
    *ret_text = bytes_of(value, strcspn(value, " "));
    return value[ret_text->length + strspn(value + ret_text->length, " ")] == '\0';
}
