/*
 * Writes a database of libloc, where there is libloc.
 */
#ifndef TESTS_LOCWRITE_H
#define TESTS_LOCWRITE_H

#include <stdint.h>
#include <stdio.h>

struct locrow { const char *network, *country; uint32_t as; const char *name; };

#ifdef HAVE_LIBLOC
#include <time.h>

#include <libloc/libloc.h>
#include <libloc/as.h>
#include <libloc/network.h>
#include <libloc/writer.h>

static inline int
locwrite_row(struct loc_writer *w, const struct locrow *row)
{
	struct loc_network *net = NULL;
	struct loc_as *as = NULL;
	int rc = loc_writer_add_network(w, &net, row->network);

	if (rc == 0 && row->country[0] != '\0')
		rc = loc_network_set_country_code(net, row->country);
	if (rc == 0 && row->as != 0)
		rc = loc_network_set_asn(net, row->as);
	if (net != NULL)
		loc_network_unref(net);
	if (rc == 0 && row->as != 0 && row->name[0] != '\0' && loc_writer_add_as(w, &as, row->as) == 0) {
		rc = loc_as_set_name(as, row->name);
		loc_as_unref(as);
	}
	return rc;
}

/* 0, or not. */
static inline int
locwrite(const char *path, const struct locrow *rows, size_t n)
{
	struct loc_ctx *ctx = NULL;
	struct loc_writer *w = NULL;
	FILE *f = fopen(path, "w+");
	int rc = f == NULL || loc_new(&ctx) != 0 || loc_writer_new(ctx, &w, NULL, NULL) != 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = locwrite_row(w, &rows[i]);
	if (rc == 0)
		rc = loc_writer_write(w, f, LOC_DATABASE_VERSION_1);
	if (w != NULL)
		loc_writer_unref(w);
	if (ctx != NULL)
		loc_unref(ctx);
	return (f == NULL || fclose(f) != 0) || rc != 0;
}
#else
static inline int
locwrite(const char *path, const struct locrow *rows, size_t n)
{
	(void)path, (void)rows, (void)n;
	return -1;
}
#endif

#endif
