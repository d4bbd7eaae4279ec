#include "query/command.h"

#include <string.h>

#include "format/ftrecord.h"
#include "format/quirk.h"
#include "query/digest.h"
#include "query/fan.h"
#include "query/ft_report.h"
#include "query/post.h"

#define FILES_MAX	48	/* named one by one; more are named by their directories and times */
#define DEFINITION	"flowlight"

/* flow-report's columns that mean what our orders mean; its rates are means of those of flows. */
static const struct { enum order order; const char *column; } columns[] = {
	{ ORDER_FLOWS, "flows" }, { ORDER_PACKETS, "packets" }, { ORDER_IPKG, "packets" },
	{ ORDER_BYTES, "octets" }, { ORDER_IBYTE, "octets" },
};

/* What becomes of a query. */
struct pipe {
	const struct query *query;
	const struct slot *slots;
	size_t nslots;
	struct fieldset lacks;		/* that not all files have */
	struct strbuf files;		/* flow-cat's words */
	struct strbuf *filter;
	struct strbuf report;		/* flow-report's configuration */
	const char *name[STATS_MAX];	/* of the reports in it */
	size_t nreports;
	const char *why;
};

static int
refuse(struct pipe *p, const char *why)
{
	if (p->why == NULL)
		p->why = why;
	return -1;
}

static const char *
base_name(const struct slot *slot)
{
	const char *slash = strrchr(slot->name, '/');

	return slash != NULL ? slash + 1 : slot->name;
}

bool
command_has_flowtools(const struct slot *slots, size_t n)
{
	unsigned version, method;

	for (size_t i = 0; i < n; i++)
		if (slot_is_flowtools(base_name(&slots[i]), &version, &method))
			return true;
	return false;
}

/* ---- files ---- */

/* Files that flow-tools reads, with flows that have the same meaning there; what these lack. */
static int
check_files(struct pipe *p)
{
	if (p->nslots == 0)
		return refuse(p, "There are no files in this window.");
	for (size_t i = 0; i < p->nslots; i++) {
		const struct ft_record *record;
		unsigned version, method;

		if (!slot_is_flowtools(base_name(&p->slots[i]), &version, &method))
			return refuse(p, command_has_flowtools(p->slots, p->nslots) ?
			    "Some of the files are of flow-tools, others of nfdump, and neither reads those of the other." :
			    "The files are of nfdump, which flow-tools does not read.");
		if (quirk_any(p->slots[i].source))
			return refuse(p, "Settings of a source (scale, count, fix_times) change what its files say.");
		if ((record = ft_record_find(3, version, method)) == NULL)
			return refuse(p, "The names of the files say a version that flow-tools does not have.");
		for (int f = 0; f < F_COUNT; f++)
			if (!ft_record_has(record, f))
				fieldset_add(&p->lacks, f);
	}
	return 0;
}

/* The directories of the sources, and the times that files have in their names. */
static bool
add_directories(struct pipe *p)
{
	int64_t first = INT64_MAX, last = INT64_MIN, start;
	char from[WHEN_STRLEN], to[WHEN_STRLEN];

	for (size_t i = 0; i < p->nslots; i++)
		if (slot_parse(base_name(&p->slots[i]), &start)) {
			first = start < first ? start : first;
			last = start > last ? start : last;
		}
	if (!when_english(first, from) || !when_english(last, to))
		return false;
	strbuf_addf(&p->files, " -t '%s' -T '%s'", from, to);
	for (size_t i = 0; i < p->nslots; i++) {
		size_t k = 0;

		while (p->slots[k].source != p->slots[i].source)
			k++;
		if (k == i) {
			strbuf_addc(&p->files, ' ');
			strbuf_add_shell(&p->files, p->slots[i].source->dir);
		}
	}
	return true;
}

static void
add_files(struct pipe *p)
{
	struct strbuf path = { 0 };

	if (p->nslots > FILES_MAX && add_directories(p))
		return;
	for (size_t i = 0; i < p->nslots; i++) {
		strbuf_reset(&path);
		strbuf_addf(&path, "%s/%s", p->slots[i].source->dir, p->slots[i].name);
		strbuf_addc(&p->files, ' ');
		strbuf_add_shell(&p->files, strbuf_text(&path));
	}
	strbuf_free(&path);
}

/* ---- reports ---- */

static bool
has_key(const struct ft_type_row *row, enum field f)
{
	for (size_t i = 0; i < row->n; i++)
		if (ft_keys[row->key[i]].field == f && ft_keys[row->key[i]].compute == NULL)
			return true;
	return false;
}

/* The type of report by just these keys, in any order, or by either of two sides. */
static const struct ft_type_row *
find_type(const enum field *keys, size_t n, enum field other_end)
{
	for (const struct ft_type_row *row = ft_report_types; row->name != NULL; row++) {
		size_t found = 0;

		if ((row->shape != FT_HASH && row->shape != FT_BUCKET) || row->n != n || row->counted != 0 ||
		    row->other_end != other_end)
			continue;
		while (found < n && has_key(row, keys[found]))
			found++;
		if (found == n)
			return row;
	}
	return NULL;
}

static int
add_order(struct pipe *p, enum order order, bool ascending)
{
	if (order == ORDERS)
		return 0;
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (columns[i].order == order) {
			strbuf_addf(&p->report, "    sort %c%s\n", ascending ? '-' : '+', columns[i].column);
			return 0;
		}
	return refuse(p, arena_printf(p->query->arena, "flow-report does not sort by %s as we do.", orders[order].name));
}

/* A report with its output. */
static int
add_report(struct pipe *p, const struct ft_type_row *type, const char *formats, enum order order, bool ascending)
{
	uint64_t top = query_top(p->query);

	for (size_t i = 0; i < p->nreports; i++)
		if (strcmp(p->name[i], type->name) == 0)
			return refuse(p, "The same statistic in two orders takes two runs of flow-report.");
	p->name[p->nreports++] = type->name;
	strbuf_addf(&p->report, "stat-report %s\n  type %s\n%s  output\n    format ascii\n", type->name, type->name, formats);
	if (add_order(p, order, ascending) == -1)
		return -1;
	if (top != 0) {
		strbuf_adds(&p->report, "    records ");
		strbuf_addu(&p->report, top);
		strbuf_addc(&p->report, '\n');
	}
	return 0;
}

static int
check_keys(struct pipe *p, const enum field *keys, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (fieldset_has(&p->lacks, keys[i]))
			return refuse(p, arena_printf(p->query->arena, "There are files whose flows have no %s.", name));
	return 0;
}

static int
add_statistic(struct pipe *p, const struct stat_request *r)
{
	const enum field *side = r->stat->side;
	const struct ft_type_row *type = find_type(side, 1, side[1]);
	const char *name = r->stat->name;

	if (r->by_proto || type == NULL)
		return refuse(p, arena_printf(p->query->arena, "flow-report has no report by %s%s.", name,
		    r->by_proto ? " and protocol" : ""));
	if (check_keys(p, side, side[1] == F_COUNT ? 1 : 2, name) == -1)
		return -1;
	return add_report(p, type, "", r->order, r->ascending);
}

/* "srcnet" is an address in another format. */
static int
add_groups(struct pipe *p, enum order order, bool ascending)
{
	const struct query *q = p->query;
	struct strbuf formats = { 0 }, name = { 0 };
	enum field keys[KEYS_MAX];
	const struct ft_type_row *type;
	int rc = -1;

	for (size_t i = 0; i < q->nkeys; i++) {
		const struct key *key = &q->keys[i];

		keys[i] = key->field;
		strbuf_adds(&name, i > 0 ? "," : "");
		key_print(key, &name);
		if (key->own_mask)
			strbuf_addf(&formats, "  ip-%s-address-format prefix-mask\n",
			    key->field == F_SRCIP ? "source" : "destination");
		if (key->family != 0)
			refuse(p, arena_printf(q->arena, "flow-report has no masks for addresses: %s.", strbuf_text(&name)));
	}
	if ((type = find_type(keys, q->nkeys, F_COUNT)) == NULL)
		refuse(p, arena_printf(q->arena, "flow-report has no report by %s.", strbuf_text(&name)));
	if (p->why == NULL && check_keys(p, keys, q->nkeys, "keys of these") == 0)
		rc = add_report(p, type, strbuf_text(&formats), order, ascending);
	strbuf_free(&formats);
	strbuf_free(&name);
	return rc;
}

static int
add_reports(struct pipe *p)
{
	const struct query *q = p->query;

	for (size_t i = 0; i < q->nstats; i++) {
		const struct stat_request *r = &q->stats[i];

		if ((statistic_is_record(r->stat) ? add_groups(p, r->order, r->ascending) : add_statistic(p, r)) == -1)
			return -1;
	}
	if (q->nstats == 0 && add_groups(p, q->order, q->ascending) == -1)
		return -1;
	strbuf_adds(&p->report, "stat-definition " DEFINITION "\n");
	for (size_t i = 0; i < p->nreports; i++)
		strbuf_addf(&p->report, "  report %s\n", p->name[i]);
	return 0;
}

/* ---- all of it ---- */

static int
check_question(struct pipe *p)
{
	const struct query *q = p->query;

	if (q->sampling > 1)
		return refuse(p, "flow-tools does not multiply by a sampling rate.");
	if (q->bidir != BIDIR_NO)
		return refuse(p, "flow-tools does not join both directions of a conversation.");
	if (fan_asked(q))
		return refuse(p, "flow-report counts different peers, but not ports.");
	if (digest_asked(q) && q->limit != 0)
		return refuse(p, "flow-stat does not stop after a number of flows.");
	if (q->mode == QUERY_LIST && q->order != ORDERS)
		return refuse(p, "flow-print does not sort.");
	if (q->mode != QUERY_LIST && q->limit != 0)
		return refuse(p, "flow-report does not stop after a number of flows.");
	if (!post_is_any(q))
		return refuse(p, "flow-report has no limits on what it has summed.");
	if (q->from_msec != INT64_MIN ? q->from_msec < 0 : q->to_msec != INT64_MAX)
		return refuse(p, "flow-nfilter has no times from the first flow on or to the last.");
	return 0;
}

static int
add_filter(struct pipe *p)
{
	const struct query *q = p->query;
	struct filter_flowtools ft = { DEFINITION, &p->lacks, q->from_msec, q->to_msec };
	const char *why;

	if (filter_is_any(q->program) && q->from_msec == INT64_MIN && q->to_msec == INT64_MAX)
		return 0;
	if (filter_print_flowtools(q->program, &ft, q->arena, p->filter, &why) == -1)
		return refuse(p, why);
	return 0;
}

/* A file that the shell makes; the text is ours, of words that it may hold as they are. */
static void
add_document(const char *variable, const struct strbuf *text, struct strbuf *line)
{
	if (text->len != 0)
		strbuf_addf(line, "%s=$(mktemp) && cat > \"$%s\" <<'EOF'\n%sEOF\n", variable, variable, strbuf_text(text));
}

/* Times are in the zone of the pages. */
static void
add_zone(struct strbuf *line)
{
	strbuf_adds(line, "TZ=");
	strbuf_add_shell(line, when_zone_name());
	strbuf_addc(line, ' ');
}

static void
add_pipe(struct pipe *p, struct strbuf *line)
{
	const struct query *q = p->query;

	add_document("filter", p->filter, line);
	add_document("report", &p->report, line);
	if (strncmp(strbuf_text(&p->files), " -t", 3) == 0 || when_zone_borrowed() != NULL)
		add_zone(line);
	strbuf_addf(line, "flow-cat%s |\n", strbuf_text(&p->files));
	if (p->filter->len != 0) {
		strbuf_adds(line, "    ");
		if (strstr(strbuf_text(p->filter), "type time-date") != NULL)
			add_zone(line);
		strbuf_adds(line, "flow-nfilter -f \"$filter\" -F " DEFINITION " |\n");
	}
	strbuf_adds(line, "    ");
	if (p->report.len != 0) {
		strbuf_adds(line, "flow-report -s \"$report\" -S " DEFINITION);
	} else if (digest_asked(q)) {
		strbuf_adds(line, "flow-stat -f 0");
	} else {
		add_zone(line);
		strbuf_adds(line, "flow-print -f 5");
		/* Two lines of heading. */
		if (q->limit != 0 && q->limit < UINT64_MAX - 2) {
			strbuf_adds(line, " | head -n ");
			strbuf_addu(line, q->limit + 2);
		}
	}
	if (p->filter->len != 0 || p->report.len != 0)
		strbuf_addf(line, "\nrm -f%s%s", p->filter->len != 0 ? " \"$filter\"" : "",
		    p->report.len != 0 ? " \"$report\"" : "");
}

int
command_flowtools(const struct query *q, const struct slot *slots, size_t nslots, struct strbuf *line,
    struct strbuf *filter_text, const char **why)
{
	struct pipe p = { .query = q, .slots = slots, .nslots = nslots, .filter = filter_text };
	int rc = -1;

	if (check_files(&p) == 0 && check_question(&p) == 0 && (q->mode == QUERY_LIST || add_reports(&p) == 0) &&
	    add_filter(&p) == 0) {
		add_files(&p);
		add_pipe(&p, line);
		rc = 0;
	}
	*why = p.why;
	strbuf_free(&p.files);
	strbuf_free(&p.report);
	return rc;
}
