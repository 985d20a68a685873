/* Bytes of many files on their way to the disk, in one go and past the page cache where that can be: the kernel then
 * neither copies them nor looks after the copies. Such a write is of whole blocks. What a file has behind its last whole
 * one is written with zeros up to the next, and once more at the head of what comes then; so until it is finished a file
 * may end in zeros, which a reader takes for what was not written any more (sealed.py).
 */
#define _GNU_SOURCE /* O_DIRECT, fallocate, sync_file_range */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parts.h"

#define AHEAD 4 /* times what is written: three seconds, so that a full disk is known in time */
#define MOST_AHEAD ((uint64_t)1 << 21)

int directly;

/* One request for many files, and one waiting: one after the other would put this thread to sleep and wake it for each,
 * which costs whoever has the other core as much again. What comes of each is left in `results`: untouched where the
 * system takes no such requests. */
static void ask(struct iocb **requests, long count, int64_t *results) {
    static _Thread_local aio_context_t context;
    static _Thread_local int begun;
    struct io_event events[MOST_ASKED];
    long sent = 0, ended = 0, more;
    if (!begun) {
        begun = 1;
        if (syscall(SYS_io_setup, MOST_ASKED, &context))
            context = 0;
    }
    if (!directly || !context || count < 2)
        return;
    while (sent < count && (more = syscall(SYS_io_submit, context, count - sent, requests + sent)) > 0)
        sent += more;
    while (ended < sent) {
        more = syscall(SYS_io_getevents, context, sent - ended, sent - ended, events, NULL);
        for (long n = 0; n < more; n++)
            results[events[n].data] = events[n].res;
        ended += more > 0 ? more : 0;
    }
}

static struct iocb request(const struct file *file, int what, int number) {
    return (struct iocb){.aio_data = (uint64_t)number,
                         .aio_lio_opcode = (uint16_t)what,
                         .aio_fildes = (uint32_t)file->descriptor};
}

void file_direct(struct file *file) {
    int flags = fcntl(file->descriptor, F_GETFL);
    file->direct = directly && flags >= 0 && !fcntl(file->descriptor, F_SETFL, flags | O_DIRECT);
}

static int indirect(struct file *file) {
    int flags = fcntl(file->descriptor, F_GETFL);
    file->direct = 0;
    return flags < 0 || fcntl(file->descriptor, F_SETFL, flags & ~O_DIRECT) ? errno : 0;
}

int file_begin_out(struct file *file) {
    take_spare(&file->out);
    if (!file->out.used)
        return append(&file->out, file->rest, file->rest_size);
    /* A fault kept it from being whole: zeros that were written behind it are no part of it. */
    file->done = (file->done < file->out.used ? file->done : file->out.used) / BLOCK * BLOCK;
    return 0;
}

/* Blocks that are there already cost a write and its `fdatasync` a quarter less. Where that cannot be, or the disk is
 * full, the write itself finds out. */
static void allocate(struct file *file) {
    uint64_t wanted = file->place + file->out.used, ahead = AHEAD * file->out.used;
    if (wanted <= file->allocated)
        return;
    if (ahead > MOST_AHEAD)
        ahead = MOST_AHEAD;
    if (fallocate(file->descriptor, 0, (off_t)file->place, (off_t)(file->out.used + ahead)))
        file->allocated = UINT64_MAX; /* not asked again */
    else
        file->allocated = wanted + ahead;
}

/* How much of `out` is to be written, zeros included. */
static uint64_t whole(const struct file *file) {
    return file->direct ? (file->out.used + BLOCK - 1) / BLOCK * BLOCK : file->out.used;
}

static int prepare(struct file *file) {
    uint64_t zeros = whole(file) - file->out.used;
    if (grow(&file->out, zeros))
        return FAULT;
    if (zeros)
        memset(file->out.at + file->out.used, 0, zeros);
    allocate(file);
    return 0;
}

static void wrote(struct file *file, uint64_t count) {
    file->done += count;
    file->stored_size = file->place + (file->done < file->out.used ? file->done : file->out.used);
}

static int write_alone(struct file *file) {
    while (file->done < whole(file)) {
        ssize_t count = pwrite(file->descriptor, file->out.at + file->done, whole(file) - file->done,
                               (off_t)(file->place + file->done));
        int why = count > 0 ? 0 : count ? errno : EIO;
        if (why == EINVAL && file->direct)
            why = indirect(file); /* a file system that promised too much */
        if (why && why != EINTR)
            return why;
        if (count > 0)
            wrote(file, (uint64_t)count);
    }
    return 0;
}

/* All that go past the page cache. Whatever does not come of it is left for `write_alone`, which finds out why; to write
 * the same bytes twice does no harm. */
static void write_together(struct file **files, int count, const int *why) {
    struct iocb requests[MOST_FILES], *given[MOST_FILES];
    int64_t results[MOST_FILES] = {0};
    int asked = 0;
    for (int n = 0; n < count; n++) {
        const struct file *file = files[n];
        if (why[n] || !file->direct)
            continue;
        requests[n] = request(file, IOCB_CMD_PWRITE, n);
        requests[n].aio_buf = (uint64_t)(uintptr_t)(file->out.at + file->done);
        requests[n].aio_nbytes = whole(file) - file->done;
        requests[n].aio_offset = (int64_t)(file->place + file->done);
        given[asked++] = requests + n;
    }
    ask(given, asked, results);
    for (int n = 0; n < count; n++)
        if (results[n] > 0)
            wrote(files[n], (uint64_t)results[n]);
}

/* What it holds counts once all of it is there. */
static void is_there(struct file *file) {
    uint64_t used = file->out.used;
    file->rest_size = file->direct ? (uint32_t)(used % BLOCK) : 0;
    memcpy(file->rest, file->out.at + used - file->rest_size, file->rest_size);
    file->place += used - file->rest_size;
    file->size += file->begun;
    file->unsummed += file->begun;
    file->begun = file->done = 0;
    make_spare(&file->out);
}

void files_write(struct file **files, int count, int *why) {
    for (int n = 0; n < count; n++)
        why[n] = prepare(files[n]);
    write_together(files, count, why);
    for (int n = 0; n < count; n++) {
        if (!why[n])
            why[n] = write_alone(files[n]);
        if (!why[n])
            is_there(files[n]);
    }
}

int file_waits(const struct file *file) {
    return file->stored_size != file->synced_size;
}

void files_sync(struct file **files, int count, int *why) {
    struct iocb requests[MOST_ASKED], *given[MOST_ASKED];
    int64_t results[MOST_ASKED];
    for (int n = 0; n < count; n++) {
        if (!files[n]->direct) /* a hint, where the system takes no requests: what the first commits, all have begun */
            (void)!sync_file_range(files[n]->descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
        requests[n] = request(files[n], IOCB_CMD_FDSYNC, n);
        given[n] = requests + n;
        results[n] = -1;
    }
    ask(given, count, results);
    for (int n = 0; n < count; n++) {
        why[n] = 0;
        while (results[n] && !why[n])
            if (!fdatasync(files[n]->descriptor))
                results[n] = 0;
            else if (errno != EINTR)
                why[n] = errno;
    }
}

/* It is durable: whoever waits for that is told. */
int file_synced(struct strand *strand, int which) {
    struct file *file = strand->reels[which].file;
    if ((!file->synced_size || !strand->on) && tell(strand->id, SYNCED, which, 0, !file->synced_size, 0))
        return RAISED;
    file->synced_size = file->stored_size;
    return 0;
}

/* It ends with what counts: behind it are what was set aside, zeros, or what a full disk left of more. */
int file_cut(struct file *file) {
    file->stored_size = file->place + file->rest_size;
    return ftruncate(file->descriptor, (off_t)file->stored_size) ? errno : 0;
}
