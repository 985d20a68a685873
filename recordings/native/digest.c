/* SHA-256 of two texts side by side: of what two people said. One alone waits for its own last round most of the time,
 * so the other comes nearly for nothing. Without the processor's instructions: libcrypto's, one after the other.
 */
#include <string.h>

#include "crypto.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

static const uint32_t K[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define NATIVE __attribute__((target("sha,sse4.1,ssse3")))

int sums_possible(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3))
        return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & 1u << 29;
}

/* The processor wants the eight words as ABEF and CDGH. */
NATIVE static inline void unpack(const uint32_t *state, __m128i *abef, __m128i *cdgh) {
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xB1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1B);
    *abef = _mm_alignr_epi8(low, high, 8);
    *cdgh = _mm_blend_epi16(high, low, 0xF0);
}

NATIVE static inline void pack(uint32_t *state, __m128i abef, __m128i cdgh) {
    __m128i low = _mm_shuffle_epi32(abef, 0x1B), high = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

/* Four rounds, and the words of the four that come twelve later. */
#define ROUNDS(n, abef, cdgh, words)                                                                                   \
    do {                                                                                                               \
        __m128i sum = _mm_add_epi32(words[(n) & 3], _mm_load_si128((const __m128i *)K + (n)));                         \
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);                                                                 \
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));                                        \
        if ((n) < 12) {                                                                                                \
            __m128i next = _mm_sha256msg1_epu32(words[(n) & 3], words[((n) + 1) & 3]);                                 \
            next = _mm_add_epi32(next, _mm_alignr_epi8(words[((n) + 3) & 3], words[((n) + 2) & 3], 4));                \
            words[(n) & 3] = _mm_sha256msg2_epu32(next, words[((n) + 3) & 3]);                                         \
        }                                                                                                              \
    } while (0)

#define ORDER _mm_set_epi64x(0x0c0d0e0f08090a0bll, 0x0405060700010203ll)

NATIVE static void blocks_of_one(uint32_t *state, const uint8_t *at, uint64_t count) {
    __m128i abef, cdgh, order = ORDER;
    unpack(state, &abef, &cdgh);
    for (; count; count--, at += 64) {
        __m128i words[4], was = abef, had = cdgh;
#pragma GCC unroll 4
        for (int n = 0; n < 4; n++)
            words[n] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)at + n), order);
#pragma GCC unroll 16
        for (int n = 0; n < 16; n++)
            ROUNDS(n, abef, cdgh, words);
        abef = _mm_add_epi32(abef, was);
        cdgh = _mm_add_epi32(cdgh, had);
    }
    pack(state, abef, cdgh);
}

NATIVE static void blocks_of_both(uint32_t *one, const uint8_t *a, uint32_t *other, const uint8_t *b, uint64_t count) {
    __m128i abef, cdgh, abef2, cdgh2, order = ORDER;
    unpack(one, &abef, &cdgh);
    unpack(other, &abef2, &cdgh2);
    for (; count; count--, a += 64, b += 64) {
        __m128i words[4], words2[4], was = abef, had = cdgh, was2 = abef2, had2 = cdgh2;
#pragma GCC unroll 4
        for (int n = 0; n < 4; n++) {
            words[n] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)a + n), order);
            words2[n] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)b + n), order);
        }
#pragma GCC unroll 16
        for (int n = 0; n < 16; n++) {
            ROUNDS(n, abef, cdgh, words);
            ROUNDS(n, abef2, cdgh2, words2);
        }
        abef = _mm_add_epi32(abef, was);
        cdgh = _mm_add_epi32(cdgh, had);
        abef2 = _mm_add_epi32(abef2, was2);
        cdgh2 = _mm_add_epi32(cdgh2, had2);
    }
    pack(one, abef, cdgh);
    pack(other, abef2, cdgh2);
}
#else
int sums_possible(void) {
    return 0;
}
static void blocks_of_one(uint32_t *state, const uint8_t *at, uint64_t count) {
    (void)state, (void)at, (void)count;
}
static void blocks_of_both(uint32_t *one, const uint8_t *a, uint32_t *other, const uint8_t *b, uint64_t count) {
    (void)one, (void)a, (void)other, (void)b, (void)count;
}
#endif

int sum_begin(struct sum *sum) {
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(sum->state, start, sizeof start);
    sum->size = 0;
    sum->context = NULL;
    if (!own_sums) {
        sum->context = NEW_DIGEST();
        if (!sum->context || BEGIN_DIGEST(sum->context, SHA256()) != 1)
            return FAULT;
    }
    return 0;
}

void sum_free(struct sum *sum) {
    if (sum->context)
        FREE_DIGEST(sum->context);
    sum->context = NULL;
}

/* Fill the block that is open, so that whole ones follow; how much of `data` that took. */
static uint64_t fill(struct sum *sum, const uint8_t *data, uint64_t size) {
    uint64_t filled = sum->size & 63, taken = filled ? 64 - filled : 0;
    if (taken > size)
        taken = size;
    memcpy(sum->block + filled, data, taken);
    sum->size += taken;
    if (taken && !(sum->size & 63))
        blocks_of_one(sum->state, sum->block, 1);
    return taken;
}

static void rest(struct sum *sum, const uint8_t *data, uint64_t size) {
    if (size >= 64)
        blocks_of_one(sum->state, data, size / 64);
    memcpy(sum->block, data + size / 64 * 64, size & 63);
    sum->size += size;
}

static void move_on(struct due *due, uint64_t blocks) {
    due->sum->size += 64 * blocks;
    due->data += 64 * blocks;
    due->size -= 64 * blocks;
}

int sums_add(struct due *due, uint64_t count) {
    struct due *lanes[2] = {NULL, NULL}, *end = due + count;
    if (!own_sums) {
        for (; due < end; due++)
            if (due->size && HASH(due->sum->context, due->data, due->size) != 1)
                return FAULT;
        return 0;
    }
    for (;;) {
        uint64_t blocks;
        for (int n = 0; n < 2; n++)
            while (!lanes[n] || lanes[n]->size < 64) {
                uint64_t taken;
                if (lanes[n])
                    rest(lanes[n]->sum, lanes[n]->data, lanes[n]->size);
                lanes[n] = due < end ? due++ : NULL;
                if (!lanes[n])
                    break;
                taken = fill(lanes[n]->sum, lanes[n]->data, lanes[n]->size);
                lanes[n]->data += taken;
                lanes[n]->size -= taken;
            }
        if (!lanes[0] || !lanes[1])
            break;
        blocks = (lanes[0]->size < lanes[1]->size ? lanes[0]->size : lanes[1]->size) / 64;
        blocks_of_both(lanes[0]->sum->state, lanes[0]->data, lanes[1]->sum->state, lanes[1]->data, blocks);
        move_on(lanes[0], blocks);
        move_on(lanes[1], blocks);
    }
    for (int n = 0; n < 2; n++)
        if (lanes[n])
            rest(lanes[n]->sum, lanes[n]->data, lanes[n]->size);
    return 0;
}

/* Of what there is by now; the sum goes on. */
int sum_end(const struct sum *sum, uint8_t *digest) {
    uint32_t state[8];
    uint8_t last[128] = {0};
    uint64_t filled = sum->size & 63, whole = filled < 56 ? 1 : 2, bits = 8 * sum->size;
    if (!own_sums)
        return context_end(sum->context, digest);
    memcpy(state, sum->state, sizeof state);
    memcpy(last, sum->block, filled);
    last[filled] = 0x80;
    for (int n = 0; n < 8; n++)
        last[64 * whole - 1 - n] = (uint8_t)(bits >> 8 * n);
    blocks_of_one(state, last, whole);
    for (int n = 0; n < 32; n++)
        digest[n] = (uint8_t)(state[n / 4] >> (24 - 8 * (n % 4)));
    return 0;
}
