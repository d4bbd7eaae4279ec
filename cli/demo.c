#include "demo.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/when.h"

#define TCP	6
#define UDP	17
#define ICMP	1
#define ICMP6	58
#define ESP	50
#define FSPA	0x1b	/* a whole connection: FIN, SYN, PSH, ACK */
#define PA	0x18	/* a piece from its middle */
#define S	0x02
#define HOUR	3600
#define SESSION_HOURS 6	/* no session is longer */

const struct demo_source demo_sources[DEMO_SOURCES] = {
	[UPSTREAM1] = { "upstream1", "#0b62a4", 0xcb0071fe, 1.0, false },	/* 203.0.113.254 */
	[UPSTREAM2] = { "upstream2", "#e07b00", 0xcb0071fd, 0.7, false },
	[OFFICE] = { "office", "#2e8b57", 0x0a140001, 0.65, true },		/* 10.20.0.1 */
};

/* How busy, by hour of the day; and on weekends, times that. */
enum curve { FLAT, HOME, WORK, NIGHT, CURVES };

static const struct { double hour[24], weekend; } curves[CURVES] = {
	[FLAT] = { { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 1.0 },
	[HOME] = { { .45, .30, .20, .16, .15, .17, .25, .38, .46, .50, .53, .56,
	    .60, .58, .57, .60, .66, .74, .82, .92, 1.0, .99, .86, .64 }, 1.12 },
	[WORK] = { { .04, .03, .03, .03, .03, .04, .10, .38, .80, .97, 1.0, .95,
	    .70, .88, .98, .96, .84, .55, .25, .14, .10, .08, .06, .05 }, 0.12 },
	[NIGHT] = { { .6, 1, 1, .8, .3, .05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .05, .2 }, 1.3 },
};

static const struct {
	uint32_t v4, span;	/* first address, how many there are to choose from */
	uint16_t v6;		/* 2001:db8:v6:: */
	unsigned hosts;		/* in use */
	uint8_t mask, mask6;
	uint32_t as;		/* 0: by address */
} pools[POOLS] = {
	[POOL_OFFICE] = { 0x0a140100, 6 * 256, 0x20, 420, 24, 64, 0 },		/* 10.20.1.0 … 10.20.6.255 */
	[POOL_DC] = { 0x0a0a0100, 3 * 256, 0x10, 90, 24, 64, 0 },		/* 10.10.1.0 … 10.10.3.255 */
	[POOL_CUSTOMER] = { 0xc6120000, 65536, 0x1800, 6000, 20, 48, 64500 },	/* 198.18.0.0/16 */
	[POOL_PUBLIC] = { 0xcb007100, 200, 0x113, 60, 24, 48, 64500 },		/* 203.0.113.0/24 */
	[POOL_WEB] = { 0xc6336400, 256, 0x5100, 250, 24, 40, 0 },		/* 198.51.100.0/24 */
	[POOL_WORLD] = { 0xc6130000, 65536, 0xf000, 40000, 16, 36, 0 },		/* 198.19.0.0/16 */
};

/* Short conversations. */
static const struct service {
	bool office;
	enum pool client, server;
	uint8_t proto;
	uint16_t port;
	double weight;
	enum curve curve;
	double up, down;	/* packets from and to the client; down 0: nobody answers */
	double spread;
	unsigned up_size, down_size;	/* bytes per packet */
	unsigned msec;
} services[] = {
	{ false, POOL_CUSTOMER, POOL_WEB, TCP, 443, 30, HOME, 12, 22, 1.2, 95, 1100, 6000 },
	{ false, POOL_CUSTOMER, POOL_WEB, UDP, 443, 14, HOME, 15, 30, 1.3, 120, 1150, 12000 },
	{ false, POOL_CUSTOMER, POOL_WEB, TCP, 80, 5, HOME, 7, 9, 1.0, 110, 900, 2500 },
	{ false, POOL_CUSTOMER, POOL_WEB, TCP, 443, 1.5, HOME, 420, 950, 0.9, 60, 1380, 180000 },
	{ false, POOL_WORLD, POOL_PUBLIC, TCP, 443, 12, HOME, 9, 14, 1.0, 130, 1000, 3000 },
	{ false, POOL_WORLD, POOL_PUBLIC, TCP, 80, 3, HOME, 6, 7, 0.8, 110, 800, 1500 },
	{ false, POOL_CUSTOMER, POOL_WEB, UDP, 53, 22, HOME, 1, 1, 0.2, 68, 170, 40 },
	{ false, POOL_WORLD, POOL_PUBLIC, UDP, 53, 6, FLAT, 1, 1, 0.2, 72, 210, 5 },
	{ false, POOL_CUSTOMER, POOL_WEB, UDP, 123, 3, FLAT, 1, 1, 0.1, 76, 76, 30 },
	{ false, POOL_WORLD, POOL_PUBLIC, TCP, 25, 2.5, WORK, 22, 14, 1.0, 750, 70, 4000 },
	{ false, POOL_PUBLIC, POOL_WORLD, TCP, 25, 1, WORK, 24, 15, 1.0, 780, 70, 4000 },
	{ false, POOL_WORLD, POOL_PUBLIC, TCP, 993, 2, HOME, 14, 16, 1.0, 110, 480, 15000 },
	{ false, POOL_WORLD, POOL_PUBLIC, TCP, 22, 1.5, FLAT, 13, 12, 0.5, 90, 130, 4000 },
	{ false, POOL_WORLD, POOL_CUSTOMER, TCP, 23, 2, FLAT, 1, 0, 0.2, 44, 0, 0 },
	{ false, POOL_WORLD, POOL_CUSTOMER, TCP, 3389, 1, FLAT, 2, 0, 0.3, 48, 0, 3000 },
	{ false, POOL_CUSTOMER, POOL_WEB, ICMP, 0, 1.5, FLAT, 4, 4, 0.6, 84, 84, 3000 },
	{ false, POOL_CUSTOMER, POOL_WORLD, UDP, 27015, 2, HOME, 600, 700, 1.0, 90, 180, 120000 },
	{ false, POOL_CUSTOMER, POOL_WORLD, TCP, 6881, 2, HOME, 60, 80, 1.6, 500, 900, 40000 },
	{ true, POOL_OFFICE, POOL_WEB, TCP, 443, 28, WORK, 14, 20, 1.2, 110, 1000, 8000 },
	{ true, POOL_OFFICE, POOL_WEB, UDP, 443, 8, WORK, 15, 26, 1.2, 120, 1100, 12000 },
	{ true, POOL_OFFICE, POOL_DC, UDP, 53, 26, WORK, 1, 1, 0.2, 66, 150, 2 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 389, 5, WORK, 8, 9, 0.7, 160, 420, 900 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 88, 3, WORK, 5, 5, 0.3, 330, 380, 60 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 445, 8, WORK, 60, 85, 1.5, 320, 880, 25000 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 993, 5, WORK, 15, 18, 1.0, 110, 520, 20000 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 3128, 5, WORK, 14, 22, 1.2, 140, 1050, 7000 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 1433, 3, WORK, 22, 26, 0.9, 210, 560, 9000 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 3389, 0.8, WORK, 900, 1300, 0.8, 100, 420, 200000 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 22, 0.8, WORK, 90, 95, 1.0, 90, 160, 120000 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 9100, 0.6, WORK, 220, 90, 1.2, 1300, 50, 8000 },
	{ true, POOL_OFFICE, POOL_OFFICE, UDP, 16384, 1.5, WORK, 3000, 3000, 0.5, 200, 200, 90000 },
	{ true, POOL_OFFICE, POOL_DC, UDP, 5060, 1, WORK, 3, 3, 0.4, 620, 540, 400 },
	{ true, POOL_DC, POOL_DC, TCP, 5432, 5, FLAT, 30, 34, 1.0, 180, 700, 3000 },
	{ true, POOL_DC, POOL_OFFICE, UDP, 161, 5, FLAT, 4, 4, 0.5, 90, 170, 200 },
	{ true, POOL_OFFICE, POOL_DC, UDP, 514, 4, FLAT, 3, 0, 0.6, 220, 0, 20000 },
	{ true, POOL_OFFICE, POOL_DC, UDP, 123, 3, FLAT, 1, 1, 0.1, 76, 76, 1 },
	{ true, POOL_DC, POOL_OFFICE, ICMP, 0, 2, FLAT, 3, 3, 0.2, 84, 84, 2000 },
};
#define SERVICES	(sizeof(services) / sizeof(services[0]))

/* Long ones, which exporters cut every five minutes. */
static const struct session {
	bool office;
	enum pool client, server;
	uint8_t proto;
	uint16_t port;
	enum curve curve;
	unsigned count;		/* begun in a busy hour */
	double minutes;
	double up, down;	/* packets per second */
	unsigned up_size, down_size;
} sessions[] = {
	{ true, POOL_DC, POOL_DC, TCP, 22, NIGHT, 8, 35, 2600, 300, 1400, 60 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 22, WORK, 12, 80, 3, 3, 90, 180 },
	{ true, POOL_OFFICE, POOL_DC, TCP, 3389, WORK, 10, 90, 14, 22, 90, 500 },
	{ false, POOL_PUBLIC, POOL_WEB, TCP, 873, NIGHT, 3, 50, 1500, 250, 1420, 60 },
	{ false, POOL_CUSTOMER, POOL_WEB, TCP, 443, HOME, 60, 45, 30, 75, 70, 1390 },
	{ false, POOL_WORLD, POOL_PUBLIC, ESP, 0, WORK, 14, 120, 60, 80, 420, 640 },
	{ false, POOL_PUBLIC, POOL_WEB, TCP, 179, FLAT, 2, 300, 0.2, 0.3, 80, 120 },
};
#define SESSIONS	(sizeof(sessions) / sizeof(sessions[0]))

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

struct random
random_start(uint64_t seed, uint64_t a, uint64_t b, uint64_t c)
{
	struct random r = { mix(mix(mix(mix(seed) ^ a) ^ b) ^ c) };

	return r;
}

uint64_t
random_next(struct random *r)
{
	return mix(r->state += 0x9e3779b97f4a7c15);
}

double
random_unit(struct random *r)
{
	return (random_next(r) >> 11) * 0x1p-53;
}

unsigned
random_below(struct random *r, unsigned n)
{
	return (random_next(r) >> 32) * n >> 32;
}

/* About normal: the sum of four uniform numbers, scaled to deviation 1. */
static double
random_normal(struct random *r)
{
	return (random_unit(r) + random_unit(r) + random_unit(r) + random_unit(r) - 2) * 1.7320508;
}

struct addr
pool_host(enum pool pool, unsigned i, bool v6)
{
	uint32_t v4 = pools[pool].v4 + (uint32_t)((uint64_t)i * 40503 % pools[pool].span);

	if (v6)
		return addr_from_v6((uint64_t)0x20010db8 << 32 | (uint64_t)(pools[pool].v6 + i / 256) << 16 | i % 7,
		    (uint64_t)(v4 & 0xffff) << 32 | i);
	if ((v4 & 0xff) == 0 || (v4 & 0xff) == 255)
		v4 ^= 1;
	return addr_from_v4(v4);
}

/* By Zipf's law: the i-th has 1/i of the first one's share. */
struct addr
random_host(struct random *r, enum pool pool, bool v6)
{
	return pool_host(pool, exp(random_unit(r) * log(pools[pool].hosts)) - 1 + random_unit(r), v6);
}

void
random_times(struct random *r, struct flow *f, int64_t slot, unsigned msec)
{
	uint64_t begin = (uint64_t)slot * 1000;

	f->last = begin + 1 + random_below(r, DEMO_SLOT * 1000 - 3);
	f->first = f->last - msec;
	f->received = f->last + random_below(r, 2000);
	if (f->received >= begin + DEMO_SLOT * 1000)
		f->received = begin + DEMO_SLOT * 1000 - 1;
}

struct flow *
flows_add(struct flows *fs, const struct addr *src, enum pool src_pool, const struct addr *dst, enum pool dst_pool)
{
	struct flow *f;

	if (fs->n == fs->cap) {
		fs->cap = fs->cap != 0 ? fs->cap * 2 : 4096;
		fs->flow = xrealloc(fs->flow, fs->cap, sizeof(fs->flow[0]));
	}
	f = &fs->flow[fs->n++];
	memset(f, 0, sizeof(*f));
	f->src = *src;
	f->dst = *dst;
	f->src_pool = src_pool;
	f->dst_pool = dst_pool;
	return f;
}

void
flows_free(struct flows *fs)
{
	free(fs->flow);
	memset(fs, 0, sizeof(*fs));
}

/* How busy it is at a time, 0 to about 1. */
static double
busy(enum curve curve, const struct tm *tm)
{
	double a = curves[curve].hour[tm->tm_hour], b = curves[curve].hour[(tm->tm_hour + 1) % 24];
	double v = a + (b - a) * tm->tm_min / 60;

	return tm->tm_wday == 0 || tm->tm_wday == 6 ? v * curves[curve].weekend : v;
}

static uint64_t
packets_of(struct random *r, double median, double spread)
{
	double v = median * exp(spread * random_normal(r));

	return v < 1 ? 1 : v;
}

static uint64_t
bytes_of(struct random *r, uint64_t packets, unsigned size)
{
	double one = size * (0.9 + 0.2 * random_unit(r));

	return packets * (one < 28 ? 28 : one > 1500 ? 1500 : one);
}

static uint16_t
ephemeral(struct random *r)
{
	return 32768 + random_below(r, 28232);
}

/* What both directions of a conversation have in common, put into the client's flow. */
static void
talk_ports(struct random *r, struct flow *f, uint8_t proto, uint16_t port, bool v6)
{
	f->proto = proto == ICMP && v6 ? ICMP6 : proto;
	f->sport = proto == TCP || proto == UDP ? ephemeral(r) : 0;
	f->dport = proto == ICMP ? (v6 ? 128 : 8) << 8 : port;
	if (port == 123)
		f->sport = 123;
	if (port == 16384)
		f->dport = 16384 + random_below(r, 8192) * 2;
}

/* The answering flow of f. */
static struct flow *
talk_back(struct flows *fs, size_t of)
{
	struct flow f = fs->flow[of], *back = flows_add(fs, &f.dst, f.dst_pool, &f.src, f.src_pool);

	back->first = f.first;
	back->last = f.last;
	back->received = f.received;
	back->proto = f.proto;
	back->flags = f.flags;
	back->sport = f.dport;
	back->dport = f.sport;
	if (f.proto == ICMP || f.proto == ICMP6) {
		back->sport = 0;
		back->dport = (f.proto == ICMP ? 0 : 129) << 8;
	}
	return back;
}

static void
converse(struct random *r, const struct service *s, int64_t slot, struct flows *fs)
{
	bool v6 = random_unit(r) < 0.15, answered = s->down > 0 && random_unit(r) > 0.03;
	struct addr client = random_host(r, s->client, v6), server = random_host(r, s->server, v6);
	struct flow *f = flows_add(fs, &client, s->client, &server, s->server);
	double msec = s->msec * exp(0.7 * random_normal(r)), scale = exp(s->spread * random_normal(r));
	size_t at = fs->n - 1;

	random_times(r, f, slot, msec > DEMO_SLOT * 1000 ? DEMO_SLOT * 1000 : msec);
	talk_ports(r, f, s->proto, s->port, v6);
	f->packets = answered || s->down == 0 ? packets_of(r, s->up * scale, 0.1) : 1 + random_below(r, 3);
	f->bytes = answered || s->proto != TCP ? bytes_of(r, f->packets, s->up_size) : f->packets * 60;
	if (s->proto == TCP)
		f->flags = answered ? FSPA : S;
	if (s->port == 5060)
		f->tos = 0x68;
	if (f->packets == 1)
		f->first = f->last;
	if (answered) {
		struct flow *back = talk_back(fs, at);

		back->packets = packets_of(r, s->down * scale, 0.1);
		back->bytes = bytes_of(r, back->packets, s->down_size);
	}
}

/* The part of a session that falls into the slot. */
static void
session_cut(struct random *r, const struct session *s, int64_t from, int64_t to, int64_t slot, struct flows *fs)
{
	bool v6 = random_unit(r) < 0.15;
	struct addr client = random_host(r, s->client, v6), server = random_host(r, s->server, v6);
	double rate = exp(0.5 * random_normal(r));
	uint16_t port = ephemeral(r);
	int64_t a = from > slot ? from : slot, b = to < slot + DEMO_SLOT ? to : slot + DEMO_SLOT;
	struct flow *f, *back;
	size_t at;

	if (a >= b)
		return;
	f = flows_add(fs, &client, s->client, &server, s->server);
	at = fs->n - 1;
	talk_ports(r, f, s->proto, s->port, false);
	f->proto = s->proto;
	f->sport = s->proto == TCP ? port : 0;
	f->flags = s->proto == TCP ? PA : 0;
	f->first = (uint64_t)a * 1000 + random_below(r, 900);
	f->last = (uint64_t)b * 1000 - 1 - random_below(r, 90);
	f->received = f->last;
	f->packets = packets_of(r, s->up * rate * (b - a), 0.05);
	f->bytes = bytes_of(r, f->packets, s->up_size);
	back = talk_back(fs, at);
	back->packets = packets_of(r, s->down * rate * (b - a), 0.05);
	back->bytes = bytes_of(r, back->packets, s->down_size);
}

/* Sessions that began up to six hours ago and are still on. */
static void
sessions_slot(const struct demo *d, unsigned source, int64_t slot, struct flows *fs)
{
	for (int64_t hour = slot / HOUR - SESSION_HOURS; hour <= slot / HOUR; hour++) {
		struct tm tm;

		when_local(hour * HOUR, &tm);
		for (size_t i = 0; i < SESSIONS; i++) {
			const struct session *s = &sessions[i];
			struct random r = random_start(d->seed, 1000 + source, hour, i);
			double p = busy(s->curve, &tm) * demo_sources[source].share;

			for (unsigned k = 0; s->office == demo_sources[source].office && k < s->count; k++) {
				struct random one = { random_next(&r) };
				int64_t from = hour * HOUR + random_below(&one, HOUR);
				double minutes = s->minutes * exp(0.6 * random_normal(&one));

				if (random_unit(&one) >= p)
					continue;
				if (minutes > (SESSION_HOURS - 1) * 60)
					minutes = (SESSION_HOURS - 1) * 60;
				session_cut(&one, s, from, from + minutes * 60, slot, fs);
			}
		}
	}
}

/* Short conversations of a slot: the mix of services changes with the hour. */
static void
services_slot(const struct demo *d, unsigned source, int64_t slot, struct flows *fs)
{
	const struct demo_source *src = &demo_sources[source];
	struct random r = random_start(d->seed, source, slot, 0);
	double upto[SERVICES], sum = 0, all = 0;
	struct tm tm;
	size_t n;

	when_local(slot, &tm);
	for (size_t i = 0; i < SERVICES; i++) {
		double weight = services[i].office == src->office ? services[i].weight : 0;

		all += weight;
		upto[i] = sum += weight * busy(services[i].curve, &tm);
	}
	/* Two flows for most conversations. */
	n = d->flows * src->share * sum / all * exp(0.05 * random_normal(&r)) / 1.9;
	for (size_t k = 0; k < n; k++) {
		double x = random_unit(&r) * sum;
		size_t i = 0;

		while (i < SERVICES - 1 && upto[i] <= x)
			i++;
		converse(&r, &services[i], slot, fs);
	}
}

static int
by_received(const void *va, const void *vb)
{
	const struct flow *a = va, *b = vb;

	return a->received < b->received ? -1 : a->received > b->received ? 1 :
	    a->sport < b->sport ? -1 : a->sport > b->sport;
}

void
demo_slot(const struct demo *d, unsigned source, int64_t start, struct flows *fs)
{
	size_t usual;

	fs->n = 0;
	services_slot(d, source, start, fs);
	sessions_slot(d, source, start, fs);
	usual = fs->n;
	for (size_t i = 0; i < d->nincidents; i++) {
		const struct incident *in = &d->incidents[i];

		if (in->source == source && start >= in->start && start < in->start + in->slots * DEMO_SLOT)
			in->make(d, in, start, usual, fs);
	}
	if (fs->n > 1)
		qsort(fs->flow, fs->n, sizeof(fs->flow[0]), by_received);
}

void
demo_fields(struct fieldset *set)
{
	static const enum field filled[] = {
		F_SYSID, F_NFVERSION, F_FIRST, F_LAST, F_RECEIVED, F_PACKETS, F_BYTES, F_SRCPORT, F_DSTPORT,
		F_PROTO, F_FLAGS, F_FWDSTAT, F_SRCTOS, F_SRCIP, F_DSTIP, F_INIF, F_OUTIF, F_SRCMASK, F_DSTMASK,
		F_DIR, F_SRCAS, F_DSTAS, F_NEXTHOP, F_ROUTER,
	};

	for (size_t i = 0; i < sizeof(filled) / sizeof(filled[0]); i++)
		fieldset_add(set, filled[i]);
}

/* Which interface leads to a host: 1 is out to the world. */
static uint32_t
interface_to(const struct demo_source *s, enum pool pool, const struct addr *a)
{
	if (pool == POOL_WEB || pool == POOL_WORLD)
		return 1;
	if (!s->office)
		return 2;
	return pool == POOL_OFFICE ? 10 + (addr_is_v4(a) ? a->b[14] % 8 : 0) : 5;
}

static uint32_t
as_of(enum pool pool, const struct addr *a)
{
	static const uint32_t world[] = {
		64496, 64497, 64498, 64499, 64501, 64502, 64503, 64504, 64505, 64506, 65536, 65537, 65540, 65541, 65550, 65551,
	};

	if (pool != POOL_WEB && pool != POOL_WORLD)
		return pools[pool].as;
	return world[(pool == POOL_WEB ? a->b[15] >> 6 : a->b[14] >> 4) % (sizeof(world) / sizeof(world[0]))];
}

static uint8_t
mask_of(enum pool pool, const struct addr *a)
{
	return addr_is_v4(a) ? pools[pool].mask : pools[pool].mask6;
}

/* Where the flow is handed to next, by the interface it leaves. */
static struct addr
next_hop(const struct demo_source *s, uint32_t outif, const struct addr *dst)
{
	if (addr_is_v4(dst))
		return addr_from_v4(outif == 1 ? 0xc0000200 + (s->router & 0xff) : (s->router & 0xffffff00) + outif);
	return addr_from_v6((uint64_t)0x20010db8 << 32 | (outif == 1 ? 0xffff : 1), outif);
}

void
demo_batch(const struct flows *fs, unsigned source, size_t from, size_t n, struct batch *b)
{
	const struct demo_source *s = &demo_sources[source];

	for (b->n = 0; b->n < n && b->n < BATCH_MAX; b->n++) {
		const struct flow *f = &fs->flow[from + b->n];
		size_t i = b->n;

		COL16(b, F_SYSID)[i] = 1;
		COL8(b, F_NFVERSION)[i] = 9;
		COL64(b, F_FIRST)[i] = f->first;
		COL64(b, F_LAST)[i] = f->last;
		COL64(b, F_RECEIVED)[i] = f->received;
		COL64(b, F_PACKETS)[i] = f->packets;
		COL64(b, F_BYTES)[i] = f->bytes;
		COL16(b, F_SRCPORT)[i] = f->sport;
		COL16(b, F_DSTPORT)[i] = f->dport;
		COL8(b, F_PROTO)[i] = f->proto;
		COL8(b, F_FLAGS)[i] = f->flags;
		COL8(b, F_FWDSTAT)[i] = 64;	/* forwarded */
		COL8(b, F_SRCTOS)[i] = f->tos;
		COLADDR(b, F_SRCIP)[i] = f->src;
		COLADDR(b, F_DSTIP)[i] = f->dst;
		COL32(b, F_INIF)[i] = interface_to(s, f->src_pool, &f->src);
		COL32(b, F_OUTIF)[i] = interface_to(s, f->dst_pool, &f->dst);
		COL8(b, F_SRCMASK)[i] = mask_of(f->src_pool, &f->src);
		COL8(b, F_DSTMASK)[i] = mask_of(f->dst_pool, &f->dst);
		COL8(b, F_DIR)[i] = 0;
		COL32(b, F_SRCAS)[i] = as_of(f->src_pool, &f->src);
		COL32(b, F_DSTAS)[i] = as_of(f->dst_pool, &f->dst);
		COLADDR(b, F_NEXTHOP)[i] = next_hop(s, COL32(b, F_OUTIF)[i], &f->dst);
		COLADDR(b, F_ROUTER)[i] = addr_from_v4(s->router);
	}
}
