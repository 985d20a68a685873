/* recordings/sealed.py, SealedWriter, and what SegmentFile does to the file itself. */
#define _GNU_SOURCE /* fallocate, sync_file_range */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto.h"

#define LONGEST (1u << 20)
#define HEADER 76
#define TAG 16
#define AHEAD 2 /* times what is written: a second and a half, so that a full disk is known in time */
#define MOST_AHEAD (1u << 21)

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

/* The next `size` bytes of the text as a record behind what is to be written. */
static int record(struct file *file, uint32_t size) {
    uint8_t nonce[12], bound[HEADER + 8], number[8], *at;
    uint32_t length = size + TAG;
    int made = 0, more = 0;
    take_spare(&file->out);
    if (file->number == UINT32_MAX || grow(&file->out, 4 + (uint64_t)length))
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
        (size && (UPDATE(file->cipher, at + 4, &made, file->text.at + file->unsummed, (int)size) != 1 || made != (int)size)) ||
        FINAL(file->cipher, at + 4 + size, &more) != 1 || more || CONTROL(file->cipher, 0x10, TAG, at + 4 + size) != 1)
        return FAULT;
    file->out.used += 4 + (uint64_t)length;
    file->begun = size;
    return 0;
}

/* Blocks that are there already cost a write and its `fdatasync` a quarter less. Where that cannot be, or the disk is
 * full, the write itself finds out. */
static void allocate(struct file *file) {
    uint64_t more = file->out.used - file->done, wanted = file->stored_size + more, ahead = AHEAD * more;
    if (wanted <= file->allocated)
        return;
    if (ahead > MOST_AHEAD)
        ahead = MOST_AHEAD;
    if (fallocate(file->descriptor, FALLOC_FL_KEEP_SIZE, (off_t)file->stored_size, (off_t)(more + ahead)))
        file->allocated = UINT64_MAX; /* not asked again */
    else
        file->allocated = wanted + ahead;
}

/* Write what is to be written; what it holds counts once all of it is there. */
static int drain(struct file *file, int *wrote) {
    if (!file->out.used || (!file->number && !file->finished))
        return 0;
    allocate(file);
    while (file->done < file->out.used) {
        ssize_t written = write(file->descriptor, file->out.at + file->done, file->out.used - file->done);
        if (written > 0) {
            file->done += (uint64_t)written;
            file->stored_size += (uint64_t)written;
        } else if (!written || errno != EINTR) {
            return written ? errno : EIO;
        }
    }
    file->size += file->begun;
    file->unsummed += file->begun;
    file->begun = file->done = 0;
    make_spare(&file->out);
    *wrote = 1;
    return 0;
}

static int flush(struct file *file) {
    int wrote = 0, why = drain(file, &wrote);
    while (!why && file->text.used > file->unsummed) {
        uint64_t more = file->text.used - file->unsummed;
        why = record(file, more < LONGEST ? (uint32_t)more : LONGEST);
        if (!why)
            why = drain(file, &wrote);
    }
    return why;
}

int file_flush(struct file *file) {
    int why = flush(file);
    if (!why)
        file->durable = file->last;
    return why;
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

int file_waits(const struct file *file) {
    return file->stored_size != file->synced_size;
}

/* A hint: whether it could be done `file_sync` finds out. */
void file_begin_sync(const struct file *file) {
    (void)!sync_file_range(file->descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int file_sync(struct strand *strand, int which) {
    struct file *file = strand->reels[which].file;
    while (fdatasync(file->descriptor))
        if (errno != EINTR)
            return errno;
    if ((!file->synced_size || !strand->on) && tell(strand->id, SYNCED, which, 0, !file->synced_size, 0))
        return RAISED;
    file->synced_size = file->stored_size;
    return 0;
}

int yuntiao_finish(struct file *file) {
    int wrote = 0, why = file_flush(file);
    if (!why && !file->finished) {
        file->finished = 1;
        why = record(file, 0);
    }
    if (!why)
        why = drain(file, &wrote);
    if (ftruncate(file->descriptor, (off_t)file->stored_size) && !why) /* what was set aside and is not needed */
        why = errno;
    return why;
}

int yuntiao_sums(struct file *file, uint8_t *plain, uint8_t *sm3) {
    if (sum(file) || sum_end(&file->plain, plain))
        return FAULT;
    return file->sm3 ? context_end(file->sm3, sm3) : 0;
}

struct file *yuntiao_file(int descriptor, const char *header, const char *key, int sm3, double wall, double origin,
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
    file->cipher = NEW_CIPHER();
    if (!file->cipher || INIT(file->cipher, AES(), NULL, (const uint8_t *)key, NULL) != 1 || sum_begin(&file->plain) ||
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
