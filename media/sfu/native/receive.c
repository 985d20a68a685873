/* Receiving in C: what media/sfu/{udp_mux,transport,publisher,uptrack}.py do, for the packets that need no decision
 * (media from a known address, of a known track, not late, not the start of a key frame). Every other datagram
 * is given to Python, one at a time and in the order of arrival. tests/media/sfu/native hold both to the same results.
 *
 * What was skipped in front of a packet is told to Python afterwards: if packets in front of which others were lost took
 * Python's time, a worker that loses packets because it has too little time would lose ever more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "packets.h"

#define BATCH 32 /* as in struct receiver */

enum { NOTHING = 0, UNDECIDED = 1, DECRYPTED = 2 }; /* returned by yuntiao_receive; as in media/sfu/native/__init__.py */

/* ---------------------------------------------------------------- addresses */

static uint32_t home_slot(const struct address_table *table, const uint8_t *address, uint32_t length) {
    uint32_t hash = table->seed, word;
    for (uint32_t n = 0; n + 4 <= length; n += 4) { /* sockaddr_in and sockaddr_in6 are whole words */
        memcpy(&word, address + n, 4);
        hash = (hash ^ word) * 0x9E3779B1;
        hash ^= hash >> 15;
    }
    return hash & table->mask;
}

/* Return the entry of the address, or the free entry where it belongs. */
static struct address_entry *find(const struct address_table *table, const uint8_t *address, uint32_t length) {
    uint32_t at = home_slot(table, address, length);
    for (;; at = (at + 1) & table->mask) {
        struct address_entry *entry = table->entries + at;
        if (!entry->transport || (entry->length == length && !memcmp(entry->address, address, length)))
            return entry;
    }
}

/* Bind an address to a transport. The caller keeps half of the entries free. Returns 1 when the address is new. */
int yuntiao_bind(struct address_table *table, const char *address, int length, struct transport *transport) {
    struct address_entry *entry;
    int is_new;
    if (length <= 0 || (size_t)length > sizeof entry->address || !transport)
        return 0;
    entry = find(table, (const uint8_t *)address, length);
    is_new = !entry->transport;
    entry->transport = transport;
    entry->length = length;
    memcpy(entry->address, address, length);
    return is_new;
}

/* Unbind an address, moving up the entries that probing would no longer reach. Returns 1 when it was bound. */
int yuntiao_unbind(struct address_table *table, const char *address, int length) {
    uint32_t mask = table->mask, free_at, at;
    struct address_entry *entry;
    if (length <= 0 || (size_t)length > sizeof entry->address)
        return 0;
    entry = find(table, (const uint8_t *)address, length);
    if (!entry->transport)
        return 0;
    free_at = at = entry - table->entries;
    for (;;) {
        at = (at + 1) & mask;
        entry = table->entries + at;
        if (!entry->transport)
            break;
        if (((at - home_slot(table, entry->address, entry->length)) & mask) >= ((at - free_at) & mask)) {
            table->entries[free_at] = *entry;
            free_at = at;
        }
    }
    memset(table->entries + free_at, 0, sizeof *entry);
    return 1;
}

/* ---------------------------------------------------------------- one packet */

/* Return the first byte of a one-byte header extension (RFC 8285 4.2), -1 without it; as rtp.header_extension. */
static int header_extension(const uint8_t *mem, int start, int end, int wanted) {
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

/* As codecs.starts_key_frame. */
static int starts_key_frame(const uint8_t *mem, int pos, int end) {
    int picture, tl0, size;
    if (pos >= end || (mem[pos] & 0x17) != 0x10)
        return 0;
    size = vp8_descriptor(mem, pos, end, &picture, &tl0);
    return size > 0 && size < end - pos && !(mem[pos + size] & 1);
}

/* As codecs.read_picture_numbers. */
static void read_picture_numbers(struct uptrack *track, const uint8_t *mem, int pos, int end) {
    int picture, tl0;
    if (!vp8_descriptor(mem, pos, end, &picture, &tl0))
        return;
    if (picture && mem[picture] & 0x80)
        track->picture_id = get16(mem + picture) & 0x7FFF;
    if (tl0)
        track->tl0 = mem[tl0];
}

/* Return the time for abs-send-time: seconds in 6.18 fixed point, as FanOut._send_time. */
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

static void store(struct uptrack *track, const uint8_t *mem, int size, int body, uint32_t sequence) {
    uint32_t at = sequence & track->mask;
    struct packet_slot *slot = track->slots + at;
    if (size > BUFFER_SIZE)
        return;
    memcpy(track->packets + (size_t)at * BUFFER_SIZE, mem, size);
    slot->held = sequence | 0x10000;
    slot->size = size;
    slot->body = body;
}

/* Append a packet to the recorder's buffer, which has room for it. Consecutive packets of one frame become one run: the
 * first packet whole, of the others what follows their payload descriptor, which must be equal (recordings.webm). */
static void record(struct frame_buffer *buffer, const uint8_t *mem, int size, int body, int video) {
    int marker = mem[1] >> 7, picture, tl0, skip = 0;
    struct run *run = &buffer->run;
    if (mem[0] & 0x20 && size > body)
        size -= mem[size - 1];
    if (size <= body)
        return; /* nothing but padding */
    if (video) {
        skip = vp8_descriptor(mem, body, size, &picture, &tl0);
        if (size - body <= (skip > 2 ? skip : 2) || skip > (int)sizeof buffer->first)
            skip = 0;
    }
    buffer->packets++;
    if (buffer->open && skip && skip == (int)buffer->descriptor && (mem[body] & 0x17) != 0x10 &&
        run->timestamp == get32(mem + 4) && get16(mem + 2) == ((uint32_t)(run->sequence + run->count) & 0xFFFF) &&
        run->count < 0x7FFF && !((buffer->first[0] ^ mem[body]) & 0x80) &&
        !memcmp(buffer->first + 1, mem + body + 1, skip - 1)) {
        body += skip;
        run->size += size - body;
        run->count++;
        run->marker = marker;
        memcpy(buffer->bytes + buffer->open - 1, run, sizeof *run);
        if (marker)
            buffer->open = 0;
    } else {
        run->at = seconds();
        run->timestamp = get32(mem + 4);
        run->size = size - body;
        run->sequence = get16(mem + 2);
        run->count = 1;
        run->marker = marker;
        memcpy(buffer->bytes + buffer->used, run, sizeof *run);
        memcpy(buffer->first, mem + body, skip);
        buffer->open = skip && !marker ? buffer->used + 1 : 0;
        buffer->descriptor = skip;
        buffer->used += sizeof *run;
    }
    memcpy(buffer->bytes + buffer->used, mem + body, size - body);
    buffer->used += size - body;
}

static int has_room(const struct frame_buffer *buffer, int size) {
    return buffer->capacity - buffer->used >= sizeof(struct run) + size;
}

static struct uptrack *find_track(const struct transport *transport, uint32_t ssrc) {
    for (uint32_t n = 0; n < transport->count; n++)
        if (transport->uptracks[n]->ssrc == ssrc)
            return transport->uptracks[n];
    return NULL;
}

static int is_newer(const struct uptrack *track, uint32_t sequence) {
    uint32_t ahead = (sequence - track->highest) & 0xFFFF;
    return ahead && ahead < 0x8000;
}

/* A NACK (RFC 4585) that repair has no time for now: who sent it asks again. */
static int is_postponed(const struct receiver *receiver, const uint8_t *mem, int size) {
    return receiver->repair_time->budget <= 0 && size >= 12 && mem[0] >> 6 == 2 && mem[1] == 205;
}

/* Return the track of a datagram that needs no decision, as far as can be told before decryption; else NULL. */
static struct uptrack *ordinary_track(const struct transport *transport, const uint8_t *mem, int size) {
    struct uptrack *track;
    if (!transport || !transport->open || transport->budget <= 0 || size < 12 || size > MAX_DATAGRAM ||
        mem[0] >> 6 != 2)
        return NULL;
    if (mem[1] >= 192 && mem[1] <= 223)
        return NULL;
    track = find_track(transport, get32(mem + 8));
    if (!track || !track->armed || (mem[1] & 127) != track->payload_type || !is_newer(track, get16(mem + 2)))
        return NULL;
    if (track->frame_buffer) { /* fetched while the packet is decrypted */
        __builtin_prefetch(track->frame_buffer, 1);
        __builtin_prefetch((const uint8_t *)(track->frame_buffer + 1) - 1, 1);
    }
    return track;
}

static int forward(struct receiver *receiver, struct transport *transport, struct uptrack *track,
                   srtp_function unprotect, srtp_function protect) {
    uint8_t *mem = receiver->data[receiver->current];
    int size = receiver->sizes[receiver->current], first = mem[0], head = 12 + 4 * (first & 15), body = head, new_frame;
    uint32_t sequence = get16(mem + 2), timestamp = get32(mem + 4), extension;
    if (unprotect(transport->context, mem, &size)) {
        receiver->forged++;
        return NOTHING;
    }
    if (first & 0x10 && body + 4 <= size)
        body += 4 + 4 * get16(mem + body + 2);
    if (body > size) {
        receiver->malformed++;
        return NOTHING;
    }
    new_frame = timestamp != track->timestamp || !track->received;
    if ((track->video && new_frame && starts_key_frame(mem, body, size)) ||
        (track->frame_buffer && !has_room(track->frame_buffer, size))) {
        receiver->sizes[receiver->current] = size;
        receiver->transport = transport->number;
        return DECRYPTED;
    }
    transport->authenticated++;
    transport->budget -= size + PACKET_COST;
    if (track->level_id && body > head) {
        int level = header_extension(mem, head, body, track->level_id);
        if (level >= 0) { /* there are as many levels as packets in a batch */
            receiver->audio_levels[receiver->levels].transport = transport->number;
            receiver->audio_levels[receiver->levels++].level = level & 127;
        }
    }
    if (sequence != ((track->highest + 1) & 0xFFFF)) { /* as many as packets in a batch */
        struct gap *gap = receiver->gaps + receiver->skips++;
        gap->transport = transport->number;
        gap->ssrc = track->ssrc;
        gap->first = (track->highest + 1) & 0xFFFF;
        gap->count = (sequence - gap->first) & 0xFFFF;
    }
    track->cycles += sequence < track->highest;
    track->highest = sequence;
    track->timestamp = timestamp;
    track->received++;
    track->octets += size - body;
    if (track->video && new_frame)
        read_picture_numbers(track, mem, body, size);
    if (track->count) {
        extension = track->extension ? track->extension | sent_at() : 0;
        fan_out(protect, track->downtracks, track->count, mem + body, size - body, extension,
                (extension ? 0x90 : 0x80) | (first & 0x20), mem[1] & 0x80, sequence, timestamp, &receiver->refused,
                &receiver->unsent);
        receiver->sent += track->count;
    }
    if (track->frame_buffer)
        record(track->frame_buffer, mem, size, body, track->video);
    store(track, mem, size, body, sequence);
    return NOTHING;
}

/* ---------------------------------------------------------------- the socket */

static void receive(struct receiver *receiver) {
    static struct mmsghdr messages[BATCH];
    static struct iovec parts[BATCH];
    int received_now;
    for (int n = 0; n < BATCH; n++) {
        parts[n].iov_base = receiver->data[n];
        parts[n].iov_len = MAX_INCOMING;
        memset(&messages[n], 0, sizeof messages[n]);
        messages[n].msg_hdr.msg_iov = parts + n;
        messages[n].msg_hdr.msg_iovlen = 1;
        messages[n].msg_hdr.msg_name = receiver->addresses[n];
        messages[n].msg_hdr.msg_namelen = sizeof receiver->addresses[n];
    }
    receiver->at = receiver->filled = 0;
    receiver->rounds--;
    received_now = recvmmsg(receiver->descriptor, messages, BATCH, MSG_DONTWAIT, NULL);
    if (received_now < 0) {
        receiver->more = errno == EINTR || (errno != EAGAIN && errno != EWOULDBLOCK);
        receiver->unreachable += receiver->more && errno != EINTR;
        return;
    }
    for (int n = 0; n < received_now; n++) {
        if (messages[n].msg_hdr.msg_flags & MSG_TRUNC) {
            receiver->truncated++;
            continue;
        }
        if ((uint32_t)n != receiver->filled) { /* only after a truncated one */
            memcpy(receiver->data[receiver->filled], receiver->data[n], messages[n].msg_len);
            memcpy(receiver->addresses[receiver->filled], receiver->addresses[n], sizeof receiver->addresses[n]);
        }
        receiver->sizes[receiver->filled] = messages[n].msg_len;
        receiver->lengths[receiver->filled++] = messages[n].msg_hdr.msg_namelen;
    }
    receiver->received += received_now;
    receiver->more = received_now == BATCH;
}

/* Handle datagrams until one needs Python: `current` is then as it was received (UNDECIDED) or decrypted (DECRYPTED).
 * NOTHING: all that may be read now has been handled. */
int yuntiao_receive(struct receiver *receiver, void *unprotect, void *protect) {
    int found = NOTHING;
    receiver->levels = receiver->skips = 0;
    for (;;) {
        if (is_over()) /* also for what waited in the kernel while this process was stopped */
            receiver->at = receiver->filled;
        while (found == NOTHING && receiver->at < receiver->filled && receiver->at < BATCH) {
            struct transport *transport = NULL;
            struct uptrack *track;
            uint32_t n = receiver->current = receiver->at++;
            if (is_postponed(receiver, receiver->data[n], receiver->sizes[n])) {
                receiver->postponed++;
                continue;
            }
            if (receiver->lengths[n] <= sizeof receiver->addresses[n])
                transport = find(receiver->address_table, receiver->addresses[n], receiver->lengths[n])->transport;
            track = ordinary_track(transport, receiver->data[n], receiver->sizes[n]);
            found = track ? forward(receiver, transport, track, (srtp_function)unprotect, (srtp_function)protect)
                          : UNDECIDED;
        }
        if (found != NOTHING || receiver->rounds <= 0 || !receiver->more || receiver->levels || receiver->skips)
            break; /* they are read before the next batch overwrites them */
        receive(receiver);
    }
    flush(&receiver->unsent);
    return found;
}

/* Act as if a datagram had been received; returns 0 when there is no room. For tests and benchmarks. */
int yuntiao_inject(struct receiver *receiver, const char *data, int size, const char *address, int length) {
    if (receiver->at < receiver->filled || size < 0 || size > MAX_INCOMING || length < 0 ||
        (size_t)length > sizeof receiver->addresses[0])
        return 0;
    memcpy(receiver->data[0], data, size);
    memcpy(receiver->addresses[0], address, length);
    receiver->sizes[0] = size;
    receiver->lengths[0] = length;
    receiver->at = 0;
    receiver->filled = 1;
    receiver->received++;
    return 1;
}
