#include "format/nfcapd.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/buffer.h"

#define APPENDIX_BLOCKS	64	/* one is what is written */
#define FLOWS_ABOUT	16	/* decoded at once where one is that is looked for */

struct block_head { uint32_t records, size; uint16_t type; };

static bool
nfcapd2_probe(const uint8_t *head, size_t n)
{
	return n >= 4 && load16(head) == NFCAPD_MAGIC && load16(head + 2) == 2;
}

static void	take_sampler(struct reader *, const uint8_t *, size_t);
static void	take_ident(struct reader *, const uint8_t *, size_t);
static void	take_stat(struct reader *, const uint8_t *, size_t);

static const struct kind_of_record kinds[] = {
	{ RECORD_EXPORTER, 32, nfcapd_take_exporter },
	{ RECORD_EXPORTER_STAT, 8, nfcapd_take_exporter_stat },
	{ RECORD_OLD_SAMPLER, 16, nfcapd_take_old_sampler },
	{ RECORD_SAMPLER, 24, take_sampler },
	{ RECORD_NBAR, 8, NULL },
	{ RECORD_IFNAME, 8, NULL },
	{ RECORD_VRFNAME, 8, NULL },
	{ RECORD_SLACK, 4, NULL },
	{ RECORD_IDENT, 4, take_ident },
	{ RECORD_STAT, 4 + STAT_BYTES, take_stat },
	{ 0, 0, NULL },
};

void
nfcapd_record_fault(struct reader *r, const char *fmt, ...)
{
	const struct nfcapd *s = r->state;
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	reader_fault(r, s->block, s->offset, "record %u: %s", s->records - s->left + 1, text);
}

/*
 * nfdump 1.7.1 keeps an IPv4 address in the low half of two host-order
 * numbers; its successors write it mapped and in network order, with no family.
 */
static struct addr
exporter_addr(const uint8_t *p, uint16_t family)
{
	struct addr a;

	memcpy(a.b, p, sizeof(a.b));
	if (family == 0 || addr_is_v4(&a))
		return a;
	return family == 2 ? addr_from_v4(load64(p + 8)) : addr_from_v6(load64(p), load64(p + 8));
}

void
nfcapd_take_exporter(struct reader *r, const uint8_t *p, size_t size)
{
	struct exporter *x = reader_exporter(r, load16(p + 26));

	(void)size;
	x->version = load32(p + 4);
	x->addr = exporter_addr(p + 8, load16(p + 24));
	x->id = load32(p + 28);
}

void
nfcapd_take_exporter_stat(struct reader *r, const uint8_t *p, size_t size)
{
	uint32_t n = load32(p + 4);

	if (n > (size - 8) / 24) {
		nfcapd_record_fault(r, "%u exporters claimed, room for %zu", n, (size - 8) / 24);
		n = (size - 8) / 24;
	}
	for (p += 8; n > 0; n--, p += 24) {
		struct exporter *x = reader_exporter(r, load32(p));

		x->sequence_failures += load32(p + 4);
		x->packets += load64(p + 8);
		x->flows += load64(p + 16);
	}
}

void
nfcapd_take_old_sampler(struct reader *r, const uint8_t *p, size_t size)
{
	(void)size;
	reader_exporter(r, load16(p + 14))->sampling = load32(p + 8);
}

/* One of so many: `packets` are taken, `space` are left out. */
static void
take_sampler(struct reader *r, const uint8_t *p, size_t size)
{
	uint32_t packets = load32(p + 16), space = load32(p + 20);

	(void)size;
	reader_exporter(r, load16(p + 4))->sampling =
	    packets != 0 ? (uint32_t)(((uint64_t)packets + space) / packets) : space;
}

void
nfcapd_ident(struct reader *r, const uint8_t *p, size_t size)
{
	size_t n = strnlen((const char *)p, size);

	if (n == size || n >= sizeof(r->info.ident))
		reader_fault(r, 0, 0, "ident of %zu bytes without end", n);
	if (n >= sizeof(r->info.ident))
		n = sizeof(r->info.ident) - 1;
	memcpy(r->info.ident, p, n);
	r->info.ident[n] = '\0';
}

static void
take_ident(struct reader *r, const uint8_t *p, size_t size)
{
	nfcapd_ident(r, p + 4, size - 4);
}

void
nfcapd_totals(struct reader *r, const uint8_t *p)
{
	struct totals *all = &r->info.stat.by[PROTO_ALL];

	all->flows = load64(p);
	all->bytes = load64(p + 8);
	all->packets = load64(p + 16);
	for (int c = PROTO_TCP; c < PROTO_CLASSES; c++) {
		struct totals *t = &r->info.stat.by[c];
		const uint8_t *q = p + 24 + (c - PROTO_TCP) * 8;

		t->flows = load64(q);
		t->bytes = load64(q + 32);
		t->packets = load64(q + 64);
	}
	r->info.has_stat = true;
}

void
nfcapd_stat(struct reader *r, const uint8_t *p)
{
	nfcapd_totals(r, p);
	r->info.first_msec = load64(p + 120);
	r->info.last_msec = load64(p + 128);
	r->info.sequence_failures = load64(p + 136);
}

static void
take_stat(struct reader *r, const uint8_t *p, size_t size)
{
	(void)size;
	nfcapd_stat(r, p + 4);
}

/* A record of another kind than a flow. */
static void
take_other(struct reader *r, const uint8_t *p, size_t size)
{
	struct nfcapd *s = r->state;
	uint16_t type = load16(p);

	for (const struct kind_of_record *k = s->kinds; k->size != 0; k++) {
		if (k->type != type)
			continue;
		if (size < k->size)
			nfcapd_record_fault(r, "type %u: %zu bytes, %u needed: left out", type, size, k->size);
		else if (k->take != NULL)
			k->take(r, p, size);
		return;
	}
	/* The next one of its kind says nothing new. */
	if (s->strange != type)
		nfcapd_record_fault(r, "type %u is unknown: left out", type);
	s->strange = type;
}

/* Reads a block header.  1, 0 when there is none at that place, -1. */
static int
block_head(struct reader *r, int64_t offset, struct block_head *h, struct err *e)
{
	uint8_t head[BLOCK_HEAD];
	ssize_t n = file_read_at(r->fd, head, sizeof(head), offset, e);

	if (n == -1)
		return -1;
	if (n < BLOCK_HEAD)
		return 0;
	h->records = load32(head);
	h->size = load32(head + 4);
	h->type = load16(head + 8);
	return 1;
}

int
nfcapd_block_fault(struct reader *r, const char *fmt, ...)
{
	const struct nfcapd *s = r->state;
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	reader_fault(r, s->block, s->offset, "%s", text);
	return 0;
}

/*
 * Reads and unpacks the block whose header is h and which must not go beyond
 * limit.  1 when its records can be read, 0 when not, -1.
 */
static int
block_load(struct reader *r, const struct block_head *h, int64_t limit, struct err *e)
{
	struct nfcapd *s = r->state;
	uint8_t *disk = s->packing == PACK_NONE ? s->raw : s->disk;
	int64_t room = limit - s->offset - BLOCK_HEAD;
	const char *why;
	ssize_t n;

	s->cut = false;
	if ((n = file_read_at(r->fd, disk, h->size < room ? h->size : room, s->offset + BLOCK_HEAD, e)) == -1)
		return -1;
	if ((size_t)n < h->size) {
		if (!s->live)
			nfcapd_block_fault(r, "%" PRIu32 " bytes claimed, %zd left", h->size, n);
		if (s->packing != PACK_NONE)
			return 0;
		s->cut = true;
	}
	if (s->packing != PACK_NONE &&
	    (n = unpack(s->packing, disk, n, s->raw, BLOCK_MAX, &why)) == -1)
		return nfcapd_block_fault(r, "%s: %" PRIu32 " records lost", why, h->records);
	s->p = s->raw;
	s->end = s->raw + n;
	s->records = s->left = h->records;
	r->info.raw_bytes += n;
	return 1;
}

/*
 * Goes to the block at s->next.  1 with its header, 0 when there is none or
 * its size cannot be, so that nothing behind it can be found either.
 */
static int
block_step(struct reader *r, struct block_head *h, struct err *e)
{
	struct nfcapd *s = r->state;
	int rc;

	s->offset = s->next;
	if (s->offset >= s->data_end)
		return 0;
	s->block++;
	if (s->data_end - s->offset < BLOCK_HEAD)
		return s->live ? 0 : nfcapd_block_fault(r, "%" PRId64 " bytes left for a block header",
		    s->data_end - s->offset);
	if ((rc = block_head(r, s->offset, h, e)) != 1)
		return rc;
	if (h->size == 0 || h->size > BLOCK_MAX) {
		s->next = s->data_end;
		return nfcapd_block_fault(r, "block size %" PRIu32 " cannot be: the rest of the file is lost", h->size);
	}
	s->next = s->offset + BLOCK_HEAD + h->size;
	return 1;
}

/* The file's end was reached: did it hold what its header says? */
static void
blocks_done(struct reader *r)
{
	struct nfcapd *s = r->state;

	if (!s->complete && !s->live && s->block != r->info.blocks)
		reader_fault(r, 0, s->blocks_at, "header says %" PRIu32 " blocks, %" PRIu32 " found",
		    r->info.blocks, s->block);
	s->complete = true;
}

/* The next block of records that is asked for.  1, 0 at the end, -1. */
static int
block_next(struct reader *r, struct err *e)
{
	struct nfcapd *s = r->state;
	struct block_head h;
	int rc;

	for (;;) {
		if (s->block >= r->last_block && s->next < s->data_end)
			return 0;
		if ((rc = block_step(r, &h, e)) != 1)
			break;
		if (s->block <= r->first_block || h.type == BLOCK_ARRAY)
			continue;
		if (h.type != BLOCK_RECORDS && h.type != BLOCK_OLD) {
			nfcapd_block_fault(r, "block type %u is unknown: left out", h.type);
			continue;
		}
		if ((rc = block_load(r, &h, s->data_end, e)) != 0)
			return rc;
	}
	if (rc == 0)
		blocks_done(r);
	return rc;
}

/* All records of the block that were claimed have been read, or its bytes. */
static void
block_done(struct reader *r)
{
	struct nfcapd *s = r->state;

	if (s->left > 0 && !s->cut)
		nfcapd_block_fault(r, "%" PRIu32 " records claimed, %" PRIu32 " found", s->records, s->records - s->left);
	else if (s->p < s->end && !s->cut)
		nfcapd_block_fault(r, "%td bytes after the last of %" PRIu32 " records", s->end - s->p, s->records);
	s->left = 0;
	s->p = s->end;
}

/* Takes the record at s->p that is no flow.  False when its size cannot be: the block ends there. */
static bool
step_other(struct reader *r)
{
	struct nfcapd *s = r->state;
	size_t room = s->end - s->p, size = room >= 4 ? load16(s->p + 2) : room;

	if (size < 4 || size > room || room < 4) {
		if (!s->cut)
			nfcapd_record_fault(r, "%zu bytes claimed, %zu left: the rest of the block is lost", size, room);
		s->left = 0;
		s->p = s->end;
		return false;
	}
	if (form_has(s->form, load16(s->p)))
		nfcapd_record_fault(r, "a flow of %zu bytes: left out", size);
	else
		take_other(r, s->p, size);
	s->p += size;
	s->left--;
	return true;
}

/* Is a flow record at s->p, of a size that can be? */
static bool
at_flow(const struct nfcapd *s)
{
	size_t room = s->end - s->p, size = room >= s->form->head ? load16(s->p + 2) : 0;

	return size >= s->form->head && size <= room && form_has(s->form, load16(s->p));
}

/* Flow records from *p on that end before `place`: how many, and *p and *left behind them. */
static uint32_t
pass_flows(const struct record_form *form, const uint8_t **pp, const uint8_t *place, uint32_t *left)
{
	const size_t head = form->head;
	const uint8_t *p = *pp;
	uint32_t n = 0;

	while (n < *left && (size_t)(place - p) >= head) {
		size_t size = load16(p + 2);

		if (size < head || size > (size_t)(place - p) || !form_has(form, load16(p)))
			break;
		p += size;
		n++;
	}
	*pp = p;
	*left -= n;
	return n;
}

/*
 * Passes over the records before the next place where an address may be that is
 * looked for.  False when the block ends there.
 */
static bool
pass_over(struct reader *r)
{
	struct nfcapd *s = r->state;
	struct probe *probe = r->probe;
	const uint8_t *place = s->p;

	if (s->left == s->records)
		needles_forget(&probe->needles);
	do {
		uint32_t n;

		/* It may also be in a record that is no flow, and now behind. */
		if (place <= s->p)
			place = needles_find(&probe->needles, s->p, s->end);
		n = pass_flows(s->form, &s->p, place, &s->left);
		r->info.flows += n;
		probe->next += n;
		/* At a flow with the place, or at something that is no flow or none that can be. */
	} while (s->left > 0 && s->p < s->end && !at_flow(s) && step_other(r));
	if (place == s->end) {
		probe->batch.n = 0;
		probe->selection.choose(probe->selection.ctx, &probe->batch, probe->sel);
	}
	return s->left > 0 && s->p < s->end;
}

/* Decodes records: all that go into the batch, or some from the place where one may be that is looked for. */
static enum run
take_flows(struct reader *r, char why[static 96])
{
	struct nfcapd *s = r->state;
	bool seeks = r->probe != NULL && r->probe->needles.n > 0;
	uint32_t few = seeks && s->left > FLOWS_ABOUT ? FLOWS_ABOUT : s->left, rest = s->left - few;
	enum run run = decoder_run(s->decoder, &r->batch, &s->p, s->end, &few, why);

	s->left = rest + few;
	return run;
}

void
nfcapd_records(struct reader *r)
{
	struct nfcapd *s = r->state;
	struct batch *b = &r->batch;
	char why[96];

	b->elements_all = UINT64_MAX;
	while (s->left > 0 && s->p < s->end && b->n < BATCH_MAX) {
		if (r->probe != NULL && r->probe->needles.n > 0 && !pass_over(r))
			break;
		switch (take_flows(r, why)) {
		case RUN_OTHER:
			if (!step_other(r))
				return;
			break;
		case RUN_BROKEN:
			nfcapd_record_fault(r, "%s", why);
			s->p += load16(s->p + 2);
			s->left--;
			break;
		case RUN_ODD:
			reader_fault(r, s->block, s->offset, "record %u: %s", s->records - s->left, why);
			break;
		case RUN_ON:
			break;
		}
	}
	if (s->left == 0 || s->p == s->end)
		block_done(r);
}

int
nfcapd_next(struct reader *r, struct err *e)
{
	struct nfcapd *s = r->state;

	while (r->batch.n == 0 && !reader_is_stopped(r)) {
		if (s->left == 0) {
			int rc = block_next(r, e);

			if (rc != 1)
				return rc;
		}
		nfcapd_records(r);
	}
	return 1;
}

/*
 * Ident and stat.  What is wrong here costs no flows: where no appendix is
 * found the file is taken for data to its end.
 */
static int
appendix_read(struct reader *r, uint16_t blocks, struct err *e)
{
	struct nfcapd *s = r->state;
	int64_t offset = s->data_end;
	struct block_head h;
	int rc = 1;

	for (unsigned i = 0; i < blocks && i < APPENDIX_BLOCKS && offset < r->size; i++) {
		s->offset = offset;
		if ((rc = block_head(r, offset, &h, e)) != 1)
			break;
		if (h.size == 0 || h.size > BLOCK_MAX) {
			reader_fault(r, 0, offset, "appendix block of %" PRIu32 " bytes", h.size);
			break;
		}
		if ((rc = block_load(r, &h, r->size, e)) == -1)
			break;
		while (rc == 1 && s->left > 0 && s->p < s->end && step_other(r))
			;
		offset += BLOCK_HEAD + (int64_t)h.size;
	}
	if (rc != -1 && blocks > APPENDIX_BLOCKS)
		reader_fault(r, 0, 18, "%u appendix blocks claimed", blocks);
	if (rc != -1 && blocks > 0 && !r->info.has_stat && r->info.ident[0] == '\0') {
		reader_fault(r, 0, s->data_end, "no ident and no stat where the appendix should be");
		s->data_end = r->size;
	}
	s->p = s->end = NULL;
	s->left = s->block = 0;
	r->info.raw_bytes = 0;
	return rc == -1 ? -1 : 0;
}

/* The programs that say who they are, since 1.7.2. */
static const char *const creators[] = {
	"nfdump", "nfcapd", "nfpcapd", "sfcapd", "nfdump", "nfanon", "nfprofile", "geolookup", "ft2nfdump", "torlookup",
};

void
nfcapd_writer(struct reader *r, uint32_t version, uint32_t creator)
{
	const char *name = creators[creator < sizeof(creators) / sizeof(creators[0]) ? creator : 0];

	if (version != 0)
		snprintf(r->info.writer, sizeof(r->info.writer), "%s %u.%u.%u%s", name, version >> 24 & 0xf,
		    version >> 16 & 0xff, version >> 8 & 0xff, version >> 28 == 0xf ? " (git)" : "");
}

/* Takes the file's header; -1 when nothing can be read with it. */
static int
header_read(struct reader *r, uint16_t *appendix_blocks, struct err *e)
{
	struct nfcapd *s = r->state;
	uint8_t head[FILE_HEAD];
	int64_t appendix;
	ssize_t n = file_read_at(r->fd, head, sizeof(head), 0, e);

	if (n == -1)
		return -1;
	if (n < FILE_HEAD)
		return err_set(e, ERR_DATA, "nfcapd 2: %zd bytes, the header alone has %d", n, FILE_HEAD);
	if (head[16] >= PACKINGS)
		return err_set(e, ERR_DATA, "nfcapd 2: compression %u is unknown", head[16]);
	if (head[17] != 0)
		return err_set(e, ERR_DATA, "nfcapd 2: the file is encrypted");
	nfcapd_writer(r, load32(head + 4), load32(head + 20));
	s->packing = head[16];
	r->info.compression = packing_names[s->packing];
	r->info.created = load64(head + 8);
	r->info.blocks = load32(head + 36);
	*appendix_blocks = load16(head + 18);
	appendix = load64(head + 24);
	s->live = r->info.blocks == 0 && *appendix_blocks == 0 && appendix == 0;
	s->data_end = r->size;
	s->next = FILE_HEAD;
	s->blocks_at = 36;
	if (appendix >= FILE_HEAD && appendix < r->size)
		s->data_end = appendix;
	else if (!s->live) {
		reader_fault(r, 0, 24, "appendix at %" PRId64 " of %" PRId64 " bytes", appendix, r->size);
		*appendix_blocks = 0;
	}
	return 0;
}

void
nfcapd_start(struct reader *r, const struct record_form *form, const struct kind_of_record *others,
    const void *state)
{
	struct nfcapd *s = r->state;

	s->form = form;
	s->kinds = others;
	s->strange = UINT32_MAX;
	s->raw = buffer_take();
	if (s->packing != PACK_NONE)
		s->disk = buffer_take();
	s->decoder = decoder_new(r, form, state);
}

static int
nfcapd2_open(struct reader *r, struct err *e)
{
	struct nfcapd *s = arena_alloc(r->arena, sizeof(*s));
	uint16_t appendix_blocks = 0;

	r->state = s;
	if (header_read(r, &appendix_blocks, e) == -1)
		return -1;
	nfcapd_start(r, &form_elements, kinds, NULL);
	return appendix_read(r, appendix_blocks, e);
}

static size_t
nfcapd2_blocks(struct reader *r, struct err *e)
{
	struct nfcapd *s = r->state;
	int64_t offset = FILE_HEAD;
	struct block_head h;
	size_t n = 0;

	while (offset < s->data_end) {
		n++;
		if (block_head(r, offset, &h, e) != 1 || h.size == 0 || h.size > BLOCK_MAX)
			break;
		offset += BLOCK_HEAD + (int64_t)h.size;
	}
	return n;
}

void
nfcapd_close(struct reader *r)
{
	struct nfcapd *s = r->state;

	if (s == NULL)
		return;
	decoder_free(s->decoder);
	buffer_give(s->raw);
	buffer_give(s->disk);
}

const struct format format_nfcapd2 = {
	"nfcapd 2", nfcapd2_probe, nfcapd2_open, nfcapd_next, nfcapd2_blocks, nfcapd_close, true, NULL,
};
