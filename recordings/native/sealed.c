/* recordings/files/encrypted_file.py, SealedWriter, and the sums that SegmentFile makes. */
#include <stdlib.h>
#include <string.h>

#include "crypto.h"

#define LONGEST (1u << 20)
#define HEADER 76
#define TAG 16

struct crypto crypto;
int own_sums;

int context_end(const void *context, uint8_t *digest) {
    void *copy = NEW_DIGEST();
    int good = copy && COPY(copy, context) == 1 && END_DIGEST(copy, digest, NULL) == 1;
    if (copy)
        FREE_DIGEST(copy);
    return good ? 0 : FAULT;
}

static void put64(uint8_t *at, uint64_t value) {
    for (int n = 0; n < 8; n++)
        at[n] = (uint8_t)(value >> (56 - 8 * n));
}

/* The next `size` bytes of the text, which begin at `from`, as a record behind what is to be written. */
static int record(struct file *file, uint64_t from, uint32_t size) {
    uint8_t nonce[12], bound[HEADER + 8], number[8], *at;
    uint32_t length = size + TAG;
    int made = 0, more = 0;
    if (file->number == UINT32_MAX || file_begin_out(file) || grow(&file->out, 4 + (uint64_t)length))
        return FAULT;
    put64(number, file->number);
    memcpy(nonce, file->header + 64, 8);
    memcpy(nonce + 8, number + 4, 4);
    memcpy(bound, file->header, HEADER);
    memcpy(bound + HEADER, number, 8);
    at = file->out.at + file->out.used;
    at[0] = (uint8_t)(length >> 16);
    at[1] = (uint8_t)(length >> 8);
    at[2] = (uint8_t)length;
    at[3] = at[0] ^ at[1] ^ at[2] ^ 0xA5;
    file->number++; /* whatever comes: no nonce is used twice */
    if (INIT(file->cipher, NULL, NULL, NULL, nonce) != 1 || UPDATE(file->cipher, NULL, &made, bound, sizeof bound) != 1 ||
        (size && (UPDATE(file->cipher, at + 4, &made, file->text.at + from, (int)size) != 1 || made != (int)size)) ||
        FINAL(file->cipher, at + 4 + size, &more) != 1 || more || CONTROL(file->cipher, 0x10, TAG, at + 4 + size) != 1)
        return FAULT;
    file->out.used += 4 + (uint64_t)length;
    file->begun += size;
    return 0;
}

/* What was appended, as records. */
static int seal(struct file *file) {
    uint64_t from;
    int why = 0;
    while (!why && file->text.used > (from = file->unsummed + file->begun)) {
        uint64_t more = file->text.used - from;
        why = record(file, from, more < LONGEST ? (uint32_t)more : LONGEST);
    }
    return why;
}

/* The header goes with the first record: an empty file never held anything. */
static int has_some(const struct file *file) {
    return file->out.used && (file->number || file->finished);
}

void files_flush(struct file **files, int count, int *why) {
    struct file *full[MOST_FILES];
    int found[MOST_FILES], whose[MOST_FILES], some = 0;
    for (int n = 0; n < count; n++) {
        why[n] = seal(files[n]);
        if (!why[n] && has_some(files[n])) {
            whose[some] = n;
            full[some++] = files[n];
        }
    }
    files_write(full, some, found);
    for (int n = 0; n < some; n++)
        why[whose[n]] = found[n];
    for (int n = 0; n < count; n++)
        if (!why[n])
            files[n]->durable = files[n]->last;
}

uint64_t file_due(struct file *file, struct due *due) {
    *due = (struct due){&file->plain, file->text.at, file->unsummed};
    return file->unsummed != 0;
}

/* What was due is in the sum. */
int file_summed(struct file *file) {
    int good = !file->sm3 || !file->unsummed || HASH(file->sm3, file->text.at, file->unsummed) == 1;
    file->text.used -= file->unsummed;
    if (file->text.used)
        memmove(file->text.at, file->text.at + file->unsummed, file->text.used);
    else
        make_spare(&file->text);
    file->unsummed = 0;
    return good ? 0 : FAULT;
}

static int sum(struct file *file) {
    struct due due;
    return sums_add(&due, file_due(file, &due)) || file_summed(file) ? FAULT : 0;
}

int yuntiao_finish(struct file *file) {
    int why, cut;
    files_flush(&file, 1, &why);
    if (!why && !file->finished) {
        file->finished = 1;
        why = record(file, 0, 0);
    }
    if (!why && file->out.used)
        files_write(&file, 1, &why);
    cut = file_cut(file);
    return why ? why : cut;
}

int yuntiao_sums(struct file *file, uint8_t *plain, uint8_t *sm3) {
    if (sum(file) || sum_end(&file->plain, plain))
        return FAULT;
    return file->sm3 ? context_end(file->sm3, sm3) : 0;
}

struct file *yuntiao_file(int descriptor, const char *header, const char *key, int sm4, int sm3, double wall,
                          double origin,
                          uint32_t width, uint32_t height, int sources, const char *text, int size,
                          struct strand *strand) {
    struct file *file = calloc(1, sizeof *file);
    if (!file)
        return NULL;
    file->descriptor = descriptor;
    memcpy(file->header, header, HEADER);
    file->width = width;
    file->height = height;
    file->last_picture = width ? wall : 0.0;
    file->last = file->durable = wall;
    file->origin = origin;
    file->clocks[0] = file->clocks[1] = file->cluster = -1;
    file->sources = (uint8_t)sources;
    for (int source = 0; source < 3; source++) {
        file->ends[source] = origin;
        memcpy(file->seen[source], strand->tallies[source], sizeof file->seen[source]);
    }
    file_direct(file);
    file->cipher = NEW_CIPHER();
    if (!file->cipher || (sm4 && !SM4) ||
        INIT(file->cipher, sm4 ? SM4 : AES(), NULL, (const uint8_t *)key, NULL) != 1 || sum_begin(&file->plain) ||
        append(&file->out, header, HEADER) || append(&file->text, text, (uint64_t)size)) {
        yuntiao_free_file(file);
        return NULL;
    }
    if (sm3) {
        file->sm3 = NEW_DIGEST();
        if (!file->sm3 || BEGIN_DIGEST(file->sm3, SM3()) != 1) {
            yuntiao_free_file(file);
            return NULL;
        }
    }
    return file;
}

void yuntiao_free_file(struct file *file) {
    if (!file)
        return;
    if (file->cipher)
        FREE_CIPHER(file->cipher);
    if (file->sm3)
        FREE_DIGEST(file->sm3);
    sum_free(&file->plain);
    free(file->text.at);
    free(file->out.at);
    free(file->holes);
    free(file);
}
