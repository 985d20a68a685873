/* A pass over many strands: what each has to say is written, hashed and made durable together. */
#include "parts.h"

static struct file *file_of(struct strand **strands, int n) {
    return strands[n / 2]->reels[n % 2].file;
}

/* What they have to say, into their files. */
static void store(struct strand **strands, int count) {
    struct file *files[MOST_FILES];
    int why[MOST_FILES], whose[MOST_FILES], some = 0;
    for (int n = 0; n < 2 * count; n++)
        if (file_of(strands, n) && !strands[n / 2]->result) {
            whose[some] = n / 2;
            files[some++] = file_of(strands, n);
        }
    files_flush(files, some, why);
    for (int n = 0; n < some; n++)
        if (why[n])
            strands[whose[n]]->result = why[n];
}

/* What is in their files, into the sums: of some strands together, because two sums cost little more than one. */
static int sum(struct strand **strands, int count) {
    struct due due[MOST_FILES];
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

/* What is in their files, for good: of all of them together. */
static void make_durable(struct strand **strands, int count) {
    for (int n = 0; n < 2 * count;) {
        struct file *files[MOST_ASKED];
        int why[MOST_ASKED], whose[MOST_ASKED], some = 0;
        for (; n < 2 * count && some < MOST_ASKED; n++)
            if (file_of(strands, n) && !strands[n / 2]->result && file_waits(file_of(strands, n))) {
                whose[some] = n;
                files[some++] = file_of(strands, n);
            }
        files_sync(files, some, why);
        for (int m = 0; m < some; m++) {
            struct strand *strand = strands[whose[m] / 2];
            if (!strand->result)
                strand->result = why[m] ? why[m] : file_synced(strand, whose[m] % 2);
        }
    }
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
        store(strands + first, some);
        why = sum(strands + first, some);
        for (int n = first; n < first + some && why; n++)
            if (!strands[n]->result)
                strands[n]->result = why;
    }
    make_durable(strands, count);
}
