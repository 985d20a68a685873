/* recordings/segment.py and webm.py: blocks of a file, and what it lacks (holes.py). */
#include <string.h>

#include "parts.h"

#define CLUSTER_MS 1000
#define LEAST 1.0

/* Half to even, as Python's; for all times there are. */
static int64_t rounded(double value) {
    const double shift = 6755399441055744.0;
    volatile double moved = value + shift;
    return (int64_t)(moved - shift);
}

/* media/sfu/codecs.py */
static uint32_t samples(const uint8_t *data, uint64_t size) {
    static const uint32_t silk[4] = {480, 960, 1920, 2880}, celt[4] = {120, 240, 480, 960};
    uint32_t config, code, frame;
    if (!size)
        return 0;
    config = data[0] >> 3;
    code = data[0] & 3;
    frame = config < 12 ? silk[config % 4] : config < 16 ? silk[config % 2] : celt[config % 4];
    if (!code)
        return frame;
    if (code < 3)
        return 2 * frame;
    return size > 1 ? frame * (data[1] & 0x3F) : 0;
}

static int written(struct strand *strand, struct file *file, int source, double start, double end) {
    int64_t *now = strand->tallies[source];
    if (start - file->ends[source] >= LEAST) {
        struct hole *grown = room_for(file->holes, file->hole_count, &file->hole_room, sizeof *grown);
        if (!grown)
            return FAULT;
        file->holes = grown;
        grown += file->hole_count++;
        grown->source = (uint32_t)source;
        grown->started = file->ends[source];
        grown->ended = start;
        memcpy(grown->before, file->seen[source], sizeof grown->before);
        memcpy(grown->after, now, sizeof grown->after);
    }
    if (end > file->ends[source])
        file->ends[source] = end;
    memcpy(file->seen[source], now, sizeof file->seen[source]);
    return 0;
}

static int begin_cluster(struct file *file, int64_t at) {
    uint8_t element[22] = {0x1F, 0x43, 0xB6, 0x75, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xE7};
    int size = 1;
    while (size < 8 && at >> 8 * size)
        size++;
    element[13] = 0x80 | size;
    for (int n = 0; n < size; n++)
        element[14 + n] = (uint8_t)(at >> 8 * (size - 1 - n));
    file->cluster = at;
    return append(&file->text, element, 14 + (uint64_t)size);
}

/* `track` 0: picture, 1: sound */
static int block(struct file *file, int track, double wall, int key, const uint8_t *data, uint64_t size) {
    int64_t at = rounded((wall - file->origin) * 1000), offset;
    uint64_t length = size + 4;
    uint8_t head[9];
    int used = 0;
    if (at <= file->clocks[track])
        at = file->clocks[track] + 1;
    file->clocks[track] = at;
    if (file->cluster < 0 || (key && !track) || at - file->cluster < -CLUSTER_MS || at - file->cluster >= CLUSTER_MS)
        if (begin_cluster(file, at))
            return FAULT;
    offset = at - file->cluster;
    head[used++] = 0xA3;
    if (size >= 0x3FF0) {
        head[used++] = (uint8_t)(0x10 | length >> 24);
        head[used++] = (uint8_t)(length >> 16);
        head[used++] = (uint8_t)(length >> 8);
    } else {
        head[used++] = (uint8_t)(0x40 | length >> 8);
    }
    head[used++] = (uint8_t)length;
    head[used++] = (uint8_t)(0x81 + track);
    head[used++] = (uint8_t)(offset >> 8);
    head[used++] = (uint8_t)offset;
    head[used++] = key ? 0x80 : 0;
    take_spare(&file->text);
    return append(&file->text, head, (uint64_t)used) || append(&file->text, data, size) ? FAULT : 0;
}

int file_picture(struct strand *strand, struct file *file, int source, double wall, const uint8_t *data, uint64_t size,
                 int key) {
    double end = wall + 0.033;
    if (block(file, 0, wall, key, data, size))
        return FAULT;
    if (wall > file->last_picture)
        file->last_picture = wall;
    if (end > file->last)
        file->last = end;
    return written(strand, file, source, wall, end);
}

int file_sound(struct strand *strand, struct file *file, double wall, const uint8_t *data, uint64_t size) {
    double end = wall + (double)(samples(data, size) * 1000) / 48000 / 1000;
    if (block(file, 1, wall, 1, data, size))
        return FAULT;
    if (end > file->last)
        file->last = end;
    return written(strand, file, MIC, wall, end);
}
