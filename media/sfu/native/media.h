/* Structures shared by Python and the C of this folder. cffi reads these declarations as they stand (media/__init__.py), so
 * they are plain C without macros. Sizes are those of media/sfu/rtp.py and media/sfu/transport.py.
 *
 * Everything belongs to the event loop's thread. The memory is Python's (cffi), which keeps it alive as long as anything
 * here points to it; no pointer into a packet, bytes or bytearray is kept after a call.
 */

/* IcePeer.destination: a client's address, rewritten by Python when it changes; descriptor -1: nothing may be sent */
struct destination {
    int32_t descriptor;
    int32_t length;
    uint8_t address[28];
};

/* how one DownTrack renumbers packets: added to sequence number, timestamp, picture ID and TL0PICIDX */
struct downtrack {
    void *context;
    struct destination *destination;
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t sequence;
    uint16_t picture;
    uint8_t tl0;
    uint8_t shifted;
    uint8_t payload_type;
};

/* a packet of the history; its bytes are in `uptrack.packets`. `held`: its sequence number + 0x10000, or 0 for none */
struct packet_slot {
    uint32_t held;
    uint16_t size;
    uint16_t body;
};

/* packets for the recorder, as runs (media/__init__.py: RUN_HEADER, then `size` bytes) */
struct run {
    double at; /* arrival of its first packet, seconds since the epoch */
    uint32_t timestamp;
    uint32_t size;
    uint16_t sequence;
    uint16_t count;
    uint32_t marker;
};
struct frame_buffer {
    uint8_t *bytes;
    uint32_t capacity;
    uint32_t used;
    uint32_t packets;
    uint32_t open;       /* offset + 1 of the run that the next packet may join; 0: none */
    uint32_t descriptor; /* bytes of its payload descriptor, which starts with `first` */
    uint8_t first[8];
    struct run run; /* a copy of its header, so that it need not be read back from memory */
};

/* an UpTrack: the fields of uptrack.TrackState and, while armed, all that forwarding its next packet needs */
struct uptrack {
    uint64_t received;
    uint64_t octets;
    int64_t cycles;
    uint32_t highest;
    uint32_t timestamp;
    uint32_t picture_id;
    uint32_t tl0;
    uint32_t ssrc;
    uint32_t extension; /* abs-send-time word of what is sent, without the time; 0: none */
    uint32_t mask;      /* number of slots - 1 */
    int32_t count;      /* of downtracks */
    struct downtrack **downtracks;
    struct packet_slot *slots;
    uint8_t *packets; /* 1536 bytes for each slot */
    struct frame_buffer *frame_buffer; /* NULL: not recorded */
    uint8_t armed;
    uint8_t video;
    uint8_t payload_type;
    uint8_t level_id;
};

/* a publisher's transport */
struct transport {
    void *context;
    double budget; /* bytes it may send (control.TokenBucket) */
    uint64_t authenticated;
    uint32_t number;
    uint32_t count;
    uint32_t open;
    struct uptrack *uptracks[8];
};

/* transports by address: a hash table with open addressing, 2^n entries, at most half of them used */
struct address_entry {
    struct transport *transport; /* NULL: free */
    uint32_t length;
    uint8_t address[28];
};
struct address_table {
    struct address_entry *entries;
    uint32_t mask;
    uint32_t seed;
};

/* the audio level of a packet (RFC 6464) */
struct audio_level {
    uint32_t transport;
    uint32_t level;
};

/* sequence numbers of a track that were skipped, from `first` on */
struct gap {
    uint32_t transport;
    uint32_t ssrc;
    uint32_t first;
    uint32_t count;
};

/* seconds that all repair of a mux may take now (MuxState.repair_time) */
struct repair_time {
    double budget;
};

/* a socket, the datagrams read from it that are not handled yet, and counters */
struct receiver {
    struct address_table *address_table;
    struct repair_time *repair_time;
    int32_t descriptor;
    int32_t rounds;  /* batches that may still be read in this call */
    uint32_t filled; /* datagrams of the present batch */
    uint32_t at;     /* the next of them */
    uint32_t current;
    uint32_t transport; /* number of its transport, when it is decrypted */
    uint32_t more;     /* the socket may have more */
    uint32_t received;
    uint32_t sent;
    uint32_t refused; /* by protect */
    uint32_t unsent;
    uint32_t forged;
    uint32_t malformed;
    uint32_t truncated;
    uint32_t unreachable;
    uint32_t postponed; /* requests for repair, while it has no time */
    uint32_t levels;
    struct audio_level audio_levels[32];
    uint32_t skips;
    struct gap gaps[32];
    uint32_t sizes[32];
    uint32_t lengths[32];
    uint8_t addresses[32][28];
    uint8_t data[32][2048];
};

/* Until when media may go on, seconds of CLOCK_BOOTTIME; 0: for ever. Of the process, as its buffers are. */
void yuntiao_hold(double until);
int yuntiao_fan_out(void *protect, struct downtrack **downtracks, int count, const char *payload, int size,
                    uint32_t extension, int first, int marker, uint32_t sequence, uint32_t timestamp);
int yuntiao_receive(struct receiver *receiver, void *unprotect, void *protect);
int yuntiao_inject(struct receiver *receiver, const char *data, int size, const char *address, int length);
int yuntiao_bind(struct address_table *address_table, const char *address, int length, struct transport *transport);
int yuntiao_unbind(struct address_table *address_table, const char *address, int length);
