/* recordings/timeline.py, operation by operation: what comes out is the same double. */
#include <math.h>

#include "parts.h"

#define DRIFT 1e-4
#define LARGEST_CORRECTION 5.0
#define SOUND_STEP 0.005
#define STANDSTILL 2.0
#define PERSISTS 2.0
#define SLIP 0.1

static int64_t extended(const struct timeline *line, uint32_t timestamp) {
    if (!line->has_last)
        return timestamp;
    return line->last + (int64_t)(((uint64_t)timestamp - (uint64_t)line->last + 0x80000000u) & 0xFFFFFFFFu) - 0x80000000ll;
}

static void fall_behind(struct timeline *line, double estimate, double at, double drift) {
    if (!line->behind) {
        line->behind = 1;
        line->behind_since = at;
        line->least = estimate;
        return;
    }
    if (estimate < line->least)
        line->least = estimate;
    if (at - line->behind_since >= PERSISTS) {
        line->floor = line->least - drift;
        line->base = line->least;
        line->has_ntp = line->behind = 0;
        line->said = INFINITY;
    }
}

void timeline_arrived(struct timeline *line, uint32_t timestamp, double at) {
    int64_t number = extended(line, timestamp);
    double estimate = at - (double)number / line->rate, drift = DRIFT * at, least = estimate - drift;
    if (!line->has_base || least < line->floor)
        line->floor = least;
    line->base = line->floor + drift;
    line->delay = estimate - line->base;
    if (estimate < line->lately)
        line->lately = estimate;
    if (line->delay > STANDSTILL)
        fall_behind(line, estimate, at, drift);
    else
        line->behind = 0;
    if (!line->has_last || number > line->last)
        line->last = number;
    line->has_last = line->has_base = 1;
}

/* Whether the sender's clock stood still, and the timeline was moved. */
static int reported(struct timeline *line, double sent, double said) {
    double drift = DRIFT * sent, over = line->said < INFINITY ? said - (line->said + drift) : 0, lately = line->lately;
    double late;
    int moved;
    line->ntp = said;
    line->has_ntp = 1;
    line->lately = INFINITY;
    if (over <= SLIP) {
        if (said - drift < line->said)
            line->said = said - drift;
        return 0;
    }
    if (!(lately < INFINITY) || !line->has_base)
        return 0;
    late = lately - line->base < over ? lately - line->base : over;
    if (late < 0)
        late = 0;
    moved = late > SLIP;
    if (moved) {
        line->floor += late;
        line->base += late;
        line->delay -= late;
        line->behind = 0;
    }
    line->said = said - drift - (moved ? 0 : late);
    return moved;
}

void timeline_reported(struct strand *strand, int source, uint64_t ntp, uint32_t timestamp) {
    struct timeline *line = strand->timelines + source;
    double sent = (double)ntp / 4294967296.0;
    if (!line->has_last)
        return;
    if (reported(line, sent, sent - (double)extended(line, timestamp) / line->rate) && source == MIC)
        strand->has_followed = 0;
}

void timeline_restart(struct strand *strand, int source) {
    struct timeline *line = strand->timelines + source;
    line->has_last = line->has_base = line->has_ntp = line->behind = 0;
    line->lately = line->said = INFINITY;
    line->delay = 0;
    line->rate = source == MIC ? 48000 : 90000;
    if (source == MIC)
        strand->has_followed = 0;
}

static double followed(struct strand *strand, double base) {
    double step = base - strand->followed;
    if (!strand->has_followed || step > STANDSTILL || fabs(step) <= SOUND_STEP)
        strand->followed = base;
    else
        strand->followed += step > 0 ? SOUND_STEP : -SOUND_STEP;
    strand->has_followed = 1;
    return strand->followed;
}

double timeline_wall(struct strand *strand, int source, uint32_t timestamp) {
    const struct timeline *line = strand->timelines + source, *mic = strand->timelines + MIC;
    double offset = (double)extended(line, timestamp) / line->rate, base = line->base;
    if (source == MIC)
        return offset + followed(strand, base);
    if (mic->has_base && mic->has_ntp && line->has_ntp) {
        double told = line->ntp + mic->base - mic->ntp;
        if (fabs(told - base) < LARGEST_CORRECTION)
            base = told;
    }
    return offset + base;
}
