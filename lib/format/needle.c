#include "format/needle.h"

#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

static void
needle_make(struct needle *k, const struct addr *a)
{
	uint64_t half[2] = { 0, 0 };
	uint32_t v4 = addr_v4(a);

	if (addr_is_v4(a)) {
		k->len = sizeof(v4);
		memcpy(k->byte, &v4, sizeof(v4));
		return;
	}
	for (size_t i = 0; i < sizeof(a->b); i++)
		half[i / 8] = half[i / 8] << 8 | a->b[i];
	k->len = sizeof(half);
	memcpy(k->byte, half, sizeof(half));
}

void
needles_make(struct needles *needles, const struct addr *a, size_t n)
{
	needles->n = n <= NEEDLES_MAX ? n : 0;
	for (size_t i = 0; i < needles->n; i++)
		needle_make(&needles->needle[i], &a[i]);
	needles_forget(needles);
}

#ifdef __x86_64__
/*
 * Moves *p on to where the needle is, many places at a time; false when the places that are
 * left have to be looked at one by one.  Its first and last bytes are looked for: of an
 * IPv4 address the host and the network, as the low byte is stored first.
 */
#define FINDER(name, vector, load, set, equal, and, mask) \
static bool \
name(const struct needle *k, const uint8_t **p, const uint8_t *end) \
{ \
	const vector first = set((char)k->byte[0]), last = set((char)k->byte[k->len - 1]); \
	const ptrdiff_t step = sizeof(vector), behind = k->len - 1; \
	const uint8_t *q = *p; \
\
	for (; end - q > step + behind; q += step) { \
		vector a = equal(load((const void *)q), first), b = equal(load((const void *)(q + behind)), last); \
\
		for (uint32_t both = mask(and(a, b)); both != 0; both &= both - 1) { \
			*p = q + __builtin_ctz(both); \
			if (memcmp(*p, k->byte, k->len) == 0) \
				return true; \
		} \
	} \
	*p = q; \
	return false; \
}

FINDER(find_sse2, __m128i, _mm_loadu_si128, _mm_set1_epi8, _mm_cmpeq_epi8, _mm_and_si128, _mm_movemask_epi8)
__attribute__((target("avx2")))
FINDER(find_avx2, __m256i, _mm256_loadu_si256, _mm256_set1_epi8, _mm256_cmpeq_epi8, _mm256_and_si256,
    _mm256_movemask_epi8)

static bool
find_fast(const struct needle *k, const uint8_t **p, const uint8_t *end)
{
	return __builtin_cpu_supports("avx2") ? find_avx2(k, p, end) : find_sse2(k, p, end);
}
#else
static bool
find_fast(const struct needle *k, const uint8_t **p, const uint8_t *end)
{
	(void)k;
	(void)p;
	(void)end;
	return false;
}
#endif

static const uint8_t *
needle_find(const struct needle *k, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *stop = end - p >= k->len ? end - k->len + 1 : p;

	if (find_fast(k, &p, end))
		return p;
	for (; p < stop && (p = memchr(p, k->byte[0], stop - p)) != NULL; p++)
		if (memcmp(p, k->byte, k->len) == 0)
			return p;
	return end;
}

const uint8_t *
needles_find(struct needles *needles, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *best = end;

	for (size_t i = 0; i < needles->n; i++) {
		struct needle *k = &needles->needle[i];

		if (k->next == NULL || k->next < p)
			k->next = needle_find(k, p, end);
		if (k->next < best)
			best = k->next;
	}
	return best;
}

void
needles_forget(struct needles *needles)
{
	for (size_t i = 0; i < needles->n; i++)
		needles->needle[i].next = NULL;
}
