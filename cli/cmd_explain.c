/*
 * flowlight explain: what changed in a slot, and who did it.
 */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine_json.h"

struct words {
	const char *conf, *sources, *at, *from, *to;
	bool json;
};

static int
usage(void)
{
	fputs("usage: flowlight explain [--conf FILE] [--source a,b] --at TIME [-o text|json]\n"
	    "       flowlight explain [--conf FILE] [--source a,b] --from TIME [--to TIME] [-o text|json]\n", stderr);
	return 2;
}

static bool
take_words(int argc, char **argv, struct words *w)
{
	static const struct option options[] = {
		{ "conf", required_argument, NULL, 'C' }, { "source", required_argument, NULL, 's' },
		{ "at", required_argument, NULL, 'a' }, { "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' }, { NULL, 0, NULL, 0 },
	};
	int option;

	memset(w, 0, sizeof(*w));
	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		switch (option) {
		case 'C': w->conf = optarg; break;
		case 's': w->sources = optarg; break;
		case 'a': w->at = optarg; break;
		case 'f': w->from = optarg; break;
		case 't': w->to = optarg; break;
		case 'o':
			w->json = strcmp(optarg, "json") == 0;
			if (!w->json && strcmp(optarg, "text") != 0)
				return false;
			break;
		default:
			return false;
		}
	}
	return optind == argc && (w->at != NULL) != (w->from != NULL);
}

static int
take_window(const struct words *w, const struct conf *conf, struct window *window, struct err *e)
{
	int64_t now = when_now();

	window->to = now;
	if (w->at != NULL) {
		if (when_parse(w->at, now, &window->from, e) == -1)
			return err_in(e, "--at");
		window->from -= window->from % conf->slot;
		window->to = window->from + conf->slot;
	} else if (when_parse(w->from, now, &window->from, e) == -1) {
		return err_in(e, "--from");
	} else if (w->to != NULL && when_parse(w->to, now, &window->to, e) == -1) {
		return err_in(e, "--to");
	}
	return window->from < window->to ? 0 : err_set(e, ERR_INPUT, "--from lies after --to");
}

static void
print_changes(const struct explanation *ex)
{
	printf("    %-20s %14s %14s %8s\n", "metric", "now", "usual", "z");
	for (size_t i = 0; i < EXPLAIN_METRICS; i++)
		printf("    %-20s %14.0f %14.0f %8.1f\n", explain_metric_names[ex->change[i].metric],
		    ex->change[i].actual, ex->change[i].usual, ex->change[i].z);
}

static void
print_power(const struct evidence *ev, char *buf, size_t size)
{
	if (ev->power_high - ev->power_low < 0.005)
		snprintf(buf, size, "%.0f %%", 100 * ev->power_high);
	else
		snprintf(buf, size, "%.0f-%.0f %%", 100 * ev->power_low, 100 * ev->power_high);
}

static void
print_evidence(const struct explanation *ex)
{
	struct strbuf key = { 0 };
	char power[64];

	if (ex->nevidence > 0)
		printf("\n    %-12s %-44s %-8s %14s %14s  %s\n", "by", "key", "metric", "now", "usual", "explains");
	for (size_t i = 0; i < ex->nevidence; i++) {
		const struct evidence *ev = &ex->evidence[i];

		strbuf_reset(&key);
		explain_key_text(ev->dim, ev->key, &key);
		print_power(ev, power, sizeof(power));
		printf("    %-12s %-44s %-8s %14.0f %14.0f  %s\n", top_dims[ev->dim].name, strbuf_text(&key),
		    top_metric_names[ev->metric], ev->actual, ev->usual, power);
	}
	for (size_t i = 0; i < ex->nowners; i++) {
		char host[ADDR_STRLEN];

		addr_print(&ex->owner[i].host, host);
		printf("    owner        %-44s %-8s %13.0f%% %13.0f%%  nobody usually has more than %.0f %%\n", host,
		    top_metric_names[ex->owner[i].metric], 100 * ex->owner[i].share, 100 * ex->owner[i].usual_share,
		    100 * ex->owner[i].usual_most);
	}
	strbuf_free(&key);
}

static void
print_before(const struct peak *p)
{
	char when[WHEN_STRLEN], day[16];

	if (p->nbefore == 0)
		return;
	printf("\n    The same host also owned %zu other slot%s of these weeks:\n", p->nbefore, p->nbefore == 1 ? "" : "s");
	for (size_t i = 0; i < p->nbefore; i++) {
		struct tm tm;

		when_local(p->before[i], &tm);
		strftime(day, sizeof(day), "%a", &tm);
		printf("      %s %s\n", day, when_text(p->before[i], when));
	}
}

static void
print_peak(const struct peak *p)
{
	struct strbuf sentence = { 0 };
	char when[WHEN_STRLEN];

	explain_sentence(&p->why, &sentence);
	printf("%s, %s: %s\n", when_text(p->start, when), p->source->name, strbuf_text(&sentence));
	strbuf_free(&sentence);
	if (p->why.nbaseline == 0)
		return;
	putchar('\n');
	print_changes(&p->why);
	print_evidence(&p->why);
	print_before(p);
	putchar('\n');
}

static void
print_json(const struct peak *peaks, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, peak_json(&peaks[i]));
	json_dumpf(list, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(list);
}

static int
explain_window(const struct words *w, const struct conf *conf, struct arena *a, struct err *e)
{
	struct engine *engine = engine_open(conf, e);
	struct window window;
	struct peak *peaks;
	size_t n;
	int rc = -1;

	if (engine != NULL && take_window(w, conf, &window, e) == 0 &&
	    engine_explain(engine, &window, w->sources, w->at != NULL, a, &peaks, &n, e) == 0) {
		rc = 0;
		if (w->json)
			print_json(peaks, n);
		for (size_t i = 0; !w->json && i < n; i++)
			print_peak(&peaks[i]);
		if (n == 0 && !w->json)
			printf(w->at != NULL ? "There is no such slot in the index.\n" :
			    "Nothing stands out in these slots.\n");
	}
	engine_close(engine);
	return rc;
}

int
cmd_explain(int argc, char **argv)
{
	struct arena *a = arena_new();
	struct conf *conf;
	struct words w;
	struct err e;
	int status = -1;

	if (!take_words(argc, argv, &w)) {
		arena_free(a);
		return usage();
	}
	conf = cmd_conf(w.conf, &e);
	if (conf != NULL)
		status = explain_window(&w, conf, a, &e);
	if (status == -1)
		status = cmd_fail("explain", &e);
	conf_free(conf);
	arena_free(a);
	return status;
}
