#include "base/strbuf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define CAP_FIRST	64

char *
strbuf_room(struct strbuf *sb, size_t n)
{
	size_t need = sb->len + n + 1;

	if (need <= sb->len)		/* wrapped: let the allocator refuse it */
		need = SIZE_MAX;
	if (need > sb->cap) {
		size_t cap = sb->cap != 0 ? sb->cap : CAP_FIRST;

		while (cap < need)
			cap = cap > SIZE_MAX / 2 ? need : cap * 2;
		sb->s = xrealloc(sb->s, cap, 1);
		sb->cap = cap;
	}
	return sb->s + sb->len;
}

void
strbuf_add(struct strbuf *sb, const void *p, size_t n)
{
	char *room = strbuf_room(sb, n);

	if (n != 0)
		memcpy(room, p, n);
	sb->len += n;
	sb->s[sb->len] = '\0';
}

void
strbuf_adds(struct strbuf *sb, const char *s)
{
	strbuf_add(sb, s, strlen(s));
}

void
strbuf_addc(struct strbuf *sb, char c)
{
	strbuf_add(sb, &c, 1);
}

void
strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;
	char *room;
	int n;

	room = strbuf_room(sb, CAP_FIRST);
	va_start(ap, fmt);
	n = vsnprintf(room, CAP_FIRST, fmt, ap);
	va_end(ap);
	if (n >= CAP_FIRST) {
		room = strbuf_room(sb, (size_t)n);
		va_start(ap, fmt);
		vsnprintf(room, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	if (n > 0)
		sb->len += (size_t)n;
	sb->s[sb->len] = '\0';
}

void
strbuf_addu(struct strbuf *sb, uint64_t u)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	strbuf_add(sb, p, (size_t)(digits + sizeof(digits) - p));
}

const char *
strbuf_text(const struct strbuf *sb)
{
	if (sb->s == NULL)
		return "";
	/* What was written into strbuf_room() has no end yet; it leaves a byte for it. */
	sb->s[sb->len] = '\0';
	return sb->s;
}

void
strbuf_reset(struct strbuf *sb)
{
	sb->len = 0;
	if (sb->s != NULL)
		sb->s[0] = '\0';
}

void
strbuf_free(struct strbuf *sb)
{
	free(sb->s);
	*sb = (struct strbuf){ 0 };
}

void
strbuf_add_html(struct strbuf *sb, const char *s)
{
	static const char *const entities[128] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;",
		['"'] = "&quot;", ['\''] = "&#39;", ['`'] = "&#96;",
	};

	for (;;) {
		size_t plain = strcspn(s, "&<>\"'`");

		strbuf_add(sb, s, plain);
		s += plain;
		if (*s == '\0')
			return;
		strbuf_adds(sb, entities[(unsigned char)*s++]);
	}
}

static bool
is_word(unsigned char c, const char *more)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr(more, c) != NULL);
}

void
strbuf_add_url(struct strbuf *sb, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (is_word(c, "-_.~:/,"))
			strbuf_addc(sb, *s);
		else if (c == ' ')
			strbuf_addc(sb, '+');
		else
			strbuf_addf(sb, "%%%02X", c);
	}
}

/* "~" and "=" stay bare only inside a word: at its start some shells expand them. */
static bool
is_bare(const char *s)
{
	if (*s == '\0' || *s == '~' || *s == '=')
		return false;
	for (; *s != '\0'; s++)
		if (!is_word((unsigned char)*s, "-_.:/,@%+=~"))
			return false;
	return true;
}

void
strbuf_add_shell(struct strbuf *sb, const char *s)
{
	if (is_bare(s)) {
		strbuf_adds(sb, s);
		return;
	}
	strbuf_addc(sb, '\'');
	for (; *s != '\0'; s++)
		if (*s == '\'')
			strbuf_adds(sb, "'\\''");
		else
			strbuf_addc(sb, *s);
	strbuf_addc(sb, '\'');
}

void
strbuf_add_csv(struct strbuf *sb, const char *s)
{
	bool quoted = strpbrk(s, ",\"\r\n") != NULL;

	if (quoted)
		strbuf_addc(sb, '"');
	if (*s != '\0' && strchr("=+-@\t\r", *s) != NULL)
		strbuf_addc(sb, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			strbuf_addc(sb, '"');
		strbuf_addc(sb, *s);
	}
	if (quoted)
		strbuf_addc(sb, '"');
}

size_t
utf8_length(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n, i;

	if (s[0] < 0x80)
		return s[0] != '\0';
	n = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : s[0] >= 0xe0 && s[0] <= 0xef ? 3 :
	    s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Too long a form, a surrogate, or beyond U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

void
strbuf_add_printable(struct strbuf *sb, const char *s)
{
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		/* U+0080 to U+009f are control characters too: 0xc2 and then 0x80 to 0x9f. */
		if (c < 0x20 || c == 0x7f || (utf8_length(s) == 0) ||
		    (c == 0xc2 && (unsigned char)s[1] < 0xa0)) {
			strbuf_addf(sb, "\\x%02x", c);
			continue;
		}
		strbuf_add(sb, s, utf8_length(s));
		s += utf8_length(s) - 1;
	}
}

void
strbuf_add_utf8(struct strbuf *sb, const char *s)
{
	while (*s != '\0') {
		size_t n = utf8_length(s);

		if (n != 0)
			strbuf_add(sb, s, n);
		else
			strbuf_adds(sb, "\xef\xbf\xbd");
		s += n != 0 ? n : 1;
	}
}

static void
add_json_ascii(struct strbuf *sb, char c)
{
	static const char shorts[128] = {
		['"'] = '"', ['\\'] = '\\', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
		['\b'] = 'b', ['\f'] = 'f',
	};
	unsigned char u = (unsigned char)c;

	if (shorts[u] != '\0') {
		strbuf_addc(sb, '\\');
		strbuf_addc(sb, shorts[u]);
	} else if (u < 0x20 || u == 0x7f || c == '<')
		strbuf_addf(sb, "\\u%04x", u);
	else
		strbuf_addc(sb, c);
}

void
strbuf_add_json(struct strbuf *sb, const char *s)
{
	while (*s != '\0') {
		size_t n = utf8_length(s);

		if (n == 1)
			add_json_ascii(sb, *s);
		else if (n != 0)
			strbuf_add(sb, s, n);
		else
			strbuf_adds(sb, "\\ufffd");
		s += n != 0 ? n : 1;
	}
}
