#include "engine_info.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine_private.h"
#include "query/text.h"

static void
widen(struct files_info *all, uint64_t first, uint64_t last)
{
	if (first != 0 && (all->first_msec == 0 || first < all->first_msec))
		all->first_msec = first;
	if (last > all->last_msec)
		all->last_msec = last;
}

static int
count(struct reader *r, struct files_info *all, struct traffic *traffic, struct err *e)
{
	struct batch *b;
	int rc;

	while ((rc = reader_next(r, &b, e)) == 1) {
		traffic_add(traffic, b, NULL);
		for (size_t i = 0; i < b->n; i++)
			widen(all, COL64(b, F_FIRST)[i], COL64(b, F_LAST)[i]);
	}
	return rc;
}

/* When a file's slot starts, by its name. */
static bool
start_of(const char *path, int64_t *start)
{
	const char *slash = strrchr(path, '/');

	return slot_parse(slash != NULL ? slash + 1 : path, start);
}

/* Reads no more than a file's head where that has a sum. */
static int
add_file(const char *path, struct arena *a, struct files_info *all, struct err *e)
{
	struct info_line *line = &all->lines[all->nlines];
	struct traffic traffic = { 0 };
	struct fieldset want = { { 0, 0 } };
	const struct file_info *info;
	struct reader *r;
	int rc = 0;

	traffic_fields(&want);
	fieldset_add(&want, F_FIRST);
	fieldset_add(&want, F_LAST);
	if ((r = reader_open(path, &want, e)) == NULL)
		return -1;
	info = reader_info(r);
	if (info->has_stat) {
		traffic = info->stat;
		widen(all, info->first_msec, info->last_msec);
	} else
		rc = count(r, all, &traffic, e);
	if (rc == 0) {
		traffic_join(&all->traffic, &traffic);
		all->sequence_failures += info->sequence_failures;
		if (all->nlines == 0 && info->ident[0] != '\0')
			all->ident = arena_strdup(a, info->ident);
		*line = (struct info_line){ .path = path, .totals = traffic.by[PROTO_ALL] };
		line->named = start_of(path, &line->start);
		all->nlines++;
	}
	reader_close(r);
	return rc;
}

static int
by_files(struct engine *engine, const struct query *q, struct arena *a, struct files_info *all, struct err *e)
{
	struct result res = { .arena = a };
	struct file_list files = { 0 };
	struct err why;

	if (engine_files(engine, q, &res, &files, e) == -1)
		return -1;
	all->lines = arena_array(a, files.n + 1, sizeof(*all->lines));
	all->faults = arena_array(a, files.n + 1, sizeof(*all->faults));
	for (size_t i = 0; i < files.n; i++)
		if (add_file(files.path[i], a, all, &why) == -1) {
			struct file_fault *f = &all->faults[all->nfaults++];

			f->path = files.path[i];
			snprintf(f->fault.reason, sizeof(f->fault.reason), "%.150s", why.text);
		}
	return 0;
}

/* 1; 0: the index does not know all of the files; -1. */
static int
by_index(struct engine *engine, const struct query *q, struct arena *a, struct files_info *all, struct err *e)
{
	struct window w = engine_whole_slots(engine, &q->window);
	const struct source **sources;
	struct files_facts f;
	struct slot *slots;
	size_t nsources;

	if (engine_sources(engine, q->sources, a, &sources, &nsources, e) == -1 ||
	    index_facts(engine->index, &w, sources, nsources, a, &f, e) == -1 ||
	    index_slots(engine->index, &w, sources, nsources, a, &slots, &all->nlines, e) == -1)
		return -1;
	if (!f.complete || f.gone > 0)
		return 0;
	if (f.sum.ident[0] != '\0')
		all->ident = f.sum.ident;
	all->traffic = f.counted;
	all->first_msec = f.counted_first_msec;
	all->last_msec = f.counted_last_msec;
	all->sequence_failures = f.sequence_failures;
	all->lines = arena_array(a, all->nlines + 1, sizeof(*all->lines));
	for (size_t i = 0; i < all->nlines; i++)
		all->lines[i] = (struct info_line){ slots[i].path, true, slots[i].start, slots[i].traffic.by[PROTO_ALL] };
	all->from_index = true;
	return 1;
}

int
engine_info(struct engine *engine, const struct query *q, struct arena *a, struct files_info *all, struct err *e)
{
	bool window = engine->conf != NULL && !engine_names_files(q) && q->window.from != q->window.to;
	int rc = 0;

	*all = (struct files_info){ .ident = "none" };
	if (window && (rc = by_index(engine, q, a, all, e)) == -1)
		return -1;
	if (rc == 1)
		return 0;
	*all = (struct files_info){ .ident = "none" };
	return by_files(engine, q, a, all, e);
}

static void
print_sum(const struct files_info *all, struct strbuf *sb)
{
	static const char *const classes[PROTO_CLASSES] = { "", "_tcp", "_udp", "_icmp", "_other" };
	static const char *const metrics[] = { "Flows", "Packets", "Bytes" };

	strbuf_addf(sb, "Ident: %s\n", all->ident);
	for (int m = 0; m < 3; m++)
		for (int c = 0; c < PROTO_CLASSES; c++) {
			const struct totals *t = &all->traffic.by[c];

			strbuf_addf(sb, "%s%s: %" PRIu64 "\n", metrics[m], classes[c],
			    m == 0 ? t->flows : m == 1 ? t->packets : t->bytes);
		}
	strbuf_addf(sb, "First: %" PRIu64 "\nLast: %" PRIu64 "\n", all->first_msec / 1000, all->last_msec / 1000);
	strbuf_addf(sb, "msec_first: %" PRIu64 "\nmsec_last: %" PRIu64 "\n", all->first_msec % 1000,
	    all->last_msec % 1000);
	strbuf_addf(sb, "Sequence failures: %" PRIu64 "\n", all->sequence_failures);
}

static void
print_lines(const struct files_info *all, struct strbuf *sb)
{
	strbuf_adds(sb, "# yyyy-mm-dd HH:MM:SS,flows,packets,bytes\n");
	for (size_t i = 0; i < all->nlines; i++) {
		const struct info_line *l = &all->lines[i];

		if (!l->named) {
			strbuf_adds(sb, "No datstring\n");
			continue;
		}
		text_time_seconds(sb, (uint64_t)l->start, ' ');
		strbuf_addf(sb, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", l->totals.flows, l->totals.packets,
		    l->totals.bytes);
	}
}

void
info_print(const struct files_info *all, enum info info, struct strbuf *sb)
{
	if (info == INFO_SUM)
		print_sum(all, sb);
	else
		print_lines(all, sb);
}
