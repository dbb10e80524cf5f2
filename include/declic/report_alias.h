/**
 * Report: names for homes that do not tell their address.
 *
 * The address of a delivery point or meter identifies a person. What has to tell homes apart calls them by an alias: a keyed
 * hash of the address (BLAKE2b), the same wherever the same key is used, and without the key neither undone nor guessed by
 * trying all addresses.
 */
#ifndef DECLIC_REPORT_ALIAS_H
#define DECLIC_REPORT_ALIAS_H

#include <declic/base.h>

enum { DCL_ALIAS_KEY_BYTES = 32, DCL_ALIAS_BYTES = 22 };

/** The operator's secret. */
typedef struct dcl_alias_key {
    unsigned char byte[DCL_ALIAS_KEY_BYTES];
} dcl_alias_key;

/**
 * Reads a key: a regular file of 32 bytes that its owner alone may read.
 * Errors: DCL_E_NOT_FOUND, DCL_E_IO; DCL_E_FORMAT another size, or all bytes alike; DCL_E_ARG others may read it, or it is no
 * regular file; DCL_E_UNSUPPORTED the library of hashes does not start.
 */
dcl_status dcl_alias_key_read(const char *path, dcl_alias_key *out, dcl_error *error) DCL_MUST_USE;
/** Overwrites a key that is not needed any more. */
void dcl_alias_key_wipe(dcl_alias_key *key);
/**
 * The alias of an address or name: "home-" and 16 letters, 64 bits of the hash. Among 35 million homes two share one with a
 * chance of 3 in 100,000. The letters hold no vowel, so they spell nothing, and no digit, so they look like no address.
 * Threads: reentrant.
 */
void dcl_alias_make(const dcl_alias_key *key, const char *identity, char out[DCL_ALIAS_BYTES]);

#endif
