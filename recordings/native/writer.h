/* What Python and the C of this folder share. cffi reads the declarations below as they stand, so they are plain C: no
 * macros, no conditions. Times are doubles of seconds, as in Python; sources are mic 0, camera 1, screen 2.
 *
 * All of it belongs to the recorder's thread. A strand and its files are C's memory (`yuntiao_strand`, `yuntiao_file`),
 * freed by cffi's collector; nothing here keeps a pointer into Python's memory after a call.
 */

struct bytes {
    uint8_t *at;
    uint64_t used;
    uint64_t room;
};

/* of libcrypto: Python finds it, because nobody has its headers */
struct crypto {
    void *new_cipher, *free_cipher, *init, *update, *final, *control, *aes, *sm4;
    void *new_digest, *free_digest, *begin, *hash, *end, *copy, *sha256, *sm3;
};

/* a SHA-256 under way; `context` is libcrypto's, where the processor has no instructions for it */
struct sum {
    uint32_t state[8];
    uint8_t block[64];
    uint64_t size;
    void *context;
};

/* recordings.timeline.PacketTally: lost, late, queue */
struct hole {
    double started;
    double ended;
    int64_t before[3];
    int64_t after[3];
    uint32_t source;
    uint32_t unused;
};

/* recordings.segment.SegmentFile with its SealedWriter and Holes */
struct file {
    struct bytes text; /* plaintext: `unsummed` bytes that are in the file and in no sum yet, `begun` of records on their
                          way, then what was appended since */
    struct bytes out;  /* of the file, from `place` on: `done` bytes are written */
    uint64_t unsummed;
    uint64_t begun;
    uint64_t place;
    uint64_t done;
    uint64_t size;
    uint64_t stored_size;
    uint64_t allocated; /* bytes the disk has set aside */
    uint64_t synced_size;
    struct sum plain;
    void *sm3;
    void *cipher;
    double origin;
    double last_picture;
    double last;
    double durable;
    double ends[3];
    int64_t seen[3][3];
    int64_t clocks[2];
    int64_t cluster; /* -1: none yet */
    struct hole *holes;
    uint32_t hole_count;
    uint32_t hole_room;
    int32_t descriptor;
    uint32_t number;
    uint32_t width;
    uint32_t height;
    uint8_t header[76];
    uint8_t finished;
    uint8_t sources; /* bits */
    uint8_t direct;  /* past the page cache, in whole blocks */
    uint8_t unused;
    uint32_t rest_size;
    uint8_t rest[4096]; /* what there is behind the last whole block: it is written again with what comes */
};

/* recordings.segment.SegmentRotator */
struct sound {
    double wall;
    uint8_t *data;
    uint64_t size;
};
struct reel {
    struct file *file;
    struct sound *waiting;
    uint32_t count;
    uint32_t room;
    double length;
    double gap;
};

/* recordings.timeline.Reorder */
struct held {
    int64_t number;
    double at;
    uint8_t *payload;
    uint32_t size;
    uint32_t timestamp;
    uint32_t count;
    uint32_t marker;
};
struct order {
    int64_t next;
    int64_t expected; /* -1: none */
    int64_t late;
    struct held *held; /* by number */
    uint32_t count;
    uint32_t room;
    uint32_t given_up;
    uint32_t begun;
    int64_t from[64];
    int64_t until[64];
    double hold;
};

/* recordings.webm.OrderedFrameAssembler */
struct frames {
    struct bytes data; /* of the open one */
    int64_t dropped;
    int64_t opened;
    uint8_t rest[8];
    uint32_t size; /* of its descriptor */
    int32_t first_picture;
    int32_t first_tl0;
    int32_t first_layer;
    int32_t picture;
    int32_t tl0;
    uint32_t width;
    uint32_t height;
    uint8_t suspect;
    uint8_t unused[7];
};

/* recordings.timeline.Timeline */
struct timeline {
    double rate;
    double floor;
    double base;
    double ntp;
    double behind_since;
    double least;
    double delay;
    double lately; /* infinite: none */
    double said;   /* infinite: nothing */
    int64_t last;
    uint8_t has_last;
    uint8_t has_base;
    uint8_t has_ntp;
    uint8_t behind;
    uint32_t unused;
};

/* recordings.writer.SourceState */
struct line {
    struct order order;
    struct frames frames;
    int64_t timestamp;
    int64_t late;
    int64_t dropped;
    uint32_t generation;
    uint32_t alive;
};

/* recordings.timeline.Interleaver */
struct piece {
    double wall;
    double pushed;
    uint64_t count;
    uint8_t *data;
    uint32_t size;
    uint32_t width;
    uint32_t height;
    uint16_t source;
    uint8_t key;
    uint8_t lent; /* its data lie in the mail, which is not ours after the pass */
};

/* what there is in `mail`: a batch of `size` bytes of runs (media/__init__.py), `where` it says or else behind it, or a
 * sender's report */
struct parcel {
    uint8_t source;
    uint8_t report;
    uint16_t unused;
    uint32_t generation;
    uint32_t size;
    uint32_t timestamp;
    uint64_t ntp;
    uint64_t where;
};

/* one participant being recorded: recordings.writer.FrameWriter */
struct strand {
    struct line lines[3];
    uint32_t begun[3]; /* sources, in the order in which their lines began */
    uint32_t lines_count;
    struct timeline timelines[3];
    double followed;
    struct piece *pieces; /* a heap */
    uint64_t pieces_count;
    uint64_t pieces_room;
    uint64_t pushed;
    double latest_wall[3];
    double latest_at[3];
    struct reel reels[2]; /* camera, screen */
    double asked[3];
    int64_t tallies[3][3]; /* lost, late, queue: the last is Python's */
    double now;
    const uint8_t *mail;
    uint64_t mail_size;
    uint32_t id;
    int32_t result;
    uint8_t has_followed;
    uint8_t closing;
    uint8_t on;
    uint8_t latest[3];
    uint8_t unused[2];
};

/* What happened to a strand (enum in parts.h): `which` is a source or a reel. Not 0: do not go on. */
typedef int (*tell_function)(uint32_t strand, int what, int which, double wall, uint32_t width, uint32_t height);

int yuntiao_writer(const struct crypto *crypto, tell_function tell, int own_sums, int direct);
struct strand *yuntiao_strand(uint32_t id, double segment_seconds, double gap, double screen_gap);
void yuntiao_free_strand(struct strand *strand);
struct file *yuntiao_file(int descriptor, const char *header, const char *key, int sm4, int sm3, double wall,
                          double origin,
                          uint32_t width, uint32_t height, int sources, const char *text, int size,
                          struct strand *strand);
void yuntiao_free_file(struct file *file);
void yuntiao_work(struct strand **strands, int count, double wall);
int yuntiao_close(struct strand *strand);
void yuntiao_forget(struct strand *strand);
void yuntiao_forget_waiting(struct strand *strand);
int yuntiao_finish(struct file *file);
int yuntiao_sums(struct file *file, uint8_t *plain, uint8_t *sm3);
