#include "format/nfwrite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lz4.h>

#include "base/file.h"
#include "base/when.h"
#include "format/element.h"
#include "format/nfcapd2.h"

#define RAW_BLOCK	(1024 * 1024)	/* as nfdump 1.7.1 fills them */
#define RECORD_MOST	1024		/* no record of ours is longer */
#define NFDUMP_VERSION	0x01070100	/* whose layout it is: 1.7.1 */

/* Elements that are written, the bytes of their payload, and the same for IPv6. */
static const struct form {
	uint8_t id, len;
	uint8_t id6, len6;	/* 0: there is no other for IPv6 */
	uint8_t address;	/* the field whose family decides */
} forms[] = {
	{ E_GENERIC, 48, 0, 0, 0 },
	{ E_IPV4, 8, E_IPV6, 32, F_SRCIP },
	{ E_MISC, 16, 0, 0, 0 },
	{ E_CNT, 24, 0, 0, 0 },
	{ E_VLAN, 8, 0, 0, 0 },
	{ E_AS, 8, 0, 0, 0 },
	{ E_BGPNEXT4, 4, E_BGPNEXT6, 16, F_BGPNEXTHOP },
	{ E_NEXT4, 4, E_NEXT6, 16, F_NEXTHOP },
	{ E_ROUTER4, 4, E_ROUTER6, 16, F_ROUTER },
	{ E_MPLS, 40, 0, 0, 0 },
	{ E_MAC, 32, 0, 0, 0 },
	{ E_ASADJ, 8, 0, 0, 0 },
	{ E_LATENCY, 24, 0, 0, 0 },
	{ E_NSEL, 16, 0, 0, 0 },
	{ E_XLATE4, 8, E_XLATE6, 32, F_XSRCIP },
	{ E_XPORT, 4, 0, 0, 0 },
	{ E_ACL, 24, 0, 0, 0 },
	{ E_USER, 68, 0, 0, 0 },
	{ E_NAT, 16, 0, 0, 0 },
	{ E_PBLOCK, 8, 0, 0, 0 },
	{ E_TUN4, 12, E_TUN6, 40, F_TUNSRCIP },
	{ E_OBSERVATION, 16, 0, 0, 0 },
	{ E_VRF, 8, 0, 0, 0 },
};
#define USER_MOST	65	/* bytes of a name, a NUL behind it */
#define FORMS	(sizeof(forms) / sizeof(forms[0]))

struct nfwrite {
	char *path, *temporary;		/* temporary: NULL once it has its name */
	char ident[128];
	int fd;
	enum packing pack;
	uint8_t *raw, *packed;		/* block at hand: header and records */
	size_t used;			/* bytes of records in it */
	uint32_t records, blocks;
	int64_t offset;			/* in the file */
	struct traffic stat;
	uint64_t first, last;
	const struct place *places[ELEMENTS_KNOWN];	/* the first of each element */
};

static void
store16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void
store32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
}

static void
store64(uint8_t *p, uint64_t v)
{
	memcpy(p, &v, sizeof(v));
}

/* Two numbers in host order, high half first. */
static void
store_v6(uint8_t *p, const struct addr *a)
{
	for (size_t h = 0; h < 2; h++) {
		uint64_t half = 0;

		for (size_t k = 0; k < 8; k++)
			half = half << 8 | a->b[h * 8 + k];
		store64(p + h * 8, half);
	}
}

/* A user's name: no other text is written. */
static void
store_text(uint8_t *p, const struct slice *text)
{
	if (text->len > 0)
		memcpy(p, text->p, text->len < USER_MOST ? text->len : USER_MOST);
}

static int
write_all(struct nfwrite *w, const void *p, size_t n, struct err *e)
{
	const char *s = p;

	while (n > 0) {
		ssize_t done = write(w->fd, s, n);

		if (done == -1 && errno == EINTR)
			continue;
		if (done == -1)
			return err_sys(e, "%s", w->temporary);
		s += done;
		n -= done;
		w->offset += done;
	}
	return 0;
}

struct nfwrite *
nfwrite_open(const char *path, const char *ident, enum packing pack, struct err *e)
{
	struct nfwrite *w = xcalloc(1, sizeof(*w));
	static const uint8_t head[FILE_HEAD];

	w->fd = -1;
	w->pack = pack;
	for (const struct place *p = places; p->field != F_COUNT; p++)
		if (w->places[p->element] == NULL)
			w->places[p->element] = p;
	w->first = UINT64_MAX;
	snprintf(w->ident, sizeof(w->ident), "%s", ident);
	if (pack != PACK_NONE && pack != PACK_LZ4) {
		err_set(e, ERR_INPUT, "%s: cannot write compression %s", path, packing_names[pack]);
		goto fail;
	}
	w->path = xstrdup(path);
	w->temporary = file_temporary(path);
	if ((w->fd = mkstemp(w->temporary)) == -1) {
		err_sys(e, "%s", w->temporary);
		goto fail;
	}
	w->raw = xmalloc(BLOCK_HEAD + RAW_BLOCK + RECORD_MOST);
	w->packed = xmalloc(BLOCK_HEAD + LZ4_compressBound(RAW_BLOCK + RECORD_MOST));
	/* The header is written last: until then the file says nothing. */
	if (write_all(w, head, sizeof(head), e) == 0)
		return w;
fail:
	nfwrite_abandon(w);
	return NULL;
}

/* Writes the block at hand. */
static int
block_write(struct nfwrite *w, struct err *e)
{
	uint8_t *block = w->raw;
	size_t n = w->used;

	if (w->records == 0)
		return 0;
	if (w->pack == PACK_LZ4) {
		block = w->packed;
		n = LZ4_compress_default((const char *)w->raw + BLOCK_HEAD, (char *)block + BLOCK_HEAD,
		    w->used, LZ4_compressBound(RAW_BLOCK + RECORD_MOST));
	}
	store32(block, w->records);
	store32(block + 4, n);
	store16(block + 8, BLOCK_RECORDS);
	store16(block + 10, 0);
	w->blocks++;
	w->used = w->records = 0;
	return write_all(w, block, BLOCK_HEAD + n, e);
}

/* Room for a record of at most RECORD_MOST bytes in the block; NULL on error. */
static uint8_t *
record_room(struct nfwrite *w, struct err *e)
{
	if (w->used >= RAW_BLOCK && block_write(w, e) == -1)
		return NULL;
	return w->raw + BLOCK_HEAD + w->used;
}

static void
record_done(struct nfwrite *w, size_t size)
{
	w->used += size;
	w->records++;
}

/* Puts a field where the element has it. */
static void
store_field(uint8_t *p, const struct place *place, const struct batch *b, size_t i)
{
	enum field f = place->field;

	switch (place->load) {
	case LOAD_8:
		*p = batch_number(b, f, i);
		break;
	case LOAD_16:
		store16(p, batch_number(b, f, i));
		break;
	case LOAD_32:
		store32(p, batch_number(b, f, i));
		break;
	case LOAD_NET32:
		store32(p, htonl(batch_number(b, f, i)));
		break;
	case LOAD_64:
	case LOAD_FLOWS:
		store64(p, batch_number(b, f, i));
		break;
	case LOAD_V4:
		store32(p, addr_v4(&COLADDR(b, f)[i]));
		break;
	case LOAD_32TO8:
		store32(p, batch_number(b, f, i));
		break;
	case LOAD_TEXT:
		store_text(p, &COLSLICE(b, f)[i]);
		break;
	case LOAD_V6:
		store_v6(p, &COLADDR(b, f)[i]);
		break;
	}
}

/* Puts the fields that the batch has of an element; p is its payload or, for E_HEADER, the record. */
static void
store_fields(const struct nfwrite *w, uint8_t *p, unsigned id, const struct batch *b, size_t i)
{
	for (const struct place *place = w->places[id]; place->field != F_COUNT && place->element == id; place++)
		if (b->col[place->field] != NULL)
			store_field(p + place->offset, place, b, i);
}

static bool
has_fields(const struct nfwrite *w, unsigned id, const struct batch *b)
{
	for (const struct place *place = w->places[id]; place->field != F_COUNT && place->element == id; place++)
		if (b->col[place->field] != NULL)
			return true;
	return false;
}

/* The forms that a batch's columns call for, a bit each. */
static unsigned
forms_of(const struct nfwrite *w, const struct batch *b)
{
	unsigned set = 0;

	for (size_t k = 0; k < FORMS; k++)
		if (forms[k].id == E_GENERIC || has_fields(w, forms[k].id, b))
			set |= 1U << k;
	return set;
}

static void
flow_write(struct nfwrite *w, uint8_t *record, const struct batch *b, size_t i, unsigned set)
{
	uint64_t elements = b->col[F_ELEMENTS] != NULL ? COL64(b, F_ELEMENTS)[i] : UINT64_MAX;
	size_t size = RECORD_HEAD;
	uint16_t n = 0;

	memset(record, 0, RECORD_HEAD);
	for (size_t k = 0; k < FORMS; k++) {
		const struct form *form = &forms[k];
		unsigned id = form->id, len = form->len;

		if ((set >> k & 1) == 0 || (id != E_GENERIC &&
		    (elements & (ELEMENT(id) | (form->id6 != 0 ? ELEMENT(form->id6) : 0))) == 0))
			continue;
		if (form->id6 != 0 && b->col[form->address] != NULL && !addr_is_v4(&COLADDR(b, form->address)[i])) {
			id = form->id6;
			len = form->len6;
		}
		store16(record + size, id);
		store16(record + size + 2, ELEMENT_HEAD + len);
		memset(record + size + ELEMENT_HEAD, 0, len);
		store_fields(w, record + size + ELEMENT_HEAD, id, b, i);
		size += ELEMENT_HEAD + len;
		n++;
	}
	store16(record, RECORD_FLOW);
	store16(record + 2, size);
	store16(record + 4, n);
	store_fields(w, record, E_HEADER, b, i);
	record_done(w, size);
}

void
nfwrite_fields(struct fieldset *set)
{
	*set = (struct fieldset){ { 0, 0 } };
	fieldset_add(set, F_ELEMENTS);
	for (const struct place *p = places; p->field != F_COUNT; p++)
		for (size_t k = 0; k < FORMS; k++)
			if (p->field != F_SYSID && (p->element == E_HEADER || p->element == forms[k].id))
				fieldset_add(set, p->field);
}

static uint64_t
column64(const struct batch *b, enum field f, size_t i, uint64_t otherwise)
{
	return b->col[f] != NULL ? COL64(b, f)[i] : otherwise;
}

static void
stat_add(struct nfwrite *w, const struct batch *b, size_t i)
{
	struct totals t = {
		.flows = column64(b, F_FLOWS, i, 1),
		.packets = column64(b, F_PACKETS, i, 0) + column64(b, F_OUTPACKETS, i, 0),
		.bytes = column64(b, F_BYTES, i, 0) + column64(b, F_OUTBYTES, i, 0),
	};
	enum proto_class class = proto_class(b->col[F_PROTO] != NULL ? COL8(b, F_PROTO)[i] : 0);
	uint64_t first = column64(b, F_FIRST, i, 0), last = column64(b, F_LAST, i, 0);

	w->stat.by[PROTO_ALL].flows += t.flows;
	w->stat.by[PROTO_ALL].packets += t.packets;
	w->stat.by[PROTO_ALL].bytes += t.bytes;
	w->stat.by[class].flows += t.flows;
	w->stat.by[class].packets += t.packets;
	w->stat.by[class].bytes += t.bytes;
	w->first = first < w->first ? first : w->first;
	w->last = last > w->last ? last : w->last;
}

int
nfwrite_add(struct nfwrite *w, const struct batch *b, struct err *e)
{
	unsigned set = forms_of(w, b);

	for (size_t i = 0; i < b->n; i++) {
		uint8_t *record = record_room(w, e);

		if (record == NULL)
			return -1;
		flow_write(w, record, b, i, set);
		stat_add(w, b, i);
	}
	return 0;
}

int
nfwrite_exporter(struct nfwrite *w, const struct addr *addr, uint16_t sysid, uint32_t id, uint16_t version,
    struct err *e)
{
	uint8_t *p = record_room(w, e);
	bool v4 = addr_is_v4(addr);

	if (p == NULL)
		return -1;
	memset(p, 0, 32);
	store16(p, RECORD_EXPORTER);
	store16(p + 2, 32);
	store32(p + 4, version);
	/* As 1.7.1 has it: two numbers in host order, IPv4 in the second. */
	if (v4)
		store64(p + 16, addr_v4(addr));
	else
		store_v6(p + 8, addr);
	store16(p + 24, v4 ? 2 : 10);
	store16(p + 26, sysid);
	store32(p + 28, id);
	record_done(w, 32);
	return 0;
}

static void
ident_write(struct nfwrite *w, uint8_t *p)
{
	size_t n = strlen(w->ident) + 1;

	store16(p, RECORD_IDENT);
	store16(p + 2, 4 + n);
	memcpy(p + 4, w->ident, n);
	record_done(w, 4 + n);
}

static void
stat_write(struct nfwrite *w, uint8_t *p)
{
	const struct totals *all = &w->stat.by[PROTO_ALL];

	store16(p, RECORD_STAT);
	store16(p + 2, 4 + STAT_BYTES);
	p += 4;
	store64(p, all->flows);
	store64(p + 8, all->bytes);
	store64(p + 16, all->packets);
	for (int c = PROTO_TCP; c < PROTO_CLASSES; c++) {
		uint8_t *q = p + 24 + (c - PROTO_TCP) * 8;

		store64(q, w->stat.by[c].flows);
		store64(q + 32, w->stat.by[c].bytes);
		store64(q + 64, w->stat.by[c].packets);
	}
	store64(p + 120, w->first != UINT64_MAX ? w->first : 0);
	store64(p + 128, w->last);
	store64(p + 136, 0);
	record_done(w, 4 + STAT_BYTES);
}

/* The header, now that all is known.  "Created" is the last flow's time, so that equal flows make equal files. */
static int
header_write(struct nfwrite *w, uint32_t blocks, int64_t appendix, struct err *e)
{
	uint8_t head[FILE_HEAD] = { 0 };

	store16(head, NFCAPD_MAGIC);
	store16(head + 2, 2);
	store32(head + 4, NFDUMP_VERSION);
	store64(head + 8, w->last != 0 ? w->last / 1000 : (uint64_t)when_now());
	head[16] = w->pack;
	store16(head + 18, 1);
	store64(head + 24, appendix);
	store32(head + 36, blocks);
	if (lseek(w->fd, 0, SEEK_SET) == -1)
		return err_sys(e, "%s", w->temporary);
	return write_all(w, head, sizeof(head), e);
}

static int
finish(struct nfwrite *w, struct err *e)
{
	uint32_t blocks;
	int64_t appendix;

	if (block_write(w, e) == -1)
		return -1;
	blocks = w->blocks;
	appendix = w->offset;
	ident_write(w, w->raw + BLOCK_HEAD);
	stat_write(w, w->raw + BLOCK_HEAD + w->used);
	if (block_write(w, e) == -1 || header_write(w, blocks, appendix, e) == -1)
		return -1;
	if (fchmod(w->fd, 0644) == -1 || rename(w->temporary, w->path) == -1)
		return err_sys(e, "%s", w->path);
	free(w->temporary);
	w->temporary = NULL;
	return 0;
}

int
nfwrite_close(struct nfwrite *w, struct err *e)
{
	int rc = finish(w, e);

	nfwrite_abandon(w);
	return rc;
}

void
nfwrite_abandon(struct nfwrite *w)
{
	if (w == NULL)
		return;
	if (w->fd != -1) {
		close(w->fd);
		if (w->temporary != NULL)
			unlink(w->temporary);
	}
	free(w->temporary);
	free(w->path);
	free(w->raw);
	free(w->packed);
	free(w);
}
