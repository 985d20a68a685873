/* recordings/timeline.py, Braid: sources merged by wall-clock time, equal times in the order they came. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define HOLD 0.2
#define PATIENCE (1.2 + 0.1)

static int before(const struct piece *one, const struct piece *other) {
    return one->wall != other->wall ? one->wall < other->wall : one->count < other->count;
}

int braid_push(struct strand *strand, int source, double wall, const struct piece *piece) {
    uint64_t at = strand->pieces_count;
    struct piece fresh = *piece;
    if (at == strand->pieces_room) {
        uint64_t room = at ? 2 * at : 64;
        struct piece *grown = realloc(strand->pieces, room * sizeof *grown);
        if (!grown) {
            piece_free(&fresh);
            return FAULT;
        }
        strand->pieces = grown;
        strand->pieces_room = room;
    }
    fresh.wall = wall;
    fresh.pushed = strand->now;
    fresh.count = strand->pushed++;
    fresh.source = (uint16_t)source;
    while (at && before(&fresh, strand->pieces + (at - 1) / 2)) {
        strand->pieces[at] = strand->pieces[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    strand->pieces[at] = fresh;
    strand->pieces_count++;
    strand->latest[source] = 1;
    strand->latest_wall[source] = wall;
    strand->latest_at[source] = strand->now;
    return 0;
}

int braid_pop(struct strand *strand, int everything, int behind, struct piece *piece) {
    struct piece *heap = strand->pieces, last;
    double hold = behind ? PATIENCE : HOLD, floor = INFINITY, waited, now = strand->now;
    uint64_t at = 0, next;
    if (!strand->pieces_count)
        return 0;
    for (int source = 0; source < 3; source++) {
        waited = now - strand->latest_at[source];
        if (strand->latest[source] && (behind >> source & 1 || (0 <= waited && waited < HOLD)) &&
            strand->latest_wall[source] < floor)
            floor = strand->latest_wall[source];
    }
    *piece = heap[0];
    waited = now - piece->pushed;
    if (!everything && piece->wall > floor && 0 <= waited && waited < hold)
        return 0;
    last = heap[--strand->pieces_count];
    while ((next = 2 * at + 1) < strand->pieces_count) {
        next += next + 1 < strand->pieces_count && before(heap + next + 1, heap + next);
        if (!before(heap + next, &last))
            break;
        heap[at] = heap[next];
        at = next;
    }
    heap[at] = last;
    return 1;
}

void piece_free(struct piece *piece) {
    if (!piece->lent)
        free(piece->data);
}

int piece_own(struct piece *piece) {
    uint8_t *copy;
    if (!piece->lent)
        return 0;
    copy = malloc(piece->size ? piece->size : 1);
    if (!copy)
        return FAULT;
    memcpy(copy, piece->data, piece->size);
    piece->data = copy;
    piece->lent = 0;
    return 0;
}

/* The mail goes; what waits for another source stays. */
int braid_keep(struct strand *strand) {
    for (uint64_t n = 0; n < strand->pieces_count; n++)
        if (piece_own(strand->pieces + n)) {
            braid_forget(strand);
            return FAULT;
        }
    return 0;
}

void braid_forget(struct strand *strand) {
    for (uint64_t n = 0; n < strand->pieces_count; n++)
        piece_free(strand->pieces + n);
    strand->pieces_count = 0;
    memset(strand->latest, 0, sizeof strand->latest);
}
