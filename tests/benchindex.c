/*
 * benchindex DIR DAYS SOURCES ADDRESSES
 *
 * Makes an index in DIR of so many days of five-minute slots with so many
 * addresses each, nine of ten from a common pool and the tenth never seen before
 * or after, and prints how large it is as a share of the files, and how long it
 * takes to ask for one host over all of it: with its pages in memory, and when it
 * has just been opened and none is; and for a top list.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/index.h"

#define QUESTIONS	300
#define COLD		60

static uint64_t state = 1;
static double files_bytes;

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
fill(struct batch *b, size_t n, int64_t slot)
{
	for (size_t i = 0; i < n; i++) {
		COLADDR(b, F_SRCIP)[i] = address(n);
		COLADDR(b, F_DSTIP)[i] = address(n);
		COL64(b, F_FIRST)[i] = (uint64_t)slot * 1000 + draw(300000);
		COL64(b, F_LAST)[i] = COL64(b, F_FIRST)[i] + draw(4) * draw(20000);
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
		fill(&b, left < BATCH_MAX ? left : BATCH_MAX, start);
		tally_add(t, &b);
	}
	snprintf(name, sizeof(name), "%lld", (long long)start);
	f.name = name;
	/* As with two and a half flows of 49 bytes for an address. */
	f.stamp.size = (int64_t)tally_table(t, TALLY_ADDR)->n * 122;
	f.summary = summary = summary_new(t, f.stamp.size);
	files_bytes += (double)f.stamp.size;
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

/* Every page of the database out of memory, and the database opened anew. */
static struct index *
open_cold(struct index *ix, const struct conf *cf, struct err *e)
{
	char path[4096];
	int fd;

	index_close(ix);
	snprintf(path, sizeof(path), "%s/index.db", cf->state);
	if ((fd = open(path, O_RDONLY)) != -1) {
		fdatasync(fd);
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		close(fd);
	}
	return index_open(cf, INDEX_READ, e);
}

/* Where was a host?  In how many slots, or -1. */
static long
where(struct index *ix, const struct conf *cf, const struct window *w, size_t addresses, struct err *e)
{
	struct prefix p = { address(addresses), 128 };
	struct arena *a = arena_new();
	struct seen_slots s;
	long found = 0;

	for (size_t j = 0; j < cf->nsources && found != -1; j++)
		if (index_seen(ix, w, &cf->sources[j], &p, a, &s, e) == -1)
			found = -1;
		else
			for (size_t k = 0; k < s.n; k++)
				found += s.state[k] == SEEN;
	arena_free(a);
	return found;
}

static int
ask(struct index **ix, const struct conf *cf, const struct window *w, size_t addresses, int n, bool cold, struct err *e)
{
	double took[QUESTIONS];
	long found = 0, one = 0;

	for (int i = 0; i < n && one != -1; i++) {
		if (cold && (*ix = open_cold(*ix, cf, e)) == NULL)
			return -1;
		took[i] = now();
		found += one = where(*ix, cf, w, addresses, e);
		took[i] = now() - took[i];
	}
	if (one == -1)
		return -1;
	qsort(took, (size_t)n, sizeof(took[0]), by_size);
	printf("a host, %s: median %.2f ms, 99 %% below %.2f ms, seen in %.1f slots\n", cold ? "cold" : "warm",
	    1e3 * took[n / 2], 1e3 * took[n * 99 / 100], (double)found / n);
	return 0;
}

static int
ask_top(struct index *ix, const struct conf *cf, const struct window *w, struct err *e)
{
	const struct source *sources[64];
	struct arena *a = arena_new();
	double start = now();
	struct toptable t;
	int rc;

	for (size_t i = 0; i < cf->nsources; i++)
		sources[i] = &cf->sources[i];
	rc = index_top(ix, w, sources, cf->nsources, TOP_SRCIP, a, &t, e);
	printf("top by srcip: %.0f ms, %zu rows\n", 1e3 * (now() - start), t.n);
	arena_free(a);
	return rc;
}

static void
print_size(const struct conf *cf)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/index.db", cf->state);
	if (stat(path, &st) == 0)
		printf("index: %.1f MB, %.2f %% of files of %.1f MB\n", (double)st.st_size / 1e6,
		    100 * (double)st.st_size / files_bytes, files_bytes / 1e6);
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
	char names[64][24];
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
		index_close(ix);
		print_size(&cf);
		if ((ix = index_open(&cf, INDEX_READ, &e)) == NULL || ask(&ix, &cf, &w, addresses, QUESTIONS, false, &e) == -1 ||
		    ask_top(ix, &cf, &w, &e) == -1 || ask(&ix, &cf, &w, addresses, COLD, true, &e) == -1)
			rc = -1;
	}
	index_close(ix);
	if (rc == -1)
		fprintf(stderr, "benchindex: %s\n", e.text);
	return rc == -1;
}
