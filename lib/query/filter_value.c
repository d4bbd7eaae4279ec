/* Arguments of the words: one function per kind reads a value from the next token. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "flow/names.h"
#include "query/filter_private.h"

#define SHOWN_MAX	60	/* bytes of a token in an error */

int
filter_expected(const struct parser *p, const struct token *t, const char *what)
{
	if (t->kind == T_END)
		return filter_error(p->text, t->offset, p->err, "expected %s, not the end", what);
	if (t->text[0] == '@')
		return filter_error(p->text, t->offset, p->err,
		    "expected %s, not \"%.*s\": files cannot be included here", what, SHOWN_MAX, t->text);
	return filter_error(p->text, t->offset, p->err, "expected %s, not \"%.*s\"%s", what, SHOWN_MAX, t->text,
	    strlen(t->text) > SHOWN_MAX ? " …" : "");
}

/* Digits of the base up to *end; -1 when they are too many for 64 bits. */
static int
read_digits(const char *s, unsigned base, uint64_t *n, const char **end)
{
	static const char digits[] = "0123456789abcdef";
	const char *d;

	for (*n = 0; *s != '\0' && (d = memchr(digits, *s | (*s >= 'A' ? 32 : 0), base)) != NULL; s++) {
		unsigned digit = d - digits;

		if (*n > (UINT64_MAX - digit) / base)
			return -1;
		*n = *n * base + digit;
	}
	*end = s;
	return 0;
}

/* A number, with 0x in front or one of k, m, g, t behind.  0, or -1. */
static int
read_number(const char *s, uint64_t *n)
{
	static const char suffixes[] = "kmgt";
	const char *end, *suffix;

	if (s[0] == '0' && (s[1] | 32) == 'x')
		return read_digits(s + 2, 16, n, &end) == -1 || end == s + 2 || *end != '\0' ? -1 : 0;
	if (read_digits(s, 10, n, &end) == -1 || end == s)
		return -1;
	if (*end == '\0')
		return 0;
	if (end[1] != '\0' || (suffix = strchr(suffixes, *end | 32)) == NULL)
		return -1;
	for (ptrdiff_t i = suffix - suffixes; i >= 0; i--) {
		if (*n > UINT64_MAX / 1000)
			return -1;
		*n *= 1000;
	}
	return 0;
}

/* The greatest number that the argument may be. */
static uint64_t
greatest(const struct filter_word *w)
{
	uint64_t max = UINT64_MAX;

	if (w->max != 0)
		return w->max;
	if (w->mask != 0)
		return w->mask;
	if (w->columns[0].dir != 0 && fields[w->columns[0].field].width < 8)
		max = ((uint64_t)1 << 8 * fields[w->columns[0].field].width) - 1;
	return max;
}

static int
parse_number(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	const char *noun = test->word->expects != NULL ? test->word->expects : "a number";
	char what[120];

	if (p->t->kind != T_WORD || p->t->text[0] < '0' || p->t->text[0] > '9')
		return filter_expected(p, p->t, noun);
	if (read_number(p->t->text, &v->number) == -1) {
		snprintf(what, sizeof(what), "%s in digits, as 0x…, or with one of k, m, g, t at the end", noun);
		return filter_expected(p, p->t, what);
	}
	if (v->number > greatest(test->word)) {
		snprintf(what, sizeof(what), "%s from 0 to %llu", noun, (unsigned long long)greatest(test->word));
		return filter_expected(p, p->t, what);
	}
	p->t++;
	return 0;
}

static int
parse_proto(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	int n = p->t->kind == T_WORD ? proto_number(p->t->text) : -1;

	(void)test;
	if (n != -1)
		v->number = n;
	else if (p->t->kind != T_WORD || read_number(p->t->text, &v->number) == -1 || v->number > 255)
		return filter_expected(p, p->t, "a protocol name of up to 5 letters or a number from 0 to 255");
	p->t++;
	return 0;
}

static int
parse_name(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	int n = p->t->kind == T_WORD ? test->word->names->number(p->t->text) : -1;

	if (n == -1 || (uint64_t)n > greatest(test->word))
		return filter_expected(p, p->t, test->word->expects);
	v->number = n;
	p->t++;
	return 0;
}

static int
parse_flags(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	static const char letters[] = "FSRPAUEC";	/* from bit 0 */

	if (p->t->kind == T_WORD && p->t->text[0] >= '0' && p->t->text[0] <= '9')
		return parse_number(p, test, v);
	if (p->t->kind != T_WORD || test->compare != CMP_EQ)
		return filter_expected(p, p->t, test->compare != CMP_EQ ? "a number from 0 to 255" : test->word->expects);
	for (const char *s = p->t->text; *s != '\0'; s++) {
		const char *letter = strchr(letters, *s & ~32);

		if ((*s | 32) == 'x')
			v->number |= 63;
		else if (letter != NULL && *letter != '\0')
			v->number |= 1u << (letter - letters);
		else
			return filter_expected(p, p->t, test->word->expects);
	}
	test->letters = !test->compared;
	p->t++;
	return 0;
}

static int
parse_addr(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	const char *what = test->list ? "an address or a network such as 192.0.2.0/24 (names are not looked up)" :
	    "an address (names are not looked up)";

	if (p->t->kind != T_WORD || strlen(p->t->text) >= ADDR_STRLEN + 4)
		return filter_expected(p, p->t, what);
	if (!test->list && strchr(p->t->text, '/') != NULL)
		return filter_expected(p, p->t, "an address; for a network use \"net\" or \"ip in [ … ]\"");
	if (prefix_parse(p->t->text, &v->prefix) == -1)
		return filter_expected(p, p->t, what);
	p->t++;
	return 0;
}

/* "255.255.240.0" as 20; -1 when the ones are not in front. */
static int
mask_bits(const char *s)
{
	struct addr a;
	uint32_t mask;
	int bits = 0;

	if (addr_parse(s, &a) == -1 || !addr_is_v4(&a))
		return -1;
	mask = addr_v4(&a);
	while (bits < 32 && (mask << bits & 0x80000000) != 0)
		bits++;
	return bits == 32 || mask << bits == 0 ? bits : -1;
}

static int
parse_net(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	const char *what = "a network such as 192.0.2.0/24 (names are not looked up)";
	int bits;

	(void)test;
	if (p->t->kind != T_WORD || strlen(p->t->text) >= ADDR_STRLEN + 4)
		return filter_expected(p, p->t, what);
	if (strchr(p->t->text, '/') != NULL) {
		if (prefix_parse(p->t->text, &v->prefix) == -1)
			return filter_expected(p, p->t, what);
		p->t++;
		return 0;
	}
	if (addr_parse(p->t->text, &v->prefix.addr) == -1)
		return filter_expected(p, p->t, what);
	if (!addr_is_v4(&v->prefix.addr))
		return filter_expected(p, p->t, "a network with its length, such as 2001:db8::/32");
	p->t++;
	if (p->t->kind != T_WORD || (bits = mask_bits(p->t->text)) == -1)
		return filter_expected(p, p->t, "a netmask such as 255.255.255.0");
	v->prefix.bits = 96 + bits;
	addr_mask(&v->prefix.addr, v->prefix.bits);
	p->t++;
	return 0;
}

static int
parse_mac(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	const char *s = p->t->text;
	int n;

	(void)test;
	for (n = 0; p->t->kind == T_WORD && n < 6; n++) {
		size_t digits = strspn(s, "0123456789abcdefABCDEF");

		if (digits == 0 || digits > 2 || s[digits] != (n < 5 ? ':' : '\0'))
			break;
		v->number = v->number << 8 | strtoul(s, NULL, 16);
		s += digits + 1;
	}
	if (n != 6)
		return filter_expected(p, p->t, "a MAC address such as 00:53:00:00:00:01");
	p->t++;
	return 0;
}

/* A fraction of a second is cut out of the text and returned as milliseconds; -1 for a bad one. */
static int
cut_fraction(char *text)
{
	char *dot = strchr(text, '.');
	size_t digits;
	int msec;

	if (dot == NULL)
		return 0;
	digits = strspn(dot + 1, "0123456789");
	if (digits == 0 || digits > 3)
		return -1;
	msec = strtol(dot + 1, NULL, 10);
	memmove(dot, dot + 1 + digits, strlen(dot + 1 + digits) + 1);
	for (; digits < 3; digits++)
		msec *= 10;
	return msec;
}

/* Time in the process's zone, or with a Z or +hh:mm. */
static int
parse_time(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	const char *what = "a time such as 2026-11-20T14:30:00.500";
	char text[40];
	struct err ignored = { 0 };
	int msec;
	int64_t sec;

	(void)test;
	if (p->t->kind != T_WORD || strlen(p->t->text) >= sizeof(text) || strspn(p->t->text, "0123456789") != 4)
		return filter_expected(p, p->t, what);
	snprintf(text, sizeof(text), "%s", p->t->text);
	if ((msec = cut_fraction(text)) == -1 || when_parse(text, 0, &sec, &ignored) == -1 || sec < 0)
		return filter_expected(p, p->t, what);
	v->number = (uint64_t)sec * 1000 + msec;
	p->t++;
	return 0;
}

static int
parse_text(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	if ((p->t->kind != T_WORD && p->t->kind != T_QUOTED) || p->t->text[0] == '\0')
		return filter_expected(p, p->t, test->word->expects != NULL ? test->word->expects : "a text");
	v->text = p->t->text;
	p->t++;
	return 0;
}

static int
parse_regex(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	const struct token *at = p->t;
	const char *why;

	if (parse_text(p, test, v) == -1)
		return -1;
	test->options = "";
	if (p->t->kind == T_WORD && strspn(p->t->text, "imsIMS") == strlen(p->t->text)) {
		test->options = p->t->text;
		p->t++;
	}
	if ((test->regex = regex_compile(v->text, test->options, p->arena, &why)) == NULL)
		return filter_error(p->text, at->offset, p->err, "expected a regular expression, %s", why);
	return 0;
}

static int
parse_country(struct parser *p, struct filter_test *test, struct filter_value *v)
{
	(void)test;
	if (!filter_is_country(p->t))
		return filter_expected(p, p->t, "a country's code of two letters such as DE");
	v->number = (uint64_t)toupper((unsigned char)p->t->text[0]) << 8 | (uint64_t)toupper((unsigned char)p->t->text[1]);
	p->t++;
	return 0;
}

int (*const filter_value[ARG_KINDS])(struct parser *, struct filter_test *, struct filter_value *) = {
	[ARG_NUMBER] = parse_number,
	[ARG_PROTO] = parse_proto,
	[ARG_NAME] = parse_name,
	[ARG_FLAGS] = parse_flags,
	[ARG_ADDR] = parse_addr,
	[ARG_NET] = parse_net,
	[ARG_MAC] = parse_mac,
	[ARG_TIME] = parse_time,
	[ARG_TEXT] = parse_text,
	[ARG_REGEX] = parse_regex,
	[ARG_COUNTRY] = parse_country,
};
