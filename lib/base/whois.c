#include "base/whois.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
port_parse(const char *text, uint16_t *port)
{
	size_t digits = strspn(text, "0123456789");
	long n = digits > 0 && digits <= 5 && text[digits] == '\0' ? strtol(text, NULL, 10) : 0;

	*port = (uint16_t)n;
	return n > 0 && n <= UINT16_MAX ? 0 : -1;
}

/* Names of hosts, and addresses. */
static bool
is_host(const char *s)
{
	struct addr a;

	if (addr_parse(s, &a) == 0)
		return true;
	return isalnum((unsigned char)*s) && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-")] == '\0';
}

int
whois_server(const char *text, struct whois_server *to)
{
	size_t n = strlen(text);
	const char *port = NULL;

	if (*text == '[') {
		text++;
		n = strcspn(text, "]");
		if (text[n] != ']' || (text[n + 1] != '\0' && text[n + 1] != ':'))
			return -1;
		port = text[n + 1] == ':' ? text + n + 2 : NULL;
	} else if (strchr(text, ':') != NULL && strchr(text, ':') == strrchr(text, ':')) {
		n = strcspn(text, ":");
		port = text + n + 1;
	}
	if (n == 0 || n >= WHOIS_HOST)
		return -1;
	for (size_t i = 0; i < n; i++)
		to->host[i] = (char)tolower((unsigned char)text[i]);
	to->host[n] = '\0';
	to->port = WHOIS_PORT;
	return is_host(to->host) && (port == NULL || port_parse(port, &to->port) == 0) ? 0 : -1;
}

/* IANA's and others' words, ARIN's and RWhois'. */
static const char *const referrals[] = { "refer:", "whois:", "ReferralServer:", "ResourceLink: whois", "Registrar WHOIS Server:" };

static const char *
after_word(const char *line)
{
	for (size_t i = 0; i < sizeof(referrals) / sizeof(referrals[0]); i++)
		if (strncasecmp(line, referrals[i], strlen(referrals[i])) == 0)
			return line + strlen(referrals[i]);
	return NULL;
}

bool
whois_referral(const char *text, struct whois_server *to)
{
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *s = after_word(line + strspn(line, " \t"));
		char name[WHOIS_HOST + 10];
		size_t n;

		if (s == NULL)
			continue;
		s += strspn(s, " \t");
		if (strncasecmp(s, "whois://", strlen("whois://")) == 0)
			s += strlen("whois://");
		n = strcspn(s, " \t\r\n/");
		if (n == 0 || n >= sizeof(name))
			continue;
		memcpy(name, s, n);
		name[n] = '\0';
		if (whois_server(name, to) == 0)
			return true;
	}
	return false;
}

/* C1 controls hide in two bytes of UTF-8. */
static bool
is_control(const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s, d = n == 2 ? (unsigned char)s[1] : 0;

	return n == 1 ? (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f : n == 2 && c == 0xc2 && d < 0xa0;
}

void
whois_text(const char *bytes, size_t n, struct strbuf *sb)
{
	char place[5] = "";

	for (size_t i = 0; i < n; ) {
		size_t len;

		/* The character's bytes and an end, as the answer has none. */
		memset(place, 0, sizeof(place));
		memcpy(place, bytes + i, n - i < 4 ? n - i : 4);
		len = utf8_length(place);
		if (len > 0 && !is_control(place, len))
			strbuf_add(sb, place, len);
		else if (len == 0 && (unsigned char)place[0] >= 0xa0)
			strbuf_addf(sb, "%c%c", 0xc0 | (unsigned char)place[0] >> 6, 0x80 | (place[0] & 0x3f));
		i += len > 0 ? len : 1;
	}
}

bool
whois_is_inside(const struct addr *a)
{
	static const char *const inside[] = { "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
	    "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3", "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8" };
	struct prefix p;

	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		if (prefix_parse(inside[i], &p) == 0 && prefix_has(&p, a))
			return true;
	return false;
}
