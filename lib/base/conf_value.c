#include "base/conf_value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/interface.h"
#include "base/strbuf.h"
#include "base/when.h"
#include "base/whois.h"

#define IDENT_MOST	127	/* nfcapd 1.7 refuses longer ones */
#define TEXT_MOST	1000

const char *const source_types[] = { [SOURCE_NETFLOW] = "netflow", [SOURCE_SFLOW] = "sflow", NULL };
const char *const count_words[] = { [COUNT_BOTH] = "both", [COUNT_IN] = "in", [COUNT_OUT] = "out", NULL };
const char *const direction_words[] = { [DIRECTION_IN] = "in", [DIRECTION_OUT] = "out", NULL };
const char *const access_words[] = { [ACCESS_CLOSED] = "closed", [ACCESS_OPEN] = "open", NULL };
const char *const right_words[] = {
	[RIGHT_VIEW] = "view", [RIGHT_ANALYSE] = "analyse", [RIGHT_ADMIN] = "admin", NULL
};
static const char *const compressions[] = { "none", "lzo", "lz4", "bz2", NULL };

const char *
is_text(const char *s)
{
	return strlen(s) > TEXT_MOST ? "is too long" : NULL;
}

const char *
is_directory(const char *s)
{
	return *s != '/' ? "must be an absolute path, starting with /" : is_text(s);
}

const char *
is_program(const char *s)
{
	return *s != '/' || s[strlen(s) - 1] == '/' ? "must be the absolute path of a program" : NULL;
}

const char *
is_file(const char *s)
{
	return *s != '/' || s[strlen(s) - 1] == '/' ? "must be the absolute path of a file" : NULL;
}

const char *
is_colour(const char *s)
{
	return *s != '#' || strlen(s) != 7 || s[1 + strspn(s + 1, "0123456789abcdefABCDEF")] != '\0' ?
	    "must be a colour like \"#0072b2\"" : NULL;
}

const char *
is_ident(const char *s)
{
	return strlen(s) > IDENT_MOST || strpbrk(s, " ,") != NULL || *s == '-' ?
	    "must have at most 127 characters, no blank or comma, and not start with -" : NULL;
}

const char *
is_zone(const char *s)
{
	return when_zone_known(s) ? NULL : "is not a time zone of this system, like UTC or Europe/Berlin";
}

int
word_number(const char *s, const char *const *words)
{
	int i;

	for (i = 0; words[i] != NULL && strcmp(s, words[i]) != 0; i++)
		;
	return words[i] != NULL ? i : -1;
}

const char *
is_compress(const char *s)
{
	return word_number(s, compressions) != -1 ? NULL : "must be none, lzo, lz4 or bz2";
}

const char *
is_type(const char *s)
{
	return word_number(s, source_types) != -1 ? NULL : "must be netflow or sflow";
}

const char *
is_count(const char *s)
{
	return word_number(s, count_words) != -1 ? NULL : "must be in, out or both";
}

const char *
is_direction(const char *s)
{
	return word_number(s, direction_words) != -1 ? NULL : "must be in or out";
}

const char *
is_interface_names(const char *s)
{
	return interface_list(s) ? NULL : "must be numbers and names of interfaces, like \"1:uplink, 2:lan\"";
}

const char *
is_access(const char *s)
{
	return word_number(s, access_words) != -1 ? NULL : "must be closed or open";
}

const char *
is_right(const char *s)
{
	return word_number(s, right_words) != -1 ? NULL : "must be view, analyse or admin";
}

/* Does each part of a comma list pass? */
static bool
each_is(const char *list, bool (*passes)(const char *))
{
	char part[256];

	for (;; list++) {
		size_t n = strcspn(list, ",");

		if (n == 0 || n >= sizeof(part))
			return false;
		memcpy(part, list, n);
		part[n] = '\0';
		if (!passes(part))
			return false;
		list += n;
		if (*list == '\0')
			return true;
	}
}

static bool
is_no_blank(const char *s)
{
	return strchr(s, ' ') == NULL;
}

const char *
is_names(const char *s)
{
	return each_is(s, is_no_blank) ? NULL : "must be names with commas and no blanks between them";
}

static bool
is_network(const char *s)
{
	struct prefix p;

	return prefix_parse(s, &p) == 0;
}

const char *
is_networks(const char *s)
{
	return each_is(s, is_network) ? NULL : "must be networks, like \"10.0.0.0/8,2001:db8::/32\"";
}

bool
interfaces_parse(const char *s, struct interfaces *list)
{
	size_t n = 0;

	for (;; s++) {
		unsigned long long number = 0;
		size_t digits = strspn(s, "0123456789");

		if (digits == 0 || digits > 10 || (number = strtoull(s, NULL, 10)) == 0 ||
		    number > UINT32_MAX || n == INTERFACES_MOST)
			return false;
		if (list != NULL)
			list->number[n] = (uint32_t)number;
		n++;
		s += digits;
		if (*s == '\0' && list != NULL)
			list->n = n;
		if (*s != ',')
			return *s == '\0';
	}
}

const char *
is_interfaces(const char *s)
{
	return interfaces_parse(s, NULL) ? NULL : "must be numbers of interfaces, like \"2,5\"";
}

static bool
is_word(const char *s, const char *more, size_t most)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++)
		if ((!isascii((unsigned char)s[i]) || !isalnum((unsigned char)s[i])) && strchr(more, s[i]) == NULL)
			return false;
	return i > 0 && i <= most && *s != '-';
}

const char *
is_user(const char *s)
{
	return is_word(s, "_-.", 32) ? NULL : "must be the name of a user or group";
}

const char *
is_listen(const char *s)
{
	struct addr a;

	return addr_parse(s, &a) == 0 || is_word(s, "-.", 253) ? NULL :
	    "must be an address or a host name";
}

const char *
is_server(const char *s)
{
	struct whois_server server;

	return whois_server(s, &server) == 0 ? NULL : "must be an address or a host name, with :port if it is not the usual one";
}

const char *
is_source_name(const char *s)
{
	return is_word(s, "_-.", NAME_MOST) && *s != '.' ? NULL :
	    "a name has 1 to 64 of A-Z a-z 0-9 _ - . and does not start with - or .";
}

/* Control bytes are nowhere wanted: settings go into argv, logs and pages. */
const char *
is_printable(const char *s)
{
	for (; *s != '\0'; s += utf8_length(s)) {
		if (iscntrl((unsigned char)*s))
			return "holds a control character";
		if (utf8_length(s) == 0)
			return "is not UTF-8";
	}
	return NULL;
}

int
conf_columns(const char *text, int64_t *seconds, int64_t *bytes)
{
	static const struct { char letter; bool time; int64_t factor; } units[] = {
		{ 'h', true, 3600 }, { 'd', true, 86400 }, { 'w', true, 604800 },
		{ 'M', false, 1 << 20 }, { 'G', false, 1 << 30 }, { 'T', false, (int64_t)1 << 40 },
	};
	size_t digits = strspn(text, "0123456789");

	*seconds = *bytes = 0;
	if (strcmp(text, "off") == 0)
		return 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (digits > 0 && digits < 7 && text[digits] == units[i].letter && text[digits + 1] == '\0')
			*(units[i].time ? seconds : bytes) = atol(text) * units[i].factor;
	return *seconds != 0 || *bytes != 0 ? 0 : -1;
}

int
conf_age(const char *text, int64_t *seconds)
{
	static const struct { char letter; int64_t seconds; } units[] = {
		{ 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 }, { 'y', 366 * 86400 },
	};
	size_t digits = strspn(text, "0123456789");

	*seconds = strcmp(text, "all") == 0 ? INT64_MAX : 0;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (digits > 0 && digits < 7 && text[digits] == units[i].letter && text[digits + 1] == '\0')
			*seconds = atol(text) * units[i].seconds;
	return *seconds != 0 ? 0 : -1;
}

const char *
is_age(const char *s)
{
	int64_t seconds;

	return conf_age(s, &seconds) == 0 ? NULL : "must be a time like 90d (h, d, w, y), or all";
}

const char *
is_columns(const char *s)
{
	int64_t seconds, bytes;

	return conf_columns(s, &seconds, &bytes) == 0 ? NULL :
	    "must be a time like 14d (h, d, w), a size like 20G (M, G, T), or off";
}
