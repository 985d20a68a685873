/* The fan-out of media/sfu/fanout.py in C: the same bytes out for the same packet in, held by
 * tests/media/test_fanout.py, which runs over both. libsrtp is the one inside pylibsrtp: `protect` is its function.
 *
 * One event loop per process calls it, so the buffers are static.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define LARGEST 2048 /* of what may come in (srtp.MAX_DATAGRAM) there is room for any trailer */
#define TRAILER 144  /* SRTP_MAX_TRAILER_LEN */
#define BATCH 16

typedef int (*protect_function)(void *context, void *packet, int *size);

/* peer.target: where a client is, rewritten by Python when it moves */
struct target {
    int32_t descriptor;
    int32_t length;
    uint8_t address[28];
};

/* one subscriber's numbering; fields in the order of native.fanout.CDEF */
struct way {
    void *context;
    struct target *target;
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence;
    uint16_t picture;
    uint8_t tl0;
    uint8_t shifted;
    uint8_t payload_type;
};

static uint8_t buffers[BATCH][LARGEST];
static struct mmsghdr messages[BATCH];
static struct iovec parts[BATCH];
static int descriptors[BATCH];

/* vp8.Shift.apply: RFC 7741 4.2; a descriptor that runs past the end is left alone */
static void shift(const struct way *way, uint8_t *mem, int pos, int end) {
    int at = pos + 1, picture = 0, tl0 = 0;
    if (pos >= end)
        return;
    if (mem[pos] & 0x80) {
        uint8_t flags;
        if (at >= end)
            return;
        flags = mem[at++];
        if (flags & 0x80 && at < end) {
            picture = at;
            at += mem[at] & 0x80 ? 2 : 1;
        }
        if (flags & 0x40)
            tl0 = at++;
        if (flags & 0x30)
            at++;
    }
    if (at > end)
        return;
    if (picture && mem[picture] & 0x80) {
        unsigned number = ((unsigned)mem[picture] << 8 | mem[picture + 1]) + way->picture;
        mem[picture] = 0x80 | (number >> 8 & 0x7F);
        mem[picture + 1] = number & 0xFF;
    }
    if (tl0)
        mem[tl0] += way->tl0;
}

static void put16(uint8_t *at, uint16_t value) {
    at[0] = value >> 8;
    at[1] = value & 0xFF;
}

static void put32(uint8_t *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value & 0xFFFF);
}

/* Sends what is ready; returns how many could not be sent. sendmmsg stops at the first that fails. */
static int flush(int ready) {
    int at = 0, failed = 0;
    while (at < ready) {
        int run = 1, sent;
        while (at + run < ready && descriptors[at + run] == descriptors[at])
            run++;
        sent = sendmmsg(descriptors[at], messages + at, run, MSG_DONTWAIT);
        if (sent > 0) {
            at += sent;
        } else if (errno != EINTR) {
            failed++;
            at++;
        }
    }
    return failed;
}

/* `extension` is the word of abs-send-time, 0 without. Returns failures: of protect | of sending << 16. */
int yuntiao_fan_out(protect_function protect, struct way **ways, int count, const uint8_t *payload, int size,
                    uint32_t extension, int first, int marker, uint32_t sequence, uint32_t timestamp) {
    int start = extension ? 20 : 12, end = start + size, ready = 0, refused = 0, unsent = 0;
    if (size < 0 || end + TRAILER > LARGEST)
        return count;
    for (int n = 0; n < count; n++) {
        const struct way *way = ways[n];
        uint8_t *mem = buffers[ready];
        int length = end;
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
            refused++;
            continue;
        }
        parts[ready].iov_base = mem;
        parts[ready].iov_len = length;
        messages[ready].msg_hdr.msg_iov = parts + ready;
        messages[ready].msg_hdr.msg_iovlen = 1;
        messages[ready].msg_hdr.msg_name = way->target->address;
        messages[ready].msg_hdr.msg_namelen = way->target->length;
        descriptors[ready] = way->target->descriptor;
        if (++ready == BATCH) {
            unsent += flush(ready);
            ready = 0;
        }
    }
    return refused | (unsent + flush(ready)) << 16;
}
