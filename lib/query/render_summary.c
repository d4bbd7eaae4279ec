#include "query/render_private.h"

uint64_t
summary_msec(const struct result *res)
{
	return res->last_msec > res->first_msec ? res->last_msec - res->first_msec : 0;
}

static void
named(struct render *r, const char *name, uint64_t v)
{
	strbuf_adds(&r->out, name);
	text_scaled(&r->out, v, r->flags);
}

/* As the files' own records say, within -t; files without such leave it open. */
static void
time_window(struct render *r, const struct result *res)
{
	int64_t from = (int64_t)res->span_first_msec, to = (int64_t)res->span_last_msec;

	strbuf_adds(&r->out, "Time window: ");
	if (from == 0) {
		strbuf_adds(&r->out, "<unknown>\n");
		return;
	}
	if (res->from_msec > from)
		from = res->from_msec;
	if (res->to_msec < to)
		to = res->to_msec;
	text_time_seconds(&r->out, (uint64_t)from / 1000, ' ');
	strbuf_adds(&r->out, " - ");
	text_time_seconds(&r->out, (uint64_t)to / 1000, ' ');
	strbuf_addc(&r->out, '\n');
}

void
summary_finish(struct render *r, const struct result *res)
{
	const struct totals *t = &res->kept;
	uint64_t msec = summary_msec(res);

	strbuf_addf(&r->out, "Summary: total flows: %llu", (unsigned long long)t->flows);
	named(r, ", total bytes: ", t->bytes);
	named(r, ", total packets: ", t->packets);
	named(r, ", avg bps: ", rate_bps(t->bytes, msec));
	named(r, ", avg pps: ", rate_pps(t->packets, msec));
	named(r, ", avg bpp: ", rate_bpp(t->bytes, t->packets));
	strbuf_addc(&r->out, '\n');
	time_window(r, res);
	strbuf_addf(&r->out, "Total flows processed: %llu, passed: %llu, Blocks skipped: %llu, "
	    "Bytes read: %llu\n", (unsigned long long)res->flows_read,
	    (unsigned long long)res->flows_kept, (unsigned long long)res->blocks_skipped,
	    (unsigned long long)res->bytes_read);
}
