/* Cheap clients, so that the server's core is full before theirs: what traffic.py's Client sends and takes. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "client.h"

/* VIDEO_BYTES, AUDIO_BYTES, FRAME, KEY_EVERY, NACK_EVERY, LEVEL_ID, VP8, VP8_RTX and OPUS are given by traffic.py. */
enum { KEPT = 512 };                            /* pictures' packets that are sent again */
enum { MOST_MISSING = 64, MOST_ASKED = 10 };    /* packets at once, and times each is asked for */
static const double ASKED_FOR = 1.0, ROUND = 0.06; /* seconds, and seconds between two */
enum { RTX_APART = 1 << 20 };                   /* SSRC of retransmissions */

enum { BATCH = 64, ROOM = 2048, TRACKS = 32, ABSENT = 1024, LEFT = 64, WANTED = 256 };

typedef int (*srtp_function)(void *context, void *packet, int *size);

static uint8_t received[BATCH][ROOM];

static void put16(uint8_t *at, uint32_t value) {
    at[0] = value >> 8 & 0xFF;
    at[1] = value & 0xFF;
}

static void put32(uint8_t *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value & 0xFFFF);
}

static uint32_t get16(const uint8_t *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at) {
    return get16(at) << 16 | get16(at + 2);
}

static void send_protected(struct client *client, void *protect, uint8_t *packet, int size) {
    if (!((srtp_function)protect)(client->outbound, packet, &size))
        send(client->up, packet, size, MSG_DONTWAIT); /* a full buffer: lost, as on any network */
}

/* The payload of picture packet `index`: always the same for the same index, so that none has to be kept. */
static int picture_payload(uint32_t index, const char *noise, uint8_t *at) {
    static const uint8_t key[] = {0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x00, 0x05, 0xD0, 0x02}; /* 1280 by 720 */
    uint32_t frame = index / FRAME, part = index % FRAME;
    at[0] = part ? 0x80 : 0x90;
    at[1] = 0x80;
    put16(at + 2, 0x8000 | (frame & 0x7FFF));
    memcpy(at + 4, noise, VIDEO_BYTES - 5);
    if (!part && frame % KEY_EVERY == 0)
        memcpy(at + 4, key, sizeof key);
    else if (!part)
        at[4] = 1;
    return 4 + VIDEO_BYTES - 5;
}

static int header(uint8_t *packet, int type, uint32_t number, uint32_t timestamp, uint32_t ssrc) {
    packet[0] = 0x80;
    packet[1] = type;
    put16(packet + 2, number);
    put32(packet + 4, timestamp);
    put32(packet + 8, ssrc);
    return 12;
}

static int marker(uint32_t index) {
    return index % FRAME == FRAME - 1 ? 0x80 : 0;
}

void client_picture(struct client *client, void *protect, const char *noise) {
    uint8_t packet[ROOM];
    uint32_t index = client->pictures++;
    int size = header(packet, marker(index) | VP8, client->first + index, index / FRAME * 3000, client->video);
    send_protected(client, protect, packet, size + picture_payload(index, noise, packet + size));
}

void client_sound(struct client *client, void *protect, const char *noise) {
    static const uint8_t level[] = {0xBE, 0xDE, 0, 1, LEVEL_ID << 4, 40, 0, 0};
    uint8_t packet[ROOM];
    uint32_t index = client->sounds++;
    int size = header(packet, OPUS, client->first + index, index * 960, client->audio);
    packet[0] |= 0x10;
    memcpy(packet + size, level, sizeof level);
    memcpy(packet + size + sizeof level, noise, AUDIO_BYTES);
    send_protected(client, protect, packet, size + sizeof level + AUDIO_BYTES);
}

/* Send a picture's packet again, as RTX (RFC 4588), if it is one of the latest. */
void client_repeat(struct client *client, void *protect, const char *noise, uint32_t number) {
    uint8_t packet[ROOM];
    uint32_t back = (client->first + client->pictures - number) & 0xFFFF, index = client->pictures - back;
    int size;
    if (!back || back > KEPT || back > client->pictures)
        return;
    size = header(packet, marker(index) | VP8_RTX, ++client->repeated, 0, client->video + RTX_APART);
    put16(packet + size, number);
    send_protected(client, protect, packet, size + 2 + picture_payload(index, noise, packet + size + 2));
}

static void forget(struct client *client, uint32_t ssrc, uint32_t number) {
    for (uint32_t n = 0; n < client->absences; n++)
        if (client->absent[n].number == number && client->absent[n].ssrc == ssrc) {
            client->absent[n] = client->absent[--client->absences];
            return;
        }
}

/* As browsers do: what is skipped is missing, until it comes. */
static void note(struct client *client, uint32_t ssrc, uint32_t number, double now) {
    struct incoming *incoming = client->incoming;
    uint32_t n = 0, ahead;
    while (n < client->tracks && incoming[n].ssrc != ssrc)
        n++;
    if (n == client->tracks) {
        if (n < TRACKS)
            incoming[client->tracks++] = (struct incoming){ssrc, number};
        return;
    }
    ahead = (number - incoming[n].highest) & 0xFFFF;
    if (!ahead || ahead > 0x8000) {
        forget(client, ssrc, number);
        return;
    }
    incoming[n].highest = number;
    for (uint32_t back = (ahead > MOST_MISSING ? MOST_MISSING : ahead) - 1; back; back--)
        if (client->absences < ABSENT)
            client->absent[client->absences++] = (struct absent){now, 0, ssrc, (number - back) & 0xFFFF, 0};
}

static void want(struct left *left, uint32_t ssrc, uint32_t number) {
    if (left->wanted < WANTED) {
        left->ssrcs[left->wanted] = ssrc;
        left->numbers[left->wanted++] = number;
    }
}

static void leave(struct left *left, const uint8_t *data, int size, int up) {
    if (left->datagrams < LEFT) {
        memcpy(left->data[left->datagrams], data, size);
        left->sizes[left->datagrams] = size;
        left->up[left->datagrams++] = up;
    }
}

static void take(struct client *client, srtp_function unprotect, uint8_t *data, int size, double now, struct left *left) {
    int type = data[1] & 127;
    if (size < 12 || data[0] < 128 || data[0] > 191 || (data[1] >= 192 && data[1] <= 223)) {
        if (!data[0])
            leave(left, data, size, 0);
    } else if (type == VP8_RTX) {
        if (!unprotect(client->inbound, data, &size) && !(data[0] & 0x20) && size >= 14)
            forget(client, get32(data + 8) - 1, get16(data + 12));
    } else {
        client->received++;
        note(client, get32(data + 8), get16(data + 2), now);
        if (client->received % NACK_EVERY == 1) { /* decrypted, to know that it can be, and asked for */
            client->checked++;
            if (unprotect(client->inbound, data, &size))
                client->bad++;
            else if (type == VP8)
                want(left, get32(data + 8), get16(data + 2));
        }
    }
}

static void read_all(struct client *client, srtp_function unprotect, int up, double now, struct left *left) {
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    int count;
    memset(messages, 0, sizeof messages);
    for (int n = 0; n < BATCH; n++) {
        parts[n] = (struct iovec){received[n], ROOM};
        messages[n].msg_hdr.msg_iov = parts + n;
        messages[n].msg_hdr.msg_iovlen = 1;
    }
    do {
        count = recvmmsg(up ? client->up : client->down, messages, BATCH, MSG_DONTWAIT, 0);
        for (int n = 0; n < count; n++)
            if (up)
                leave(left, received[n], messages[n].msg_len, 1);
            else
                take(client, unprotect, received[n], messages[n].msg_len, now, left);
    } while (count == BATCH);
}

/* Take everything that has arrived; what is missing is wanted each ROUND seconds, MOST_ASKED times at most. */
void client_drain(struct client *client, void *unprotect, double now, struct left *left) {
    left->datagrams = left->wanted = 0;
    read_all(client, (srtp_function)unprotect, 0, now, left);
    read_all(client, (srtp_function)unprotect, 1, now, left);
    for (uint32_t n = 0; n < client->absences; n++) {
        struct absent *absent = client->absent + n;
        if (absent->times >= MOST_ASKED || now - absent->noticed > ASKED_FOR) {
            *absent = client->absent[--client->absences];
            n--;
        } else if (now - absent->asked > ROUND) {
            absent->asked = now;
            absent->times++;
            want(left, absent->ssrc, absent->number);
        }
    }
}
