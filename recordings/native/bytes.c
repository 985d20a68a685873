/* Memory that grows, in whole blocks of a disk; and some that goes from file to file, so that it stays in the
 * processor's cache. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define SPARE_MOST 16
#define SPARE_ROOM ((uint64_t)1 << 20)

static _Thread_local struct bytes spare[SPARE_MOST];
static _Thread_local int spare_count;

void take_spare(struct bytes *bytes) {
    if (!bytes->room && spare_count)
        *bytes = spare[--spare_count];
}

void make_spare(struct bytes *bytes) {
    bytes->used = 0;
    if (!bytes->room || spare_count == SPARE_MOST || bytes->room > SPARE_ROOM)
        return;
    spare[spare_count++] = *bytes;
    memset(bytes, 0, sizeof *bytes);
}

int grow(struct bytes *bytes, uint64_t more) {
    uint64_t wanted = bytes->used + more, room = bytes->room ? bytes->room : BLOCK;
    uint8_t *at;
    if (wanted <= bytes->room)
        return 0;
    if (wanted < more || wanted > (uint64_t)1 << 40)
        return FAULT;
    while (room < wanted)
        room *= 2;
    at = aligned_alloc(BLOCK, room);
    if (!at)
        return FAULT;
    if (bytes->used)
        memcpy(at, bytes->at, bytes->used);
    free(bytes->at);
    bytes->at = at;
    bytes->room = room;
    return 0;
}

int append(struct bytes *bytes, const void *data, uint64_t size) {
    if (bytes->room - bytes->used < size && grow(bytes, size))
        return FAULT;
    memcpy(bytes->at + bytes->used, data, size);
    bytes->used += size;
    return 0;
}

void *room_for(void *array, uint64_t count, uint32_t *room, uint64_t each) {
    uint64_t wanted = *room ? *room : 16;
    void *grown;
    if (count < *room)
        return array;
    while (wanted <= count)
        wanted *= 2;
    if (wanted > UINT32_MAX)
        return NULL;
    grown = realloc(array, wanted * each);
    if (grown)
        *room = (uint32_t)wanted;
    return grown;
}
