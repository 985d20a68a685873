/* media/sfu/udp_mux.py in C: the same datagrams for the same packet, which tests/media/sfu/test_fan_out.py checks for both.
 * libsrtp is the one inside pylibsrtp; `protect` is its srtp_protect.
 *
 * Only the event loop's thread calls this, so the buffers are static.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "packets.h"

#define BATCH 16

static uint8_t buffers[BATCH][MAX_INCOMING];
static struct mmsghdr messages[BATCH];
static struct iovec parts[BATCH];
static int descriptors[BATCH];
static int ready;

int vp8_descriptor(const uint8_t *mem, int pos, int end, int *picture, int *tl0) {
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

/* As codecs.Shift.apply; a descriptor that runs past the end is left alone. */
static void shift(const struct downtrack *downtrack, uint8_t *mem, int pos, int end) {
    int picture, tl0;
    if (!vp8_descriptor(mem, pos, end, &picture, &tl0))
        return;
    if (picture && mem[picture] & 0x80) {
        unsigned number = get16(mem + picture) + downtrack->picture;
        mem[picture] = 0x80 | (number >> 8 & 0x7F);
        mem[picture + 1] = number & 0xFF;
    }
    if (tl0)
        mem[tl0] += downtrack->tl0;
}

static double hold_until;

void yuntiao_hold(double until) {
    hold_until = until;
}

int is_over(void) {
    struct timespec now;
    if (hold_until <= 0)
        return 0;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec + now.tv_nsec / 1e9 >= hold_until;
}

/* Send everything that is ready, if the time for it has not passed. sendmmsg stops at the first message that fails. */
void flush(uint32_t *unsent) {
    int at = 0;
    while (at < ready) {
        int run = 1, sent;
        if (is_over()) {
            *unsent += ready - at;
            break;
        }
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

void fan_out(srtp_function protect, struct downtrack *const *downtracks, int count, const uint8_t *payload, int size,
             uint32_t extension, int first, int marker, uint32_t sequence, uint32_t timestamp, uint32_t *refused,
             uint32_t *unsent) {
    int start = extension ? 20 : 12, end = start + size;
    if (size < 0 || end + TRAILER > MAX_INCOMING) {
        *refused += count;
        return;
    }
    for (int n = 0; n < count; n++) {
        const struct downtrack *downtrack = downtracks[n];
        uint8_t *mem = buffers[ready];
        int length = end;
        if (downtrack->destination->descriptor < 0) { /* no consent to send there: ice.refuse_to_send */
            ++*unsent;
            continue;
        }
        mem[0] = first;
        mem[1] = marker | downtrack->payload_type;
        put16(mem + 2, sequence + downtrack->sequence);
        put32(mem + 4, timestamp + downtrack->timestamp);
        put32(mem + 8, downtrack->ssrc);
        if (extension) {
            put32(mem + 12, 0xBEDE0001);
            put32(mem + 16, extension);
        }
        memcpy(mem + start, payload, size);
        if (downtrack->shifted)
            shift(downtrack, mem, start, end);
        if (protect(downtrack->context, mem, &length)) {
            ++*refused;
            continue;
        }
        parts[ready].iov_base = mem;
        parts[ready].iov_len = length;
        messages[ready].msg_hdr.msg_iov = parts + ready;
        messages[ready].msg_hdr.msg_iovlen = 1;
        messages[ready].msg_hdr.msg_name = downtrack->destination->address;
        messages[ready].msg_hdr.msg_namelen = downtrack->destination->length;
        descriptors[ready] = downtrack->destination->descriptor;
        if (++ready == BATCH)
            flush(unsent);
    }
}

/* `extension`: the word of abs-send-time, 0 for none. Returns failures: of protect | of sending << 16. */
int yuntiao_fan_out(void *protect, struct downtrack **downtracks, int count, const char *payload, int size,
                    uint32_t extension, int first, int marker, uint32_t sequence, uint32_t timestamp) {
    uint32_t refused = 0, unsent = 0;
    fan_out((srtp_function)protect, downtracks, count, (const uint8_t *)payload, size, extension, first, marker,
            sequence, timestamp, &refused, &unsent);
    flush(&unsent);
    return refused | unsent << 16;
}
