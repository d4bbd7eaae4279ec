#include <strings.h>

#include "flow/names.h"
#include "query/filter_private.h"

#define NELEM(a)	(sizeof(a) / sizeof((a)[0]))

/* Why nfdump has no text for a word that means what we mean. */
#define NEWER		"nfdump 1.7.1 does not know it"
#define SPELT		"nfdump 1.7.1 and later versions spell it differently"
#define OLDER		"only nfdump 1.7.1 knows it"
#define COUNTRIES	"nfdump tests countries only with a geo database of its own"
#define EVENTS		"nfdump 1.7.1 does not tell firewall events from NAT events"

static int
name_index(const char *const *names, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(names[i], s) == 0)
			return i;
	for (size_t i = 0, number = 0; s[i] >= '0' && s[i] <= '9'; i++) {
		number = 10 * number + (s[i] - '0');
		if (number > 255)
			return -1;
		if (s[i + 1] == '\0')
			return number;
	}
	return -1;
}

/* A pair of functions over an array of names. */
#define NAMES(what, ...) \
	static const char *const what[] = { __VA_ARGS__ }; \
	static int what##_number(const char *s) { return name_index(what, NELEM(what), s); } \
	static const char *what##_name(uint8_t n) { return n < NELEM(what) ? what[n] : NULL; } \
	static const struct filter_names names_##what = { what##_number, what##_name }

NAMES(flowdirs, "ingress", "egress");
NAMES(pfactions, "pass", "block", "scrub", "noscrub", "nat", "nonat", "binat", "nobinat", "rdr", "nordr",
    "synproxy-drop", "defer", "match", "divert", "rt", "afrt");
NAMES(pfreasons, "match", "bad-offset", "fragment", "short", "normalize", "memory", "bad-timestamp", "congestion",
    "ip-option", "proto-cksum", "state-mismatch", "state-insert", "state-limit", "src-limit", "synproxy");
NAMES(pfdirs, "out", "in");

static const struct filter_names names_fwdstat = { fwdstat_number, fwdstat_name };
static const struct filter_names names_fwevent = { fwevent_number, fwevent_name };
static const struct filter_names names_natevent = { natevent_number, natevent_name };

/* Extended events of a denied connection. */
static int
denied_number(const char *s)
{
	static const struct { const char *name; int number; } denials[] = {
		{ "ingress", 1001 }, { "egress", 1002 }, { "interface", 1003 }, { "access", 1003 },
		{ "nosyn", 1004 }, { "1001", 1001 }, { "1002", 1002 }, { "1003", 1003 }, { "1004", 1004 },
	};

	for (size_t i = 0; i < NELEM(denials); i++)
		if (strcasecmp(denials[i].name, s) == 0)
			return denials[i].number;
	return -1;
}

static const struct filter_names names_denied = { denied_number, NULL };

#define WORD(w, q, a, x, m, ...) \
	{ .words = w, .qualifiers = q, .argument = a, .example = x, .meaning = m, __VA_ARGS__ },

const struct filter_word filter_words[] = {
#include "query/filter_words.inc"
};
const size_t filter_words_n = NELEM(filter_words);

#undef WORD
#define WORD(w, q, a, x, m, ...) { w, q, a, x, m },

const struct filter_help filter_helps[] = {
#include "query/filter_words.inc"
	{ NULL, NULL, NULL, NULL, NULL },
};
