/* recordings/segment.py: where one file ends and the next begins. Python ends and begins them, when it is told. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define PATIENCE 0.6
#define KEY_FRAME_SECONDS 1.0

int ask_key(struct strand *strand, int source) {
    if (strand->closing || strand->now - strand->asked[source] < KEY_FRAME_SECONDS)
        return 0;
    strand->asked[source] = strand->now;
    return tell(strand->id, ASK, source, 0, 0, 0) ? RAISED : 0;
}

static int end(struct strand *strand, int which) {
    if (!strand->reels[which].file)
        return 0;
    return tell(strand->id, END, which, 0, 0, 0) ? RAISED : 0; /* `file` is NULL now, also when it failed */
}

static int cut(struct strand *strand, int which, double wall, uint32_t width, uint32_t height) {
    if (end(strand, which) || tell(strand->id, BEGIN, which, wall, width, height))
        return RAISED;
    return strand->reels[which].file ? 0 : FAULT;
}

static int write_waiting(struct strand *strand, int which) {
    struct reel *reel = strand->reels + which;
    int why = 0;
    for (uint32_t n = 0; n < reel->count && !why; n++)
        why = file_sound(strand, reel->file, reel->waiting[n].wall, reel->waiting[n].data, reel->waiting[n].size);
    reel_forget(reel);
    return why;
}

static int sound_only(struct strand *strand, int which, double wall) {
    int why = cut(strand, which, wall, 0, 0);
    return why ? why : write_waiting(strand, which);
}

void reel_forget(struct reel *reel) {
    for (uint32_t n = 0; n < reel->count; n++)
        free(reel->waiting[n].data);
    reel->count = 0;
}

int reel_picture(struct strand *strand, int which, const struct piece *piece) {
    struct reel *reel = strand->reels + which;
    struct file *file = reel->file;
    double wall = piece->wall, from = wall;
    int why, source = which ? SCREEN : CAMERA;
    if (file && file->width && wall - file->last_picture <= reel->gap) {
        int due = wall - file->origin >= reel->length;
        if (piece->width == file->width && piece->height == file->height && !(due && piece->key)) {
            if (due && (why = ask_key(strand, source)))
                return why;
            return file_picture(strand, file, source, wall, piece->data, piece->size, piece->key);
        }
    }
    if (!piece->key)
        return ask_key(strand, source);
    if (reel->count && reel->waiting[0].wall < wall)
        from = reel->waiting[0].wall;
    why = cut(strand, which, from, piece->width, piece->height);
    if (!why)
        why = write_waiting(strand, which);
    return why ? why : file_picture(strand, reel->file, source, wall, piece->data, piece->size, piece->key);
}

static int wait(struct reel *reel, double wall, const uint8_t *data, uint64_t size) {
    struct sound *grown = room_for(reel->waiting, reel->count, &reel->room, sizeof *grown);
    uint8_t *copy = malloc(size ? size : 1);
    if (grown)
        reel->waiting = grown;
    if (!grown || !copy) {
        free(copy);
        return FAULT;
    }
    memcpy(copy, data, size);
    grown[reel->count].wall = wall;
    grown[reel->count].data = copy;
    grown[reel->count++].size = size;
    return 0;
}

int reel_sound(struct strand *strand, double wall, const uint8_t *data, uint64_t size) {
    struct reel *reel = strand->reels;
    struct file *file = reel->file;
    int why = 0;
    if (file && wall - file->last > reel->gap) {
        if ((why = end(strand, 0)))
            return why;
        file = NULL;
    }
    if (!file) {
        if ((why = wait(reel, wall, data, size)))
            return why;
        return wall - reel->waiting[0].wall >= PATIENCE ? sound_only(strand, 0, reel->waiting[0].wall) : 0;
    }
    if (file->width) {
        if (wall - file->last_picture > reel->gap)
            why = sound_only(strand, 0, wall);
        else if (wall - file->origin >= reel->length)
            why = ask_key(strand, CAMERA);
    } else if (wall - file->origin >= reel->length) {
        why = sound_only(strand, 0, wall);
    }
    return why ? why : file_sound(strand, reel->file, wall, data, size);
}

int reel_tick(struct strand *strand, int which, double wall, int *ended) {
    struct reel *reel = strand->reels + which;
    int why;
    if (reel->count) {
        double waited = wall - reel->waiting[0].wall;
        if (!(0 <= waited && waited < 2 * PATIENCE) && (why = sound_only(strand, which, reel->waiting[0].wall)))
            return why;
    }
    if (reel->file && wall - reel->file->last > reel->gap + 0.5) {
        *ended = 1;
        return end(strand, which);
    }
    return 0;
}

int reel_close(struct strand *strand, int which) {
    struct reel *reel = strand->reels + which;
    int why;
    if (reel->count && (why = sound_only(strand, which, reel->waiting[0].wall)))
        return why;
    return end(strand, which);
}
