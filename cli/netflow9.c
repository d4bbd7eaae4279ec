#include "netflow9.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"

#define DATAGRAM_MAX	1400
#define HEADER_BYTES	20
#define TEMPLATE_V4	256
#define TEMPLATE_V6	257
#define TEMPLATE_EVERY	20	/* datagrams */

/* Information elements in the order they are sent. */
static const struct item {
	uint16_t type, length;
	enum field field;
} v4_items[] = {
	{ 8, 4, F_SRCIP }, { 12, 4, F_DSTIP },
	{ 10, 4, F_INIF }, { 14, 4, F_OUTIF }, { 2, 8, F_PACKETS }, { 1, 8, F_BYTES },
	{ 22, 4, F_FIRST }, { 21, 4, F_LAST }, { 7, 2, F_SRCPORT }, { 11, 2, F_DSTPORT },
	{ 16, 4, F_SRCAS }, { 17, 4, F_DSTAS }, { 4, 1, F_PROTO }, { 6, 1, F_FLAGS }, { 5, 1, F_SRCTOS },
}, v6_items[] = {
	{ 27, 16, F_SRCIP }, { 28, 16, F_DSTIP },
	{ 10, 4, F_INIF }, { 14, 4, F_OUTIF }, { 2, 8, F_PACKETS }, { 1, 8, F_BYTES },
	{ 22, 4, F_FIRST }, { 21, 4, F_LAST }, { 7, 2, F_SRCPORT }, { 11, 2, F_DSTPORT },
	{ 16, 4, F_SRCAS }, { 17, 4, F_DSTAS }, { 4, 1, F_PROTO }, { 6, 1, F_FLAGS }, { 5, 1, F_SRCTOS },
};

#define NITEMS	(sizeof(v4_items) / sizeof(v4_items[0]))

struct netflow9 {
	int fd;
	uint32_t id, sequence;
	int64_t boot_msec;
	unsigned datagrams;
	uint8_t buf[DATAGRAM_MAX];
	size_t len;
	uint16_t records;	/* in the datagram: flows and templates */
	uint16_t set;		/* template of the open flow set, 0: none open */
	size_t set_start;
};

static int64_t
now_msec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct netflow9 *
netflow9_open(unsigned port, uint32_t id, struct err *e)
{
	struct netflow9 *x = xcalloc(1, sizeof(*x));
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	x->id = id;
	x->boot_msec = now_msec() - 3600 * 1000;	/* flows may have begun before us */
	x->fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (x->fd == -1 || connect(x->fd, (struct sockaddr *)&to, sizeof(to)) == -1) {
		err_sys(e, "127.0.0.1:%u", port);
		netflow9_close(x);
		return NULL;
	}
	return x;
}

void
netflow9_close(struct netflow9 *x)
{
	if (x == NULL)
		return;
	if (x->fd != -1)
		close(x->fd);
	free(x);
}

void
netflow9_fields(struct fieldset *set)
{
	for (size_t i = 0; i < NITEMS; i++)
		fieldset_add(set, v4_items[i].field);
}

static void
put(struct netflow9 *x, uint64_t value, unsigned length)
{
	while (length-- > 0)
		x->buf[x->len++] = (uint8_t)(value >> 8 * length);
}

static void
put_at(struct netflow9 *x, size_t at, uint64_t value, unsigned length)
{
	size_t len = x->len;

	x->len = at;
	put(x, value, length);
	x->len = len;
}

static void
end_set(struct netflow9 *x)
{
	if (x->set == 0)
		return;
	while (x->len % 4 != 0)
		put(x, 0, 1);
	put_at(x, x->set_start + 2, x->len - x->set_start, 2);
	x->set = 0;
}

static void
put_templates(struct netflow9 *x)
{
	put(x, 0, 2);
	put(x, 4 + 2 * (4 + 4 * NITEMS), 2);
	for (unsigned t = TEMPLATE_V4; t <= TEMPLATE_V6; t++) {
		const struct item *el = t == TEMPLATE_V4 ? v4_items : v6_items;

		put(x, t, 2);
		put(x, NITEMS, 2);
		for (size_t i = 0; i < NITEMS; i++) {
			put(x, el[i].type, 2);
			put(x, el[i].length, 2);
		}
		x->records++;
	}
}

static void
begin_datagram(struct netflow9 *x)
{
	x->len = HEADER_BYTES;
	x->records = 0;
	if (x->datagrams++ % TEMPLATE_EVERY == 0)
		put_templates(x);
}

/* A collector that is not up yet answers with ECONNREFUSED: a router would not care either. */
static int
end_datagram(struct netflow9 *x, struct err *e)
{
	int64_t now = now_msec();

	end_set(x);
	put_at(x, 0, 9, 2);
	put_at(x, 2, x->records, 2);
	put_at(x, 4, (uint64_t)(now - x->boot_msec), 4);
	put_at(x, 8, (uint64_t)(now / 1000), 4);
	put_at(x, 12, x->sequence++, 4);
	put_at(x, 16, x->id, 4);
	if (send(x->fd, x->buf, x->len, 0) == -1 && errno != ECONNREFUSED)
		return err_sys(e, "NetFlow to the collector");
	x->len = 0;
	return 0;
}

static void
put_flow(struct netflow9 *x, const struct batch *b, size_t i, const struct item *el)
{
	for (size_t k = 0; k < NITEMS; k++) {
		enum field f = el[k].field;

		if (fields[f].kind == KIND_ADDR) {
			memcpy(x->buf + x->len, COLADDR(b, f)[i].b + 16 - el[k].length, el[k].length);
			x->len += el[k].length;
		} else if (fields[f].kind == KIND_TIME) {
			put(x, batch_number(b, f, i) - (uint64_t)x->boot_msec, el[k].length);
		} else {
			put(x, batch_number(b, f, i), el[k].length);
		}
	}
	x->records++;
}

int
netflow9_send(struct netflow9 *x, const struct batch *b, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		bool v4 = addr_is_v4(&COLADDR(b, F_SRCIP)[i]);
		uint16_t set = v4 ? TEMPLATE_V4 : TEMPLATE_V6;

		if (x->len + 4 + 100 > DATAGRAM_MAX && end_datagram(x, e) == -1)
			return -1;
		if (x->len == 0)
			begin_datagram(x);
		if (x->set != set) {
			end_set(x);
			x->set = set;
			x->set_start = x->len;
			put(x, set, 2);
			put(x, 0, 2);
		}
		put_flow(x, b, i, v4 ? v4_items : v6_items);
	}
	return x->len > 0 ? end_datagram(x, e) : 0;
}
