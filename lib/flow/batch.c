#include "flow/batch.h"

#include <string.h>

const char *const proto_class_names[PROTO_CLASSES] = { "all", "tcp", "udp", "icmp", "other" };

void
batch_columns(struct batch *b, const struct fieldset *set, size_t n, struct arena *a)
{
	b->have = *set;
	b->zero = (struct fieldset){ { 0, 0 } };
	for (int f = 0; f < F_COUNT; f++)
		b->col[f] = fieldset_has(set, f) ? arena_array(a, n, fields[f].width) : NULL;
}

/* Is there what a field is computed from? */
static bool
can_derive(const struct batch *b, enum field f)
{
	for (int i = 0; i < 3 && fields[f].needs[i] != F_COUNT; i++)
		if (b->col[fields[f].needs[i]] == NULL)
			return false;
	return true;
}

void
batch_derive(struct batch *b)
{
	for (enum field f = 0; f < F_COUNT; f++)
		if (fields[f].derive != NULL && b->col[f] != NULL && can_derive(b, f))
			fields[f].derive(b, b->col[f]);
}

uint64_t
batch_number(const struct batch *b, enum field f, size_t i)
{
	switch (fields[f].width) {
	case 1:
		return COL8(b, f)[i];
	case 2:
		return COL16(b, f)[i];
	case 4:
		return COL32(b, f)[i];
	case 8:
		return COL64(b, f)[i];
	default:
		return 0;
	}
}

void
batch_set_number(struct batch *b, enum field f, size_t i, uint64_t v)
{
	switch (fields[f].width) {
	case 1:
		COL8(b, f)[i] = v;
		break;
	case 2:
		COL16(b, f)[i] = v;
		break;
	case 4:
		COL32(b, f)[i] = v;
		break;
	case 8:
		COL64(b, f)[i] = v;
		break;
	default:
		break;
	}
}

static bool
is_slice(enum field f)
{
	return fields[f].kind == KIND_TEXT || fields[f].kind == KIND_BINARY;
}

void
batch_copy(struct batch *dst, size_t to, const struct batch *src, size_t from, struct arena *a)
{
	for (int f = 0; f < F_COUNT; f++) {
		size_t width = fields[f].width;

		if (dst->col[f] == NULL || src->col[f] == NULL)
			continue;
		memcpy((char *)dst->col[f] + to * width, (const char *)src->col[f] + from * width, width);
		if (a != NULL && is_slice(f) && COLSLICE(dst, f)[to].len != 0) {
			struct slice *s = &COLSLICE(dst, f)[to];
			uint8_t *copy = arena_alloc(a, s->len);

			s->p = memcpy(copy, s->p, s->len);
		}
	}
}

enum proto_class
proto_class(uint8_t proto)
{
	switch (proto) {
	case 6:
		return PROTO_TCP;
	case 17:
		return PROTO_UDP;
	case 1:
	case 58:
		return PROTO_ICMP;
	default:
		return PROTO_OTHER;
	}
}

void
traffic_fields(struct fieldset *set)
{
	fieldset_add(set, F_PROTO);
	fieldset_add(set, F_FLOWS);
	fieldset_add(set, F_PACKETS);
	fieldset_add(set, F_BYTES);
	fieldset_add(set, F_OUTPACKETS);
	fieldset_add(set, F_OUTBYTES);
}

static void
totals_join(struct totals *t, const struct totals *more)
{
	counter_add(&t->flows, more->flows);
	counter_add(&t->packets, more->packets);
	counter_add(&t->bytes, more->bytes);
}

void
traffic_add(struct traffic *t, const struct batch *b, const uint8_t *sel)
{
	const uint64_t *flows = COL64(b, F_FLOWS);
	const uint64_t *packets = COL64(b, F_PACKETS), *outpackets = COL64(b, F_OUTPACKETS);
	const uint64_t *bytes = COL64(b, F_BYTES), *outbytes = COL64(b, F_OUTBYTES);
	struct traffic sum = { 0 };

	for (size_t i = 0; i < b->n; i++) {
		struct totals *class;

		if (sel != NULL && sel[i] == 0)
			continue;
		class = &sum.by[proto_class(COL8(b, F_PROTO)[i])];
		counter_add(&class->flows, flows[i]);
		counter_add(&class->packets, packets[i]);
		counter_add(&class->packets, outpackets[i]);
		counter_add(&class->bytes, bytes[i]);
		counter_add(&class->bytes, outbytes[i]);
	}
	for (int p = PROTO_TCP; p < PROTO_CLASSES; p++)
		totals_join(&sum.by[PROTO_ALL], &sum.by[p]);
	traffic_join(t, &sum);
}

void
traffic_join(struct traffic *t, const struct traffic *more)
{
	for (int p = 0; p < PROTO_CLASSES; p++)
		totals_join(&t->by[p], &more->by[p]);
}
