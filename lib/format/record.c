#include "format/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/element.h"

#define CHUNK		256	/* records whose values are loaded together: they stay in the nearest cache */
#define LAYOUTS		128
#define BUCKETS		64

/* Where a layout has the value of a wanted column. */
struct from {
	uint16_t at;		/* from the record's start */
	uint16_t len;		/* to the element's end */
	uint8_t load;
};

struct layout {
	uint32_t head;			/* type and size as in the record */
	uint16_t nelements;
	uint16_t at[ELEMENTS_MAX];	/* of the element headers, and what they hold */
	uint32_t word[ELEMENTS_MAX];
	uint16_t version_at;		/* of the byte that says which address counts; 0: there is none */
	uint8_t version;
	int16_t next;			/* in the bucket, -1 at the end */
	uint64_t elements;
	struct from from[F_COUNT];	/* by position in wanted[] */
};

struct wanted { enum field field; uint8_t width; };

struct decoder {
	struct wanted wanted[F_COUNT];
	size_t nwanted;
	/* places[] of wanted fields, by element: those of id are first[id] … first[id + 1] - 1. */
	struct { struct place place; uint8_t wanted; } use[PLACES_MAX];
	uint16_t first[ELEMENTS_KNOWN + 1];
	struct layout layouts[LAYOUTS];
	size_t nlayouts;
	int16_t bucket[BUCKETS];
	/* The records at hand. */
	size_t n;
	const uint8_t *record[CHUNK];
	uint8_t layout[CHUNK];
};

/* Loads n values; the i-th goes to place order[i] of the column. */
struct job {
	const uint8_t *const *record;
	const uint16_t *order;
	size_t n;
	struct from from;
};

#define LOADER(name, type, value) \
static void \
name(const struct job *j, void *column) \
{ \
	type *out = column; \
	size_t at = j->from.at; \
\
	for (size_t i = 0; i < j->n; i++) { \
		const uint8_t *p = j->record[i] + at; \
\
		out[j->order[i]] = value; \
	} \
}

/* Written as a whole: the compiler makes two stores with swapped bytes of it. */
static inline struct addr
addr_of(uint64_t high, uint64_t low)
{
	struct addr a = { {
	    high >> 56, high >> 48, high >> 40, high >> 32, high >> 24, high >> 16, high >> 8, high,
	    low >> 56, low >> 48, low >> 40, low >> 32, low >> 24, low >> 16, low >> 8, low } };

	return a;
}

#define V4_HIGH		0
#define V4_LOW(v4)	((uint64_t)0xffff << 32 | (v4))

LOADER(load_8, uint8_t, *p)
LOADER(load_16, uint16_t, load16(p))
LOADER(load_32, uint32_t, load32(p))
LOADER(load_64, uint64_t, load64(p))
LOADER(load_32to8, uint8_t, load32(p))
LOADER(load_v4, struct addr, addr_of(V4_HIGH, V4_LOW(load32(p))))
LOADER(load_v6, struct addr, addr_of(load64(p), load64(p + 8)))
LOADER(load_flows, uint64_t, load64(p) != 0 ? load64(p) : 1)
LOADER(load_text, struct slice, ((struct slice){ p, strnlen((const char *)p, j->from.len) }))
LOADER(load_bytes, struct slice, ((struct slice){ p, j->from.len }))

static void (*const loaders[LOADS])(const struct job *, void *) = {
	[LOAD_8] = load_8, [LOAD_16] = load_16, [LOAD_32] = load_32, [LOAD_64] = load_64,
	[LOAD_32TO8] = load_32to8, [LOAD_V4] = load_v4, [LOAD_V6] = load_v6,
	[LOAD_FLOWS] = load_flows, [LOAD_TEXT] = load_text, [LOAD_BYTES] = load_bytes,
};

#define FILLER(name, type) \
static void \
name(const struct job *j, void *column, type v) \
{ \
	type *out = column; \
\
	for (size_t i = 0; i < j->n; i++) \
		out[j->order[i]] = v; \
}

FILLER(fill_8, uint8_t)
FILLER(fill_16, uint16_t)
FILLER(fill_32, uint32_t)
FILLER(fill_64, uint64_t)
FILLER(fill_addr, struct addr)
FILLER(fill_slice, struct slice)

/* The same value for all: what the record does not have. */
static void
fill(const struct job *j, void *column, enum field f, uint64_t v)
{
	switch (fields[f].width) {
	case 1:
		fill_8(j, column, v);
		break;
	case 2:
		fill_16(j, column, v);
		break;
	case 4:
		fill_32(j, column, v);
		break;
	case 8:
		fill_64(j, column, v);
		break;
	default:
		if (fields[f].kind == KIND_ADDR)
			fill_addr(j, column, addr_from_v4(0));
		else
			fill_slice(j, column, (struct slice){ NULL, 0 });
	}
}

struct decoder *
decoder_new(const struct batch *b)
{
	struct decoder *d = xcalloc(1, sizeof(*d));
	uint8_t position[F_COUNT];
	size_t n = 0, element = 0;

	for (int f = 0; f < F_COUNT; f++) {
		if (b->col[f] == NULL || fields[f].derive != NULL)
			continue;
		position[f] = d->nwanted;
		d->wanted[d->nwanted++] = (struct wanted){ f, fields[f].width };
	}
	for (const struct place *p = places; p->field != F_COUNT; p++) {
		if (b->col[p->field] == NULL)
			continue;
		while (element <= p->element)
			d->first[element++] = n;
		d->use[n].place = *p;
		d->use[n++].wanted = position[p->field];
	}
	while (element <= ELEMENTS_KNOWN)
		d->first[element++] = n;
	memset(d->bucket, -1, sizeof(d->bucket));
	return d;
}

void
decoder_free(struct decoder *d)
{
	free(d);
}

/* Makes the layout's columns come from the element of that id whose payload is there. */
static void
layout_place(const struct decoder *d, struct layout *l, unsigned id, size_t at, size_t len)
{
	for (size_t i = d->first[id]; i < d->first[id + 1]; i++) {
		const struct place *p = &d->use[i].place;

		l->from[d->use[i].wanted] = (struct from){
		    .at = at + p->offset, .len = len - p->offset, .load = p->load };
	}
}

/*
 * A record with addresses of both families: nfdump 1.7.1 takes the one that
 * comes last; exporters that say the version of the packet say better.
 */
static void
layout_family(const struct decoder *d, struct layout *l, const uint8_t *record,
    const uint16_t at[static ELEMENTS_KNOWN])
{
	unsigned id = at[E_IPV4] > at[E_IPV6] ? E_IPV4 : E_IPV6;

	if (l->elements & ELEMENT(E_LAYER2)) {
		l->version_at = at[E_LAYER2] + 26;
		l->version = record[l->version_at];
		if (l->version == 4 || l->version == 6)
			id = l->version == 4 ? E_IPV4 : E_IPV6;
	}
	layout_place(d, l, id, at[id], element_need[id]);
	l->elements &= ~ELEMENT(id == E_IPV4 ? E_IPV6 : E_IPV4);
}

/* Works out where a record has what.  0; 1 when an element was left out; -1 when it is broken. */
static int
layout_make(const struct decoder *d, struct layout *l, const uint8_t *record, size_t size, char *why)
{
	uint16_t at[ELEMENTS_KNOWN] = { 0 };
	size_t pos = RECORD_HEAD;
	int odd = 0;

	memset(l, 0, sizeof(*l));
	l->head = load32(record);
	l->nelements = load16(record + 4);
	l->elements = ELEMENT(E_HEADER);
	layout_place(d, l, E_HEADER, 0, size);
	if (l->nelements > ELEMENTS_MAX) {
		snprintf(why, 96, "%u elements claimed, %d are the most", l->nelements, ELEMENTS_MAX);
		return -1;
	}
	for (unsigned i = 0; i < l->nelements; i++) {
		size_t left = size - pos, id, len;

		id = left >= ELEMENT_HEAD ? load16(record + pos) : 0;
		len = left >= ELEMENT_HEAD ? load16(record + pos + 2) : 0;
		if (len < ELEMENT_HEAD || len > left) {
			snprintf(why, 96, "element %u of %u: %zu bytes claimed, %zu left",
			    i + 1, l->nelements, len, left);
			return -1;
		}
		l->at[i] = pos;
		l->word[i] = load32(record + pos);
		pos += ELEMENT_HEAD;
		len -= ELEMENT_HEAD;
		if (id == E_NAT170 || (id == E_NAT && len >= 24))
			id = id == E_NAT ? E_NAT170 : ELEMENTS_KNOWN;
		if (id < ELEMENTS_KNOWN && len < element_need[id]) {
			snprintf(why, 96, "element %zu has %zu of %u bytes: left out", id, len, element_need[id]);
			odd = 1;
		} else if (id < ELEMENTS_KNOWN && id != E_HEADER) {
			layout_place(d, l, id, pos, len);
			l->elements |= id == E_NAT170 ? ELEMENT(E_NAT) | ELEMENT(E_VRF) : ELEMENT(id);
			at[id] = pos;
		}
		pos += len;
	}
	if (at[E_IPV4] != 0 && at[E_IPV6] != 0)
		layout_family(d, l, record, at);
	if (size - pos >= ELEMENT_HEAD) {
		snprintf(why, 96, "%u elements take %zu of %zu bytes", l->nelements, pos, size);
		odd = 1;
	}
	return odd;
}

static inline bool
layout_fits(const struct layout *l, const uint8_t *record)
{
	if (load32(record) != l->head || load16(record + 4) != l->nelements)
		return false;
	for (unsigned i = 0; i < l->nelements; i++)
		if (load32(record + l->at[i]) != l->word[i])
			return false;
	return l->version_at == 0 || record[l->version_at] == l->version;
}

/* Finds or makes the record's layout; *l is the last one's.  As layout_make. */
static int
layout_find(struct decoder *d, const uint8_t *record, size_t size, uint8_t *l, char *why)
{
	int16_t *bucket = &d->bucket[(size / 4 + load16(record + 4) * 5) % BUCKETS];
	int rc;

	if (d->nlayouts > *l && layout_fits(&d->layouts[*l], record))
		return 0;
	for (int16_t i = *bucket; i != -1; i = d->layouts[i].next)
		if (layout_fits(&d->layouts[i], record)) {
			*l = i;
			return 0;
		}
	if ((rc = layout_make(d, &d->layouts[d->nlayouts], record, size, why)) == -1)
		return -1;
	*l = d->nlayouts++;
	d->layouts[*l].next = *bucket;
	*bucket = *l;
	return rc;
}

/* Loads all columns of the records with one layout. */
static void
load_columns(const struct decoder *d, struct batch *b, const struct layout *l, struct job *j)
{
	for (size_t k = 0; k < d->nwanted; k++) {
		const struct wanted *w = &d->wanted[k];
		void *column = (char *)b->col[w->field] + b->n * w->width;

		j->from = l->from[k];
		if (j->from.load != LOAD_ZERO)
			loaders[j->from.load](j, column);
		else
			fill(j, column, w->field, w->field == F_ELEMENTS ? l->elements : w->field == F_FLOWS);
	}
	b->elements_all &= l->elements;
}

/* Puts the records at hand into the batch, those of one layout after those of another. */
static void
flush(struct decoder *d, struct batch *b)
{
	size_t start[LAYOUTS + 1] = { 0 }, next[LAYOUTS];
	const uint8_t *record[CHUNK];
	uint16_t order[CHUNK];

	for (size_t i = 0; i < d->n; i++)
		start[d->layout[i] + 1]++;
	for (size_t l = 0; l < d->nlayouts; l++) {
		next[l] = start[l];
		start[l + 1] += start[l];
	}
	for (size_t i = 0; i < d->n; i++) {
		size_t k = next[d->layout[i]]++;

		record[k] = d->record[i];
		order[k] = i;
	}
	for (size_t l = 0; l < d->nlayouts; l++) {
		struct job j = { record + start[l], order + start[l], start[l + 1] - start[l], { 0, 0, 0 } };

		if (j.n > 0)
			load_columns(d, b, &d->layouts[l], &j);
	}
	b->n += d->n;
	d->n = 0;
	if (d->nlayouts == LAYOUTS) {
		d->nlayouts = 0;
		memset(d->bucket, -1, sizeof(d->bucket));
	}
}

enum run
decoder_run(struct decoder *d, struct batch *b, const uint8_t **pp, const uint8_t *end, uint32_t *left,
    char why[static 96])
{
	const uint8_t *p = *pp;
	enum run run = RUN_ON;
	uint8_t l = 0;

	while (run == RUN_ON && *left > 0 && p < end && b->n + d->n < BATCH_MAX) {
		size_t room = end - p, size = room >= RECORD_HEAD ? load16(p + 2) : 0;

		if (size < RECORD_HEAD || size > room || load16(p) != RECORD_FLOW) {
			run = RUN_OTHER;
			break;
		}
		switch (layout_find(d, p, size, &l, why)) {
		case -1:
			run = RUN_BROKEN;
			continue;
		case 1:
			run = RUN_ODD;
		}
		d->record[d->n] = p;
		d->layout[d->n++] = l;
		p += size;
		(*left)--;
		if (d->n == CHUNK || d->nlayouts == LAYOUTS)
			flush(d, b);
	}
	flush(d, b);
	*pp = p;
	return run;
}
