/* recordings/timeline.py, Reorder: packets of one source back into order. What is held back lies sorted by number. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define MOST 1024
#define REMEMBERED 64

void order_begin(struct order *order, double hold) {
    order_free(order);
    memset(order, 0, sizeof *order);
    order->next = order->expected = -1; /* `next` counts from 0: below it is none yet */
    order->hold = hold;
}

void order_free(struct order *order) {
    for (uint32_t n = 0; n < order->count; n++)
        free(order->held[n].payload);
    free(order->held);
    order->held = NULL;
    order->count = order->room = 0;
}

void order_take(struct order *order, uint32_t count) {
    order->next += count;
    order->expected = order->next & 0xFFFF;
}

static uint32_t place(const struct order *order, int64_t number) {
    uint32_t low = 0, high = order->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (order->held[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int order_push(struct order *order, uint32_t sequence, const struct held *held, const uint8_t *payload) {
    int64_t number;
    uint32_t at;
    struct held *grown;
    uint8_t *copy;
    if (!order->begun) {
        order->begun = 1;
        order->next = sequence;
    }
    number = order->next + (int64_t)(((uint64_t)sequence - (uint64_t)order->next + 0x8000) & 0xFFFF) - 0x8000;
    if (number < order->next) {
        uint32_t known = order->given_up < REMEMBERED ? order->given_up : REMEMBERED;
        for (uint32_t n = 0; n < known; n++)
            if (order->from[n] <= number && number < order->until[n]) {
                order->late++;
                break;
            }
        return 0;
    }
    at = place(order, number);
    if (at < order->count && order->held[at].number == number)
        return 0;
    grown = room_for(order->held, order->count, &order->room, sizeof *grown);
    copy = malloc(held->size ? held->size : 1);
    if (grown)
        order->held = grown;
    if (!grown || !copy) {
        free(copy);
        return FAULT;
    }
    memcpy(copy, payload, held->size);
    memmove(grown + at + 1, grown + at, (order->count - at) * sizeof *grown);
    grown[at] = *held;
    grown[at].number = number;
    grown[at].payload = copy;
    order->count++;
    order->expected = -1;
    return 0;
}

int order_pop(struct order *order, double now, int everything, struct held *held, int64_t *lost) {
    uint32_t at;
    if (!order->count) {
        if (order->begun)
            order->expected = order->next & 0xFFFF;
        return 0;
    }
    at = place(order, order->next);
    if (at < order->count && order->held[at].number == order->next) {
        *held = order->held[at];
        *lost = 0;
        order->next += held->count;
    } else {
        double waited;
        at = 0;
        *held = order->held[0];
        waited = now - held->at;
        if (!everything && order->count < MOST && 0 <= waited && waited < order->hold)
            return 0;
        order->from[order->given_up % REMEMBERED] = order->next;
        order->until[order->given_up % REMEMBERED] = held->number;
        order->given_up++;
        *lost = held->number - order->next;
        order->next = held->number + held->count;
    }
    order->count--;
    memmove(order->held + at, order->held + at + 1, (order->count - at) * sizeof *order->held);
    return 1;
}
