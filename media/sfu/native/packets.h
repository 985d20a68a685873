/* How a packet is read, and how it leaves: what fan_out.c has for way_in.c. */
#ifndef PACKETS_H
#define PACKETS_H

#include <stdint.h>

#include "media.h"

#define LARGEST 2048       /* of what may come in (srtp.MAX_DATAGRAM) there is room for any trailer */
#define TRAILER 144        /* SRTP_MAX_TRAILER_LEN */
#define MAX_DATAGRAM 1500  /* srtp.py */
#define PACKET_COST 150    /* leg.py */
#define KEPT 1536          /* srtp.BUFFER_SIZE */

typedef int (*srtp_function)(void *context, void *packet, int *size);

/* the VP8 payload descriptor (RFC 7741 4.2) at `pos`, as vp8._layout: its size, 0 when it runs past the end, and where
 * picture number and TL0PICIDX are (0: absent) */
int descriptor(const uint8_t *mem, int pos, int end, int *picture, int *tl0);

/* Encrypts for every way; what is ready leaves with `flush`, or before when there is no more room.
 * Failures are added to `refused` and `unsent`. */
void fan_out(srtp_function protect, struct way *const *ways, int count, const uint8_t *payload, int size,
             uint32_t extension, int first, int marker, uint32_t sequence, uint32_t timestamp, uint32_t *refused,
             uint32_t *unsent);
void flush(uint32_t *unsent);

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
