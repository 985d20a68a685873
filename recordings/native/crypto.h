/* libcrypto without its headers: the functions Python found, with the types its manual gives them. */
#ifndef CRYPTO_H
#define CRYPTO_H

#include "parts.h"

extern struct crypto crypto;
extern int own_sums;

int sums_possible(void);
int context_end(const void *context, uint8_t *digest);

#define NEW_CIPHER ((void *(*)(void))crypto.new_cipher)
#define FREE_CIPHER ((void (*)(void *))crypto.free_cipher)
#define INIT ((int (*)(void *, const void *, void *, const uint8_t *, const uint8_t *))crypto.init)
#define UPDATE ((int (*)(void *, uint8_t *, int *, const uint8_t *, int))crypto.update)
#define FINAL ((int (*)(void *, uint8_t *, int *))crypto.final)
#define CONTROL ((int (*)(void *, int, int, void *))crypto.control)
#define AES ((const void *(*)(void))crypto.aes)
/* found by name, not asked for each time; NULL: this libcrypto has none */
#define SM4 ((const void *)crypto.sm4)
#define NEW_DIGEST ((void *(*)(void))crypto.new_digest)
#define FREE_DIGEST ((void (*)(void *))crypto.free_digest)
#define BEGIN_DIGEST(context, kind) ((int (*)(void *, const void *, void *))crypto.begin)(context, kind, NULL)
#define HASH ((int (*)(void *, const void *, size_t))crypto.hash)
#define END_DIGEST ((int (*)(void *, uint8_t *, unsigned *))crypto.end)
#define COPY ((int (*)(void *, const void *))crypto.copy)
#define SHA256 ((const void *(*)(void))crypto.sha256)
#define SM3 ((const void *(*)(void))crypto.sm3)

#endif
