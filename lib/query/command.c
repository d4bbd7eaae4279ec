#include "query/command.h"

#include <string.h>
#include <time.h>

#include "format/quirk.h"
#include "query/digest.h"
#include "query/fan.h"
#include "query/param.h"

/* " -s srcip/bytes" for each value of a parameter, or " -a" for a flag that is set. */
static void
add_param(const struct query *q, const struct param *p, struct strbuf *line)
{
	struct strbuf value = { 0 };

	for (size_t k = 0; p->print(q, k, &value) == 1; k++) {
		if (p->letter != 0)
			strbuf_addf(line, " -%c", p->letter);
		else
			strbuf_addf(line, " --%s", p->name);
		if (p->takes_value) {
			strbuf_addc(line, ' ');
			strbuf_add_shell(line, strbuf_text(&value));
		}
		strbuf_reset(&value);
	}
	strbuf_free(&value);
}

/* " -- 'proto tcp'": the dashes keep a filter that begins with one from being an option. */
static void
add_filter(const char *filter, struct strbuf *line)
{
	strbuf_adds(line, " -- ");
	strbuf_add_shell(line, filter);
}

void
command_flowlight(const struct query *q, const char *conf_path, struct strbuf *line)
{
	strbuf_adds(line, "flowlight query");
	if (conf_path != NULL) {
		strbuf_adds(line, " --conf ");
		strbuf_add_shell(line, conf_path);
	}
	for (const struct param *p = params; p->help != NULL; p++)
		if (p->name == NULL || (strcmp(p->name, "filter") != 0 && strcmp(p->name, "conf") != 0))
			add_param(q, p, line);
	if (q->filter != NULL && q->filter[0] != '\0')
		add_filter(q->filter, line);
}

static const struct slot *
first_slot(const struct slot *slots, size_t n)
{
	const struct slot *best = &slots[0];

	for (size_t i = 1; i < n; i++)
		if (strcmp(slots[i].name, best->name) < 0)
			best = &slots[i];
	return best;
}

static const struct slot *
last_slot(const struct slot *slots, size_t n)
{
	const struct slot *best = &slots[0];

	for (size_t i = 1; i < n; i++)
		if (strcmp(slots[i].name, best->name) > 0)
			best = &slots[i];
	return best;
}

static bool
among(const struct source *const *sources, size_t n, const struct source *source)
{
	for (size_t i = 0; i < n; i++)
		if (sources[i] == source)
			return true;
	return false;
}

/* ":name" for a sister directory of the first, else ":../../…" up to the root and down again. */
static void
add_sister(const char *parent, size_t len, const char *dir, struct strbuf *dirs)
{
	strbuf_addc(dirs, ':');
	if (strncmp(dir, parent, len) == 0 && dir[len] == '/' && strchr(dir + len + 1, '/') == NULL) {
		strbuf_adds(dirs, dir + len + 1);
		return;
	}
	for (size_t i = 0; i < len; i++)
		if (parent[i] == '/')
			strbuf_adds(dirs, "../");
	strbuf_adds(dirs, dir + strspn(dir, "/"));
}

/*
 * nfdump's -M "base/a:b".  The directory that has the first file stands first:
 * there, and only there, nfdump looks whether that file exists.
 */
static int
add_dirs(const struct slot *slots, size_t n, const struct source *first, struct strbuf *dirs,
    const char **why)
{
	const struct source *seen[256];
	size_t nseen = 1, len = (size_t)(strrchr(first->dir, '/') - first->dir);

	seen[0] = first;
	strbuf_adds(dirs, first->dir);
	for (size_t i = 0; i < n; i++) {
		const struct source *source = slots[i].source;

		if (among(seen, nseen, source))
			continue;
		if (nseen == sizeof(seen) / sizeof(seen[0])) {
			*why = "nfdump -M takes no more than 256 directories.";
			return -1;
		}
		seen[nseen++] = source;
		add_sister(first->dir, len, source->dir, dirs);
	}
	for (size_t i = 0; i < nseen; i++)
		if (strchr(seen[i]->dir, ':') != NULL) {
			*why = "A directory has a colon in its name, which nfdump -M cannot take.";
			return -1;
		}
	return nseen > 1;
}

/* " -M base/a:b -R first:last", " -R base/first:last" or " -r base/file". */
static int
add_files(const struct slot *slots, size_t n, struct strbuf *line, const char **why)
{
	const struct slot *first = first_slot(slots, n), *last = last_slot(slots, n);
	struct strbuf dirs = { 0 }, range = { 0 };
	int many = add_dirs(slots, n, first->source, &dirs, why);

	if (many == 1) {
		strbuf_adds(line, " -M ");
		strbuf_add_shell(line, strbuf_text(&dirs));
	} else if (many == 0) {
		strbuf_addf(&range, "%s/", first->source->dir);
	}
	strbuf_adds(&range, first->name);
	if (strcmp(first->name, last->name) != 0)
		strbuf_addf(&range, ":%s", last->name);
	strbuf_adds(line, strcmp(first->name, last->name) != 0 ? " -R " : " -r ");
	strbuf_add_shell(line, strbuf_text(&range));
	strbuf_free(&dirs);
	strbuf_free(&range);
	return many == -1 ? -1 : 0;
}

/* "2026/11/20.14:30:00" */
static void
add_time(int64_t sec, struct strbuf *line)
{
	char text[WHEN_STRLEN];
	struct tm tm;

	when_local(sec, &tm);
	strftime(text, sizeof(text), "%Y/%m/%d.%H:%M:%S", &tm);
	strbuf_adds(line, text);
}

/* The words of the query itself, as nfdump has them. */
static int
add_question(const struct query *q, struct strbuf *line, const char **why)
{
	/* Of the window nfdump knows only what lies in it. */
	const struct filter *program = q->match == MATCH_ENTIRE ? q->asked : q->program;
	struct strbuf filter = { 0 };
	int rc = 0;

	if (q->match == MATCH_ENTIRE) {
		strbuf_adds(line, " -t ");
		add_time(q->window.from, line);
		strbuf_addc(line, '-');
		add_time(q->window.to, line);
	}

	for (const struct param *p = params; p->help != NULL; p++)
		if (p->in_nfdump)
			add_param(q, p, line);
	/* The sums of a series are in the summary. */
	if (q->mode == QUERY_SERIES && q->nkeys == 0)
		strbuf_adds(line, " -o null");
	/* Debian's nfdump prints flows in a format for firewall events unless told otherwise. */
	if (q->output == NULL && q->bidir == BIDIR_NO && (q->mode == QUERY_LIST || q->five_tuple))
		strbuf_adds(line, " -o line");
	if (!filter_is_any(program)) {
		const char *reason = NULL;

		rc = filter_print(program, FILTER_NFDUMP, &filter, &reason);
		if (rc == 0)
			add_filter(strbuf_text(&filter), line);
		else
			*why = reason;
	}
	strbuf_free(&filter);
	return rc;
}

/* Keys that nfdump's -A has; flags, exp, ethertype and TTLs since 1.7.5. */
static const struct { enum field field; enum since since; } nfdump_keys[] = {
	{ F_SRCIP, SINCE_171 }, { F_DSTIP, SINCE_171 }, { F_XSRCIP, SINCE_171 }, { F_XDSTIP, SINCE_171 },
	{ F_XSRCPORT, SINCE_171 }, { F_XDSTPORT, SINCE_171 }, { F_NEXTHOP, SINCE_171 },
	{ F_BGPNEXTHOP, SINCE_171 }, { F_ROUTER, SINCE_171 }, { F_INSRCMAC, SINCE_171 },
	{ F_OUTDSTMAC, SINCE_171 }, { F_INDSTMAC, SINCE_171 }, { F_OUTSRCMAC, SINCE_171 },
	{ F_SRCAS, SINCE_171 }, { F_DSTAS, SINCE_171 }, { F_NEXTAS, SINCE_171 }, { F_PREVAS, SINCE_171 },
	{ F_INIF, SINCE_171 }, { F_OUTIF, SINCE_171 }, { F_MPLS1, SINCE_171 }, { F_MPLS2, SINCE_171 },
	{ F_MPLS3, SINCE_171 }, { F_MPLS4, SINCE_171 }, { F_MPLS5, SINCE_171 }, { F_MPLS6, SINCE_171 },
	{ F_MPLS7, SINCE_171 }, { F_MPLS8, SINCE_171 }, { F_MPLS9, SINCE_171 }, { F_MPLS10, SINCE_171 },
	{ F_SRCPORT, SINCE_171 }, { F_DSTPORT, SINCE_171 }, { F_SRCVLAN, SINCE_171 },
	{ F_DSTVLAN, SINCE_171 }, { F_SRCMASK, SINCE_171 }, { F_DSTMASK, SINCE_171 }, { F_PROTO, SINCE_171 },
	{ F_SRCTOS, SINCE_171 }, { F_DSTTOS, SINCE_171 }, { F_OBSDOMAIN, SINCE_171 },
	{ F_OBSPOINT, SINCE_171 }, { F_SRCGEO, SINCE_171 }, { F_DSTGEO, SINCE_171 }, { F_FLAGS, SINCE_175 }, { F_SYSID, SINCE_175 },
	{ F_ETHERTYPE, SINCE_175 }, { F_MINTTL, SINCE_175 }, { F_MAXTTL, SINCE_175 },
};

static enum since
key_since(enum field f)
{
	for (size_t i = 0; i < sizeof(nfdump_keys) / sizeof(nfdump_keys[0]); i++)
		if (nfdump_keys[i].field == f)
			return nfdump_keys[i].since;
	return SINCE_NEVER;
}

/* *why is a warning when 0 is returned. */
static int
check_version(const struct query *q, const char **why)
{
	enum since since = SINCE_171;

	for (size_t i = 0; i < q->nstats; i++)
		if (q->stats[i].stat->since > since)
			since = q->stats[i].stat->since;
	for (size_t i = 0; i < q->nkeys; i++)
		if (key_since(q->keys[i].field) > since)
			since = key_since(q->keys[i].field);
	/* -l and -L are gone since 1.7.5, which has -P, and before were only for elements. */
	if (q->post_program != NULL && since < SINCE_175)
		since = SINCE_175;
	if ((q->packets_limit.given || q->bytes_limit.given) && (since >= SINCE_175 || q->nkeys > 0)) {
		*why = "nfdump has no such limits for these rows.";
		return -1;
	}
	if (q->packets_limit.given || q->bytes_limit.given)
		*why = "This needs nfdump 1.7.4 or earlier: later ones have no -l and -L.";
	if (since == SINCE_NEVER) {
		*why = "nfdump has no such statistic or key.";
		return -1;
	}
	if (query_groups_countries(q) != NULL) {
		*why = "nfdump groups by country only with a geo database of its own.";
		return -1;
	}
	if (q->mode == QUERY_SERIES)
		*why = "nfdump has no series: this counts the files as a whole, to compare sums.";
	else if (since == SINCE_175)
		*why = "This needs nfdump 1.7.5 or later.";
	return 0;
}

int
command_nfdump(const struct query *q, const struct slot *slots, size_t nslots, struct strbuf *line,
    const char **why)
{
	*why = NULL;
	if (nslots == 0) {
		*why = "There are no files in this window.";
		return -1;
	}
	if (command_has_flowtools(slots, nslots)) {
		*why = "nfdump does not read the files of flow-tools; ft2nfdump makes its own of them.";
		return -1;
	}
	for (size_t i = 0; i < nslots; i++)
		if ((*why = quirk_note(slots[i].source)) != NULL)
			return -1;
	if (q->sampling > 1)
		*why = "nfdump does not multiply by a sampling rate.";
	else if (fan_asked(q))
		*why = "nfdump does not count different peers and ports.";
	else if (digest_asked(q))
		*why = "nfdump has no such summary; it can be counted from its csv of the flows.";
	else if (q->match != MATCH_FILES && q->match != MATCH_ENTIRE)
		*why = "nfdump 1.7.1 does not choose flows by when they start or when they end alone: first seen, last seen.";
	if (*why != NULL || check_version(q, why) == -1)
		return -1;
	/* nfdump takes -t in the zone of its environment, and prints times in it. */
	if (q->time_text != NULL || q->match == MATCH_ENTIRE || when_zone_borrowed() != NULL) {
		strbuf_adds(line, "TZ=");
		strbuf_add_shell(line, when_zone_name());
		strbuf_addc(line, ' ');
	}
	strbuf_adds(line, "nfdump");
	if (add_files(slots, nslots, line, why) == -1)
		return -1;
	return add_question(q, line, why);
}
