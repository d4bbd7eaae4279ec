#include "query/digest.h"

#include <inttypes.h>
#include <string.h>

#include "query/ft_count.h"

struct digest {
	struct ft_report report;
	struct ft_count count;
	/* Of a batch, with both directions in one. */
	uint64_t packets[BATCH_MAX], bytes[BATCH_MAX];
};

static const enum field counted[] = { F_FLOWS, F_PACKETS, F_BYTES, F_OUTPACKETS, F_OUTBYTES, F_DURATION, F_FIRST,
	F_LAST, F_RECEIVED };

bool
digest_asked(const struct query *q)
{
	return q->mode == QUERY_LIST && q->output != NULL && strcmp(q->output, "summary") == 0;
}

struct digest *
digest_new(struct arena *a)
{
	struct digest *d = arena_alloc(a, sizeof(*d));

	/* The first of all types. */
	d->report = (struct ft_report){ .name = "summary", .type = &ft_report_types[0], .scale = 1 };
	ft_count_init(&d->count, &d->report, a);
	return d;
}

void
digest_free(struct digest *d)
{
	if (d != NULL)
		ft_count_free(&d->count);
}

void
digest_fields(struct fieldset *set)
{
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		fieldset_add(set, counted[i]);
}

static void
add_up(uint64_t *to, const struct batch *b, enum field in, enum field out, size_t from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = COL64(b, in)[from + i] + (b->col[out] != NULL ? COL64(b, out)[from + i] : 0);
}

void
digest_add(struct digest *d, const struct batch *rows)
{
	static const uint64_t none[BATCH_MAX];

	for (size_t from = 0; from < rows->n; from += BATCH_MAX) {
		struct batch b = { .n = rows->n - from < BATCH_MAX ? rows->n - from : BATCH_MAX };

		for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
			b.col[counted[i]] = rows->col[counted[i]] != NULL ? (uint64_t *)rows->col[counted[i]] + from :
			    (void *)(uintptr_t)none;
		add_up(d->packets, rows, F_PACKETS, F_OUTPACKETS, from, b.n);
		add_up(d->bytes, rows, F_BYTES, F_OUTBYTES, from, b.n);
		b.col[F_PACKETS] = d->packets;
		b.col[F_BYTES] = d->bytes;
		ft_count_add(&d->count, &b, NULL, 0, b.n);
	}
}

static double
ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

/* A record that is many flows lasts but once. */
static double
records_of(const struct ft_count *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < FT_BINS_MAX; i++)
		n += c->bin[0][i];
	return (double)n;
}

size_t
digest_figures(const struct digest *d, struct digest_figure to[static DIGEST_FIGURES])
{
	const struct ft_count *c = &d->count;
	double flows = (double)c->all.flows, packets = (double)c->all.packets, bytes = (double)c->all.octets;
	uint64_t span = c->last_msec > c->first_msec ? c->last_msec - c->first_msec : 0;
	double seconds = (double)span / 1000;
	const struct digest_figure figures[] = {
		{ "flows", "Flows", flows, true },
		{ "packets", "Packets", packets, true },
		{ "bytes", "Bytes", bytes, true },
		{ "without_packets", "Flows without packets, left out", (double)c->ignored, true },
		{ "first", "First flow starts", flows > 0 ? (double)c->first_msec / 1000 : 0, false },
		{ "last", "Last flow ends", (double)c->last_msec / 1000, false },
		{ "bytes_per_packet", "Bytes per packet", ratio(bytes, packets), false },
		{ "bytes_per_flow", "Bytes per flow", ratio(bytes, flows), false },
		{ "packets_per_flow", "Packets per flow", ratio(packets, flows), false },
		{ "seconds_per_flow", "Seconds per flow", ratio((double)c->all.duration / 1000, records_of(c)), false },
		{ "flows_per_second", "Flows per second", ratio(flows, seconds), false },
		{ "packets_per_second", "Packets per second", ratio(packets, seconds), false },
		{ "bits_per_second", "Bits per second", ratio(bytes * 8, seconds), false },
	};

	memcpy(to, figures, sizeof(figures));
	return sizeof(figures) / sizeof(figures[0]);
}

void
digest_spread(const struct digest *d, unsigned k, struct digest_spread *to)
{
	static const struct { const char *name, *title, *unit; } names[DIGEST_SPREADS] = {
		{ "packet_size", "Bytes per packet", "bytes" }, { "packets", "Packets per flow", "packets" },
		{ "bytes", "Bytes per flow", "bytes" }, { "duration", "Duration of flows", "ms" },
	};
	const struct ft_bins *bins = &ft_bins[k];
	/* Durations begin at nothing. */
	uint64_t least = strcmp(names[k].unit, "ms") == 0 || strcmp(names[k].unit, "bytes") == 0 ? 0 : 1;

	memset(to, 0, sizeof(*to));
	to->name = names[k].name;
	to->title = names[k].title;
	to->unit = names[k].unit;
	for (size_t i = 0; i <= bins->n; i++) {
		uint64_t most = i < bins->n ? bins->limit[i] : UINT64_MAX, flows = d->count.bin[k][i];

		to->step[to->n++] = (struct digest_step){ least, most, flows };
		to->flows += flows;
		least = most + 1;
	}
}

void
digest_csv(const struct digest *d, struct strbuf *sb)
{
	strbuf_adds(sb, "spread,least,most,flows,share\n");
	for (unsigned k = 0; k < DIGEST_SPREADS; k++) {
		struct digest_spread s;

		digest_spread(d, k, &s);
		for (size_t i = 0; i < s.n; i++) {
			strbuf_addf(sb, "%s,%" PRIu64 ",", s.name, s.step[i].least);
			if (s.step[i].most != UINT64_MAX)
				strbuf_addu(sb, s.step[i].most);
			strbuf_addf(sb, ",%" PRIu64 ",%.6f\n", s.step[i].flows,
			    ratio((double)s.step[i].flows, (double)s.flows));
		}
	}
}
