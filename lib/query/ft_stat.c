#include "query/ft_stat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "query/ft_table.h"
#include "query/ft_text.h"

struct stat;

/* A format. */
struct stat_row {
	unsigned number;
	const char *name;
	const char *type;		/* of report */
	const char *heading;		/* of the keys, padded; NULL: no table */
	uint8_t width;			/* of a key */
	bool padded;			/* so is the last column */
	bool ports;			/* TCP and UDP alone */
	bool masks;			/* addresses by their masks */
	void (*print)(struct stat *);	/* NULL: the table */
	void (*flow)(struct stat *, const struct batch *, size_t);	/* prints while reading */
};

/* A run. */
struct stat {
	const struct stat_row *row;
	const struct ft_stat_options *options;
	struct ft_report report;
	struct ft_count count;
	FILE *out;
	uint8_t sel[BATCH_MAX];
	bool begun;			/* the preamble is out */
	struct { uint64_t least, greatest; } x, y;	/* of points */
};

static void	print_summary(struct stat *);
static void	print_short(struct stat *);
static void	print_extent(struct stat *);
static void	print_missing(struct stat *);
static void	flow_octets(struct stat *, const struct batch *, size_t);
static void	flow_packets(struct stat *, const struct batch *, size_t);

#define TABLE(n, name, type, heading, width, padded) { n, name, type, heading, width, padded, false, false, NULL, NULL }
#define PORTS(n, name, type)	{ n, name, type, "# port      ", 10, true, true, false, NULL, NULL }
#define MASKS(n, name, type, heading)	{ n, name, type, heading, 18, false, false, true, NULL, NULL }

static const struct stat_row rows[] = {
	{ 0, "Overall Summary", "summary-detail", NULL, 0, false, false, false, print_summary, NULL },
	TABLE(1, "Average packet size distribution", "packet-size", "# Pkt Size  ", 10, false),
	TABLE(2, "Packets per flow distribution", "packets", "# Packets   ", 10, false),
	TABLE(3, "Octets per flow distribution", "octets", "# Octets    ", 10, false),
	{ 4, "Bandwidth per flow distribution", "summary-counters", NULL, 0, false, false, false, print_missing, NULL },
	PORTS(5, "UDP/TCP destination port", "ip-destination-port"),
	PORTS(6, "UDP/TCP source port", "ip-source-port"),
	PORTS(7, "UDP/TCP port", "ip-port"),
	TABLE(8, "Destination IP", "ip-destination-address", "# IPaddr         ", 15, false),
	TABLE(9, "Source IP", "ip-source-address", "# IPaddr         ", 15, false),
	TABLE(10, "Source/Destination IP", "ip-source/destination-address", "# src IPaddr     dst IPaddr       ", 15, true),
	TABLE(11, "Source or Destination IP", "ip-address", "# IPaddr         ", 15, false),
	TABLE(12, "IP protocol", "ip-protocol", "# protocol  ", 10, true),
	{ 13, "octets for flow duration plot data", "summary-counters",
	    "#\n# start      octets\n# end        octets\n#\n", 13, false, false, false, print_extent, flow_octets },
	{ 14, "packets for flow duration plot data", "summary-counters",
	    "#\n# start     packets\n# end       packets\n#\n", 14, false, false, false, print_extent, flow_packets },
	{ 15, "short summary", "summary-counters", "#\n# Octets            Packets             MBytes\n#\n", 0, false, false,
	    false, print_short, NULL },
	TABLE(16, "IP Next Hop", "ip-next-hop-address", "# IPaddr         ", 15, false),
	TABLE(17, "Input interface", "input-interface", "# interface ", 10, true),
	TABLE(18, "Output interface", "output-interface", "# interface ", 10, true),
	TABLE(19, "Source AS", "source-as", "# src AS    ", 10, true),
	TABLE(20, "Destination AS", "destination-as", "# dst AS    ", 10, true),
	TABLE(21, "Source/Destination AS", "source/destination-as", "# src AS          dst AS            ", 16, true),
	TABLE(22, "IP ToS", "ip-tos", "# ToS       ", 10, true),
	TABLE(23, "Input/Output Interface", "input/output-interface", "# in   out    ", 5, true),
	MASKS(24, "Source Prefix", "ip-source-address", "# Source Prefix     "),
	MASKS(25, "Destination Prefix", "ip-destination-address", "# Source Prefix     "),
	MASKS(26, "Source/Destination Prefix", "ip-source/destination-address", "# Source Prefix     Destination Prefix  "),
	TABLE(27, "Exporter IP", "ip-exporter-address", "# IPaddr         ", 15, false),
	TABLE(28, "Engine Id", "engine-id", "# engine_id ", 10, true),
	TABLE(29, "Engine Type", "engine-type", "# engine_typ", 10, true),
	TABLE(30, "Source Tag", "source-tag", "# src tag   ", 10, true),
	TABLE(31, "Destination Tag", "destination-tag", "# dst tag   ", 10, true),
	TABLE(32, "Source/Destination Tag", "source/destination-tag", "# src tag   dst tag     ", 10, true),
};

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

bool
ft_stat_known(unsigned format)
{
	return format < NROWS;
}

/* Lines that say what follows. */
static void
print_preamble(struct stat *s)
{
	const struct ft_stat_options *o = s->options;

	if (s->begun)
		return;
	s->begun = true;
	fprintf(s->out, "#  --- ---- ---- Report Information --- --- ---\n#\n# Fields:    %s\n# Symbols:   %s\n",
	    o->percent ? "Percent Total" : "Total", o->names ? "Enabled" : "Disabled");
	if (o->sort == -1)
		fprintf(s->out, "# Sorting:   None\n");
	else
		fprintf(s->out, "# Sorting:   %s Field %d\n", o->ascending ? "Ascending" : "Descending", o->sort);
	fprintf(s->out, "# Name:      %s\n#\n# Args:      %s\n#\n", s->row->name, o->args);
	if (s->row->print != NULL && s->row->heading != NULL)
		fputs(s->row->heading, s->out);
}

static void
print_extent(struct stat *s)
{
	fprintf(s->out, "# xmin=%-13" PRIu64 "ymin=%-13" PRIu64 "xmax=%-13" PRIu64 "ymax=%-10" PRIu64 "\n", s->x.least,
	    s->y.least, s->x.greatest, s->y.greatest);
}

static void
print_missing(struct stat *s)
{
	fprintf(s->out, "Not implemented.\n");
}

static void
print_short(struct stat *s)
{
	fprintf(s->out, "%-20" PRIu64 "%-20" PRIu64 "%.3f\n", s->count.all.octets, s->count.all.packets,
	    (double)s->count.all.octets / 1e6);
}

/* A flow as two points, as the exporter's clock had them. */
static void
flow_points(struct stat *s, const struct batch *b, size_t i, uint64_t value)
{
	uint32_t last = (uint32_t)(COL32(b, F_UPTIME)[i] + COL64(b, F_LAST)[i] - COL64(b, F_RECEIVED)[i]);
	uint32_t first = last - (uint32_t)COL64(b, F_DURATION)[i];

	bool any = s->x.greatest != 0 || s->y.greatest != 0;

	if (!any || first < s->x.least)
		s->x.least = first;
	if (last > s->x.greatest)
		s->x.greatest = last;
	if (!any || value < s->y.least)
		s->y.least = value;
	if (value > s->y.greatest)
		s->y.greatest = value;
	fprintf(s->out, "%-*" PRIu32 "%-10" PRIu64 "\n%-*" PRIu32 "%-10" PRIu64 "\n\n", s->row->width, first, value,
	    s->row->width, last, value);
}

static void
flow_octets(struct stat *s, const struct batch *b, size_t i)
{
	flow_points(s, b, i, COL64(b, F_BYTES)[i]);
}

static void
flow_packets(struct stat *s, const struct batch *b, size_t i)
{
	flow_points(s, b, i, COL64(b, F_PACKETS)[i]);
}

/* Shares of the flows, one for each # of the text. */
static void
print_shares(struct stat *s, const char *text, size_t distribution)
{
	double flows = s->count.all.flows != 0 ? (double)s->count.all.flows : 1;
	const uint64_t *bin = s->count.bin[distribution];
	char share[16];

	for (; *text != '\0'; text++) {
		if (*text != '#') {
			fputc(*text, s->out);
			continue;
		}
		snprintf(share, sizeof(share), "%.3f", (double)*bin++ / flows);
		share[5] = '\0';
		fprintf(s->out, "%.4s", share[0] == '0' ? share + 1 : share);
	}
}

static void
print_distributions(struct stat *s)
{
	static const char *const texts[FT_DISTRIBUTIONS] = {
		"IP packet size distribution:\n"
		"   1-32   64   96  128  160  192  224  256  288  320  352  384  416  448  480\n"
		"   # # # # # # # # # # # # # # # \n\n"
		"    512  544  576 1024 1536 2048 2560 3072 3584 4096 4608\n"
		"   # # # # # # # # # # # \n\n",
		"Packets per flow distribution:\n"
		"      1    2    4    8   12   16   20   24   28   32   36   40   44   48   52\n"
		"   # # # # # # # # # # # # # # # \n\n"
		"     60  100  200  300  400  500  600  700  800  900 >900\n"
		"   # # # # # # # # # # # \n\n",
		"Octets per flow distribution:\n"
		"     32   64  128  256  512 1280 2048 2816 3584 4352 5120 5888 6656 7424 8192\n"
		"   # # # # # # # # # # # # # # # \n\n"
		"   8960 9728 10496 11264 12032 12800 13568 14336 15104 15872 >15872\n"
		"   # #  #  #  #  #  #  #  #  #  #  \n\n",
		"Flow time distribution:\n"
		"    10    50  100  200  500 1000 2000 3000 4000 5000 6000 7000 8000 9000 10000\n"
		"   # # # # # # # # # # # # # #  #  \n\n"
		"  12000 14000 16000 18000 20000 22000 24000 26000 28000 30000 >30000\n"
		"   #  #  #  #  #  #  #  #  #  #  #  \n\n",
	};

	for (size_t i = 0; i < FT_DISTRIBUTIONS; i++)
		print_shares(s, texts[i], i);
}

static double
ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

static void
print_summary(struct stat *s)
{
	const struct ft_count *c = &s->count;
	double flows = (double)c->all.flows, packets = (double)c->all.packets, octets = (double)c->all.octets;
	uint64_t span = c->last_msec > c->first_msec ? c->last_msec - c->first_msec : 0;
	double seconds = (double)(span / 1000), real = (double)(c->last - c->first);

	fprintf(s->out, "Total Flows                     : %" PRIu64 "\n", c->all.flows);
	fprintf(s->out, "Total Octets                    : %" PRIu64 "\n", c->all.octets);
	fprintf(s->out, "Total Packets                   : %" PRIu64 "\n", c->all.packets);
	fprintf(s->out, "Total Time (1/1000 secs) (flows): %" PRIu64 "\n", c->all.duration);
	fprintf(s->out, "Duration of data  (realtime)    : %.0f\n", real);
	fprintf(s->out, "Duration of data (1/1000 secs)  : %" PRIu64 "\n", span);
	fprintf(s->out, "Average flow time (1/1000 secs) : %.4f\n", ratio((double)c->all.duration, flows));
	fprintf(s->out, "Average packet size (octets)    : %.4f\n", ratio(octets, packets));
	fprintf(s->out, "Average flow size (octets)      : %.4f\n", ratio(octets, flows));
	fprintf(s->out, "Average packets per flow        : %.4f\n", ratio(packets, flows));
	fprintf(s->out, "Average flows / second (flow)   : %.4f\n", ratio(flows, seconds));
	fprintf(s->out, "Average flows / second (real)   : %.4f\n", ratio(flows, real));
	fprintf(s->out, "Average Kbits / second (flow)   : %.4f\n", ratio(octets * 8, seconds) / 1000);
	fprintf(s->out, "Average Kbits / second (real)   : %.4f\n\n\n", ratio(octets * 8, real) / 1000);
	print_distributions(s);
}

static void
print_heading(struct stat *s)
{
	const char *counters = s->options->percent ? "flows    octets   packets" :
	    "flows                 octets                packets";

	fprintf(s->out, "#\n%s%s%s\n#\n", s->row->heading, counters,
	    !s->options->duration ? "" : s->options->percent ? "  duration" : "               duration");
}

static void
print_keys(struct stat *s, struct batch *keys)
{
	const struct ft_type_row *t = s->report.type;

	for (size_t i = 0; i < t->n; i++) {
		const struct ft_key *k = &ft_keys[t->key[i]];
		char text[80];

		if (s->row->masks)
			ft_prefix_text(text, sizeof(text), &COLADDR(keys, k->field)[0],
			    COL8(keys, k->field == F_SRCIP ? F_SRCMASK : F_DSTMASK)[0]);
		else if (fields[k->field].kind == KIND_ADDR)
			addr_print(&COLADDR(keys, k->field)[0], text);
		else
			ft_name_text(text, sizeof(text), s->options->names && k->named ? k->field : F_COUNT,
			    batch_number(keys, k->field, 0));
		if (fields[k->field].kind != KIND_ADDR)
			text[s->row->width] = '\0';
		fprintf(s->out, "%-*s  ", s->row->width, text);
	}
}

static void
print_counters(struct stat *s, const struct ft_counts *g)
{
	const struct ft_counts *all = &s->count.all;
	const uint64_t v[4] = { g->flows, g->octets, g->packets, g->duration };
	const uint64_t whole[4] = { all->flows, all->octets, all->packets, all->duration };
	/* Of all that was counted: each flow twice where it counts for both its ends. */
	double ends = s->report.type->other_end != F_COUNT ? 2 : 1;
	int n = s->options->duration ? 4 : 3;

	for (int i = 0; i < n; i++) {
		bool last = i == n - 1;

		if (s->options->percent)
			fprintf(s->out, "%-6.3f%s", 100 * ratio((double)v[i], (double)whole[i] * ends), last ? "" : "   ");
		else if (last)
			fprintf(s->out, "%-*" PRIu64, s->row->padded ? 20 : 0, v[i]);
		else
			fprintf(s->out, "%-20" PRIu64 "  ", v[i]);
	}
	fputc('\n', s->out);
}

/* Fields are numbered keys first, then flows, octets, packets, duration. */
static enum ft_column
sort_column(const struct stat *s)
{
	unsigned keys = s->report.type->n;

	if (s->options->sort == -1)
		return s->report.type->shape == FT_BUCKET ? FTC_KEY : FT_COLUMNS;
	if ((unsigned)s->options->sort < keys)
		return FTC_KEY + (enum ft_column)s->options->sort;
	return FTC_FLOWS + (enum ft_column)((unsigned)s->options->sort - keys);
}

static void
print_table(struct stat *s)
{
	struct ft_count *c = &s->count;
	struct batch keys = { .n = 1 };
	uint64_t cell[FT_KEYS_MAX + 2][2];	/* room for any value */
	struct ft_ranked *ranked;
	size_t n;

	print_heading(s);
	for (size_t i = 0; i < c->keys.n; i++)
		keys.col[c->key[i].field] = cell[i];
	ranked = ft_rank(c, sort_column(s), s->options->sort != -1 && s->options->ascending, 0, &n);
	for (size_t i = 0; i < n; i++) {
		group_unpack(&c->keys, ranked[i].key, &keys, 0);
		print_keys(s, &keys);
		print_counters(s, &c->group[ranked[i].number]);
	}
	free(ranked);
}

static void
take_flows(void *ctx, const struct batch *b, const uint8_t *sel)
{
	struct stat *s = ctx;

	if (s->row->flow != NULL) {
		print_preamble(s);
		for (size_t i = 0; i < b->n; i++)
			if (sel[i] != 0)
				s->row->flow(s, b, i);
	}
	for (size_t i = 0; i < b->n && s->row->ports; i++)
		s->sel[i] = sel[i] && (COL8(b, F_PROTO)[i] == 6 || COL8(b, F_PROTO)[i] == 17);
	ft_count_add(&s->count, b, s->row->ports ? s->sel : sel, 0, b->n);
}

static const struct ft_type_row *
type_find(const char *name)
{
	const struct ft_type_row *t = ft_report_types;

	while (strcmp(t->name, name) != 0)
		t++;
	return t;
}

int
ft_stat_run(unsigned format, const struct ft_stat_options *o, const struct ft_definition *filter,
    const struct file_list *files, FILE *out, ft_fault *fault, struct err *e)
{
	struct ft_flows flows = { .take = take_flows, .filter = filter, .fault = fault };
	struct stat *s = xcalloc(1, sizeof(*s));
	struct arena *a = arena_new();
	int rc;

	s->row = &rows[format];
	s->options = o;
	s->out = out;
	s->report = (struct ft_report){ .name = s->row->name, .type = type_find(s->row->type), .scale = 1 };
	s->report.address[0] = s->report.address[1] = s->row->masks ? FTA_MASK : FTA_ADDRESS;
	flows.ctx = s;
	if (s->row->ports)
		fieldset_add(&flows.needed, F_PROTO);
	if (s->row->flow != NULL)
		fieldset_add(&flows.want, F_UPTIME);
	ft_count_fields(&s->report, &flows.want);
	ft_count_needs(&s->report, &flows.needed);
	ft_count_init(&s->count, &s->report, a);
	if ((rc = ft_flows_read(&flows, files, e)) == 0 && s->count.full)
		rc = err_set(e, ERR_LIMIT, "more than %zu groups", FT_GROUPS_MAX);
	if (rc == 0) {
		print_preamble(s);
		if (s->row->print != NULL)
			s->row->print(s);
		else
			print_table(s);
	}
	ft_count_free(&s->count);
	arena_free(a);
	free(s);
	return rc;
}
