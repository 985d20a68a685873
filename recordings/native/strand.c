/* recordings/writer.py: one participant's packets on their way into files. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"

#define SOUND_WITHIN 1.2
#define PICTURE_WITHIN 0.6

tell_function tell;

/* media.RUN_HEADER */
struct run {
    double at;
    uint32_t timestamp;
    uint32_t size;
    uint16_t sequence;
    uint16_t count;
    uint32_t marker;
};

/* It is in its source's order: to the other source. `next`: as it is expected, and the payload stays for this pass. */
static int put(struct strand *strand, int source, struct line *line, uint32_t timestamp, int marker,
               const uint8_t *payload, uint32_t size, int64_t lost, int next) {
    struct piece piece = {0};
    int found = 1;
    if (source == MIC) {
        piece.size = size;
        piece.data = (uint8_t *)payload;
        piece.lent = 1;
    } else if (next) {
        found = frames_next(&line->frames, timestamp, marker, payload, size, &piece);
    } else {
        found = frames_push(&line->frames, timestamp, marker, payload, size, lost, &piece);
    }
    if (found != 1)
        return found;
    if (!next && piece_own(&piece))
        return FAULT;
    return braid_push(strand, source, timeline_wall(strand, source, timestamp), &piece);
}

static int let_go(struct strand *strand, int source, int everything) {
    struct line *line = strand->lines + source;
    struct held held;
    int64_t lost;
    int why = 0;
    while (!why && order_pop(&line->order, strand->now, everything, &held, &lost)) {
        strand->tallies[source][LOST] += lost;
        why = put(strand, source, line, held.timestamp, (int)held.marker, held.payload, held.size, lost, 0);
        free(held.payload);
    }
    return why;
}

static int sort(struct strand *strand, int source, const struct run *run, const uint8_t *payload) {
    struct line *line = strand->lines + source;
    if (run->timestamp != line->timestamp) {
        line->timestamp = run->timestamp;
        timeline_arrived(strand->timelines + source, run->timestamp, run->at);
    }
    if (run->sequence != line->order.expected) {
        struct held held = {0};
        int why;
        held.at = strand->now;
        held.size = run->size;
        held.timestamp = run->timestamp;
        held.count = run->count;
        held.marker = run->marker != 0;
        why = order_push(&line->order, run->sequence, &held, payload);
        return why ? why : let_go(strand, source, 0);
    }
    order_take(&line->order, run->count);
    return put(strand, source, line, run->timestamp, run->marker != 0, payload, run->size, 0, 1);
}

static void count(struct strand *strand, int source) {
    struct line *line = strand->lines + source;
    strand->tallies[source][LATE] += line->order.late - line->late;
    line->late = line->order.late;
    if (source != MIC) {
        strand->tallies[source][LOST] += line->frames.dropped - line->dropped;
        line->dropped = line->frames.dropped;
    }
}

static void end_line(struct line *line) {
    order_free(&line->order);
    free(line->frames.data.at);
    memset(line, 0, sizeof *line);
}

static int begin_line(struct strand *strand, int source, uint32_t generation) {
    struct line *line = strand->lines + source;
    int why = 0;
    if (line->alive) {
        why = let_go(strand, source, 1);
        count(strand, source);
    } else {
        strand->begun[strand->lines_count++] = (uint32_t)source;
    }
    end_line(line);
    timeline_restart(strand, source);
    order_begin(&line->order, source == MIC ? SOUND_WITHIN : PICTURE_WITHIN);
    line->frames.opened = line->frames.picture = line->frames.tl0 = -1;
    line->frames.size = 1;
    line->frames.suspect = 1;
    line->timestamp = -1;
    line->generation = generation;
    line->alive = 1;
    return why;
}

static int sort_all(struct strand *strand, int source, const uint8_t *at, uint64_t left) {
    struct run run;
    int why = 0;
    while (!why && left >= sizeof run) {
        memcpy(&run, at, sizeof run);
        at += sizeof run;
        left -= sizeof run;
        if (run.size > left)
            return FAULT;
        why = sort(strand, source, &run, at);
        at += run.size;
        left -= run.size;
    }
    return why;
}

static int read_mail(struct strand *strand) {
    const uint8_t *at = strand->mail;
    uint64_t left = strand->mail_size;
    struct parcel parcel;
    int why = 0;
    while (!why && left >= sizeof parcel) {
        memcpy(&parcel, at, sizeof parcel);
        at += sizeof parcel;
        left -= sizeof parcel;
        if (parcel.source > SCREEN || (!parcel.where && parcel.size > left))
            return FAULT;
        if (!strand->lines[parcel.source].alive || strand->lines[parcel.source].generation != parcel.generation)
            why = begin_line(strand, parcel.source, parcel.generation);
        if (why)
            return why;
        if (parcel.report)
            timeline_reported(strand, parcel.source, parcel.ntp, parcel.timestamp);
        else
            why = sort_all(strand, parcel.source, parcel.where ? (const uint8_t *)(uintptr_t)parcel.where : at, parcel.size);
        if (!parcel.where) {
            at += parcel.size;
            left -= parcel.size;
        }
    }
    return why;
}

static int drain(struct strand *strand) {
    int why = read_mail(strand);
    for (uint32_t n = 0; n < strand->lines_count && !why; n++) {
        int source = (int)strand->begun[n];
        struct line *line = strand->lines + source;
        if (line->order.count)
            why = let_go(strand, source, strand->closing);
        count(strand, source);
        if (!why && source != MIC && line->frames.suspect)
            why = ask_key(strand, source);
    }
    return why;
}

static int weave(struct strand *strand) {
    struct piece piece;
    int behind = 0, why = 0;
    for (int source = 0; source < 3; source++)
        behind |= (strand->lines[source].alive && strand->lines[source].order.count) << source;
    while (!why && braid_pop(strand, strand->closing, behind, &piece)) {
        if (piece.source == MIC)
            why = reel_sound(strand, piece.wall, piece.data, piece.size);
        else
            why = reel_picture(strand, piece.source == SCREEN, &piece);
        piece_free(&piece);
    }
    return why;
}

/* What the mail brought, into files. */
int strand_work(struct strand *strand, double wall) {
    int why = drain(strand);
    if (!why)
        why = weave(strand);
    for (int which = 0; which < 2 && !why && !strand->closing; which++) {
        int ended = 0;
        why = reel_tick(strand, which, wall, &ended);
        if (!why && ended && !strand->reels[0].file && !strand->reels[1].file && strand->on)
            why = tell(strand->id, OFF, which, 0, 0, 0) ? RAISED : 0;
    }
    return why;
}

/* After the last pass: what waits gets its file, and files end. */
int yuntiao_close(struct strand *strand) {
    int why = reel_close(strand, 0);
    return why ? why : reel_close(strand, 1);
}

/* The disk refuses, or nothing more is wanted: forget what is not written. */
void yuntiao_forget(struct strand *strand) {
    for (int source = 0; source < 3; source++)
        end_line(strand->lines + source);
    strand->lines_count = 0;
    braid_forget(strand);
}

void yuntiao_forget_waiting(struct strand *strand) {
    reel_forget(strand->reels);
    reel_forget(strand->reels + 1);
}

struct strand *yuntiao_strand(uint32_t id, double segment_seconds, double gap, double screen_gap) {
    struct strand *strand = calloc(1, sizeof *strand);
    if (!strand)
        return NULL;
    strand->id = id;
    for (int source = 0; source < 3; source++) {
        timeline_restart(strand, source);
        strand->asked[source] = -INFINITY;
    }
    strand->reels[0].length = strand->reels[1].length = segment_seconds;
    strand->reels[0].gap = gap;
    strand->reels[1].gap = screen_gap;
    return strand;
}

void yuntiao_free_strand(struct strand *strand) {
    if (!strand)
        return;
    yuntiao_forget(strand);
    free(strand->pieces);
    for (int which = 0; which < 2; which++) {
        reel_forget(strand->reels + which);
        free(strand->reels[which].waiting);
    }
    free(strand);
}

/* Whether sums are our own now. */
int yuntiao_writer(const struct crypto *found, tell_function told, int own, int direct) {
    crypto = *found;
    tell = told;
    directly = direct;
    own_sums = own && sums_possible();
    return own_sums;
}
