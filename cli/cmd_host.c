/*
 * flowlight host: where and when an address or a network was seen, and what it did.
 */
#include "cmd.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_json.h"
#include "flow/names.h"

/* "in 14 of 8640 slots, perhaps in 2 more, not known of 5" */
static void
print_seen(const struct host *h)
{
	char first[WHEN_STRLEN], last[WHEN_STRLEN];

	if (h->slots > 0)
		printf("  first seen    %s\n  last seen     %s\n",
		    h->read && h->first_msec != 0 ? when_msec((int64_t)h->first_msec, first) : when_text(h->first, first),
		    h->read && h->last_msec != 0 ? when_msec((int64_t)h->last_msec, last) : when_text(h->last, last));
	printf("  seen in       %zu of %zu slots", h->slots, h->of);
	if (h->possible > 0)
		printf(", perhaps in %zu more", h->possible);
	if (h->unknown > 0)
		printf(", not known of %zu", h->unknown);
	putchar('\n');
}

static void
print_basis(const struct host *h)
{
	if (!h->read) {
		printf("  from          the index alone\n");
		return;
	}
	printf("  from          the index, and %zu of %zu files\n", h->files, h->files_all);
	if (h->gone > 0)
		printf("  missing       the files of %zu slots are gone: totals are without them\n", h->gone);
	if (h->partial)
		printf("  partial       %s\n", h->note);
	else
		printf("  totals        exact%s\n", h->gone > 0 ? " but for those" : "");
}

static void
print_totals(const struct totals *in, const struct totals *out)
{
	printf("  %10" PRIu64 " %12" PRIu64 " %14" PRIu64 "  %10" PRIu64 " %12" PRIu64 " %14" PRIu64 "\n",
	    in->flows, in->packets, in->bytes, out->flows, out->packets, out->bytes);
}

static void
print_heading(const char *what, const char *more)
{
	printf("\n%-40s %6s  %10s %12s %14s  %10s %12s %14s\n", what, more, "flows in", "packets in",
	    "bytes in", "flows out", "packets out", "bytes out");
}

static void
print_days(const struct host *h)
{
	char day[WHEN_STRLEN], name[96], slots[32];

	if (h->read)
		print_heading("day and source", "slots");
	else
		printf("\n%-40s %6s  %8s %8s\n", "day and source", "slots", "perhaps", "unknown");
	for (size_t i = 0; i < h->ndays; i++) {
		const struct host_day *d = &h->day[i];

		snprintf(name, sizeof(name), "%s  %s", host_day_text(d, day), d->source->name);
		snprintf(slots, sizeof(slots), "%zu%s", d->slots, h->read && d->possible + d->unknown > 0 ? "+" : "");
		printf("%-40s %6s", name, slots);
		if (h->read)
			print_totals(&d->in, &d->out);
		else
			printf("  %8zu %8zu\n", d->possible, d->unknown);
	}
}

static const char *
service_text(const struct host_peer *p, char *buf, size_t size)
{
	char proto[NAME_STRLEN];

	snprintf(buf, size, "%s %u/%s", p->own ? "its own" : "others'", p->port, proto_name(p->proto, proto));
	return buf;
}

static void
print_peers(const struct host *h)
{
	char text[ADDR_STRLEN + 16];

	snprintf(text, sizeof(text), "peers, %zu of %" PRIu64, h->npeers, h->peers_all);
	print_heading(text, "");
	for (size_t i = 0; i < h->npeers; i++) {
		addr_print(&h->peers[i].addr, text);
		printf("%-40s %6s", text, "");
		print_totals(&h->peers[i].in, &h->peers[i].out);
	}
	snprintf(text, sizeof(text), "ports, %zu of %" PRIu64, h->nservices, h->services_all);
	print_heading(text, "");
	for (size_t i = 0; i < h->nservices; i++) {
		printf("%-40s %6s", service_text(&h->services[i], text, sizeof(text)), "");
		print_totals(&h->services[i].in, &h->services[i].out);
	}
}

static void
print_fans(const struct host *h)
{
	printf("  fan-in        from %" PRIu64 " addresses, to %" PRIu64 " of its ports\n", h->peers_in, h->ports_in);
	printf("  fan-out       to %" PRIu64 " addresses, to %" PRIu64 " ports\n", h->peers_out, h->ports_out);
}

static void
print_text(const struct host *h, const char *name)
{
	char from[WHEN_STRLEN], to[WHEN_STRLEN];

	printf("%s, %s to %s\n", name, when_text(h->window.from, from), when_text(h->window.to, to));
	print_seen(h);
	print_basis(h);
	if (h->read)
		print_fans(h);
	if (h->ndays > 0)
		print_days(h);
	if (h->read && h->npeers > 0)
		print_peers(h);
}

static void
print_csv(const struct host *h, const char *name)
{
	char day[WHEN_STRLEN];

	(void)name;
	puts("day,source,slots,possible,unknown,flows_in,packets_in,bytes_in,flows_out,packets_out,bytes_out");
	for (size_t i = 0; i < h->ndays; i++) {
		const struct host_day *d = &h->day[i];

		printf("%s,%s,%zu,%zu,%zu", host_day_text(d, day), d->source->name, d->slots, d->possible, d->unknown);
		printf(",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", d->in.flows,
		    d->in.packets, d->in.bytes, d->out.flows, d->out.packets, d->out.bytes);
	}
}

static void
print_json(const struct host *h, const char *name)
{
	json_t *o = host_json(h, name);

	json_dumpf(o, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(o);
}

static const struct output {
	const char *name;
	void (*print)(const struct host *, const char *name);
} outputs[] = {
	{ "text", print_text },
	{ "json", print_json },
	{ "csv", print_csv },
};

struct words {
	const char *conf, *host, *sources, *from, *to, *output;
	bool index;
};

static const struct output *
find_output(const char *name, struct err *e)
{
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++)
		if (strcmp(outputs[i].name, name) == 0)
			return &outputs[i];
	err_set(e, ERR_INPUT, "-o: text, json or csv, not \"%.64s\"", name);
	return NULL;
}

/* The window of the words, or all that the sources have. */
static int
find_window(struct engine *engine, const struct words *words, unsigned slot, struct window *w, struct err *e)
{
	int64_t oldest, newest, at = when_now();

	if (engine_extent(engine, words->sources, &oldest, &newest, e) == -1)
		return -1;
	*w = (struct window){ oldest, newest == 0 ? 0 : newest + slot };
	if (words->from != NULL && when_parse(words->from, at, &w->from, e) == -1)
		return err_in(e, "--from");
	if (words->to != NULL && when_parse(words->to, at, &w->to, e) == -1)
		return err_in(e, "--to");
	w->from -= w->from % slot;
	w->to += (slot - w->to % slot) % slot;
	return w->from <= w->to ? 0 : err_set(e, ERR_INPUT, "--to: before --from");
}

static int
answer(const struct conf *conf, const struct words *words, struct arena *a, struct err *e)
{
	const struct output *output = find_output(words->output, e);
	struct engine *engine = NULL;
	char name[ADDR_STRLEN + 4];
	struct host_limits all = { 0, 0, NULL };
	struct prefix prefix;
	struct window window;
	struct host host;
	int rc = -1;

	if (output == NULL)
		return -1;
	if (prefix_parse(words->host, &prefix) == -1)
		return err_set(e, ERR_INPUT, "\"%.64s\" is no address and no network", words->host);
	if ((engine = engine_open(conf, e)) != NULL &&
	    find_window(engine, words, conf->slot, &window, e) == 0 &&
	    engine_host(engine, &prefix, words->sources, &window, words->index ? NULL : &all, a, &host, e) == 0) {
		if (prefix.bits == 128)
			addr_print(&prefix.addr, name);
		else
			prefix_print(&prefix, name);
		output->print(&host, name);
		rc = fflush(stdout) != 0 ? err_sys(e, "standard output") : host.partial;
	}
	engine_close(engine);
	return rc;
}

static int
usage(void)
{
	fprintf(stderr, "usage: flowlight host ADDRESS|NETWORK [-c FILE] [--source NAME,…] [--from TIME] [--to TIME]\n"
	    "           [--index] [-o text|json|csv]\n");
	return 2;
}

/* The address may stand before the options or after them. */
static int
read_words(int argc, char **argv, struct words *w)
{
	static const struct option options[] = {
		{ "source", required_argument, NULL, 's' }, { "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' }, { "index", no_argument, NULL, 'i' },
		{ "conf", required_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
	};
	int option;

	*w = (struct words){ .output = "text" };
	if (argc > 1 && argv[1][0] != '-') {
		w->host = argv[1];
		argc--;
		argv++;
	}
	while ((option = getopt_long(argc, argv, "c:o:", options, NULL)) != -1) {
		const char **word = option == 's' ? &w->sources : option == 'f' ? &w->from : option == 't' ? &w->to :
		    option == 'c' ? &w->conf : option == 'o' ? &w->output : NULL;

		if (word != NULL)
			*word = optarg;
		else if (option == 'i')
			w->index = true;
		else
			return -1;
	}
	if (w->host == NULL && optind < argc)
		w->host = argv[optind++];
	return w->host != NULL && optind == argc ? 0 : -1;
}

int
cmd_host(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct conf *conf = NULL;
	struct words words;
	struct err e;
	int status = -1;

	if (read_words(argc, argv, &words) == -1)
		status = usage();
	else {
		if ((conf = cmd_conf(words.conf, &e)) != NULL)
			status = answer(conf, &words, a, &e);
		if (status == -1)
			status = cmd_fail("host", &e);
	}
	conf_free(conf);
	arena_free(a);
	return status;
}
