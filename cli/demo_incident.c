#include "demo.h"

#include <string.h>
#include <time.h>

#include "base/when.h"

#define TCP	6
#define UDP	17
#define SYN	0x02
#define RST_ACK	0x14
#define PSH_ACK	0x18

#define V4(a, b, c, d)	((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static struct random
dice(const struct demo *d, const struct incident *in, int64_t slot)
{
	return random_start(d->seed, 2000 + in->source, slot, in->start);
}

/* A few small packets. */
static struct flow *
small(struct random *r, struct flow *f, int64_t slot, unsigned msec, uint64_t packets, unsigned size)
{
	random_times(r, f, slot, msec);
	f->packets = packets;
	f->bytes = packets * size;
	return f;
}

/* One TCP packet from src to dst and, for `answers` of 1000, a reset back. */
static void
probe(struct random *r, struct flows *fs, int64_t slot, const struct addr *src, enum pool src_pool,
    const struct addr *dst, enum pool dst_pool, uint16_t port, unsigned answers)
{
	uint16_t sport = 1024 + random_below(r, 64000);
	unsigned packets = 1 + (random_below(r, 8) == 0);
	struct flow *f = small(r, flows_add(fs, src, src_pool, dst, dst_pool), slot, packets > 1 ? 3000 : 0, packets, 48);
	uint64_t last = f->last, received = f->received;

	f->proto = TCP;
	f->flags = SYN;
	f->sport = sport;
	f->dport = port;
	if (random_below(r, 1000) >= answers)
		return;
	f = flows_add(fs, dst, dst_pool, src, src_pool);
	f->first = f->last = last;
	f->received = received;
	f->packets = 1;
	f->bytes = 40;
	f->proto = TCP;
	f->flags = RST_ACK;
	f->sport = port;
	f->dport = sport;
}

/* The office's storm: nine of ten flows are one host's, and no graph of bytes shows it. */
static void
storm(const struct demo *d, const struct incident *in, int64_t slot, size_t usual, struct flows *fs)
{
	struct random r = dice(d, in, slot);
	struct addr src = addr_from_v4(V4(10, 20, 3, 77));

	for (size_t i = 0; i < usual * 9; i++) {
		struct addr dst = addr_from_v4(V4(10, 10, 3, 20 + random_below(&r, 3)));

		probe(&r, fs, slot, &src, POOL_OFFICE, &dst, POOL_DC, 1433, 8);
	}
}

static void
syn_flood(const struct demo *d, const struct incident *in, int64_t slot, size_t usual, struct flows *fs)
{
	struct random r = dice(d, in, slot);
	struct addr dst = addr_from_v4(V4(203, 0, 113, 80));

	for (size_t i = 0; i < usual * 5; i++) {
		struct addr src = addr_from_v4(V4(198, 19, 0, 0) + random_below(&r, 65536));

		probe(&r, fs, slot, &src, POOL_WORLD, &dst, POOL_PUBLIC, 443, 15);
	}
}

static void
dns_amplification(const struct demo *d, const struct incident *in, int64_t slot, size_t usual, struct flows *fs)
{
	struct random r = dice(d, in, slot);
	struct addr dst = addr_from_v4(V4(203, 0, 113, 25));

	(void)usual;
	for (unsigned i = 0; i < 600; i++) {
		unsigned n = random_below(&r, 300);
		struct addr src = n < 150 ? addr_from_v4(V4(192, 0, 2, n)) : pool_host(POOL_WORLD, n * 37, false);
		struct flow *f = small(&r, flows_add(fs, &src, POOL_WORLD, &dst, POOL_PUBLIC), slot,
		    20000 + random_below(&r, 200000), 2000 + random_below(&r, 16000), 1380 + random_below(&r, 100));

		f->proto = UDP;
		f->sport = 53;
		f->dport = 1024 + random_below(&r, 64000);
	}
}

static void
port_scan(const struct demo *d, const struct incident *in, int64_t slot, size_t usual, struct flows *fs)
{
	struct random r = dice(d, in, slot);
	struct addr src = addr_from_v4(V4(192, 0, 2, 66)), dst = addr_from_v4(V4(203, 0, 113, 10));
	unsigned from = (slot - in->start) / DEMO_SLOT * 4000;

	(void)usual;
	for (unsigned port = from + 1; port <= from + 4000; port++)
		probe(&r, fs, slot, &src, POOL_WORLD, &dst, POOL_PUBLIC, port, 950);
}

static void
network_scan(const struct demo *d, const struct incident *in, int64_t slot, size_t usual, struct flows *fs)
{
	struct random r = dice(d, in, slot);
	struct addr src = addr_from_v4(V4(192, 0, 2, 177));
	unsigned from = (slot - in->start) / DEMO_SLOT * 6000;

	(void)usual;
	for (unsigned i = 0; i < 6000; i++) {
		struct addr dst = addr_from_v4(V4(198, 18, 0, 0) + from + i);

		probe(&r, fs, slot, &src, POOL_WORLD, &dst, POOL_CUSTOMER, 445, 20);
	}
}

/* Twice as many hosts each slot, and each looks for more. */
static void
worm(const struct demo *d, const struct incident *in, int64_t slot, size_t usual, struct flows *fs)
{
	struct random r = dice(d, in, slot);
	unsigned hosts = 1U << (slot - in->start) / DEMO_SLOT;

	(void)usual;
	for (unsigned h = 0; h < hosts; h++) {
		struct addr src = h == 0 ? addr_from_v4(V4(10, 20, 1, 33)) : pool_host(POOL_OFFICE, h * 3, false);

		for (unsigned i = 0; i < 120; i++) {
			struct addr dst = addr_from_v4(V4(10, 20, random_below(&r, 256), 1 + random_below(&r, 254)));

			probe(&r, fs, slot, &src, POOL_OFFICE, &dst, POOL_OFFICE, 445, 60);
		}
	}
}

/* Some 400 Mbit/s from one host to one other: two flows a slot. */
static void
bulk_copy(const struct demo *d, const struct incident *in, int64_t slot, size_t usual, struct flows *fs)
{
	struct random r = dice(d, in, slot);
	struct addr src = addr_from_v4(V4(10, 10, 3, 14)), dst = addr_from_v4(V4(198, 51, 100, 140));
	uint64_t packets = 10000000 + random_below(&r, 500000);
	struct flow *f = flows_add(fs, &src, POOL_DC, &dst, POOL_WEB);

	(void)usual;
	f->first = (uint64_t)slot * 1000 + 12;
	f->last = f->received = (uint64_t)(slot + DEMO_SLOT) * 1000 - 9;
	f->packets = packets;
	f->bytes = packets * 1452;
	f->proto = TCP;
	f->flags = PSH_ACK;
	f->sport = 41872;
	f->dport = 443;
	f = flows_add(fs, &dst, POOL_WEB, &src, POOL_DC);
	f->first = (uint64_t)slot * 1000 + 12;
	f->last = f->received = (uint64_t)(slot + DEMO_SLOT) * 1000 - 8;
	f->packets = packets / 3;
	f->bytes = packets / 3 * 52;
	f->proto = TCP;
	f->flags = PSH_ACK;
	f->sport = 443;
	f->dport = 41872;
}

/* The storm comes back on working days; the others happen once. */
static const struct incident story = { OFFICE, 0, 1, "connection storm", "10.20.3.77", "1433/tcp",
	"One host of the office opens nine of ten flows, to port 1433 of three database servers; packets and bytes hardly change.",
	storm };
static const struct { unsigned workdays_ago, minute, slots; } story_times[] = {
	{ 0, 35, 1 }, { 1, 35, 2 }, { 3, 40, 1 }, { 6, 35, 1 }, { 8, 30, 2 },
};

static const struct { unsigned days_ago, hour, minute; struct incident incident; } once[] = {
	{ 1, 2, 10, { OFFICE, 0, 12, "bulk copy", "10.10.3.14", "443/tcp",
	    "A server sends 400 Mbit/s to 198.51.100.140 for an hour of the night, in two flows a slot.", bulk_copy } },
	{ 2, 10, 15, { OFFICE, 0, 7, "worm", "10.20.1.33", "445/tcp",
	    "Hosts of the office look for port 445, first one, then twice as many in each slot.", worm } },
	{ 3, 19, 40, { UPSTREAM2, 0, 4, "DNS amplification", "203.0.113.25", "53/udp",
	    "Three hundred resolvers send large answers to a mail server that never asked.", dns_amplification } },
	{ 5, 21, 10, { UPSTREAM1, 0, 3, "SYN flood", "203.0.113.80", "443/tcp",
	    "Spoofed addresses of 198.19.0.0/16 send single SYN packets to a web server.", syn_flood } },
	{ 6, 4, 20, { UPSTREAM1, 0, 3, "port scan", "192.0.2.66", "1-12000/tcp",
	    "One host tries the ports of 203.0.113.10, one by one; nearly all are refused.", port_scan } },
	{ 8, 11, 5, { UPSTREAM2, 0, 4, "network scan", "192.0.2.177", "445/tcp",
	    "One host tries port 445 on one customer's address after the other.", network_scan } },
};

/* Seconds of a time of day, so many days before the end. */
static int64_t
time_of(const struct demo *d, unsigned days_ago, unsigned hour, unsigned minute, int *weekday)
{
	struct tm tm;
	int64_t t;

	when_local(d->until, &tm);
	tm.tm_mday -= days_ago;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	t = when_from_local(&tm);
	when_local(t, &tm);
	*weekday = tm.tm_wday;
	return t;
}

static bool
within(const struct demo *d, int64_t start, unsigned slots)
{
	return start >= d->until - (int64_t)d->days * 86400 && start + (int64_t)slots * DEMO_SLOT <= d->until;
}

static void
add(struct demo *d, const struct incident *in, int64_t start, unsigned slots)
{
	if (d->nincidents == INCIDENTS_MAX || !within(d, start, slots))
		return;
	d->incidents[d->nincidents] = *in;
	d->incidents[d->nincidents].start = start;
	d->incidents[d->nincidents++].slots = slots;
}

void
demo_incidents(struct demo *d)
{
	size_t next = 0, nstory = sizeof(story_times) / sizeof(story_times[0]);
	unsigned workdays = 0;
	int weekday;
	int64_t t;

	d->nincidents = 0;
	for (unsigned day = 0; day <= d->days && next < nstory; day++) {
		t = time_of(d, day, 14, story_times[next].minute, &weekday);
		if (weekday == 0 || weekday == 6 || !within(d, t, story_times[next].slots))
			continue;
		if (workdays++ == story_times[next].workdays_ago)
			add(d, &story, t, story_times[next++].slots);
	}
	for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
		t = time_of(d, once[i].days_ago, once[i].hour, once[i].minute, &weekday);
		add(d, &once[i].incident, t, once[i].incident.slots);
	}
}
