#include "format/fixed.h"

#include <string.h>

/* One loop over the records for a type of column. */
#define LOOP(type, get) do { \
	type *out = (type *)column + to; \
\
	for (size_t i = 0; i < n; i++, p += stride) \
		out[i] = (type)(get); \
} while (0)

/* The loop for the column's type. */
#define LOOPS(get) do { \
	if (fields[f->field].width == 1) \
		LOOP(uint8_t, get); \
	else if (fields[f->field].width == 2) \
		LOOP(uint16_t, get); \
	else if (fields[f->field].width == 4) \
		LOOP(uint32_t, get); \
	else \
		LOOP(uint64_t, get); \
} while (0)

static void
load_addresses(struct addr *out, const struct fixed *f, const uint8_t *p, size_t stride, size_t n, bool big)
{
	for (size_t i = 0; i < n; i++, p += stride)
		if (f->width == 16)
			memcpy(out[i].b, p, 16);
		else
			out[i] = addr_from_v4(order32(p, big));
}

void
fixed_load(struct batch *b, size_t to, const struct fixed *f, const uint8_t *records, size_t stride, size_t n,
    bool big)
{
	const uint8_t *p = records + f->at;
	void *column = b->col[f->field];

	if (column == NULL)
		return;
	if (fields[f->field].kind == KIND_ADDR)
		load_addresses((struct addr *)column + to, f, p, stride, n, big);
	else if (f->width == 1)
		LOOPS(*p);
	else if (f->width == 2)
		LOOPS(order16(p, big));
	else if (f->width == 4)
		LOOPS(order32(p, big));
	else
		LOOPS(be64(p));
}

void
fixed_fill(struct batch *b, enum field f, uint64_t v)
{
	if (b->col[f] == NULL)
		return;
	for (size_t i = 0; i < BATCH_MAX; i++)
		if (fields[f].kind == KIND_ADDR)
			COLADDR(b, f)[i] = addr_from_v4(v);
		else
			batch_set_number(b, f, i, v);
}

/* A flow that ended before it began, by more than half of the counter's range, lasted no time. */
static struct flow_times
times_until(int64_t last, uint32_t duration)
{
	struct flow_times t;

	if (last < 0)
		last = 0;
	t.last = last;
	t.first = duration > INT32_MAX ? t.last : t.last < duration ? 0 : t.last - duration;
	return t;
}

struct flow_times
times_by_uptime(int64_t unix_msec, uint32_t uptime, uint32_t first, uint32_t last)
{
	return times_until(unix_msec + (int32_t)(last - uptime), last - first);
}

struct flow_times
times_by_boot(int64_t boot_msec, uint32_t first, uint32_t last)
{
	return times_until(boot_msec + last, last - first);
}
