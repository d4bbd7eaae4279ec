/*
 * benchindex DIR DAYS SOURCES ADDRESSES
 *
 * Makes an index in DIR of so many days of five-minute slots with so many
 * addresses each, nine of ten from a common pool and the tenth never seen before
 * or after, and prints how long it takes to ask for one host over all of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "store/index.h"

#define QUESTIONS	300

static uint64_t state = 1;

static uint64_t
draw(uint64_t n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % n;
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Of the pool the first are met most. */
static struct addr
address(size_t n)
{
	uint64_t i = draw(10) == 0 ? UINT64_C(0x40000000) + draw(0x40000000) : draw(draw(n * 20) + 1);

	return addr_from_v4((uint32_t)(i * 2654435761u));
}

static void
fill(struct batch *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		COLADDR(b, F_SRCIP)[i] = address(n);
		COLADDR(b, F_DSTIP)[i] = address(n);
		COL64(b, F_FLOWS)[i] = 1;
		COL64(b, F_PACKETS)[i] = 1 + draw(5);
		COL64(b, F_BYTES)[i] = 400;
	}
	b->n = n;
}

static int
add_slot(struct index *ix, const struct source *src, int64_t start, size_t addresses, struct arena *a,
    struct err *e)
{
	struct index_file f = { .source = src, .start = start, .stamp = { 0, 1, 1, 1 } };
	struct tally *t = tally_new(1 << 20);
	struct fieldset set = { { 0, 0 } };
	struct summary *summary;
	struct batch b = { 0 };
	char name[32];
	int rc;

	tally_fields(&set);
	batch_columns(&b, &set, BATCH_MAX, a);
	for (size_t left = addresses; left > 0; left -= b.n) {
		fill(&b, left < BATCH_MAX ? left : BATCH_MAX);
		tally_add(t, &b);
	}
	snprintf(name, sizeof(name), "%lld", (long long)start);
	f.name = name;
	f.summary = summary = summary_new(t);
	/* As with two and a half flows of 49 bytes for an address. */
	f.stamp.size = (int64_t)summary->addresses.n * 122;
	tally_free(t);
	rc = index_add(ix, &f, e);
	summary_free(summary);
	return rc;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
ask(struct index *ix, const struct conf *cf, const struct window *w, size_t addresses, struct err *e)
{
	double took[QUESTIONS];
	size_t found = 0;

	for (int i = 0; i < QUESTIONS; i++) {
		struct prefix p = { address(addresses), 128 };
		struct arena *a = arena_new();
		struct seen_slots s;

		took[i] = now();
		for (size_t j = 0; j < cf->nsources; j++) {
			if (index_seen(ix, w, &cf->sources[j], &p, a, &s, e) == -1)
				return -1;
			for (size_t k = 0; k < s.n; k++)
				found += s.state[k] == SEEN;
		}
		took[i] = now() - took[i];
		arena_free(a);
	}
	qsort(took, QUESTIONS, sizeof(took[0]), by_size);
	printf("a host: median %.2f ms, 99 %% below %.2f ms, seen in %.1f slots\n", 1e3 * took[QUESTIONS / 2],
	    1e3 * took[QUESTIONS * 99 / 100], (double)found / QUESTIONS);
	return 0;
}

static int
make(struct index *ix, const struct conf *cf, const struct window *w, size_t addresses, struct err *e)
{
	int rc = 0;

	for (int64_t t = w->from; t < w->to && rc != -1; t += cf->slot) {
		for (size_t j = 0; j < cf->nsources && rc != -1; j++) {
			struct arena *a = arena_new();

			rc = add_slot(ix, &cf->sources[j], t, addresses, a, e);
			arena_free(a);
		}
		while (rc != -1 && (t + cf->slot) % 3600 == 0 && (rc = index_sum_up(ix, e)) == 1)
			;
	}
	return rc;
}

int
main(int argc, char **argv)
{
	struct source sources[64];
	struct conf cf = { .slot = 300, .sources = sources };
	struct err e = { 0 };
	struct index *ix;
	struct window w;
	char names[64][8];
	double start = now();
	size_t addresses;
	int rc;

	if (argc != 5 || atoi(argv[3]) < 1 || atoi(argv[3]) > 64)
		return 2;
	cf.state = argv[1];
	cf.nsources = (size_t)atoi(argv[3]);
	addresses = (size_t)atoi(argv[4]);
	w.to = 1763596800;
	w.from = w.to - (int64_t)atoi(argv[2]) * 86400;
	for (size_t i = 0; i < cf.nsources; i++) {
		snprintf(names[i], sizeof(names[i]), "s%zu", i);
		sources[i] = (struct source){ .id = (int)i, .name = names[i], .dir = "/none" };
	}
	ix = index_open(&cf, INDEX_WRITE, &e);
	rc = ix == NULL ? -1 : make(ix, &cf, &w, addresses, &e);
	if (rc != -1) {
		printf("made in %.1f s\n", now() - start);
		rc = ask(ix, &cf, &w, addresses, &e);
	}
	index_close(ix);
	if (rc == -1)
		fprintf(stderr, "benchindex: %s\n", e.text);
	return rc == -1;
}
