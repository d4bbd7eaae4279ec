#include "flowfile.h"

#include <stdio.h>
#include <string.h>

#include "format/nfwrite.h"

static int
add_rows(void *ctx, const struct batch *rows, struct err *e)
{
	return nfwrite_add(ctx, rows, e);
}

/* The name of the one source; that of nfcapd's without -I for others. */
static const char *
ident_of(const struct query *q)
{
	return q->sources != NULL && strchr(q->sources, ',') == NULL ? q->sources : "none";
}

int
flowfile_write(struct engine *engine, const struct query *q, struct result *res, struct err *e)
{
	struct nfwrite *w = nfwrite_open(q->write, ident_of(q), PACK_LZ4, e);
	struct sink sink = { add_rows, w, NULL };
	struct fieldset show;

	if (w == NULL)
		return -1;
	nfwrite_fields(&show);
	if (engine_query(engine, q, &show, &sink, NULL, q->arena, res, e) == -1 ||
	    (res->ntables > 0 && nfwrite_add(w, &res->tables[0].rows, e) == -1)) {	/* a list that is sorted */
		nfwrite_abandon(w);
		return -1;
	}
	if (nfwrite_close(w, e) == -1)
		return -1;
	if (!q->quiet)
		fprintf(stderr, "flowlight query: wrote %llu flows to %s\n", (unsigned long long)res->kept.flows, q->write);
	return 0;
}
