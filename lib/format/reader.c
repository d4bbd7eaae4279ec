#include "format/reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "format/format.h"

const struct format *const formats[] = {
	&format_nfcapd1, &format_nfcapd2, &format_nfcapd3, &format_flowtools, &format_flowd2, &format_flowd3,
	&format_columns, NULL,
};

/* What a file of no format of ours seems to be, by its first bytes. */
static const struct lookalike {
	size_t at, n;
	const char *bytes, *what;
} lookalikes[] = {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	{ 0, 2, "\x0c\xa5", "an nfcapd file of an unknown layout" },
	{ 0, 2, "\xa5\x0c", "an nfcapd file from a machine of the other byte order" },
#else
	{ 0, 2, "\xa5\x0c", "an nfcapd file of an unknown layout" },
	{ 0, 2, "\x0c\xa5", "an nfcapd file from a machine of the other byte order" },
#endif
	{ 0, 4, "\xd4\xc3\xb2\xa1", "a pcap file: packets, not flows" },
	{ 0, 4, "\xa1\xb2\xc3\xd4", "a pcap file: packets, not flows" },
	{ 0, 4, "\x4d\x3c\xb2\xa1", "a pcap file: packets, not flows" },
	{ 0, 4, "\xa1\xb2\x3c\x4d", "a pcap file: packets, not flows" },
	{ 0, 4, "\x0a\x0d\x0d\x0a", "a pcapng file: packets, not flows" },
	{ 0, 2, "\x1f\x8b", "a gzip file: unpack it first" },
	{ 0, 3, "BZh", "a bzip2 file: unpack it first" },
	{ 0, 6, "\xfd" "7zXZ\0", "an xz file: unpack it first" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "a zstd file: unpack it first" },
	{ 0, 4, "\x04\x22\x4d\x18", "an lz4 file: unpack it first" },
	{ 0, 4, "PK\x03\x04", "a zip archive" },
	{ 257, 5, "ustar", "a tar archive" },
	{ 0, 16, "SQLite format 3\0", "an SQLite database" },
	{ 0, 4, "RRD\0", "a round-robin database" },
	{ 0, 4, "\x7f" "ELF", "a program" },
};

static bool
looks_like_text(const uint8_t *head, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (head[i] < 0x20 && memchr("\t\n\r\f", head[i], 4) == NULL)
			return false;
	return true;
}

static bool
all_zero(const uint8_t *head, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (head[i] != 0)
			return false;
	return true;
}

static int
unknown_format(const uint8_t *head, size_t n, struct err *e)
{
	const char *what = NULL;

	if (n == 0)
		return err_set(e, ERR_DATA, "empty file (0 bytes)");
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]) && what == NULL; i++) {
		const struct lookalike *l = &lookalikes[i];

		if (n >= l->at + l->n && memcmp(head + l->at, l->bytes, l->n) == 0)
			what = l->what;
	}
	if (what == NULL)
		what = looks_like_text(head, n < PROBE_BYTES ? n : PROBE_BYTES) ? "text" :
		    all_zero(head, n) ? "zeros" : "nothing known";
	return err_set(e, ERR_DATA, "no collector file: magic %02x %02x %02x %02x seems to be %s",
	    head[0], n > 1 ? head[1] : 0, n > 2 ? head[2] : 0, n > 3 ? head[3] : 0, what);
}

static const struct format *
format_of(struct reader *r, struct err *e)
{
	uint8_t head[512];
	ssize_t n = file_read_at(r->fd, head, sizeof(head), 0, e);

	if (n == -1)
		return NULL;
	for (size_t i = 0; formats[i] != NULL; i++)
		if (formats[i]->probe(head, n < PROBE_BYTES ? n : PROBE_BYTES))
			return formats[i];
	unknown_format(head, n, e);
	return NULL;
}

static int
reader_start(struct reader *r, struct err *e)
{
	if ((r->fd = file_open(r->path, &r->info.stamp, e)) == -1)
		return -1;
	r->size = r->info.stamp.size;
	if ((r->format = format_of(r, e)) == NULL)
		return err_in(e, "%s", r->path);
	r->info.format = r->format->name;
	r->batch.ident = r->info.ident;
	if (r->probe != NULL && !r->format->selects) {
		fieldset_join(&r->want, &r->probe->selection.fields);
		r->after = r->probe;
		r->probe = NULL;
	}
	batch_columns(&r->batch, &r->want, BATCH_MAX, r->arena);
	if (r->format->open(r, e) == -1)
		return err_in(e, "%s", r->path);
	return 0;
}

static struct probe *
probe_new(const struct reader *r, const struct selection *selection)
{
	struct probe *p = arena_alloc(r->arena, sizeof(*p));

	p->selection = *selection;
	p->source = r->source;
	needles_make(&p->needles, selection->hosts, selection->nhosts);
	fieldset_close(&p->selection.fields);
	if (r->source != NULL)
		quirk_fields(r->source, &p->selection.fields);
	batch_columns(&p->batch, &p->selection.fields, BATCH_MAX, r->arena);
	p->batch.ident = r->info.ident;
	p->next = 1;
	return p;
}

/* A selection that also leaves out what the source's quirks do. */
static struct selection
without_dropped(struct reader *r, const struct selection *selection)
{
	struct selection s = { .choose = quirk_choose, .ctx = &r->only };

	r->only.source = r->source;
	if (selection != NULL)
		r->only.inner = *selection;
	s.fields = r->only.inner.fields;
	s.hosts = r->only.inner.hosts;
	s.nhosts = r->only.inner.nhosts;
	fieldset_add(&s.fields, F_INIF);
	fieldset_add(&s.fields, F_OUTIF);
	return s;
}

static struct reader *
reader_new(const char *path, const char *collector, const struct source *source, const struct fieldset *want,
    const struct selection *selection, struct err *e)
{
	struct arena *a = arena_new();
	struct reader *r = arena_alloc(a, sizeof(*r));
	struct selection only;

	r->arena = a;
	r->path = arena_strdup(a, path);
	r->collector = collector != NULL ? arena_strdup(a, collector) : NULL;
	r->fd = -1;
	r->want = *want;
	fieldset_close(&r->want);
	r->last_block = SIZE_MAX;
	if (quirk_any(source)) {
		r->source = source;
		quirk_fields(source, &r->want);
	}
	if (quirk_drops(r->source)) {
		only = without_dropped(r, selection);
		selection = &only;
	}
	if (selection != NULL)
		r->probe = probe_new(r, selection);
	if (reader_start(r, e) == -1) {
		reader_close(r);
		return NULL;
	}
	return r;
}

struct reader *
reader_open(const char *path, const struct fieldset *want, struct err *e)
{
	return reader_new(path, NULL, NULL, want, NULL, e);
}

struct reader *
reader_open_selecting(const char *path, const struct fieldset *want, const struct selection *selection,
    struct err *e)
{
	return reader_new(path, NULL, NULL, want, selection, e);
}

struct reader *
reader_open_source(const char *path, const struct source *source, const struct fieldset *want,
    const struct selection *selection, struct err *e)
{
	return reader_new(path, NULL, source, want, selection, e);
}

struct reader *
reader_open_columns(const char *columns, const char *path, const struct source *source,
    const struct fieldset *want, const struct selection *selection, struct err *e)
{
	struct reader *r = columns != NULL ? reader_new(columns, path, source, want, selection, e) : NULL;

	if (r != NULL && r->format == &format_columns)
		return r;
	reader_close(r);
	return reader_new(path, NULL, source, want, selection, e);
}

bool
reader_is_columns(const struct reader *r)
{
	return r->format == &format_columns;
}

bool
reader_next_sums(struct reader *r, struct flow_sums *sums)
{
	uint64_t number = r->batch.first_number + r->batch.n;

	if (r->format->sums == NULL || r->probe != NULL || r->after != NULL || r->source != NULL ||
	    !r->format->sums(r, sums))
		return false;
	r->batch.first_number = (number != 0 ? number : 1) + sums->records;
	r->batch.n = 0;
	r->info.flows += sums->records;
	return true;
}

void
reader_take_places(struct reader *r)
{
	r->takes_places = true;
}

void
reader_close(struct reader *r)
{
	if (r == NULL)
		return;
	if (r->format != NULL)
		r->format->close(r);
	if (r->fd != -1)
		close(r->fd);
	free(r->exporters);
	arena_free(r->arena);
}

/* Leaves in the batch what the probe chooses; for formats that fill in everything. */
static void
leave_out(struct reader *r)
{
	struct probe *p = r->after;
	struct batch *b = &r->batch;
	size_t n = 0;

	b->first_number = p->next;
	p->next += b->n;
	p->selection.choose(p->selection.ctx, b, p->sel);
	for (size_t i = 0; i < b->n; i++) {
		if (!p->sel[i])
			continue;
		if (i != n)
			batch_copy(b, n, b, i, NULL);
		p->number[n++] = b->first_number + i;
	}
	b->n = n;
}

/* One step of the format, and what it leaves to us. */
static int
next_batch(struct reader *r, struct err *e)
{
	uint64_t number = r->batch.first_number + r->batch.n;
	int rc;

	r->batch.first_number = number != 0 ? number : 1;
	r->batch.number = r->probe != NULL ? r->probe->number : NULL;
	r->batch.n = 0;
	rc = r->format->next(r, e);
	if (rc != 1)
		return rc;
	if (r->probe == NULL)
		r->info.flows += r->batch.n;
	quirk_apply(r->source, &r->batch);
	batch_derive(&r->batch);
	if (r->after != NULL) {
		r->batch.number = NULL;
		leave_out(r);
		r->batch.number = r->after->number;
	}
	return 1;
}

bool
reader_is_stopped(const struct reader *r)
{
	return r->stop != NULL && atomic_load(r->stop) != 0;
}

int
reader_next(struct reader *r, struct batch **b, struct err *e)
{
	int rc;

	do
		rc = next_batch(r, e);
	while (rc == 1 && r->batch.n == 0 && !reader_is_stopped(r));
	if (rc == 1 && r->batch.n == 0) {
		r->cut = true;
		rc = 0;
	}
	*b = &r->batch;
	return rc == -1 ? err_in(e, "%s", r->path) : rc;
}

size_t
reader_blocks(struct reader *r, struct err *e)
{
	return r->format->blocks(r, e);
}

void
reader_only(struct reader *r, size_t first, size_t n)
{
	r->first_block = first;
	r->last_block = n > SIZE_MAX - first ? SIZE_MAX : first + n;
	/* What is wrong with the header is told by whoever reads the first block. */
	if (first > 0)
		r->faults.n = 0;
}

void
reader_until(struct reader *r, const atomic_int *stop)
{
	r->stop = stop;
}

bool
reader_is_cut(const struct reader *r)
{
	return r->cut;
}

const struct file_info *
reader_info(const struct reader *r)
{
	return &r->info;
}

const struct faults *
reader_faults(const struct reader *r)
{
	return &r->faults;
}

const struct exporter *
reader_exporters(const struct reader *r, size_t *n)
{
	*n = r->nexporters;
	return r->exporters;
}

void
reader_fault(struct reader *r, uint32_t block, int64_t offset, const char *fmt, ...)
{
	va_list ap;

	if (r->faults.n < FAULTS_MAX) {
		struct fault *f = &r->faults.fault[r->faults.n];

		f->block = block;
		f->offset = offset;
		va_start(ap, fmt);
		vsnprintf(f->reason, sizeof(f->reason), fmt, ap);
		va_end(ap);
	}
	r->faults.n++;
}

/* Kept in the order of sysid: a hostile file can name 65536 of them, often. */
struct exporter *
reader_exporter(struct reader *r, uint16_t sysid)
{
	size_t lo = 0, hi = r->nexporters;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (r->exporters[mid].sysid < sysid)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo < r->nexporters && r->exporters[lo].sysid == sysid)
		return &r->exporters[lo];
	if ((r->nexporters & (r->nexporters - 1)) == 0)
		r->exporters = xrealloc(r->exporters, r->nexporters != 0 ? r->nexporters * 2 : 1,
		    sizeof(r->exporters[0]));
	memmove(r->exporters + lo + 1, r->exporters + lo, (r->nexporters - lo) * sizeof(r->exporters[0]));
	r->nexporters++;
	r->exporters[lo] = (struct exporter){ .sysid = sysid, .addr = addr_from_v4(0) };
	return &r->exporters[lo];
}
