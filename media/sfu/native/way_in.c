/* The way in of media/sfu/{door,leg,publisher,source}.py in C, for packets about which there is nothing to decide: media
 * from a known address, of a known stream, next in order, no key frame. Everything else is given to Python one by one,
 * in the order it came. Held to the Python by tests/media, which run over both.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "packets.h"

#define BATCH 32 /* as struct gate has it */

enum { NOTHING = 0, FOREIGN = 1, PLAIN = 2 }; /* what `yuntiao_take` has for Python; wayin.py has them too */

/* ---------------------------------------------------------------- who is where */

static uint32_t place(const struct directory *directory, const uint8_t *address, uint32_t length) {
    uint32_t hash = directory->seed, word;
    for (uint32_t n = 0; n + 4 <= length; n += 4) { /* both kinds of sockaddr are whole words */
        memcpy(&word, address + n, 4);
        hash = (hash ^ word) * 0x9E3779B1;
        hash ^= hash >> 15;
    }
    return hash & directory->mask;
}

/* Its entry, or the free one where it would be. */
static struct entry *find(const struct directory *directory, const uint8_t *address, uint32_t length) {
    uint32_t at = place(directory, address, length);
    for (;; at = (at + 1) & directory->mask) {
        struct entry *entry = directory->entries + at;
        if (!entry->leg || (entry->length == length && !memcmp(entry->address, address, length)))
            return entry;
    }
}

/* The caller keeps half of the entries free. Returns whether the address is new. */
int yuntiao_bind(struct directory *directory, const char *address, int length, struct leg *leg) {
    struct entry *entry;
    int fresh;
    if (length <= 0 || (size_t)length > sizeof entry->address || !leg)
        return 0;
    entry = find(directory, (const uint8_t *)address, length);
    fresh = !entry->leg;
    entry->leg = leg;
    entry->length = length;
    memcpy(entry->address, address, length);
    return fresh;
}

/* Whoever stands behind it and would not be found any more moves up. Returns whether it was there. */
int yuntiao_unbind(struct directory *directory, const char *address, int length) {
    uint32_t mask = directory->mask, hole, at;
    struct entry *entry;
    if (length <= 0 || (size_t)length > sizeof entry->address)
        return 0;
    entry = find(directory, (const uint8_t *)address, length);
    if (!entry->leg)
        return 0;
    hole = at = entry - directory->entries;
    for (;;) {
        at = (at + 1) & mask;
        entry = directory->entries + at;
        if (!entry->leg)
            break;
        if (((at - place(directory, entry->address, entry->length)) & mask) >= ((at - hole) & mask)) {
            directory->entries[hole] = *entry;
            hole = at;
        }
    }
    memset(directory->entries + hole, 0, sizeof *entry);
    return 1;
}

/* ---------------------------------------------------------------- one packet */

/* header.extension: the first byte of a one-byte element (RFC 8285 4.2), -1 when it is not there */
static int element(const uint8_t *mem, int start, int end, int wanted) {
    int at = start + 4;
    if (end - start < 4 || mem[start] != 0xBE || mem[start + 1] != 0xDE)
        return -1;
    while (at < end) {
        int head = mem[at], size = (head & 15) + 1;
        if (!head) {
            at++;
            continue;
        }
        if (head >> 4 == 15)
            return -1;
        if (head >> 4 == wanted)
            return at + 1 + size <= end ? mem[at + 1] : -1;
        at += 1 + size;
    }
    return -1;
}

/* vp8.starts_key_frame */
static int starts_key_frame(const uint8_t *mem, int pos, int end) {
    int picture, tl0, size;
    if (pos >= end || (mem[pos] & 0x17) != 0x10)
        return 0;
    size = descriptor(mem, pos, end, &picture, &tl0);
    return size > 0 && size < end - pos && !(mem[pos + size] & 1);
}

/* vp8.Picture.update */
static void number(struct lane *lane, const uint8_t *mem, int pos, int end) {
    int picture, tl0;
    if (!descriptor(mem, pos, end, &picture, &tl0))
        return;
    if (picture && mem[picture] & 0x80)
        lane->id = get16(mem + picture) & 0x7FFF;
    if (tl0)
        lane->tl0 = mem[tl0];
}

/* fanout.FanOut._sent_at: seconds as 6.18 fixed point */
static uint32_t sent_at(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((uint32_t)now.tv_sec << 18 | (uint32_t)(((uint64_t)now.tv_nsec << 18) / 1000000000)) & 0xFFFFFF;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void keep(struct lane *lane, const uint8_t *mem, int size, int body, uint32_t sequence) {
    uint32_t at = sequence & lane->mask;
    struct slot *slot = lane->slots + at;
    if (size > KEPT)
        return;
    memcpy(lane->packets + (size_t)at * KEPT, mem, size);
    slot->held = sequence | 0x10000;
    slot->size = size;
    slot->body = body;
}

/* For the recorder. A picture's packets that follow one another become one run: the first as it came, of the others what
 * is behind their descriptor, which must be the same (recordings.codecs.FrameAssembler.add). There is room. */
static void record(struct chute *chute, const uint8_t *mem, int size, int body, int video) {
    int marker = mem[1] >> 7, picture, tl0, skip = 0;
    struct run *run = &chute->run;
    if (mem[0] & 0x20 && size > body)
        size -= mem[size - 1];
    if (size <= body)
        return; /* nothing but padding */
    if (video) {
        skip = descriptor(mem, body, size, &picture, &tl0);
        if (size - body <= (skip > 2 ? skip : 2) || skip > (int)sizeof chute->first)
            skip = 0;
    }
    chute->packets++;
    if (chute->open && skip && skip == (int)chute->descriptor && (mem[body] & 0x17) != 0x10 &&
        run->timestamp == get32(mem + 4) && get16(mem + 2) == ((uint32_t)(run->sequence + run->count) & 0xFFFF) &&
        run->count < 0x7FFF && !((chute->first[0] ^ mem[body]) & 0x80) &&
        !memcmp(chute->first + 1, mem + body + 1, skip - 1)) {
        body += skip;
        run->size += size - body;
        run->count++;
        run->marker = marker;
        memcpy(chute->bytes + chute->open - 1, run, sizeof *run);
        if (marker)
            chute->open = 0;
    } else {
        run->at = seconds();
        run->timestamp = get32(mem + 4);
        run->size = size - body;
        run->sequence = get16(mem + 2);
        run->count = 1;
        run->marker = marker;
        memcpy(chute->bytes + chute->used, run, sizeof *run);
        memcpy(chute->first, mem + body, skip);
        chute->open = skip && !marker ? chute->used + 1 : 0;
        chute->descriptor = skip;
        chute->used += sizeof *run;
    }
    memcpy(chute->bytes + chute->used, mem + body, size - body);
    chute->used += size - body;
}

static int has_room(const struct chute *chute, int size) {
    return chute->capacity - chute->used >= sizeof(struct run) + size;
}

static struct lane *lane_of(const struct leg *leg, uint32_t ssrc) {
    for (uint32_t n = 0; n < leg->count; n++)
        if (leg->lanes[n]->ssrc == ssrc)
            return leg->lanes[n];
    return NULL;
}

/* Whether a datagram is ordinary as far as can be seen before it is decrypted. */
static struct lane *ordinary(const struct leg *leg, const uint8_t *mem, int size) {
    struct lane *lane;
    if (!leg || !leg->open || leg->left <= 0 || size < 12 || size > MAX_DATAGRAM || mem[0] >> 6 != 2)
        return NULL;
    if (mem[1] >= 192 && mem[1] <= 223)
        return NULL;
    lane = lane_of(leg, get32(mem + 8));
    if (!lane || !lane->armed || (mem[1] & 127) != lane->payload_type || get16(mem + 2) != ((lane->highest + 1) & 0xFFFF))
        return NULL;
    if (lane->chute) { /* on its way while the packet is decrypted */
        __builtin_prefetch(lane->chute, 1);
        __builtin_prefetch((const uint8_t *)(lane->chute + 1) - 1, 1);
    }
    return lane;
}

static int take(struct gate *gate, struct leg *leg, struct lane *lane, srtp_function unprotect, srtp_function protect) {
    uint8_t *mem = gate->data[gate->current];
    int size = gate->sizes[gate->current], first = mem[0], head = 12 + 4 * (first & 15), body = head, begins;
    uint32_t sequence = get16(mem + 2), timestamp = get32(mem + 4), extension;
    if (unprotect(leg->context, mem, &size)) {
        gate->forged++;
        return NOTHING;
    }
    if (first & 0x10 && body + 4 <= size)
        body += 4 + 4 * get16(mem + body + 2);
    if (body > size) {
        gate->malformed++;
        return NOTHING;
    }
    begins = timestamp != lane->timestamp || !lane->received;
    if ((lane->video && begins && starts_key_frame(mem, body, size)) || (lane->chute && !has_room(lane->chute, size))) {
        gate->sizes[gate->current] = size;
        gate->leg = leg->number;
        return PLAIN;
    }
    leg->heard++;
    leg->left -= size + PACKET_COST;
    if (lane->level_id && body > head) {
        int level = element(mem, head, body, lane->level_id);
        if (level >= 0) { /* a batch has no more packets than there are notes */
            gate->note[gate->notes].leg = leg->number;
            gate->note[gate->notes++].level = level & 127;
        }
    }
    lane->cycles += sequence < lane->highest;
    lane->highest = sequence;
    lane->timestamp = timestamp;
    lane->received++;
    lane->octets += size - body;
    if (lane->video && begins)
        number(lane, mem, body, size);
    if (lane->count) {
        extension = lane->extension ? lane->extension | sent_at() : 0;
        fan_out(protect, lane->ways, lane->count, mem + body, size - body, extension,
                (extension ? 0x90 : 0x80) | (first & 0x20), mem[1] & 0x80, sequence, timestamp, &gate->refused,
                &gate->unsent);
        gate->sent += lane->count;
    }
    if (lane->chute)
        record(lane->chute, mem, size, body, lane->video);
    keep(lane, mem, size, body, sequence);
    return NOTHING;
}

/* ---------------------------------------------------------------- the socket */

static void receive(struct gate *gate) {
    static struct mmsghdr messages[BATCH];
    static struct iovec parts[BATCH];
    int got;
    for (int n = 0; n < BATCH; n++) {
        parts[n].iov_base = gate->data[n];
        parts[n].iov_len = LARGEST;
        memset(&messages[n], 0, sizeof messages[n]);
        messages[n].msg_hdr.msg_iov = parts + n;
        messages[n].msg_hdr.msg_iovlen = 1;
        messages[n].msg_hdr.msg_name = gate->addresses[n];
        messages[n].msg_hdr.msg_namelen = sizeof gate->addresses[n];
    }
    gate->at = gate->filled = 0;
    gate->rounds--;
    got = recvmmsg(gate->descriptor, messages, BATCH, MSG_DONTWAIT, NULL);
    if (got < 0) {
        gate->more = errno == EINTR || (errno != EAGAIN && errno != EWOULDBLOCK);
        gate->unreachable += gate->more && errno != EINTR;
        return;
    }
    for (int n = 0; n < got; n++) {
        if (messages[n].msg_hdr.msg_flags & MSG_TRUNC) {
            gate->truncated++;
            continue;
        }
        if ((uint32_t)n != gate->filled) { /* only behind one that was too long */
            memcpy(gate->data[gate->filled], gate->data[n], messages[n].msg_len);
            memcpy(gate->addresses[gate->filled], gate->addresses[n], sizeof gate->addresses[n]);
        }
        gate->sizes[gate->filled] = messages[n].msg_len;
        gate->lengths[gate->filled++] = messages[n].msg_hdr.msg_namelen;
    }
    gate->received += got;
    gate->more = got == BATCH;
}

/* Does what is ordinary, until there is something for Python: the datagram `current` as it came (FOREIGN), or decrypted
 * (PLAIN). NOTHING: all is done that may be done now. */
int yuntiao_take(struct gate *gate, void *unprotect, void *protect) {
    int found = NOTHING;
    gate->notes = 0;
    for (;;) {
        while (found == NOTHING && gate->at < gate->filled && gate->at < BATCH) {
            struct leg *leg = NULL;
            struct lane *lane;
            uint32_t n = gate->current = gate->at++;
            if (gate->lengths[n] <= sizeof gate->addresses[n])
                leg = find(gate->directory, gate->addresses[n], gate->lengths[n])->leg;
            lane = ordinary(leg, gate->data[n], gate->sizes[n]);
            found = lane ? take(gate, leg, lane, (srtp_function)unprotect, (srtp_function)protect) : FOREIGN;
        }
        if (found != NOTHING || gate->rounds <= 0 || !gate->more || gate->notes)
            break; /* notes are read before the next batch may write new ones */
        receive(gate);
    }
    flush(&gate->unsent);
    return found;
}

/* A datagram as if it had come by the socket; whether there was room. For tests and benchmarks. */
int yuntiao_put(struct gate *gate, const char *data, int size, const char *address, int length) {
    if (gate->at < gate->filled || size < 0 || size > LARGEST || length < 0 || (size_t)length > sizeof gate->addresses[0])
        return 0;
    memcpy(gate->data[0], data, size);
    memcpy(gate->addresses[0], address, length);
    gate->sizes[0] = size;
    gate->lengths[0] = length;
    gate->at = 0;
    gate->filled = 1;
    gate->received++;
    return 1;
}
