#include "query/order.h"

#include <string.h>


struct heap {
	char *base;
	size_t size;
	order_compare *compare;
	const void *ctx;
};

static void
swap(struct heap *h, size_t i, size_t j)
{
	char t[64];

	memcpy(t, h->base + i * h->size, h->size);
	memcpy(h->base + i * h->size, h->base + j * h->size, h->size);
	memcpy(h->base + j * h->size, t, h->size);
}

static int
after(const struct heap *h, size_t i, size_t j)
{
	return h->compare(h->base + i * h->size, h->base + j * h->size, h->ctx) > 0;
}

/* Lets element i sink in a heap of n whose greatest is on top. */
static void
sink(struct heap *h, size_t i, size_t n)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n)
			return;
		if (child + 1 < n && after(h, child + 1, child))
			child++;
		if (!after(h, child, i))
			return;
		swap(h, i, child);
		i = child;
	}
}

/*
 * A heap of the best `top`, whose worst is on top and gives way to anything
 * better, then sorted in place: n log top, and no memory.  Elements are at
 * most 64 bytes.
 */
size_t
order_top(void *base, size_t n, size_t size, uint64_t top, order_compare *compare, const void *ctx)
{
	struct heap h = { base, size, compare, ctx };
	size_t k = top == 0 || top > n ? n : (size_t)top;

	for (size_t i = k / 2; i-- > 0; )
		sink(&h, i, k);
	for (size_t i = k; i < n; i++)
		if (k > 0 && after(&h, 0, i)) {
			swap(&h, 0, i);
			sink(&h, 0, k);
		}
	for (size_t i = k; i-- > 1; ) {
		swap(&h, 0, i);
		sink(&h, 0, i);
	}
	return k;
}
