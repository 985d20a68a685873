/* What the parts of the writer have for each other. Whatever returns int gives 0, or why it cannot go on: an errno, or
 * RAISED (Python has the exception), or FAULT (ours, or no memory: the recording goes on in Python). */
#ifndef PARTS_H
#define PARTS_H

#include <stdint.h>
#include <stddef.h>

#include "writer.h"

enum { MIC = 0, CAMERA = 1, SCREEN = 2 };
enum { LOST = 0, LATE = 1, QUEUE = 2 };
enum { RAISED = -1, FAULT = -2 };
enum { BEGIN = 0, END = 1, ASK = 2, SYNCED = 3, OFF = 4 }; /* what Python is told; writer.py has them too */

#define LARGEST_FRAME (1u << 22) /* vp8.py */
#define BLOCK 4096u              /* of a disk, or several of its blocks */
#define TOGETHER 8               /* strands whose files are written and hashed in one go: what they say stays in the cache */
#define MOST_FILES (2 * TOGETHER)
#define MOST_ASKED 64 /* files that are made durable in one go */

extern tell_function tell;

/* bytes.c */
int grow(struct bytes *bytes, uint64_t more);
int append(struct bytes *bytes, const void *data, uint64_t size);
void take_spare(struct bytes *bytes); /* memory another needs no more, if it has none */
void make_spare(struct bytes *bytes); /* it is empty, and may be another's next */
void *room_for(void *array, uint64_t count, uint32_t *room, uint64_t each); /* NULL: no memory, array is as it was */

/* digest.c: what is to be added to a sum */
struct due {
    struct sum *sum;
    const uint8_t *data;
    uint64_t size;
};
int sum_begin(struct sum *sum);
void sum_free(struct sum *sum);
int sums_add(struct due *due, uint64_t count); /* each sum once; two at a time, whichever ends makes way for the next */
int sum_end(const struct sum *sum, uint8_t *digest);

/* disk.c. `why`: of each */
extern int directly; /* past the page cache, and many files in one request, where the system lets us */
void file_direct(struct file *file);
int file_begin_out(struct file *file);
void files_write(struct file **files, int count, int *why); /* at most MOST_FILES */
int file_waits(const struct file *file); /* to be made durable */
void files_sync(struct file **files, int count, int *why); /* at most MOST_ASKED */
int file_synced(struct strand *strand, int which);
int file_cut(struct file *file);

/* sealed.c */
void files_flush(struct file **files, int count, int *why); /* at most MOST_FILES */
uint64_t file_due(struct file *file, struct due *due); /* how many: 0 or 1 */
int file_summed(struct file *file);

/* segment.c */
int file_picture(struct strand *strand, struct file *file, int source, double wall, const uint8_t *data, uint64_t size,
                 int key);
int file_sound(struct strand *strand, struct file *file, double wall, const uint8_t *data, uint64_t size);

/* reel.c: `data` stays the caller's */
int reel_picture(struct strand *strand, int which, const struct piece *piece);
int reel_sound(struct strand *strand, double wall, const uint8_t *data, uint64_t size);
int reel_tick(struct strand *strand, int which, double wall, int *ended);
int reel_close(struct strand *strand, int which);
void reel_forget(struct reel *reel);
int ask_key(struct strand *strand, int source);

/* strand.c */
int strand_work(struct strand *strand, double wall);

/* order.c */
void order_begin(struct order *order, double hold);
void order_free(struct order *order);
void order_take(struct order *order, uint32_t count);
int order_push(struct order *order, uint32_t sequence, const struct held *held, const uint8_t *payload);
int order_pop(struct order *order, double now, int everything, struct held *held, int64_t *lost); /* whether there is one */

/* braid.c */
int braid_push(struct strand *strand, int source, double wall, const struct piece *piece);
int braid_pop(struct strand *strand, int everything, int behind, struct piece *piece); /* whether there is one */
int braid_keep(struct strand *strand);
int piece_own(struct piece *piece);
void piece_free(struct piece *piece);
void braid_forget(struct strand *strand);

/* frames.c: 1 when `piece` is whole (its data are malloc'd, or `lent` of the payload), 0 when not, FAULT */
int frames_push(struct frames *frames, uint32_t timestamp, int marker, const uint8_t *payload, uint32_t size,
                int64_t lost, struct piece *piece);
int frames_next(struct frames *frames, uint32_t timestamp, int marker, const uint8_t *payload, uint32_t size,
                struct piece *piece);

/* timeline.c */
void timeline_arrived(struct timeline *line, uint32_t timestamp, double at);
void timeline_reported(struct strand *strand, int source, uint64_t ntp, uint32_t timestamp);
void timeline_restart(struct strand *strand, int source);
double timeline_wall(struct strand *strand, int source, uint32_t timestamp);

#endif
