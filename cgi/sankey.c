#include "sankey.h"

#include <stdlib.h>
#include <string.h>

#define INK_LEAST	90.0	/* height of all bands together */
#define INK_MOST	320.0
#define INK_EACH	26.0	/* for each value of the fullest column */

#define NONE		SIZE_MAX

/* A picture in the making. */
struct laying {
	const struct sankey_row *row;
	size_t n;
	struct arena *arena;
	struct sankey *s;
	size_t *of[SANKEY_LAYERS];	/* the node of a row, by column */
	size_t first[SANKEY_LAYERS + 1];	/* node of a column; and the end */
	double ink;
};

/* A value of a column before it is known which are named. */
struct value {
	const char *text;
	uint64_t weight;
	size_t node;
};

static int
compare_texts(const void *one, const void *two)
{
	const struct value *a = one, *b = two;

	return strcmp(a->text, b->text);
}

/* The greatest first. */
static int
compare_weights(const void *one, const void *two)
{
	const struct value *a = one, *b = two;

	return a->weight > b->weight ? -1 : a->weight < b->weight ? 1 : strcmp(a->text, b->text);
}

/* The different values of a column, and how many. */
static struct value *
values_of(const struct laying *l, size_t layer, size_t *n)
{
	struct value *v = arena_array(l->arena, l->n, sizeof(*v));

	for (size_t i = 0; i < l->n; i++)
		v[i] = (struct value){ l->row[i].value[layer], l->row[i].weight, NONE };
	qsort(v, l->n, sizeof(*v), compare_texts);
	*n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (*n > 0 && strcmp(v[*n - 1].text, v[i].text) == 0)
			v[*n - 1].weight += v[i].weight;
		else
			v[(*n)++] = v[i];
	qsort(v, *n, sizeof(*v), compare_weights);
	return v;
}

static double
height_of(const struct laying *l, uint64_t weight)
{
	return l->ink * (double)weight / (double)l->s->weight;
}

/* How many values are named: one alone that is too little for it is no shorter as "others". */
static size_t
named(const struct laying *l, const struct value *v, size_t n)
{
	size_t k = 0;

	while (k < n && k < SANKEY_NODES && height_of(l, v[k].weight) >= SANKEY_LEAST)
		k++;
	return k + 1 == n ? n : k;
}

/* The nodes of a column, not yet in their places; which of them each row has. */
static void
add_nodes(struct laying *l, size_t layer, struct value *v, size_t n)
{
	size_t k = named(l, v, n);
	struct sankey *s = l->s;

	l->first[layer] = s->nnodes;
	for (size_t i = 0; i < n; i++) {
		if (i <= k)
			s->node[s->nnodes++] = (struct sankey_node){ .value = i < k ? v[i].text : NULL, .layer = layer };
		v[i].node = s->nnodes - 1;
		s->node[v[i].node].weight += v[i].weight;
		s->node[v[i].node].nvalues++;
	}
	l->first[layer + 1] = s->nnodes;
	qsort(v, n, sizeof(*v), compare_texts);
	for (size_t i = 0; i < l->n; i++) {
		struct value key = { l->row[i].value[layer], 0, NONE };
		const struct value *found = bsearch(&key, v, n, sizeof(*v), compare_texts);

		l->of[layer][i] = found->node;
	}
}

static bool
same_nodes(const struct laying *l, const struct sankey_band *b, size_t row)
{
	for (size_t k = 0; k < l->s->nlayers; k++)
		if (b->node[k] != l->of[k][row])
			return false;
	return true;
}

static int
compare_bands(const void *one, const void *two)
{
	const struct sankey_band *a = one, *b = two;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

static void
add_bands(struct laying *l)
{
	struct sankey *s = l->s;

	for (size_t i = 0; i < l->n; i++) {
		size_t k = 0;

		while (k < s->nbands && !same_nodes(l, &s->band[k], i))
			k++;
		if (k == s->nbands) {
			s->nbands++;
			s->band[k].row = i;
			for (size_t j = 0; j < s->nlayers; j++)
				s->band[k].node[j] = l->of[j][i];
		}
		s->with[i] = s->band[k].row;
		s->band[k].nrows++;
		s->band[k].weight += l->row[i].weight;
	}
	qsort(s->band, s->nbands, sizeof(*s->band), compare_bands);
	for (size_t i = 0; i < s->nbands; i++)
		s->band[i].height = height_of(l, s->band[i].weight);
}

/* ---- places ---- */

/* Something to be put in order: by where it comes from, then as it is. */
struct place {
	double rank, next;
	size_t i;
};

static int
compare_places(const void *one, const void *two)
{
	const struct place *a = one, *b = two;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->next != b->next)
		return a->next < b->next ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

/* Where the bands of a node come from on average: nodes in that order cross least.  Others are last. */
static double
origin(const struct laying *l, size_t node)
{
	const struct sankey *s = l->s;
	size_t layer = s->node[node].layer;
	double sum = 0;

	if (s->node[node].value == NULL)
		return l->ink * 1e6;
	for (size_t i = 0; layer > 0 && i < s->nbands; i++)
		if (s->band[i].node[layer] == node)
			sum += (s->band[i].y[layer - 1] + s->band[i].height / 2) * s->band[i].height;
	return s->node[node].height > 0 ? sum / s->node[node].height : 0;
}

/* Puts the nodes of a column below each other: as far apart as the picture is high. */
static void
place_nodes(struct laying *l, size_t layer)
{
	size_t first = l->first[layer], n = l->first[layer + 1] - first;
	struct place *p = arena_array(l->arena, n, sizeof(*p));
	double room = l->s->height - l->ink, gap = n > 1 ? room / (double)(n - 1) : 0;
	double y = n > 1 ? 0 : room / 2;

	for (size_t i = 0; i < n; i++)
		p[i] = (struct place){ origin(l, first + i), 0, i };
	qsort(p, n, sizeof(*p), compare_places);
	for (size_t i = 0; i < n; i++) {
		struct sankey_node *node = &l->s->node[first + p[i].i];

		node->y = y;
		y += node->height + gap;
	}
}

/* Puts the bands of a column's nodes below each other, in the order of where they come from and go to. */
static void
place_bands(struct laying *l, size_t layer)
{
	struct sankey *s = l->s;
	struct place *p = arena_array(l->arena, s->nbands, sizeof(*p));
	double *filled = arena_array(l->arena, s->nnodes, sizeof(*filled));

	for (size_t i = 0; i < s->nbands; i++) {
		const size_t *node = s->band[i].node;
		double next = layer + 1 < s->nlayers ? s->node[node[layer + 1]].y : 0;

		p[i] = (struct place){ layer > 0 ? s->band[i].y[layer - 1] : next, next, i };
	}
	qsort(p, s->nbands, sizeof(*p), compare_places);
	for (size_t i = 0; i < s->nbands; i++) {
		struct sankey_band *b = &s->band[p[i].i];
		size_t node = b->node[layer];

		b->y[layer] = s->node[node].y + filled[node];
		filled[node] += b->height;
	}
}

struct sankey *
sankey_lay(const struct sankey_row *row, size_t n, size_t nlayers, struct arena *a)
{
	struct laying l = { .row = row, .n = n, .arena = a, .s = arena_alloc(a, sizeof(struct sankey)) };
	struct value *value[SANKEY_LAYERS];
	size_t nvalues[SANKEY_LAYERS], most = 1;

	for (size_t i = 0; i < n; i++)
		l.s->weight += row[i].weight;
	if (l.s->weight == 0)
		return NULL;
	l.s->nlayers = nlayers;
	l.s->node = arena_array(a, nlayers * (SANKEY_NODES + 1), sizeof(*l.s->node));
	l.s->band = arena_array(a, n, sizeof(*l.s->band));
	l.s->with = arena_array(a, n, sizeof(*l.s->with));
	for (size_t k = 0; k < nlayers; k++) {
		l.of[k] = arena_array(a, n, sizeof(*l.of[k]));
		value[k] = values_of(&l, k, &nvalues[k]);
		most = nvalues[k] > most ? nvalues[k] : most;
	}
	l.ink = INK_EACH * (double)most;
	l.ink = l.ink < INK_LEAST ? INK_LEAST : l.ink > INK_MOST ? INK_MOST : l.ink;
	most = 1;
	for (size_t k = 0; k < nlayers; k++) {
		add_nodes(&l, k, value[k], nvalues[k]);
		most = l.first[k + 1] - l.first[k] > most ? l.first[k + 1] - l.first[k] : most;
	}
	l.s->height = l.ink + SANKEY_GAP * (double)(most - 1);
	for (size_t i = 0; i < l.s->nnodes; i++) {
		l.s->node[i].height = height_of(&l, l.s->node[i].weight);
		l.s->node[i].colour = i;
	}
	add_bands(&l);
	for (size_t k = 0; k < nlayers; k++) {
		place_nodes(&l, k);
		place_bands(&l, k);
	}
	/* Once more, for now it is known where bands go to. */
	for (size_t k = 0; k < nlayers; k++)
		place_bands(&l, k);
	return l.s;
}
