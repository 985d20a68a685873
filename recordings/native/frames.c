/* recordings/webm.py: frames out of RTP payloads, and which of them can still be decoded after a loss. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

struct descriptor {
    uint32_t size; /* 0: malformed */
    int start;
    int32_t picture;
    int bits;
    int32_t tl0;
    int32_t layer;
};

static struct descriptor describe(const uint8_t *payload, uint32_t end) {
    static const struct descriptor malformed = {0, 0, -1, 7, -1, -1};
    struct descriptor found = malformed;
    uint32_t at = 1;
    if (end < 2)
        return malformed;
    if (payload[0] & 0x80) {
        uint8_t flags = payload[1];
        at = 2;
        if (flags & 0x80) {
            if (at >= end)
                return malformed;
            found.picture = payload[at] & 0x7F;
            if (payload[at] & 0x80) {
                if (at + 1 >= end)
                    return malformed;
                found.picture = found.picture << 8 | payload[at + 1];
                found.bits = 15;
                at++;
            }
            at++;
        }
        if (flags & 0x40) {
            if (at >= end)
                return malformed;
            found.tl0 = payload[at++];
        }
        if (flags & 0x30) {
            if (at >= end)
                return malformed;
            if (flags & 0x20)
                found.layer = payload[at] >> 6;
            at++;
        }
    }
    if (at >= end)
        return malformed;
    found.size = at; /* at most 6 */
    found.start = (payload[0] & 0x17) == 0x10;
    return found;
}

static void lose(struct frames *frames) {
    frames->dropped += frames->opened >= 0;
    frames->data.used = 0;
    frames->opened = -1;
    frames->suspect = 1;
}

static void break_off(struct frames *frames, int64_t lost, const struct descriptor *next) {
    int32_t follows = (frames->picture + 1) & ((1 << next->bits) - 1);
    if (frames->opened < 0 && next->start && lost && next->picture >= 0 && frames->picture >= 0 && next->picture == follows)
        return; /* only padding was lost between two frames */
    lose(frames);
}

static int base_follows(const struct frames *frames) {
    return frames->tl0 >= 0 && frames->first_tl0 >= 0 && frames->first_layer == 0 && (frames->width || frames->height) &&
           frames->first_tl0 == ((frames->tl0 + 1) & 0xFF);
}

/* The open frame is complete: these are its data, of a payload or `frames`' own. */
static int whole(struct frames *frames, const uint8_t *data, uint64_t size, struct piece *piece) {
    uint32_t width = 0, height = 0;
    int lent = data != frames->data.at;
    frames->data.used = 0;
    frames->opened = -1;
    frames->picture = frames->first_picture;
    if (size >= 10 && !(data[0] & 1) && data[3] == 0x9D && data[4] == 0x01 && data[5] == 0x2A) {
        width = (data[6] | (uint32_t)data[7] << 8) & 0x3FFF;
        height = (data[8] | (uint32_t)data[9] << 8) & 0x3FFF;
    }
    piece->key = width && height;
    if (piece->key) {
        frames->width = width;
        frames->height = height;
        frames->suspect = 0;
    } else if (!size || !(data[0] & 1)) {
        frames->dropped++;
        frames->suspect = 1;
        return 0;
    } else if (frames->suspect && !base_follows(frames)) {
        frames->dropped++;
        return 0;
    } else {
        frames->suspect = 0;
    }
    if (frames->first_tl0 >= 0 && frames->first_layer <= 0)
        frames->tl0 = frames->first_tl0;
    piece->width = frames->width;
    piece->height = frames->height;
    piece->size = (uint32_t)size;
    piece->lent = (uint8_t)lent;
    piece->data = lent ? (uint8_t *)data : malloc(size);
    if (!piece->data)
        return FAULT;
    if (!lent)
        memcpy(piece->data, data, size);
    return 1;
}

static int keep(struct frames *frames, int marker, const uint8_t *part, uint32_t size, struct piece *piece) {
    if (frames->data.used + size > LARGEST_FRAME) {
        lose(frames);
        return 0;
    }
    if (marker && !frames->data.used)
        return whole(frames, part, size, piece);
    if (append(&frames->data, part, size))
        return FAULT;
    return marker ? whole(frames, frames->data.at, frames->data.used, piece) : 0;
}

int frames_push(struct frames *frames, uint32_t timestamp, int marker, const uint8_t *payload, uint32_t size,
                int64_t lost, struct piece *piece) {
    struct descriptor found = describe(payload, size);
    if (lost || (frames->opened != -1 && frames->opened != timestamp))
        break_off(frames, lost, &found);
    if (!found.size)
        return 0;
    if (found.start && !frames->data.used) {
        frames->opened = timestamp;
        frames->size = found.size;
        memcpy(frames->rest, payload + 1, found.size - 1);
        frames->first_picture = found.picture;
        frames->first_tl0 = found.tl0;
        frames->first_layer = found.layer;
    }
    if (frames->opened < 0)
        return 0;
    return keep(frames, marker, payload + found.size, size - found.size, piece);
}

/* Of a source in order: mostly the next packet of the open frame, with the same descriptor. */
int frames_next(struct frames *frames, uint32_t timestamp, int marker, const uint8_t *payload, uint32_t size,
                struct piece *piece) {
    uint32_t skip = frames->size;
    if (frames->opened != timestamp || size < skip || memcmp(payload + 1, frames->rest, skip - 1) ||
        size <= (skip > 2 ? skip : 2) || (payload[0] & 0x80) != (skip > 1 ? 0x80 : 0))
        return frames_push(frames, timestamp, marker, payload, size, 0, piece);
    return keep(frames, marker, payload + skip, size - skip, piece);
}
