#include <declic/report_alias.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/status.h"

_Static_assert(DCL_ALIAS_KEY_BYTES == crypto_generichash_KEYBYTES, "a key of the size that BLAKE2b wants");

/* Reads 32 bytes; a byte more or less is no key. */
static dcl_status read_bytes(int file, const char *path, dcl_alias_key *out, dcl_error *error) {
    unsigned char byte[DCL_ALIAS_KEY_BYTES + 1];
    size_t n = 0;
    for (ssize_t got = 1; got > 0 && n < sizeof byte; n += (size_t)got) {
        got = read(file, byte + n, sizeof byte - n);
        if (got < 0 && errno == EINTR) got = 0;
        if (got < 0) return dcl_fail_file(error, DCL_E_IO, path, "cannot be read: %s", strerror(errno));
    }
    bool alike = true;
    for (size_t i = 1; i < n; i++) alike = alike && byte[i] == byte[0];
    if (n == DCL_ALIAS_KEY_BYTES) memcpy(out->byte, byte, sizeof out->byte);
    sodium_memzero(byte, sizeof byte);
    if (n != DCL_ALIAS_KEY_BYTES)
        return dcl_fail_file(error, DCL_E_FORMAT, path, "a key has %d bytes, this has %s",
                             DCL_ALIAS_KEY_BYTES, n < DCL_ALIAS_KEY_BYTES ? "fewer" : "more");
    if (alike) return dcl_fail_file(error, DCL_E_FORMAT, path, "a key is drawn at random; this is not");
    return DCL_OK;
}

dcl_status dcl_alias_key_read(const char *path, dcl_alias_key *out, dcl_error *error) {
    struct stat info;
    int file = open(path, O_RDONLY | O_NONBLOCK); /* a pipe is refused, not waited for */
    *out = (dcl_alias_key){{0}};
    if (file < 0)
        return dcl_fail_file(error, errno == ENOENT ? DCL_E_NOT_FOUND : DCL_E_IO, path, "cannot be read: %s",
                             strerror(errno));
    dcl_status status = DCL_OK;
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
        status = dcl_fail_file(error, DCL_E_ARG, path, "a key is a regular file");
    else if (info.st_mode & (S_IRWXG | S_IRWXO))
        status = dcl_fail_file(error, DCL_E_ARG, path,
                               "others than its owner may use this key: chmod 600, and draw another one "
                               "where somebody may have read it");
    else if (sodium_init() < 0)
        status = dcl_fail_file(error, DCL_E_UNSUPPORTED, path, "libsodium does not start here");
    else
        status = read_bytes(file, path, out, error);
    close(file);
    return status;
}

void dcl_alias_key_wipe(dcl_alias_key *key) {
    sodium_memzero(key, sizeof *key);
}

void dcl_alias_make(const dcl_alias_key *key, const char *identity, char out[DCL_ALIAS_BYTES]) {
    static const char letters[] = "bcdfghjkmnpqrstv", purpose[] = "declic home", head[] = "home-";
    enum { TOLD = 8, HEAD = sizeof head - 1 };
    _Static_assert(HEAD + 2 * TOLD + 1 == DCL_ALIAS_BYTES, "room for an alias");
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash_state state;
    crypto_generichash_init(&state, key->byte, sizeof key->byte, sizeof hash);
    crypto_generichash_update(&state, (const unsigned char *)purpose, sizeof purpose);
    crypto_generichash_update(&state, (const unsigned char *)identity, strlen(identity));
    crypto_generichash_final(&state, hash, sizeof hash);
    memcpy(out, head, HEAD);
    for (size_t i = 0; i < TOLD; i++) {
        out[HEAD + 2 * i] = letters[hash[i] >> 4];
        out[HEAD + 2 * i + 1] = letters[hash[i] & 15];
    }
    out[DCL_ALIAS_BYTES - 1] = '\0';
    sodium_memzero(&state, sizeof state);
}
