/*
 * stat.cfg: stat-report, stat-definition and what they include.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "query/ft_report.h"

struct statcfg {
	struct arena *arena;
	const struct ft_variable *variables;
	struct ft_filters *filters;
	struct ft_report *reports;
	struct ft_stat *stats;
	/* What the line at hand belongs to. */
	struct ft_report *report;
	struct ft_output *output;
	struct ft_stat *stat;
};

static int
take_number(const struct ft_config *c, uint64_t *n, struct err *e)
{
	char *end;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	*n = strtoull(c->word[1], &end, 10);
	if (!isdigit((unsigned char)c->word[1][0]) || *end != '\0')
		return ft_config_error(c, e, "\"%s\" is no number.", c->word[1]);
	return 0;
}

/* Where in the names (ends with NULL) the word is; -1 and an error when nowhere. */
static int
take_name(const struct ft_config *c, const char *const *names, struct err *e)
{
	if (ft_config_words(c, 2, e) == -1)
		return -1;
	for (int i = 0; names[i] != NULL; i++)
		if (strcasecmp(names[i], c->word[1]) == 0)
			return i;
	return ft_config_error(c, e, "Unexpected \"%s\" after \"%s\".", c->word[1], c->word[0]);
}

static int
take_filter(const struct statcfg *s, const struct ft_config *c, const struct ft_definition **d, struct err *e)
{
	if (ft_config_words(c, 2, e) == -1)
		return -1;
	if ((*d = ft_filters_find(s->filters, c->word[1])) == NULL)
		return ft_config_error(c, e, "No filter \"%s\": include-filter must name its file above.", c->word[1]);
	return 0;
}

static int
include_filter(struct statcfg *s, struct ft_config *c, struct err *e)
{
	if (ft_config_words(c, 2, e) == -1)
		return -1;
	if (ft_filters_read(s->filters, c->word[1], c->path, s->variables, e) == -1) {
		ft_config_error(c, e, "%s", e->text);
		return -1;
	}
	return 0;
}

static int
stat_report(struct statcfg *s, struct ft_config *c, struct err *e)
{
	struct ft_report *r;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	for (r = s->reports; r != NULL; r = r->next)
		if (strcasecmp(r->name, c->word[1]) == 0)
			return ft_config_error(c, e, "Report \"%s\" is defined twice.", r->name);
	r = arena_alloc(s->arena, sizeof(*r));
	r->name = c->word[1];
	r->scale = 1;
	r->end = &r->outputs;
	r->next = s->reports;
	s->reports = s->report = r;
	s->stat = NULL;
	s->output = NULL;
	return 0;
}

static int
stat_definition(struct statcfg *s, struct ft_config *c, struct err *e)
{
	struct ft_stat *d;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	for (d = s->stats; d != NULL; d = d->next)
		if (strcasecmp(d->name, c->word[1]) == 0)
			return ft_config_error(c, e, "Definition \"%s\" is defined twice.", d->name);
	d = arena_alloc(s->arena, sizeof(*d));
	d->name = c->word[1];
	d->next = s->stats;
	s->stats = s->stat = d;
	s->report = NULL;
	s->output = NULL;
	return 0;
}

static int
unsupported(struct statcfg *s, struct ft_config *c, struct err *e)
{
	(void)s;
	return ft_config_error(c, e, "\"%s\" is not supported: flows keep the tags and masks that they have.", c->word[0]);
}

/* In a report. */

static int
report_type(struct statcfg *s, struct ft_config *c, struct err *e)
{
	if (ft_config_words(c, 2, e) == -1)
		return -1;
	for (const struct ft_type_row *t = ft_report_types; t->name != NULL; t++)
		if (strcasecmp(t->name, c->word[1]) == 0)
			s->report->type = t;
	return s->report->type != NULL ? 0 : ft_config_error(c, e, "\"%s\" is no type of report.", c->word[1]);
}

static int
report_filter(struct statcfg *s, struct ft_config *c, struct err *e)
{
	return take_filter(s, c, &s->report->filter, e);
}

static int
report_scale(struct statcfg *s, struct ft_config *c, struct err *e)
{
	return take_number(c, &s->report->scale, e);
}

static const char *const address_formats[] = { "address", "prefix-len", "prefix-mask", NULL };

static int
report_source_format(struct statcfg *s, struct ft_config *c, struct err *e)
{
	int n = take_name(c, address_formats, e);

	s->report->address[0] = n != -1 ? n : 0;
	return n != -1 ? 0 : -1;
}

static int
report_destination_format(struct statcfg *s, struct ft_config *c, struct err *e)
{
	int n = take_name(c, address_formats, e);

	s->report->address[1] = n != -1 ? n : 0;
	return n != -1 ? 0 : -1;
}

static int
report_output(struct statcfg *s, struct ft_config *c, struct err *e)
{
	struct ft_output *o = arena_alloc(s->arena, sizeof(*o));

	o->columns = FTC_DEFAULT;
	o->sort = FT_COLUMNS;
	o->when = FTW_MID;
	*s->report->end = o;
	s->report->end = &o->next;
	s->output = o;
	return ft_config_words(c, 1, e);
}

/* In an output. */

static int
output_format(struct statcfg *s, struct ft_config *c, struct err *e)
{
	static const char *const formats[] = { "ascii", NULL };

	(void)s;
	return take_name(c, formats, e);
}

/* flow-rptfmt made tables of what it read; that is a format of ours. */
static int
output_path(struct statcfg *s, struct ft_config *c, struct err *e)
{
	const char *path = c->n > 1 ? c->word[1] : "";
	bool rptfmt = path[0] == '|' && (strcmp(path, "|flow-rptfmt") == 0 ||
	    (strlen(path) > 12 && strcmp(path + strlen(path) - 12, "/flow-rptfmt") == 0));

	if (path[0] == '|' && !rptfmt)
		return ft_config_error(c, e, "commands are not run: \"%s\".", path);
	if (!rptfmt && ft_config_words(c, 2, e) == -1)
		return -1;
	if (!rptfmt) {
		s->output->path = path;
		return 0;
	}
	s->output->form_said = true;
	s->output->form = FT_TEXT;
	for (size_t i = 2; i < c->n; i++)
		if (strcmp(c->word[i], "-fhtml") == 0 || (strcmp(c->word[i - 1], "-f") == 0 && strcmp(c->word[i], "html") == 0))
			s->output->form = FT_HTML;
	return 0;
}

static int
output_time(struct statcfg *s, struct ft_config *c, struct err *e)
{
	static const char *const whens[] = { "now", "start", "end", "mid", NULL };
	int n = take_name(c, whens, e);

	s->output->when = n != -1 ? n : 0;
	return n != -1 ? 0 : -1;
}

static int
output_records(struct statcfg *s, struct ft_config *c, struct err *e)
{
	return take_number(c, &s->output->records, e);
}

static int
output_tally(struct statcfg *s, struct ft_config *c, struct err *e)
{
	return take_number(c, &s->output->tally, e);
}

/* What flow-report calls the columns. */
struct bit_name { const char *name; unsigned columns; };

static const struct bit_name column_names[] = {
	{ "index", FTC(INDEX) }, { "first", FTC(FIRST) }, { "last", FTC(LAST) }, { "key", FTC_KEYS },
	{ "key1", FTC(KEY) }, { "key2", FTC(KEY) << 1 }, { "key3", FTC(KEY) << 2 }, { "key4", FTC(KEY) << 3 },
	{ "key5", FTC(KEY) << 4 }, { "key6", FTC(KEY) << 5 }, { "count", FTC(COUNT) }, { "flows", FTC(FLOWS) },
	{ "octets", FTC(OCTETS) }, { "packets", FTC(PACKETS) }, { "duration", FTC(DURATION) },
	{ "pps", FTC(AVGPPS) | FTC(MINPPS) | FTC(MAXPPS) }, { "bps", FTC(AVGBPS) | FTC(MINBPS) | FTC(MAXBPS) },
	{ "avg-pps", FTC(AVGPPS) }, { "min-pps", FTC(MINPPS) }, { "max-pps", FTC(MAXPPS) }, { "avg-bps", FTC(AVGBPS) },
	{ "min-bps", FTC(MINBPS) }, { "max-bps", FTC(MAXBPS) }, { "frecs", FTC(FRECS) }, { "other", FTC(OTHER) },
	{ "generic", 0 },
};

static const struct bit_name option_names[] = {
	{ "percent-total", FTO_PERCENT }, { "names", FTO_NAMES }, { "header", FTO_HEADER }, { "xheader", FTO_XHEADER },
	{ "totals", FTO_TOTALS },
};

/* "+a,-b,c": sets and clears bits. */
#define TAKE_BITS(names, set) take_bits(c, names, sizeof(names) / sizeof((names)[0]), set, e)

static int
take_bits(const struct ft_config *c, const struct bit_name *names, size_t n, unsigned *set, struct err *e)
{
	char *copy, *save;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	copy = arena_strdup(c->arena, c->word[1]);
	for (char *w = strtok_r(copy, ",", &save); w != NULL; w = strtok_r(NULL, ",", &save)) {
		const char *name = w + (w[0] == '+' || w[0] == '-');
		size_t i = 0;

		while (i < n && strcasecmp(names[i].name, name) != 0)
			i++;
		if (i == n)
			return ft_config_error(c, e, "Unexpected \"%s\" after \"%s\".", name, c->word[0]);
		*set = w[0] == '-' ? *set & ~names[i].columns : *set | names[i].columns;
	}
	return 0;
}

static int
output_fields(struct statcfg *s, struct ft_config *c, struct err *e)
{
	return TAKE_BITS(column_names, &s->output->columns);
}

static int
output_options(struct statcfg *s, struct ft_config *c, struct err *e)
{
	return TAKE_BITS(option_names, &s->output->options);
}

/* "+octets": the largest first, whatever the manual page says. */
static int
output_sort(struct statcfg *s, struct ft_config *c, struct err *e)
{
	const char *name;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	name = c->word[1] + (c->word[1][0] == '+' || c->word[1][0] == '-');
	s->output->smallest_first = c->word[1][0] == '-';
	for (size_t i = 0; i < sizeof(column_names) / sizeof(column_names[0]); i++)
		if (strcasecmp(column_names[i].name, name) == 0 && column_names[i].columns != 0)
			for (s->output->sort = 0; (column_names[i].columns >> s->output->sort & 1) == 0; s->output->sort++)
				;
	return s->output->sort != FT_COLUMNS ? 0 : ft_config_error(c, e, "\"%s\" is no field to sort by.", name);
}

/* In a definition. */

static int
stat_filter(struct statcfg *s, struct ft_config *c, struct err *e)
{
	return take_filter(s, c, &s->stat->filter, e);
}

static int
stat_takes_report(struct statcfg *s, struct ft_config *c, struct err *e)
{
	struct ft_report *r = s->reports;

	if (ft_config_words(c, 2, e) == -1)
		return -1;
	while (r != NULL && strcasecmp(r->name, c->word[1]) != 0)
		r = r->next;
	if (r == NULL)
		return ft_config_error(c, e, "No report \"%s\".", c->word[1]);
	if (r->type == NULL)
		return ft_config_error(c, e, "Report \"%s\" has no type.", r->name);
	if (s->stat->n == FT_REPORTS_MAX)
		return ft_config_error(c, e, "More than %d reports.", FT_REPORTS_MAX);
	s->stat->report[s->stat->n++] = r;
	return 0;
}

static int
stat_series(struct statcfg *s, struct ft_config *c, struct err *e)
{
	uint64_t seconds;

	if (take_number(c, &seconds, e) == -1)
		return -1;
	s->stat->series = (int64_t)(seconds < INT32_MAX ? seconds : INT32_MAX);
	return 0;
}

enum level { TOP, REPORT, OUTPUT, STAT };

static const struct {
	enum level level;
	const char *word;
	int (*take)(struct statcfg *, struct ft_config *, struct err *);
} words[] = {
	{ OUTPUT, "format", output_format }, { OUTPUT, "path", output_path }, { OUTPUT, "time", output_time },
	{ OUTPUT, "sort", output_sort }, { OUTPUT, "records", output_records }, { OUTPUT, "tally", output_tally },
	{ OUTPUT, "fields", output_fields }, { OUTPUT, "options", output_options },
	{ REPORT, "type", report_type }, { REPORT, "filter", report_filter }, { REPORT, "scale", report_scale },
	{ REPORT, "tag-mask", unsupported }, { REPORT, "ip-source-address-format", report_source_format },
	{ REPORT, "ip-destination-address-format", report_destination_format }, { REPORT, "output", report_output },
	{ STAT, "filter", stat_filter }, { STAT, "tag", unsupported }, { STAT, "mask", unsupported },
	{ STAT, "report", stat_takes_report }, { STAT, "time-series", stat_series },
	{ TOP, "include-filter", include_filter }, { TOP, "include-tag", unsupported }, { TOP, "include-mask", unsupported },
	{ TOP, "stat-report", stat_report }, { TOP, "stat-definition", stat_definition },
};

static int
take_line(struct statcfg *s, struct ft_config *c, struct err *e)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		bool here = words[i].level == TOP || (words[i].level == REPORT && s->report != NULL) ||
		    (words[i].level == OUTPUT && s->output != NULL) || (words[i].level == STAT && s->stat != NULL);

		if (here && strcasecmp(words[i].word, c->word[0]) == 0)
			return words[i].take(s, c, e) == -1 ? -1 : 0;
	}
	return ft_config_error(c, e, "Unexpected \"%s\".", c->word[0]);
}

const struct ft_stat *
ft_stat_read(const char *path, const char *name, const struct ft_variable *variables, struct arena *a, struct err *e)
{
	struct statcfg s = { .arena = a, .variables = variables, .filters = ft_filters_new(a) };
	struct ft_config c;
	int rc;

	if (ft_config_open(&c, path, NULL, variables, a, e) == -1)
		return NULL;
	while ((rc = ft_config_next(&c, e)) == 1)
		if (take_line(&s, &c, e) == -1)
			return NULL;
	if (rc == -1)
		return NULL;
	for (const struct ft_stat *d = s.stats; d != NULL; d = d->next)
		if (strcasecmp(d->name, name) == 0)
			return d;
	err_set(e, ERR_INPUT, "%s: no stat-definition \"%s\"", path, name);
	return NULL;
}
