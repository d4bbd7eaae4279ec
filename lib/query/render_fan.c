/*
 * The outputs "fanout" and "fanin": not the flows of a list, but the hosts that have to
 * do with the most others.
 */
#include "query/render_private.h"

#define BYTES_MOST	((uint64_t)1 << 30)

int
fan_start(struct render *r, const char *argument, struct err *e)
{
	(void)argument;
	if (r->query->mode != QUERY_LIST || r->query->order != ORDERS)
		return err_set(e, ERR_INPUT, "output: fan-out is of flows as they come, not of statistics, groups or sorted ones");
	r->fan = fan_new(r->query, BYTES_MOST);
	fan_fields(&r->fields);
	return 0;
}

void
fan_print_rows(struct render *r, const struct batch *b)
{
	fan_add(r->fan, b);
}

void
fan_finish(struct render *r, const struct result *res)
{
	struct fan_row *rows;
	size_t n;

	if (res->kept.flows == 0)
		return;
	rows = fan_top(r->fan, fan_rows(r->query), r->arena, &n);
	if (!r->query->quiet)
		strbuf_addf(&r->out, "%-40s%10s%10s%12s%14s%16s\n", "Host", "Peers", "Ports", "Flows", "Packets", "Bytes");
	for (size_t i = 0; i < n; i++) {
		char text[ADDR_STRLEN];

		addr_print(&rows[i].host, text);
		strbuf_addf(&r->out, "%-40s%10llu%10llu%12llu%14llu%16llu\n", text, (unsigned long long)rows[i].peers,
		    (unsigned long long)rows[i].ports, (unsigned long long)rows[i].flows,
		    (unsigned long long)rows[i].packets, (unsigned long long)rows[i].bytes);
	}
	if (r->query->quiet)
		return;
	strbuf_addf(&r->out, "%zu of %zu hosts, by peers or ports, whichever are more\n", n, fan_hosts(r->fan));
	if (fan_is_least(r->fan))
		strbuf_adds(&r->out, "There was no room for more pairs: there were more peers and ports than these\n");
}
