/* The clients of traffic.py that ask for what is missing, in C. cffi reads these declarations as they stand. The memory
 * is Python's. */

struct absent {
    double noticed;
    double asked; /* last */
    uint32_t ssrc;
    uint32_t number;
    uint32_t times; /* asked so often */
};

struct incoming {
    uint32_t ssrc;
    uint32_t highest; /* sequence number */
};

struct client {
    int32_t up; /* sockets, connected to the server */
    int32_t down;
    void *outbound; /* libsrtp's contexts */
    void *inbound;
    uint32_t video; /* SSRCs */
    uint32_t audio;
    uint32_t first; /* sequence number of its first packet, of both */
    uint32_t pictures; /* packets sent so far */
    uint32_t sounds;
    uint32_t repeated;
    uint32_t received;
    uint32_t checked;
    uint32_t bad;
    uint32_t tracks;
    uint32_t absences;
    struct incoming incoming[32];
    struct absent absent[1024];
};

/* what a call leaves for Python: datagrams that are no media, and what is to be asked for */
struct left {
    uint32_t datagrams;
    uint32_t wanted;
    uint32_t sizes[64];
    uint32_t up[64]; /* it came on that socket */
    uint8_t data[64][2048];
    uint32_t ssrcs[256];
    uint32_t numbers[256];
};

void client_picture(struct client *client, void *protect, const char *noise);
void client_sound(struct client *client, void *protect, const char *noise);
void client_repeat(struct client *client, void *protect, const char *noise, uint32_t number);
void client_drain(struct client *client, void *unprotect, double now, struct left *left);
