/* What fan_out.c provides for receive.c: reading packets and sending them. */
#ifndef PACKETS_H
#define PACKETS_H

#include <stdint.h>

#include "media.h"

#define MAX_INCOMING 2048       /* room for an incoming datagram (rtp.MAX_DATAGRAM) and any trailer */
#define TRAILER 144        /* SRTP_MAX_TRAILER_LEN */
#define MAX_DATAGRAM 1500  /* rtp.py */
#define PACKET_COST 150    /* transport.py */
#define BUFFER_SIZE 1536          /* rtp.BUFFER_SIZE */

typedef int (*srtp_function)(void *context, void *packet, int *size);

/* Read the VP8 payload descriptor (RFC 7741 4.2) at `pos`, as codecs._descriptor_layout: returns its size, 0 when it
 * runs past the end, and sets the positions of picture ID and TL0PICIDX (0: absent). */
int vp8_descriptor(const uint8_t *mem, int pos, int end, int *picture, int *tl0);

/* Encrypt a packet for every DownTrack. It is sent by `flush`, or earlier when the buffers are full.
 * Failures to encrypt are added to `refused`, failures to send to `unsent`. */
void fan_out(srtp_function protect, struct downtrack *const *downtracks, int count, const uint8_t *payload, int size,
             uint32_t extension, int first, int marker, uint32_t sequence, uint32_t timestamp, uint32_t *refused,
             uint32_t *unsent);
void flush(uint32_t *unsent);

/* Whether the moment of yuntiao_hold has passed. */
int is_over(void);

static inline uint32_t get16(const uint8_t *at) {
    return (uint32_t)at[0] << 8 | at[1];
}

static inline uint32_t get32(const uint8_t *at) {
    return get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, uint32_t value) {
    at[0] = value >> 8 & 0xFF;
    at[1] = value & 0xFF;
}

static inline void put32(uint8_t *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value & 0xFFFF);
}

#endif
