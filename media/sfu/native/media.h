/* What Python and the C of this folder share. cffi reads the declarations below as they stand (library.py), so they are
 * plain C: no macros, no conditions. Sizes are those of media/sfu/srtp.py and media/sfu/publisher.py.
 *
 * All of it belongs to the thread of the event loop. Memory is Python's (cffi), which keeps it as long as something here
 * points to it; nothing here keeps a pointer into a packet, a bytes or a bytearray after a call.
 */

/* peer.target: where a client is, rewritten by Python when it moves; descriptor -1: nothing may be sent */
struct target {
    int32_t descriptor;
    int32_t length;
    uint8_t address[28];
};

/* one subscriber's numbering */
struct way {
    void *context;
    struct target *target;
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence;
    uint16_t picture;
    uint8_t tl0;
    uint8_t shifted;
    uint8_t payload_type;
};

/* a kept packet, whose bytes lie in `lane.packets`: `held` is its sequence number and 0x10000, or 0 for none */
struct slot {
    uint32_t held;
    uint16_t size;
    uint16_t body;
};

/* packets on their way into a recording, as runs (media/tap.py: RUN, then `size` bytes) */
struct run {
    double at; /* when its first packet came, seconds since the epoch */
    uint32_t timestamp;
    uint32_t size;
    uint16_t sequence;
    uint16_t count;
    uint32_t marker;
};
struct chute {
    uint8_t *bytes;
    uint32_t capacity;
    uint32_t used;
    uint32_t packets;
    uint32_t open;       /* where the run begins that may go on, and 1; 0: none */
    uint32_t descriptor; /* bytes of its payload descriptor, which begins with `first` */
    uint8_t first[8];
    struct run run; /* as it is written there, where it would have to be fetched from memory again */
};

/* one incoming stream: what lane.Numbers has, and, while it is armed, all that an ordinary packet of it needs */
struct lane {
    uint64_t received;
    uint64_t octets;
    int64_t cycles;
    uint32_t highest;
    uint32_t timestamp;
    uint32_t id;
    uint32_t tl0;
    uint32_t ssrc;
    uint32_t extension; /* of what goes out, without the time; 0: none */
    uint32_t mask;      /* slots less one */
    int32_t count;      /* of ways */
    struct way **ways;
    struct slot *slots;
    uint8_t *packets; /* 1536 bytes for each slot */
    struct chute *chute; /* NULL: not recorded */
    uint8_t armed;
    uint8_t video;
    uint8_t payload_type;
    uint8_t level_id;
};

/* a publisher's connection */
struct leg {
    void *context;
    double left; /* bytes it may send (limits.Allowance) */
    uint64_t heard;
    uint32_t number;
    uint32_t count;
    uint32_t open;
    struct lane *lanes[8];
};

/* who is at an address: open addressing, a power of two of entries, at most half of them taken */
struct entry {
    struct leg *leg; /* NULL: free */
    uint32_t length;
    uint8_t address[28];
};
struct directory {
    struct entry *entries;
    uint32_t mask;
    uint32_t seed;
};

/* how loud a packet of sound was */
struct note {
    uint32_t leg;
    uint32_t level;
};

/* one socket, what came in by it and is not done yet, and what became of the rest */
struct gate {
    struct directory *directory;
    int32_t descriptor;
    int32_t rounds;  /* batches that may still be read */
    uint32_t filled; /* datagrams of the present batch */
    uint32_t at;     /* the next of them */
    uint32_t current;
    uint32_t leg;  /* whose it is, when it is decrypted */
    uint32_t more; /* there may be more in the socket */
    uint32_t received;
    uint32_t sent;
    uint32_t refused; /* by protect */
    uint32_t unsent;
    uint32_t forged;
    uint32_t malformed;
    uint32_t truncated;
    uint32_t unreachable;
    uint32_t notes;
    struct note note[32];
    uint32_t sizes[32];
    uint32_t lengths[32];
    uint8_t addresses[32][28];
    uint8_t data[32][2048];
};

int yuntiao_fan_out(void *protect, struct way **ways, int count, const char *payload, int size, uint32_t extension,
                    int first, int marker, uint32_t sequence, uint32_t timestamp);
int yuntiao_take(struct gate *gate, void *unprotect, void *protect);
int yuntiao_put(struct gate *gate, const char *data, int size, const char *address, int length);
int yuntiao_bind(struct directory *directory, const char *address, int length, struct leg *leg);
int yuntiao_unbind(struct directory *directory, const char *address, int length);
