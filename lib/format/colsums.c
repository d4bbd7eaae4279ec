#include "format/colsums.h"

#include <stdlib.h>
#include <string.h>

/* gcc leaves loops of unknown length as they are below -O3. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif

const uint8_t sum_fields[SUMS] = {
	[SUM_FLOWS] = F_FLOWS, [SUM_PACKETS] = F_PACKETS, [SUM_BYTES] = F_BYTES,
	[SUM_FIRST] = F_FIRST, [SUM_LAST] = F_LAST,
	[SUM_OUTPACKETS] = F_OUTPACKETS, [SUM_OUTBYTES] = F_OUTBYTES,
};

bool
sum_reference(enum flow_side *side, enum sum *sum)
{
	if (*side == SIDE_DST && (*sum == SUM_FIRST || *sum == SUM_LAST)) {
		*side = SIDE_SRC;
		return true;
	}
	if (*sum != SUM_LAST)
		return false;
	*sum = SUM_FIRST;
	return true;
}

bool
sum_scale(enum sum *sum)
{
	if (*sum != SUM_BYTES && *sum != SUM_OUTBYTES)
		return false;
	*sum = *sum == SUM_BYTES ? SUM_PACKETS : SUM_OUTPACKETS;
	return true;
}

void
sums_start(struct sums *s, size_t n)
{
	if (n > s->room) {
		sums_free(s);
		s->room = n;
		for (enum flow_side side = 0; side < SIDES; side++)
			for (enum sum sum = 0; sum < SUMS; sum++)
				s->of[side][sum] = xmalloc(n * sizeof(uint64_t));
	}
	s->n = n;
	for (enum flow_side side = 0; side < SIDES; side++)
		for (enum sum sum = 0; sum < SUMS; sum++)
			memset(s->of[side][sum], sum == SUM_FIRST ? 0xff : 0, n * sizeof(uint64_t));
}

void
sums_free(struct sums *s)
{
	for (enum flow_side side = 0; side < SIDES; side++)
		for (enum sum sum = 0; sum < SUMS; sum++)
			free(s->of[side][sum]);
	memset(s, 0, sizeof(*s));
}

void
sums_add(struct sums *s, enum flow_side side, enum sum sum, const uint32_t *place, const uint64_t *values, size_t n)
{
	uint64_t *to = s->of[side][sum];

	if (sum == SUM_FIRST)
		for (size_t i = 0; i < n; i++)
			to[place[i]] = values[i] < to[place[i]] ? values[i] : to[place[i]];
	else if (sum == SUM_LAST)
		for (size_t i = 0; i < n; i++)
			to[place[i]] = values[i] > to[place[i]] ? values[i] : to[place[i]];
	else
		for (size_t i = 0; i < n; i++)
			to[place[i]] += values[i];
}

/* Addresses without flows on a side get the times that cost least: the other side's, or those of all. */
static void
fill_times(struct sums *s)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < s->n; i++)
		first = s->of[SIDE_SRC][SUM_FIRST][i] < first ? s->of[SIDE_SRC][SUM_FIRST][i] : first;
	for (enum flow_side side = 0; side < SIDES; side++)
		for (size_t i = 0; i < s->n; i++) {
			bool other = s->of[!side][SUM_FIRST][i] != UINT64_MAX;

			if (s->of[side][SUM_FIRST][i] != UINT64_MAX)
				continue;
			s->of[side][SUM_FIRST][i] = other ? s->of[!side][SUM_FIRST][i] : first;
			s->of[side][SUM_LAST][i] = other ? s->of[!side][SUM_LAST][i] : first;
		}
}

bool
sums_write(struct sums *s, enum flow_side side, enum sum sum, struct col_entry *x, struct col_bytes *out)
{
	struct col_cuts whole = { .n = 1, .at = { 0, s->n } };
	const uint64_t *reference = NULL, *scale = NULL;
	enum flow_side other = side;
	enum sum by = sum;
	uint64_t any = 0;

	if (side == SIDE_SRC && sum == SUM_FLOWS)
		fill_times(s);
	for (size_t i = 0; i < s->n; i++)
		any |= s->of[side][sum][i];
	if (any == 0)
		return false;
	if (sum_reference(&other, &by))
		reference = s->of[other][by];
	else if (sum_scale(&by))
		scale = s->of[side][by];
	*x = (struct col_entry){ .field = COL_SUMS + 8 * side + sum };
	col_encode(x, s->of[side][sum], reference, scale, reference != NULL, false, &whole, out);
	return true;
}
