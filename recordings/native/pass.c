/* A pass over many strands: what each has to say is written, hashed and made durable together. */
#include "parts.h"

#define TOGETHER 4 /* strands: what they say stays in the processor's cache until it is hashed */

static struct file *file_of(struct strand **strands, int n) {
    return strands[n / 2]->reels[n % 2].file;
}

/* What is in their files, into the sums: of some strands together, because two sums cost little more than one. */
static int sum(struct strand **strands, int count) {
    struct due due[2 * TOGETHER];
    uint64_t found = 0;
    int why;
    for (int n = 0; n < 2 * count; n++)
        if (file_of(strands, n))
            found += file_due(file_of(strands, n), due + found);
    why = sums_add(due, found);
    for (int n = 0; n < 2 * count && !why; n++)
        if (file_of(strands, n))
            why = file_summed(file_of(strands, n));
    return why;
}

static int waits(struct strand **strands, int n) {
    return file_of(strands, n) && !strands[n / 2]->result && file_waits(file_of(strands, n));
}

/* The first commits what all have begun to write, so they begin together. */
static void make_durable(struct strand **strands, int count) {
    for (int n = 0; n < 2 * count; n++)
        if (waits(strands, n))
            file_begin_sync(file_of(strands, n));
    for (int n = 0; n < 2 * count; n++)
        if (waits(strands, n))
            strands[n / 2]->result = file_sync(strands[n / 2], n % 2);
}

void yuntiao_work(struct strand **strands, int count, double wall) {
    for (int first = 0; first < count; first += TOGETHER) {
        int some = count - first < TOGETHER ? count - first : TOGETHER, why;
        for (int n = first; n < first + some; n++) {
            strands[n]->result = strand_work(strands[n], wall);
            if (braid_keep(strands[n]) && !strands[n]->result)
                strands[n]->result = FAULT;
            strands[n]->mail_size = 0;
        }
        why = sum(strands + first, some);
        for (int n = first; n < first + some && why; n++)
            if (!strands[n]->result)
                strands[n]->result = why;
    }
    make_durable(strands, count);
}
