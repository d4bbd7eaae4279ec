/* The reader of column files over any bytes; sums by address too, as far as there are some, and the flows of hosts. */
#include "fuzz_reader.h"

static void
read_sums(const char *path)
{
	struct fieldset set = { { 0, 0 } };
	struct flow_sums sums;
	struct reader *r;
	struct batch *b;
	struct err e;

	fieldset_add(&set, F_SRCIP);
	fieldset_add(&set, F_DSTIP);
	fieldset_add(&set, F_FIRST);
	if ((r = reader_open(path, &set, &e)) == NULL)
		return;
	reader_take_places(r);
	while (reader_next_sums(r, &sums))
		for (size_t i = 0; i < sums.n; i++) {
			touched += sums.addr[i].b[15];
			for (int of = 0; of < SIDES * SUMS; of++)
				if (sums.of[of / SUMS][of % SUMS] != NULL)
					touched += sums.of[of / SUMS][of % SUMS][i];
		}
	while (reader_next(r, &b, &e) == 1)
		for (int f = F_SRCIP; b->places != NULL && f <= F_DSTIP; f++)
			for (size_t i = 0; b->places->place[f] != NULL && i < b->n; i++)
				touched += b->places->addr[b->places->place[f][i]].b[15];
	reader_close(r);
}

/* All flows that it is shown. */
static size_t
choose_all(void *ctx, const struct batch *b, uint8_t *sel)
{
	(void)ctx;
	memset(sel, 1, b->n);
	return b->n;
}

/* Looks for a host that is there. */
static void
read_host(const char *path)
{
	struct selection of_host = { .choose = choose_all };
	struct fieldset set = { { 0, 0 } };
	struct addr host[2] = { { { 0 } }, { { 0 } } };
	struct reader *r;
	struct batch *b;
	size_t none;
	struct err e;

	fieldset_add(&set, F_SRCIP);
	fieldset_add(&set, F_DSTIP);
	if ((r = reader_open(path, &set, &e)) == NULL)
		return;
	if (reader_next(r, &b, &e) == 1) {
		host[0] = COLADDR(b, F_SRCIP)[b->n / 2];
		host[1] = COLADDR(b, F_DSTIP)[b->n - 1];
	}
	reader_close(r);
	of_host.fields = set;
	of_host.hosts = host;
	of_host.nhosts = 2;
	fuzz_read(path, &of_host, 0, 0, &none);
}

static void
read_also(const char *path)
{
	read_sums(path);
	read_host(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_reader_also("columns", "FLOW", 4, p, n, read_also);
	return 0;
}
