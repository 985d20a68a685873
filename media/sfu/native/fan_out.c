/* The fan-out of media/sfu/fanout.py in C: the same bytes out for the same packet in, held by
 * tests/media/test_fanout.py, which runs over both. libsrtp is the one inside pylibsrtp: `protect` is its function.
 *
 * One event loop per process calls it, so the buffers are static.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "packets.h"

#define BATCH 16

static uint8_t buffers[BATCH][LARGEST];
static struct mmsghdr messages[BATCH];
static struct iovec parts[BATCH];
static int descriptors[BATCH];
static int ready;

int descriptor(const uint8_t *mem, int pos, int end, int *picture, int *tl0) {
    int at = pos + 1;
    *picture = *tl0 = 0;
    if (pos >= end)
        return 0;
    if (mem[pos] & 0x80) {
        uint8_t flags;
        if (at >= end)
            return 0;
        flags = mem[at++];
        if (flags & 0x80 && at < end) {
            *picture = at;
            at += mem[at] & 0x80 ? 2 : 1;
        }
        if (flags & 0x40)
            *tl0 = at++;
        if (flags & 0x30)
            at++;
    }
    if (at > end) {
        *picture = *tl0 = 0;
        return 0;
    }
    return at - pos;
}

/* vp8.Shift.apply; a descriptor that runs past the end is left alone */
static void shift(const struct way *way, uint8_t *mem, int pos, int end) {
    int picture, tl0;
    if (!descriptor(mem, pos, end, &picture, &tl0))
        return;
    if (picture && mem[picture] & 0x80) {
        unsigned number = get16(mem + picture) + way->picture;
        mem[picture] = 0x80 | (number >> 8 & 0x7F);
        mem[picture + 1] = number & 0xFF;
    }
    if (tl0)
        mem[tl0] += way->tl0;
}

/* sendmmsg stops at the first that fails */
void flush(uint32_t *unsent) {
    int at = 0;
    while (at < ready) {
        int run = 1, sent;
        while (at + run < ready && descriptors[at + run] == descriptors[at])
            run++;
        sent = sendmmsg(descriptors[at], messages + at, run, MSG_DONTWAIT);
        if (sent > 0) {
            at += sent;
        } else if (errno != EINTR) {
            ++*unsent;
            at++;
        }
    }
    ready = 0;
}

void fan_out(srtp_function protect, struct way *const *ways, int count, const uint8_t *payload, int size,
             uint32_t extension, int first, int marker, uint32_t sequence, uint32_t timestamp, uint32_t *refused,
             uint32_t *unsent) {
    int start = extension ? 20 : 12, end = start + size;
    if (size < 0 || end + TRAILER > LARGEST) {
        *refused += count;
        return;
    }
    for (int n = 0; n < count; n++) {
        const struct way *way = ways[n];
        uint8_t *mem = buffers[ready];
        int length = end;
        if (way->target->descriptor < 0) { /* no consent: peer.nowhere */
            ++*unsent;
            continue;
        }
        mem[0] = first;
        mem[1] = marker | way->payload_type;
        put16(mem + 2, sequence + way->sequence);
        put32(mem + 4, timestamp + way->timestamp);
        put32(mem + 8, way->ssrc);
        if (extension) {
            put32(mem + 12, 0xBEDE0001);
            put32(mem + 16, extension);
        }
        memcpy(mem + start, payload, size);
        if (way->shifted)
            shift(way, mem, start, end);
        if (protect(way->context, mem, &length)) {
            ++*refused;
            continue;
        }
        parts[ready].iov_base = mem;
        parts[ready].iov_len = length;
        messages[ready].msg_hdr.msg_iov = parts + ready;
        messages[ready].msg_hdr.msg_iovlen = 1;
        messages[ready].msg_hdr.msg_name = way->target->address;
        messages[ready].msg_hdr.msg_namelen = way->target->length;
        descriptors[ready] = way->target->descriptor;
        if (++ready == BATCH)
            flush(unsent);
    }
}

/* `extension` is the word of abs-send-time, 0 without. Returns failures: of protect | of sending << 16. */
int yuntiao_fan_out(void *protect, struct way **ways, int count, const char *payload, int size, uint32_t extension,
                    int first, int marker, uint32_t sequence, uint32_t timestamp) {
    uint32_t refused = 0, unsent = 0;
    fan_out((srtp_function)protect, ways, count, (const uint8_t *)payload, size, extension, first, marker, sequence,
            timestamp, &refused, &unsent);
    flush(&unsent);
    return refused | unsent << 16;
}
