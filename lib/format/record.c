#include "format/record.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/element.h"

#define CHUNK		256	/* records whose values are loaded together: they stay in the nearest cache */
#define LAYOUTS		128
#define BUCKETS		64

struct wanted { enum field field; uint8_t width; };

struct decoder {
	struct wanted wanted[F_COUNT];
	size_t nwanted;
	struct probe *probe;
	struct file_info *info;
	const struct record_form *form;
	const void *state;
	/* The form's places of wanted fields, by element: those of id are first[id] … first[id + 1] - 1. */
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

/* Layout 1: seconds; milliseconds 4 bytes before; where there is none, the time of the event. */
static inline uint64_t
first_of(const uint8_t *record, const uint8_t *p, size_t event)
{
	uint64_t msec = load32(p) * (uint64_t)1000 + load16(p - 4);

	return msec == 0 && event != 0 ? load64(record + event) : msec;
}

/*
 * Layout 1: a firewall's events may have type and code of ICMP apart from
 * where other flows have them; nfdump shows those.
 */
static inline uint16_t
icmp_of(const uint8_t *record, const uint8_t *p)
{
	bool icmp = record[22] == 1 || record[22] == 58;

	return icmp && load16(p) != 0 ? load16(p) : load16(record + 26);
}

/* Layout 1: start, end, step, size; a block that only has a size ends so many ports behind its start. */
static inline uint16_t
block_end(const uint8_t *p)
{
	uint16_t start = load16(p - 2), end = load16(p), size = load16(p + 4);

	return end == 0 && size != 0 ? start + size - 1 : end;
}

#define V4_HIGH		0
#define V4_LOW(v4)	((uint64_t)0xffff << 32 | (v4))

LOADER(load_8, uint8_t, *p)
LOADER(load_16, uint16_t, load16(p))
LOADER(load_32, uint32_t, load32(p))
LOADER(load_64, uint64_t, load64(p))
LOADER(load_8to16, uint16_t, *p)
LOADER(load_16to8, uint8_t, load16(p))
LOADER(load_16to32, uint32_t, load16(p))
LOADER(load_32to8, uint8_t, load32(p))
LOADER(load_32to16, uint16_t, load32(p))
LOADER(load_32to64, uint64_t, load32(p))
LOADER(load_64to32, uint32_t, load64(p))
LOADER(load_net32, uint32_t, ntohl(load32(p)))
LOADER(load_v4, struct addr, addr_of(V4_HIGH, V4_LOW(load32(p))))
LOADER(load_v6, struct addr, addr_of(load64(p), load64(p + 8)))
LOADER(load_flows, uint64_t, load64(p) != 0 ? load64(p) : 1)
LOADER(load_flows32, uint64_t, load32(p) != 0 ? load32(p) : 1)
LOADER(load_first, uint64_t, first_of(j->record[i], p, j->from.len))
LOADER(load_last, uint64_t, load32(p) * (uint64_t)1000 + load16(p - 6))
LOADER(load_bits, uint8_t, *p >> 6 | j->from.len)
LOADER(load_icmp, uint16_t, icmp_of(j->record[i], p))
LOADER(load_blockend, uint16_t, block_end(p))
LOADER(load_text, struct slice, ((struct slice){ p, strnlen((const char *)p, j->from.len) }))
LOADER(load_bytes, struct slice, ((struct slice){ p, j->from.len }))

static void (*const loaders[LOADS])(const struct job *, void *) = {
	[LOAD_8] = load_8, [LOAD_16] = load_16, [LOAD_32] = load_32, [LOAD_64] = load_64,
	[LOAD_8TO16] = load_8to16, [LOAD_16TO8] = load_16to8, [LOAD_16TO32] = load_16to32,
	[LOAD_32TO8] = load_32to8, [LOAD_32TO16] = load_32to16, [LOAD_32TO64] = load_32to64,
	[LOAD_64TO32] = load_64to32, [LOAD_NET32] = load_net32, [LOAD_V4] = load_v4, [LOAD_V6] = load_v6,
	[LOAD_FLOWS] = load_flows, [LOAD_FLOWS32] = load_flows32, [LOAD_TEXT] = load_text, [LOAD_BYTES] = load_bytes,
	[LOAD_FIRST1] = load_first, [LOAD_LAST1] = load_last, [LOAD_BITS1] = load_bits,
	[LOAD_ICMP1] = load_icmp, [LOAD_BLOCKEND1] = load_blockend,
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

/*
 * Hardly a record has counters of the other direction: their columns are made zero
 * once, and filled from where a layout has them on.  What quirks do keeps them zero.
 */
static void
clear_out(struct batch *b)
{
	static const enum field out[] = { F_OUTPACKETS, F_OUTBYTES };

	for (size_t i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		if (b->col[out[i]] == NULL)
			continue;
		memset(b->col[out[i]], 0, BATCH_MAX * sizeof(uint64_t));
		fieldset_add(&b->zero, out[i]);
	}
}

struct decoder *
decoder_new(struct reader *r, const struct record_form *form, const void *state)
{
	struct decoder *d = xcalloc(1, sizeof(*d));
	struct batch *b = &r->batch;
	uint8_t position[F_COUNT];
	size_t n = 0, element = 0;

	d->form = form;
	d->state = state;
	d->probe = r->probe;
	d->info = &r->info;
	for (int f = 0; f < F_COUNT; f++) {
		if ((b->col[f] == NULL && (d->probe == NULL || d->probe->batch.col[f] == NULL)) ||
		    fields[f].derive != NULL)
			continue;
		position[f] = d->nwanted;
		d->wanted[d->nwanted++] = (struct wanted){ f, fields[f].width };
	}
	for (const struct place *p = form->places; p->field != F_COUNT; p++) {
		if (b->col[p->field] == NULL && (d->probe == NULL || d->probe->batch.col[p->field] == NULL))
			continue;
		while (element <= p->element)
			d->first[element++] = n;
		d->use[n].place = *p;
		d->use[n++].wanted = position[p->field];
	}
	while (element <= ELEMENTS_KNOWN)
		d->first[element++] = n;
	memset(d->bucket, -1, sizeof(d->bucket));
	clear_out(b);
	if (d->probe != NULL)
		clear_out(&d->probe->batch);
	return d;
}

void
decoder_free(struct decoder *d)
{
	free(d);
}

const void *
decoder_state(const struct decoder *d)
{
	return d->state;
}

void
decoder_forget(struct decoder *d)
{
	d->nlayouts = 0;
	memset(d->bucket, -1, sizeof(d->bucket));
}

void
layout_place(const struct decoder *d, struct layout *l, unsigned id, size_t at, size_t len)
{
	for (size_t i = d->first[id]; i < d->first[id + 1]; i++) {
		const struct place *p = &d->use[i].place;

		l->from[d->use[i].wanted] = (struct from){
		    .at = at + p->offset, .len = len - p->offset, .load = p->load };
	}
}

void
layout_family(const struct decoder *d, struct layout *l, const uint8_t *record, size_t v4, size_t v6,
    size_t version)
{
	unsigned id = v4 > v6 ? E_IPV4 : E_IPV6;

	if (version != 0) {
		l->version_at = version;
		l->version = record[version];
		if (l->version == 4 || l->version == 6)
			id = l->version == 4 ? E_IPV4 : E_IPV6;
	}
	layout_place(d, l, id, id == E_IPV4 ? v4 : v6, element_need[id]);
	l->elements &= ~ELEMENT(id == E_IPV4 ? E_IPV6 : E_IPV4);
}

void
layout_word(struct layout *l, const uint8_t *record, size_t at)
{
	l->at[l->nwords] = at;
	l->word[l->nwords++] = load32(record + at);
}

/* Layout 2: elements, each with id and length. */
static int
lay_elements(const struct decoder *d, struct layout *l, const uint8_t *record, size_t size, char *why)
{
	uint16_t at[ELEMENTS_KNOWN] = { 0 };
	unsigned nelements = l->second;
	size_t pos = RECORD_HEAD;
	int odd = 0;

	if (nelements > ELEMENTS_MAX) {
		snprintf(why, 96, "%u elements claimed, %d are the most", nelements, ELEMENTS_MAX);
		return -1;
	}
	for (unsigned i = 0; i < nelements; i++) {
		size_t left = size - pos, id, len;

		id = left >= ELEMENT_HEAD ? load16(record + pos) : 0;
		len = left >= ELEMENT_HEAD ? load16(record + pos + 2) : 0;
		if (len < ELEMENT_HEAD || len > left) {
			snprintf(why, 96, "element %u of %u: %zu bytes claimed, %zu left",
			    i + 1, nelements, len, left);
			return -1;
		}
		layout_word(l, record, pos);
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
		layout_family(d, l, record, at[E_IPV4], at[E_IPV6],
		    l->elements & ELEMENT(E_LAYER2) ? at[E_LAYER2] + 26 : 0);
	if (size - pos >= ELEMENT_HEAD) {
		snprintf(why, 96, "%u elements take %zu of %zu bytes", nelements, pos, size);
		odd = 1;
	}
	return odd;
}

const struct record_form form_elements = { 1u << RECORD_FLOW, RECORD_HEAD, places, lay_elements };

/* Works out where a record has what.  0; 1 when something was left out; -1 when it is broken. */
static int
layout_make(const struct decoder *d, struct layout *l, const uint8_t *record, size_t size, char *why)
{
	memset(l, 0, sizeof(*l));
	l->head = load32(record);
	l->second = load16(record + 4);
	l->elements = ELEMENT(E_HEADER);
	layout_place(d, l, E_HEADER, 0, size);
	return d->form->lay(d, l, record, size, why);
}

/* One test at the end for all words: where each had its own, the processor guessed wrong at each change of layout. */
static inline bool
layout_fits(const struct layout *l, const uint8_t *record)
{
	uint32_t differ = 0;

	if (load32(record) != l->head || load16(record + 4) != l->second)
		return false;
	for (unsigned i = 0; i < l->nwords; i++)
		differ |= load32(record + l->at[i]) ^ l->word[i];
	return differ == 0 && (l->version_at == 0 || record[l->version_at] == l->version);
}

/* Puts the layout behind `before` in its bucket at the bucket's front. */
static void
layout_to_front(struct decoder *d, int16_t *bucket, int16_t before)
{
	int16_t l = d->layouts[before].next;

	d->layouts[before].next = d->layouts[l].next;
	d->layouts[l].next = *bucket;
	*bucket = l;
}

/* Finds a record's layout that is not at its bucket's front, or makes it.  As layout_make. */
static int
layout_search(struct decoder *d, const uint8_t *record, size_t size, int16_t *bucket, char *why)
{
	int rc;

	for (int16_t i = *bucket; i != -1 && d->layouts[i].next != -1; i = d->layouts[i].next)
		if (layout_fits(&d->layouts[d->layouts[i].next], record)) {
			layout_to_front(d, bucket, i);
			return 0;
		}
	if ((rc = layout_make(d, &d->layouts[d->nlayouts], record, size, why)) == -1)
		return -1;
	d->layouts[d->nlayouts].next = *bucket;
	*bucket = (int16_t)d->nlayouts++;
	return rc;
}

/*
 * The record's layout into *l.  As layout_make.  Where records of two sizes
 * alternate each finds its own in its bucket.
 */
static inline int
layout_find(struct decoder *d, const uint8_t *record, size_t size, uint8_t *l, char *why)
{
	int16_t *bucket = &d->bucket[(size / 4 + load16(record + 4) * 5) % BUCKETS];
	int rc = 0;

	if (*bucket == -1 || !layout_fits(&d->layouts[*bucket], record))
		rc = layout_search(d, record, size, bucket, why);
	*l = rc != -1 ? (uint8_t)*bucket : 0;
	return rc;
}

/* Loads all columns of the records with one layout. */
static void
load_columns(const struct decoder *d, struct batch *b, const struct layout *l, struct job *j)
{
	for (size_t k = 0; k < d->nwanted; k++) {
		const struct wanted *w = &d->wanted[k];
		void *column;

		if (b->col[w->field] == NULL)
			continue;
		column = (char *)b->col[w->field] + b->n * w->width;
		j->from = l->from[k];
		if (fieldset_has(&b->zero, w->field)) {
			if (j->from.load == LOAD_ZERO)
				continue;
			fieldset_remove(&b->zero, w->field);
		}
		if (j->from.load != LOAD_ZERO)
			loaders[j->from.load](j, column);
		else
			fill(j, column, w->field, w->field == F_ELEMENTS ? l->elements : w->field == F_FLOWS);
	}
	b->elements_all &= l->elements;
}

/* Loads the records at hand into a batch, behind those it has, those of one layout after those of another. */
static void
load(const struct decoder *d, struct batch *b)
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
}

/* Leaves at hand the records that are chosen, with their numbers behind those of the batch. */
static void
choose(struct decoder *d, const struct batch *b)
{
	struct probe *p = d->probe;
	size_t n = 0;

	p->batch.n = 0;
	p->batch.elements_all = UINT64_MAX;
	load(d, &p->batch);
	p->batch.n = d->n;
	p->batch.first_number = p->next;
	p->next += d->n;
	quirk_apply(p->source, &p->batch);
	batch_derive(&p->batch);
	if (p->selection.choose(p->selection.ctx, &p->batch, p->sel) > 0)
		for (size_t i = 0; i < d->n; i++) {
			d->record[n] = d->record[i];
			d->layout[n] = d->layout[i];
			p->number[b->n + n] = p->batch.first_number + i;
			n += p->sel[i];
		}
	d->n = n;
}

/* Puts the records at hand into the batch. */
static void
flush(struct decoder *d, struct batch *b)
{
	if (d->n > 0 && d->probe != NULL) {
		d->info->flows += d->n;
		choose(d, b);
	}
	if (d->n > 0)
		load(d, b);
	b->n += d->n;
	d->n = 0;
	if (d->nlayouts == LAYOUTS)
		decoder_forget(d);
}

enum run
decoder_run(struct decoder *d, struct batch *b, const uint8_t **pp, const uint8_t *end, uint32_t *left,
    char why[static 96])
{
	const size_t head = d->form->head;
	const uint8_t *p = *pp;
	enum run run = RUN_ON;
	uint8_t l = 0;

	while (run == RUN_ON && *left > 0 && p < end && b->n + d->n < BATCH_MAX) {
		size_t room = end - p, size = room >= head ? load16(p + 2) : 0;

		if (size < head || size > room || !form_has(d->form, load16(p))) {
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
