#include "engine_proof.h"

#include <string.h>

#include "engine_private.h"

#define TCP		6
#define UDP		17
#define LEAST_RATE	100	/* of anything a second */
#define FLOWSPEC_LEAST	9600	/* bytes a second: routers take no less */

/* What a rule is to match, as far as one key of each explains the change. */
struct target {
	struct addr dst;
	int proto;			/* -1: any */
	int sport, dport;		/* -1: any */
	bool answers;			/* reflected: nobody asked for them, all can go */
	unsigned long usual;		/* flows a second of the target, twice over */
	unsigned long usual_bytes;	/* bytes a second of the source */
};

/* The key of a dimension that explains most of the change, -1 when none does; ports and protocols only. */
static int
one_number(const struct explanation *ex, enum top_dim dim)
{
	for (size_t i = 0; i < ex->nevidence; i++) {
		const struct evidence *ev = &ex->evidence[i];

		if (ev->dim == dim && ev->metric == ex->culprit->metric && ev->power_low >= 0.5)
			return top_dims[dim].size == 1 ? ev->key[0] : ev->key[0] << 8 | ev->key[1];
	}
	return -1;
}

static double
usual_of(const struct explanation *ex, enum explain_metric m)
{
	for (size_t i = 0; i < EXPLAIN_METRICS; i++)
		if (ex->change[i].metric == m)
			return ex->change[i].usual;
	return 0;
}

static unsigned long
per_second(double n, unsigned seconds, unsigned long least)
{
	unsigned long rate = n > 0 ? (unsigned long)(n / seconds) + 1 : 0;

	return rate > least ? rate : least;
}

/* False: the incident is none that a rule at the border helps against. */
static bool
find_target(const struct peak *p, unsigned seconds, struct target *t)
{
	const struct explanation *ex = &p->why;

	if (ex->culprit == NULL || ex->culprit->dim != TOP_DSTIP ||
	    (ex->kind != INCIDENT_FLOOD && ex->kind != INCIDENT_AMPLIFICATION))
		return false;
	memcpy(&t->dst, ex->culprit->key, sizeof(t->dst));
	t->answers = ex->kind == INCIDENT_AMPLIFICATION;
	t->proto = t->answers ? UDP : one_number(ex, TOP_PROTO);
	t->sport = t->answers ? one_number(ex, TOP_SRCPORT) : -1;
	t->dport = t->answers ? -1 : one_number(ex, TOP_DSTPORT);
	t->usual = per_second(2 * (ex->culprit->metric == TOP_FLOWS ? ex->culprit->usual : 0), seconds, LEAST_RATE);
	t->usual_bytes = per_second(usual_of(ex, EXPLAIN_BYTES), seconds, FLOWSPEC_LEAST);
	return !t->answers || t->sport != -1;
}

static const char *
proto_word(const struct target *t)
{
	return t->proto == TCP ? "tcp" : t->proto == UDP ? "udp" : NULL;
}

static void
pf_text(const struct target *t, struct strbuf *sb)
{
	const char *proto = proto_word(t);
	char dst[ADDR_STRLEN];

	addr_print(&t->dst, dst);
	strbuf_addf(sb, "%s in %squick %s", t->answers ? "block" : "pass", t->answers ? "log " : "",
	    addr_is_v4(&t->dst) ? "inet" : "inet6");
	if (proto != NULL)
		strbuf_addf(sb, " proto %s", proto);
	else if (t->proto >= 0)
		strbuf_addf(sb, " proto %d", t->proto);
	else if (t->dport != -1)
		strbuf_adds(sb, " proto { tcp udp }");
	strbuf_adds(sb, " from any");
	if (t->sport != -1)
		strbuf_addf(sb, " port %d", t->sport);
	strbuf_addf(sb, " to %s", dst);
	if (t->dport != -1 && (proto != NULL || t->proto < 0))
		strbuf_addf(sb, " port %d", t->dport);
	if (t->proto == TCP)
		strbuf_adds(sb, " flags S/SA synproxy state");
	else if (!t->answers)
		strbuf_addf(sb, " keep state (max %lu)", t->usual * 60);
	strbuf_addc(sb, '\n');
}

static void
nft_text(const struct target *t, struct strbuf *sb)
{
	const char *proto = proto_word(t);
	char dst[ADDR_STRLEN];

	addr_print(&t->dst, dst);
	strbuf_adds(sb, "table inet relief {\n\tchain forward {\n"
	    "\t\ttype filter hook forward priority -10; policy accept;\n");
	strbuf_addf(sb, "\t\t%s daddr %s", addr_is_v4(&t->dst) ? "ip" : "ip6", dst);
	if (proto != NULL && t->sport != -1)
		strbuf_addf(sb, " %s sport %d", proto, t->sport);
	if (proto != NULL && t->dport != -1)
		strbuf_addf(sb, " %s dport %d", proto, t->dport);
	else if (t->dport != -1)
		strbuf_addf(sb, " meta l4proto { tcp, udp } th dport %d", t->dport);
	else if (t->proto >= 0 && t->sport == -1)
		strbuf_addf(sb, " meta l4proto %d", t->proto);
	if (t->proto == TCP)
		strbuf_adds(sb, " tcp flags & (syn | ack) == syn");
	if (!t->answers)
		strbuf_addf(sb, " limit rate over %lu/second", t->usual);
	strbuf_adds(sb, " counter drop\n\t}\n}\n");
}

static void
flowspec_text(const struct target *t, struct strbuf *sb)
{
	bool v4 = addr_is_v4(&t->dst);
	char dst[ADDR_STRLEN];

	addr_print(&t->dst, dst);
	strbuf_addf(sb, "flow {\n\troute relief {\n\t\tmatch {\n\t\t\tdestination %s/%d;\n", dst, v4 ? 32 : 128);
	if (t->proto >= 0)
		strbuf_addf(sb, "\t\t\t%s =%d;\n", v4 ? "protocol" : "next-header", t->proto);
	if (t->sport != -1)
		strbuf_addf(sb, "\t\t\tsource-port =%d;\n", t->sport);
	if (t->dport != -1)
		strbuf_addf(sb, "\t\t\tdestination-port =%d;\n", t->dport);
	if (t->proto == TCP)
		strbuf_adds(sb, "\t\t\ttcp-flags [ syn ];\n");
	strbuf_adds(sb, "\t\t}\n\t\tthen {\n");
	if (t->answers)
		strbuf_adds(sb, "\t\t\tdiscard;\n");
	else
		strbuf_addf(sb, "\t\t\trate-limit %lu;\n", t->usual_bytes);
	strbuf_adds(sb, "\t\t}\n\t}\n}\n");
}

void
measures(const struct engine *engine, const struct peak *p, struct arena *a, struct measure **out, size_t *n)
{
	static const struct {
		const char *title;
		void (*print)(const struct target *, struct strbuf *);
	} kinds[] = {
		{ "pf.conf", pf_text },
		{ "nftables", nft_text },
		{ "BGP FlowSpec (ExaBGP)", flowspec_text },
	};
	size_t most = sizeof(kinds) / sizeof(kinds[0]);
	struct strbuf text = { 0 };
	struct target t;

	*n = 0;
	*out = arena_array(a, most, sizeof(**out));
	if (engine_masks(engine) || !find_target(p, engine->conf->slot, &t))
		return;
	for (size_t i = 0; i < most; i++) {
		strbuf_reset(&text);
		kinds[i].print(&t, &text);
		(*out)[(*n)++] = (struct measure){ kinds[i].title, arena_strdup(a, strbuf_text(&text)) };
	}
	strbuf_free(&text);
}
