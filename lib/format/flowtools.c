/*
 * flow-tools: what flow-capture and flow-cat write.
 *
 *	0 0xcf 0x10  2 u8 byte order: 1 little, 2 big  3 u8 stream version
 *	3	4 u32 offset of the body, then u16 type, u16 length, value, …
 *	1	4 u16 version  8 u32 start  12 u32 end  16 u32 flags  24 u32 flows
 *		28 u32 lost  36 char hostname[68]  104 char comments[256]; body at 360
 *
 * The body is records of one size (ftrecord.h), raw or as one zlib stream.
 * It has no checksum but zlib's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "format/format.h"
#include "format/ftrecord.h"

#define HEAD_MAX	16384	/* the writer's limit */
#define HEAD1		360
#define DISK_MAX	(256 * 1024)
#define BLOCK_FLOWS	65536	/* a raw body is shared among threads in pieces of so many */

/* Real flows shrink to a fifth, ten to one at best: what unpacks to more is no file of flows. */
#define UNPACKED_LEAST	((uint64_t)64 * 1024 * 1024)
#define UNPACKED_RATIO	100

enum { FLAG_DONE = 1, FLAG_PACKED = 2, FLAG_STREAMING = 8 };

struct flowtools {
	const struct ft_record *kind;
	bool big;		/* byte order */
	bool live;		/* the collector has not closed it */
	bool counted;		/* `count` is what the header says */
	bool flagged;		/* the header has flags */
	bool done;		/* nothing more to read */
	unsigned version, aggregation, method;
	uint32_t flags, count;
	int64_t body;		/* offset */
	int64_t next, end;	/* to be read from the file */
	uint64_t flows;		/* read so far */
	uint8_t *raw;		/* records of one batch */
	uint8_t *disk;		/* packed bytes; NULL: the body is raw */
	z_stream z;
	bool z_open;
};

static bool
flowtools_probe(const uint8_t *head, size_t n)
{
	return n >= 2 && head[0] == 0xcf && head[1] == 0x10;
}

/* Types of the header's values that are of use; others are left alone. */
enum { TLV_VERSION = 2, TLV_AGGREGATION, TLV_METHOD, TLV_START = 6, TLV_FLAGS = 8, TLV_COUNT = 10, TLV_LOST = 11,
    TLV_CORRUPT = 13, TLV_RESETS = 14, TLV_HOSTNAME = 15, TLV_COMMENTS = 16 };

/* Lengths of those with a fixed one. */
static const uint8_t tlv_length[] = {
	[TLV_VERSION] = 2, [TLV_AGGREGATION] = 1, [TLV_METHOD] = 1, [TLV_START] = 4, [TLV_FLAGS] = 4,
	[TLV_COUNT] = 4, [TLV_LOST] = 4, [TLV_CORRUPT] = 4, [TLV_RESETS] = 4, [TLV_COMMENTS] = 0,
};

/* Copies a string that may lack its end. */
static void
take_text(char *to, size_t size, const uint8_t *p, size_t n)
{
	n = strnlen((const char *)p, n);
	if (n >= size)
		n = size - 1;
	memcpy(to, p, n);
	to[n] = '\0';
}

static void
take_tlv(struct reader *r, unsigned type, const uint8_t *p, size_t n)
{
	struct flowtools *s = r->state;
	uint32_t v;

	if (type >= sizeof(tlv_length))
		return;
	if (tlv_length[type] != 0 && tlv_length[type] != n) {
		reader_fault(r, 0, 8, "header: value %u has %zu bytes, not %u: left out", type, n, tlv_length[type]);
		return;
	}
	v = n == 1 ? p[0] : n == 2 ? order16(p, s->big) : n == 4 ? order32(p, s->big) : 0;
	switch (type) {
	case TLV_VERSION:
		s->version = v;
		break;
	case TLV_AGGREGATION:
		s->aggregation = v;
		break;
	case TLV_METHOD:
		s->method = v;
		break;
	case TLV_START:
		r->info.created = v;
		break;
	case TLV_FLAGS:
		s->flags = v;
		s->flagged = true;
		break;
	case TLV_COUNT:
		s->count = v;
		s->counted = true;
		break;
	case TLV_LOST:
		r->info.sequence_failures = v;
		break;
	case TLV_CORRUPT:
		r->info.packets_corrupt = v;
		break;
	case TLV_RESETS:
		r->info.sequence_resets = v;
		break;
	case TLV_HOSTNAME:
		take_text(r->info.ident, sizeof(r->info.ident), p, n);
		break;
	case TLV_COMMENTS:
		take_text(r->info.comment, sizeof(r->info.comment), p, n);
		break;
	default:
		break;
	}
}

static int
head3_read(struct reader *r, struct err *e)
{
	struct flowtools *s = r->state;
	uint8_t *head = arena_alloc(r->arena, HEAD_MAX);
	ssize_t n = file_read_at(r->fd, head, HEAD_MAX, 0, e);
	size_t at = 8;

	if (n == -1)
		return -1;
	if (n < 8)
		return err_set(e, ERR_DATA, "flow-tools: %zd bytes, the header alone has more", n);
	s->body = order32(head + 4, s->big);
	if (s->body < 8 || s->body > HEAD_MAX)
		return err_set(e, ERR_DATA, "flow-tools: header of %" PRId64 " bytes claimed", s->body);
	if (s->body > r->size)
		return err_set(e, ERR_DATA, "flow-tools: header of %" PRId64 " bytes claimed, the file has %" PRId64,
		    s->body, r->size);
	while (at + 4 <= (size_t)s->body) {
		unsigned type = order16(head + at, s->big);
		size_t length = order16(head + at + 2, s->big);

		if (length > (size_t)s->body - at - 4) {
			reader_fault(r, 0, at, "header: value %u has %zu bytes, %zu left: the rest is left out", type,
			    length, (size_t)s->body - at - 4);
			break;
		}
		take_tlv(r, type, head + at + 4, length);
		at += 4 + length;
	}
	if (s->version == 0)
		return err_set(e, ERR_DATA, "flow-tools: the header does not say which version the flows have");
	if (!s->flagged)
		reader_fault(r, 0, 8, "header: no flags: flows are taken as not packed, the file as in progress");
	if (s->version == 8 && s->aggregation != 2)
		return err_set(e, ERR_DATA, "flow-tools: aggregation version %u is unknown", s->aggregation);
	return 0;
}

static int
head1_read(struct reader *r, struct err *e)
{
	struct flowtools *s = r->state;
	uint8_t head[HEAD1];
	ssize_t n = file_read_at(r->fd, head, sizeof(head), 0, e);

	if (n == -1)
		return -1;
	if (n < HEAD1)
		return err_set(e, ERR_DATA, "flow-tools: %zd bytes, the header alone has %d", n, HEAD1);
	s->body = HEAD1;
	s->version = order16(head + 4, s->big);
	if (s->version == 65535)
		s->version = 1;
	r->info.created = order32(head + 8, s->big);
	s->flags = order32(head + 16, s->big);
	s->count = order32(head + 24, s->big);
	s->counted = true;
	r->info.sequence_failures = order32(head + 28, s->big);
	take_text(r->info.ident, sizeof(r->info.ident), head + 36, 68);
	take_text(r->info.comment, sizeof(r->info.comment), head + 104, 256);
	return 0;
}

/* The header, either version's; which records, and where. */
static int
head_read(struct reader *r, struct err *e)
{
	struct flowtools *s = r->state;
	uint8_t start[4];
	ssize_t n = file_read_at(r->fd, start, sizeof(start), 0, e);

	if (n == -1)
		return -1;
	if (n < 4)
		return err_set(e, ERR_DATA, "flow-tools: %zd bytes, the header alone has more", n);
	if (start[2] != 1 && start[2] != 2)
		return err_set(e, ERR_DATA, "flow-tools: byte order %u is unknown", start[2]);
	s->big = start[2] == 2;
	if (start[3] != 1 && start[3] != 3)
		return err_set(e, ERR_DATA, "flow-tools: stream version %u is unknown", start[3]);
	if ((start[3] == 1 ? head1_read(r, e) : head3_read(r, e)) == -1)
		return -1;
	if (s->version != 8)
		s->method = 0;
	if ((s->kind = ft_record_find(start[3], s->version, s->method)) == NULL)
		return err_set(e, ERR_DATA, "flow-tools: flows of version %u, method %u are unknown", s->version, s->method);
	s->live = (s->flags & FLAG_DONE) == 0 && (s->flags & FLAG_STREAMING) == 0;
	if ((s->flags & FLAG_DONE) == 0 || (s->flags & FLAG_STREAMING) != 0)
		s->counted = false;
	return 0;
}

/* What all flows of the file have in common, and what they lack. */
static void
columns_prepare(struct reader *r)
{
	struct flowtools *s = r->state;
	struct batch *b = &r->batch;

	for (int f = 0; f < F_COUNT; f++)
		if (!ft_record_has(s->kind, f)) {
			fieldset_add(&r->info.lacks, f);
			if (fields[f].kind == KIND_ADDR)
				fixed_fill(b, f, 0);
		}
	fixed_fill(b, F_FLOWS, 1);
	fixed_fill(b, F_NFVERSION, s->version == 1005 ? 5 : s->version);
	fixed_fill(b, F_ELEMENTS, s->kind->elements);
	b->elements_all = s->kind->elements;
}

/* A raw body tells from its size how many flows it has. */
static void
count_check(struct reader *r, uint64_t flows)
{
	struct flowtools *s = r->state;

	if (s->counted && flows != s->count)
		reader_fault(r, 0, 8, "header says %" PRIu32 " flows, %" PRIu64 " found", s->count, flows);
}

/* Does a body that should be raw begin as a zlib stream does? */
static int
body_looks_packed(struct reader *r, struct err *e)
{
	struct flowtools *s = r->state;
	uint8_t packed[256], flow[128];
	ssize_t n = file_read_at(r->fd, packed, sizeof(packed), s->body, e);
	z_stream z = { .next_in = packed, .avail_in = n, .next_out = flow, .avail_out = sizeof(flow) };
	int rc;

	if (n < 2 || inflateInit(&z) != Z_OK)
		return n == -1 ? -1 : 0;
	rc = inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return (rc == Z_OK || rc == Z_STREAM_END) && z.total_out >= s->kind->size;
}

static int
body_open(struct reader *r, struct err *e)
{
	struct flowtools *s = r->state;
	int64_t bytes = r->size - s->body;

	s->raw = xmalloc((size_t)s->kind->size * BATCH_MAX);
	s->next = s->body;
	s->end = r->size;
	r->info.compression = (s->flags & FLAG_PACKED) != 0 ? "zlib" : "none";
	r->info.blocks = 1;
	if ((s->flags & FLAG_PACKED) == 0) {
		int packed = body_looks_packed(r, e);

		if (packed == -1)
			return -1;
		if (packed)
			reader_fault(r, 0, s->body, "header says that flows are not packed, they look like a zlib stream");
		r->info.blocks = (bytes / s->kind->size + BLOCK_FLOWS - 1) / BLOCK_FLOWS;
		count_check(r, bytes / s->kind->size);
		if (bytes % s->kind->size != 0 && !s->live)
			reader_fault(r, 0, r->size - bytes % s->kind->size, "the last flow is cut: %" PRId64 " of %u bytes",
			    bytes % s->kind->size, s->kind->size);
		return 0;
	}
	s->disk = xmalloc(DISK_MAX);
	if (inflateInit(&s->z) != Z_OK)
		return err_set(e, ERR_SYSTEM, "zlib: %s", s->z.msg != NULL ? s->z.msg : "does not start");
	s->z_open = true;
	return 0;
}

static int
flowtools_open(struct reader *r, struct err *e)
{
	r->state = arena_alloc(r->arena, sizeof(struct flowtools));
	if (head_read(r, e) == -1)
		return -1;
	columns_prepare(r);
	return body_open(r, e);
}

/* The body's bytes unpack to more than flows can. */
static bool
unpacks_too_far(const struct flowtools *s)
{
	return s->z.total_out > UNPACKED_LEAST && s->z.total_out / UNPACKED_RATIO > s->z.total_in;
}

/* The zlib stream has ended or cannot go on; rc as of inflate(). */
static void
stream_ended(struct reader *r, int rc)
{
	struct flowtools *s = r->state;
	int64_t at = s->body + (int64_t)s->z.total_in;

	s->done = true;
	if (rc == Z_STREAM_END && at < r->size)
		reader_fault(r, 1, at, "%" PRId64 " bytes after the end of the zlib stream: left out", r->size - at);
	else if (rc == Z_OK && unpacks_too_far(s))
		reader_fault(r, 1, at, "zlib: unpacks to more than %d times its size: the rest is lost", UNPACKED_RATIO);
	else if ((rc == Z_OK || rc == Z_BUF_ERROR) && !s->live)
		reader_fault(r, 1, at, "zlib: the file ends within the stream: the rest is lost");
	else if (rc != Z_STREAM_END && rc != Z_OK && rc != Z_BUF_ERROR)
		reader_fault(r, 1, at, "zlib: %s: the rest is lost", s->z.msg != NULL ? s->z.msg : "broken data");
}

/* Unpacks up to n bytes to p.  How many, or -1. */
static ssize_t
read_packed(struct reader *r, uint8_t *p, size_t n, struct err *e)
{
	struct flowtools *s = r->state;
	int rc = Z_OK;

	s->z.next_out = p;
	s->z.avail_out = n;
	while (s->z.avail_out > 0 && !s->done) {
		if (s->z.avail_in == 0) {
			ssize_t got = file_read_at(r->fd, s->disk, DISK_MAX, s->next, e);

			if (got == -1)
				return -1;
			s->next += got;
			s->z.next_in = s->disk;
			s->z.avail_in = got;
		}
		rc = s->z.avail_in == 0 ? Z_BUF_ERROR : inflate(&s->z, Z_NO_FLUSH);
		if (rc != Z_OK || unpacks_too_far(s))
			stream_ended(r, rc);
	}
	return n - s->z.avail_out;
}

/* The blocks of a raw body that are asked for are one piece of the file. */
static void
limit_blocks(struct reader *r)
{
	struct flowtools *s = r->state;
	int64_t block = (int64_t)BLOCK_FLOWS * s->kind->size;

	if (r->first_block >= r->info.blocks) {
		s->done = true;
		return;
	}
	if (s->next < s->body + (int64_t)r->first_block * block)
		s->next = s->body + (int64_t)r->first_block * block;
	if (r->last_block < r->info.blocks)
		s->end = s->body + (int64_t)r->last_block * block;
}

static ssize_t
read_raw(struct reader *r, uint8_t *p, size_t n, struct err *e)
{
	struct flowtools *s = r->state;
	ssize_t got;

	limit_blocks(r);
	if ((int64_t)n > s->end - s->next)
		n = s->end > s->next ? s->end - s->next : 0;
	if (s->done || (got = file_read_at(r->fd, p, n, s->next, e)) == 0)
		s->done = true;
	if (s->done || got == -1)
		return s->done ? 0 : -1;
	s->next += got;
	return got;
}

/*
 * First and Last count the exporter's uptime; stream 1 knows its boot time
 * only, and there unix_nsecs are milliseconds.
 */
static void
load_times(struct flowtools *s, struct batch *b)
{
	uint64_t *first = COL64(b, F_FIRST), *last = COL64(b, F_LAST), *received = COL64(b, F_RECEIVED);
	const struct ft_record *k = s->kind;
	const uint8_t *p = s->raw;

	if (first == NULL && last == NULL && received == NULL)
		return;
	for (size_t i = 0; i < b->n; i++, p += k->size) {
		uint32_t part = order32(p + 4, s->big), from = order32(p + k->first, s->big), to = order32(p + k->last, s->big);
		int64_t msec = (int64_t)order32(p, s->big) * 1000 + (k->stream == 1 ? part : part / 1000000);
		struct flow_times t = k->uptime == 0 ? times_by_boot(msec, from, to) :
		    times_by_uptime(msec, order32(p + k->uptime, s->big), from, to);

		if (first != NULL)
			first[i] = t.first;
		if (last != NULL)
			last[i] = t.last;
		if (received != NULL)
			received[i] = msec;
	}
}

static void
records_load(struct reader *r, size_t n)
{
	struct flowtools *s = r->state;
	struct batch *b = &r->batch;

	b->n = n;
	for (const struct fixed *p = s->kind->places; p->width != 0; p++)
		fixed_load(b, 0, p, s->raw, s->kind->size, n, s->big);
	/* 0 aggregated flows is what some exporters say for one. */
	if (!fieldset_has(&r->info.lacks, F_FLOWS) && b->col[F_FLOWS] != NULL)
		for (size_t i = 0; i < n; i++)
			COL64(b, F_FLOWS)[i] += COL64(b, F_FLOWS)[i] == 0;
	load_times(s, b);
}

/* All of the body was read, or all that can be. */
static void
body_done(struct reader *r, size_t left)
{
	struct flowtools *s = r->state;

	if (s->disk == NULL)
		return;
	if (left != 0 && !s->live)
		reader_fault(r, 1, s->body, "the last flow is cut: %zu of %u bytes", left, s->kind->size);
	count_check(r, s->flows);
	s->counted = false;
}

static int
flowtools_next(struct reader *r, struct err *e)
{
	struct flowtools *s = r->state;
	size_t size = s->kind->size, room = size * BATCH_MAX;
	ssize_t got;

	/* What is one block is read by whoever reads the first. */
	if (s->done || (s->disk != NULL && (r->first_block > 0 || r->last_block == 0)))
		return 0;
	got = s->disk != NULL ? read_packed(r, s->raw, room, e) : read_raw(r, s->raw, room, e);
	if (got == -1)
		return -1;
	records_load(r, got / size);
	s->flows += r->batch.n;
	r->info.raw_bytes += got;
	if (s->done)
		body_done(r, got % size);
	return r->batch.n > 0;
}

static size_t
flowtools_blocks(struct reader *r, struct err *e)
{
	(void)e;
	return r->info.blocks;
}

static void
flowtools_close(struct reader *r)
{
	struct flowtools *s = r->state;

	if (s == NULL)
		return;
	if (s->z_open)
		inflateEnd(&s->z);
	free(s->raw);
	free(s->disk);
}

const struct format format_flowtools = {
	"flow-tools", flowtools_probe, flowtools_open, flowtools_next, flowtools_blocks, flowtools_close, false, NULL,
};
