/*
 * nfcapd files of layout 3, as development versions of nfdump 1.8 write them.
 *
 *	header 48 bytes | blocks | directory | footer 56 bytes
 *	header	0 u16 0xa50c  2 u16 3  4 u32 nfdump's version  8 u64 created  16 u16 creator
 *		18 u16 compression  20 u32 flags, 1: encrypted  24 u32 bytes of a block, at most
 *		28 u32 bytes of the directory  32 u64 its offset  40 u64 0
 *	footer	0 u32 0xa50f  4 u32 bytes of the directory  8 u64 its offset  16 u64 checksum  24 mac[32]
 *	directory 0 u32 0xb10cb10c  4 u32 n; n times u32 type, u32 bytes on disk, u64 offset
 *	block	0 u32 type  4 u32 bytes on disk  8 u32 bytes unpacked, both with these 24
 *		12 u16 compression, 0: the file's  14 u16 encryption  16 u64 checksum of the bytes on disk
 *	flows	a block's first 32 bytes unpacked: 0 u32 records  8 u64 bits of their extensions
 *		16 u64 first  24 u64 last in milliseconds; then records (record3.c)
 *
 * Checksums (XXH3) are not verified: packed blocks that are damaged do not
 * unpack, and every record is checked as it is read.  A file whose directory
 * is missing or wrong is read block after block, and so is what lies between
 * the blocks of a directory.
 */
#include "format/nfcapd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/buffer.h"

#define HEAD3		48
#define FOOTER3		56
#define FOOTER_MAGIC	0xa50f
#define DIRECTORY_MAGIC	0xb10cb10c
#define DIRECTORY_HEAD	8
#define ENTRY_BYTES	16
#define ENTRIES_MAX	(1u << 20)	/* of 4 MiB each */
#define FILE_ENCRYPTED	1
#define BLOCK3_HEAD	24
#define FLOWS_HEAD	32
#define BLOCK3_FLOWS	1
#define BLOCK3_STAT	3
#define BLOCK3_IDENT	4
#define BLOCK3_KINDS	8	/* arrays, metadata, messages and exporters are left alone */

#define RECORD3_META	18	/* filters for addresses, of all flows in the block */

struct entry { int64_t offset; uint32_t type, size; };

struct nfcapd3 {
	struct nfcapd blocks;
	enum packing packing;	/* where a block does not say its own */
	struct entry *entries;	/* by offset, not overlapping; after opening those with flows */
	size_t nentries, at;
};

struct block3_head { uint32_t type, disk, raw; uint16_t compression, encryption; };

static const struct kind_of_record kinds[] = {
	{ RECORD3_META, 8, NULL },
	{ 0, 0, NULL },
};

static bool
nfcapd3_probe(const uint8_t *head, size_t n)
{
	return n >= 4 && load16(head) == NFCAPD_MAGIC && load16(head + 2) == 3;
}

/* Layout 2's numbers from layout 3's, of which 0 means that none is said.  -1: unknown. */
static int
packing_of(uint16_t compression, enum packing unsaid, enum packing *packing)
{
	if (compression > PACKINGS)
		return -1;
	*packing = compression == 0 ? unsaid : (enum packing)(compression - 1);
	return 0;
}

/* Reads the block header there.  1, 0 when the file ends, -1. */
static int
block3_head(struct reader *r, int64_t offset, struct block3_head *h, struct err *e)
{
	uint8_t head[BLOCK3_HEAD];
	ssize_t n = file_read_at(r->fd, head, sizeof(head), offset, e);

	if (n == -1)
		return -1;
	if (n < BLOCK3_HEAD)
		return 0;
	h->type = load32(head);
	h->disk = load32(head + 4);
	h->raw = load32(head + 8);
	h->compression = load16(head + 12);
	h->encryption = load16(head + 14);
	return 1;
}

static void
entry_add(struct nfcapd3 *s, int64_t offset, uint32_t type, uint32_t size)
{
	if ((s->nentries & (s->nentries - 1)) == 0)
		s->entries = xrealloc(s->entries, s->nentries != 0 ? s->nentries * 2 : 1, sizeof(*s->entries));
	s->entries[s->nentries++] = (struct entry){ offset, type, size };
}

/* Without a directory: from block to block, to the end or to what is none. */
static int
walk(struct reader *r, struct err *e)
{
	struct nfcapd3 *s = r->state;
	int64_t offset = HEAD3;
	struct block3_head h;
	int rc = 0;

	s->nentries = 0;
	while (s->nentries < ENTRIES_MAX && (rc = block3_head(r, offset, &h, e)) == 1) {
		if (h.type == DIRECTORY_MAGIC)
			break;
		if (h.type == 0 || h.disk < BLOCK3_HEAD) {
			reader_fault(r, 0, offset, "block of type %" PRIu32 " and %" PRIu32
			    " bytes: the rest of the file is lost", h.type, h.disk);
			break;
		}
		entry_add(s, offset, h.type, h.disk);
		offset += h.disk;
	}
	return rc == -1 ? -1 : 0;
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Reads the directory's entries.  1; 0 when it cannot be, with a fault; -1. */
static int
directory_entries(struct reader *r, int64_t offset, uint32_t size, struct err *e)
{
	struct nfcapd3 *s = r->state;
	uint8_t *p = xmalloc(size);
	ssize_t got = file_read_at(r->fd, p, size, offset, e);
	uint32_t n = 0;
	int rc = got == -1 ? -1 : 0;

	if (got == (ssize_t)size && load32(p) == DIRECTORY_MAGIC)
		n = load32(p + 4);
	if (n == 0 || n != (size - DIRECTORY_HEAD) / ENTRY_BYTES) {
		if (got != -1)
			reader_fault(r, 0, offset, "directory of %" PRIu32 " entries in %zd bytes", n, got);
		n = 0;
	}
	for (uint32_t i = 0; i < n; i++) {
		const uint8_t *q = p + DIRECTORY_HEAD + i * ENTRY_BYTES;
		uint64_t at = load64(q + 8);

		if (at < HEAD3 || at > (uint64_t)r->size || load32(q + 4) > (uint64_t)r->size - at)
			reader_fault(r, 0, offset, "directory entry %" PRIu32 ": block at %" PRIu64
			    " of %" PRIu32 " bytes: left out", i + 1, at, load32(q + 4));
		else
			entry_add(s, at, load32(q), load32(q + 4));
	}
	free(p);
	return n > 0 ? 1 : rc;
}

/* Takes the directory that header and footer name.  1; 0 when it cannot be, with a fault; -1. */
static int
directory_read(struct reader *r, int64_t offset, uint32_t size, struct err *e)
{
	uint8_t foot[FOOTER3];
	int64_t at = r->size - FOOTER3;
	ssize_t n = at >= HEAD3 ? file_read_at(r->fd, foot, sizeof(foot), at, e) : 0;

	if (n == -1)
		return -1;
	if (n < FOOTER3 || load32(foot) != FOOTER_MAGIC) {
		reader_fault(r, 0, r->size, "no footer: blocks are looked for one after another");
		return 0;
	}
	if (load32(foot + 4) != size || load64(foot + 8) != (uint64_t)offset) {
		reader_fault(r, 0, at, "header and footer name different directories");
		return 0;
	}
	if (offset < HEAD3 || offset > at || size < DIRECTORY_HEAD || size > at - offset ||
	    size > DIRECTORY_HEAD + ENTRIES_MAX * ENTRY_BYTES) {
		reader_fault(r, 0, at, "directory of %" PRIu32 " bytes at %" PRId64, size, offset);
		return 0;
	}
	return directory_entries(r, offset, size, e);
}

/* Blocks by their offset, none of them twice. */
static void
entries_sort(struct reader *r)
{
	struct nfcapd3 *s = r->state;
	int64_t end = 0;
	size_t n = 0;

	if (s->nentries > 0)
		qsort(s->entries, s->nentries, sizeof(*s->entries), entry_cmp);
	for (size_t i = 0; i < s->nentries; i++) {
		struct entry *x = &s->entries[i];

		if (x->offset < end) {
			reader_fault(r, 0, x->offset, "block of %" PRIu32 " bytes within the one before: left out",
			    x->size);
			continue;
		}
		end = x->offset + x->size;
		s->entries[n++] = *x;
	}
	s->nentries = n;
}

/* Checks the header of the block at hand against the directory's entry.  1, 0 with a fault, -1. */
static int
block3_check(struct reader *r, const struct entry *x, struct block3_head *h, struct err *e)
{
	struct nfcapd3 *s = r->state;
	int rc;

	s->blocks.offset = x->offset;
	if ((rc = block3_head(r, x->offset, h, e)) != 1)
		return rc == -1 ? -1 : nfcapd_block_fault(r, "no room for a block header");
	if (h->type != x->type || h->disk != x->size)
		return nfcapd_block_fault(r, "type %" PRIu32 " and %" PRIu32 " bytes, the directory says %" PRIu32
		    " and %" PRIu32, h->type, h->disk, x->type, x->size);
	if (h->encryption != 0)
		return nfcapd_block_fault(r, "the block is encrypted");
	if (h->disk < BLOCK3_HEAD || h->raw < BLOCK3_HEAD || h->disk > BLOCK_MAX || h->raw > BLOCK_MAX)
		return nfcapd_block_fault(r, "%" PRIu32 " bytes, unpacked %" PRIu32 ", cannot be", h->disk, h->raw);
	if (packing_of(h->compression, s->packing, &s->blocks.packing) == -1)
		return nfcapd_block_fault(r, "compression %u is unknown", h->compression);
	return 1;
}

/*
 * Reads and unpacks a block.  1 and what follows its header at p, 0 with a
 * fault, -1.  A block that holds another number of bytes than it should is
 * read as far as it goes.
 */
static int
block3_load(struct reader *r, const struct entry *x, struct err *e)
{
	struct nfcapd3 *s = r->state;
	struct nfcapd *b = &s->blocks;
	struct block3_head h = { 0 };
	const char *why;
	int rc = block3_check(r, x, &h, e);
	uint8_t *disk;
	ssize_t n;

	if (rc != 1)
		return rc;
	if (b->disk == NULL && b->packing != PACK_NONE)
		b->disk = buffer_take();
	disk = b->packing == PACK_NONE ? b->raw : b->disk;
	h.disk -= BLOCK3_HEAD;
	h.raw -= BLOCK3_HEAD;
	if ((n = file_read_at(r->fd, disk, h.disk, x->offset + BLOCK3_HEAD, e)) == -1)
		return -1;
	b->cut = (size_t)n < h.disk;
	if (b->cut && !b->live)
		nfcapd_block_fault(r, "%" PRIu32 " bytes claimed, %zd left", h.disk, n);
	if (b->cut && b->packing != PACK_NONE)
		return 0;
	if (b->packing != PACK_NONE && (n = unpack(b->packing, disk, n, b->raw, BLOCK_MAX, &why)) == -1)
		return nfcapd_block_fault(r, "%s", why);
	if ((size_t)n != h.raw && !b->cut)
		nfcapd_block_fault(r, "%zd of %" PRIu32 " bytes unpacked", n, h.raw);
	b->p = b->raw;
	b->end = b->raw + n;
	return 1;
}

static void
take_ident(struct reader *r, const uint8_t *p, size_t size)
{
	nfcapd_ident(r, p, size);
}

static void
take_stat(struct reader *r, const uint8_t *p, size_t size)
{
	if (size < STAT_BYTES)
		nfcapd_block_fault(r, "stat of %zu bytes, %d needed: left out", size, STAT_BYTES);
	else
		nfcapd_stat(r, p);
}

/* From block to block where the directory has none, or one that is not there. */
static int
gap_walk(struct reader *r, int64_t offset, int64_t end, struct err *e)
{
	struct block3_head h;
	int rc;

	for (; offset < end; offset += h.disk) {
		if ((rc = block3_head(r, offset, &h, e)) == -1)
			return -1;
		if (rc == 0 || h.type == 0 || h.type >= BLOCK3_KINDS || h.disk < BLOCK3_HEAD || h.disk > end - offset) {
			reader_fault(r, 0, offset, "%" PRId64 " bytes that are no block: left out", end - offset);
			return 0;
		}
		reader_fault(r, 0, offset, "block of %" PRIu32 " bytes that the directory does not have", h.disk);
		entry_add(r->state, offset, h.type, h.disk);
	}
	return 0;
}

/* Keeps the directory's entries that are true, and adds what it lacks.  end: where blocks end. */
static int
entries_check(struct reader *r, int64_t end, struct err *e)
{
	struct nfcapd3 *s = r->state;
	struct entry *was = s->entries;
	size_t n = s->nentries;
	int64_t offset = HEAD3;
	int rc = 0;

	s->entries = NULL;
	s->nentries = 0;
	for (size_t i = 0; i < n && rc != -1; i++) {
		struct block3_head h = { 0 };

		rc = block3_head(r, was[i].offset, &h, e);
		if (rc == 1 && h.type == was[i].type && h.disk == was[i].size) {
			rc = gap_walk(r, offset, was[i].offset, e);
			entry_add(s, was[i].offset, h.type, h.disk);
			offset = was[i].offset + h.disk;
		} else if (rc != -1) {
			reader_fault(r, 0, was[i].offset, "type %" PRIu32 " and %" PRIu32 " bytes, the directory says %"
			    PRIu32 " and %" PRIu32, h.type, h.disk, was[i].type, was[i].size);
		}
	}
	free(was);
	return rc == -1 ? -1 : gap_walk(r, offset, end, e);
}

/* Takes ident and stat, puts down unknown blocks, and keeps the entries of those with flows. */
static int
others_read(struct reader *r, struct err *e)
{
	static void (*const take[BLOCK3_KINDS])(struct reader *, const uint8_t *, size_t) = {
		[BLOCK3_STAT] = take_stat, [BLOCK3_IDENT] = take_ident,
	};
	struct nfcapd3 *s = r->state;
	struct block3_head h;
	size_t n = 0;

	for (size_t i = 0; i < s->nentries; i++) {
		const struct entry *x = &s->entries[i];
		int rc;

		if (x->type == BLOCK3_FLOWS) {
			s->entries[n++] = *x;
		} else if (x->type == 0 || x->type >= BLOCK3_KINDS) {
			reader_fault(r, 0, x->offset, "block type %" PRIu32 " is unknown: left out", x->type);
		} else {
			rc = take[x->type] != NULL ? block3_load(r, x, e) : block3_check(r, x, &h, e);
			if (rc == -1)
				return -1;
			if (rc == 1 && take[x->type] != NULL)
				take[x->type](r, s->blocks.p, s->blocks.end - s->blocks.p);
		}
	}
	s->nentries = n;
	s->blocks.p = s->blocks.end = NULL;
	r->info.blocks = n;
	return 0;
}

/* Takes the file's header; -1 when nothing can be read with it. */
static int
header_read(struct reader *r, int64_t *directory, uint32_t *size, struct err *e)
{
	struct nfcapd3 *s = r->state;
	uint8_t head[HEAD3];
	ssize_t n = file_read_at(r->fd, head, sizeof(head), 0, e);

	if (n == -1)
		return -1;
	if (n < HEAD3)
		return err_set(e, ERR_DATA, "nfcapd 3: %zd bytes, the header alone has %d", n, HEAD3);
	if (load32(head + 20) & FILE_ENCRYPTED)
		return err_set(e, ERR_DATA, "nfcapd 3: the file is encrypted");
	if (packing_of(load16(head + 18), PACK_NONE, &s->packing) == -1)
		return err_set(e, ERR_DATA, "nfcapd 3: compression %u is unknown", load16(head + 18));
	nfcapd_writer(r, load32(head + 4), load16(head + 16));
	r->info.compression = packing_names[s->packing];
	r->info.created = load64(head + 8);
	*directory = load64(head + 32);
	*size = load32(head + 28);
	s->blocks.live = *directory == 0 && *size == 0;
	return 0;
}

static int
nfcapd3_open(struct reader *r, struct err *e)
{
	struct nfcapd3 *s = arena_alloc(r->arena, sizeof(*s));
	int64_t directory = 0;
	uint32_t size = 0;
	int rc = 0;

	r->state = s;
	if (header_read(r, &directory, &size, e) == -1)
		return -1;
	nfcapd_start(r, &form_extensions, kinds, NULL);
	if (!s->blocks.live)
		rc = directory_read(r, directory, size, e);
	if (rc == 1) {
		entries_sort(r);
		rc = entries_check(r, directory, e);
	} else if (rc == 0) {
		rc = walk(r, e);
	}
	return rc == -1 ? -1 : others_read(r, e);
}

/*
 * Records of metadata lead a block and may or may not be counted; what is
 * counted here are records of which the block has the bytes.
 */
static void
skip_meta(struct nfcapd *b)
{
	uint32_t meta = 0, n = 0;
	const uint8_t *p = b->p;
	size_t size;

	while (b->end - p >= 4 && load16(p) == RECORD3_META &&
	    (size = load16(p + 2)) >= 8 && size <= (size_t)(b->end - p)) {
		meta++;
		p += size;
	}
	if (meta == 0)
		return;
	b->p = p;
	while (b->end - p >= 4 && (size = load16(p + 2)) >= 4 && size <= (size_t)(b->end - p)) {
		n++;
		p += size;
	}
	if (n + meta == b->records)
		b->records = b->left = n;
}

/* The next block of flows that is asked for.  1, 0 at the end, -1. */
static int
block3_next(struct reader *r, struct err *e)
{
	struct nfcapd3 *s = r->state;
	struct nfcapd *b = &s->blocks;
	int rc;

	while (s->at < s->nentries && s->at < r->last_block) {
		const struct entry *x = &s->entries[s->at++];

		if (s->at <= r->first_block)
			continue;
		b->block = s->at;
		if ((rc = block3_load(r, x, e)) == -1)
			return -1;
		if (rc == 0)
			continue;
		r->info.raw_bytes += b->end - b->p;
		if (b->end - b->p < FLOWS_HEAD) {
			nfcapd_block_fault(r, "%td of %d bytes before the flows", b->end - b->p, FLOWS_HEAD);
			continue;
		}
		b->records = b->left = load32(b->p);
		b->p += FLOWS_HEAD;
		skip_meta(b);
		return 1;
	}
	return 0;
}

static int
nfcapd3_next(struct reader *r, struct err *e)
{
	struct nfcapd3 *s = r->state;

	while (r->batch.n == 0 && !reader_is_stopped(r)) {
		if (s->blocks.left == 0) {
			int rc = block3_next(r, e);

			if (rc != 1)
				return rc;
		}
		nfcapd_records(r);
	}
	return 1;
}

static size_t
nfcapd3_blocks(struct reader *r, struct err *e)
{
	const struct nfcapd3 *s = r->state;

	(void)e;
	return s->nentries;
}

static void
nfcapd3_close(struct reader *r)
{
	struct nfcapd3 *s = r->state;

	if (s != NULL)
		free(s->entries);
	nfcapd_close(r);
}

const struct format format_nfcapd3 = {
	"nfcapd 3", nfcapd3_probe, nfcapd3_open, nfcapd3_next, nfcapd3_blocks, nfcapd3_close, true, NULL,
};
