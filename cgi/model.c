#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model.h"
#include "query/text.h"

/* jansson refuses text that is not UTF-8: bytes that are not become "?". */
static json_t *
clean_text(const char *text)
{
	json_t *value = json_string(text);
	struct strbuf sb = { 0 };

	if (value != NULL)
		return value;
	for (; *text != '\0'; text++)
		strbuf_addc(&sb, (unsigned char)*text < 0x80 ? *text : '?');
	value = json_string(strbuf_text(&sb));
	strbuf_free(&sb);
	return value;
}

void
model_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, text != NULL ? clean_text(text) : json_null());
}

void
model_textf(json_t *o, const char *key, const char *fmt, ...)
{
	struct strbuf sb = { 0 };
	va_list ap;
	char *room;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	room = strbuf_room(&sb, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(room, (size_t)n + 1, fmt, ap);
	va_end(ap);
	model_text(o, key, room);
	strbuf_free(&sb);
}

void
model_number(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer(n));
}

void
model_flag(json_t *o, const char *key, bool yes)
{
	json_object_set_new(o, key, json_boolean(yes));
}

json_t *
model_object(json_t *o, const char *key)
{
	json_t *child = json_object();

	json_object_set_new(o, key, child);
	return child;
}

json_t *
model_list(json_t *o, const char *key)
{
	json_t *list = json_array();

	json_object_set_new(o, key, list);
	return list;
}

json_t *
model_item(json_t *list)
{
	json_t *item = json_object();

	json_array_append_new(list, item);
	return item;
}

/* "1 234 567" with narrow spaces that do not break. */
static void
add_grouped(struct strbuf *sb, uint64_t n)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			strbuf_adds(sb, "\xe2\x80\xaf");
		strbuf_addc(sb, digits[i]);
	}
}

void
model_scaled(json_t *o, const char *key, uint64_t n)
{
	json_t *cell = model_object(o, key);
	struct strbuf sb = { 0 };

	text_scaled(&sb, n, 0);
	model_number(cell, "value", (int64_t)n);
	model_text(cell, "text", strbuf_text(&sb));
	strbuf_reset(&sb);
	add_grouped(&sb, n);
	model_text(cell, "exact", strbuf_text(&sb));
	strbuf_free(&sb);
}

void
rate_text(double x, struct strbuf *sb)
{
	static const char *const units[] = { "", " k", " M", " G", " T", " P" };
	unsigned u = 0;

	if (!isfinite(x)) {
		strbuf_adds(sb, "–");
		return;
	}
	while (fabs(x) >= 999.5 && u < 5) {
		x /= 1000;
		u++;
	}
	strbuf_addf(sb, "%.*f%s", fabs(x) < 9.995 ? 2 : fabs(x) < 99.95 ? 1 : 0, x, units[u]);
}

void
model_rate(json_t *o, const char *key, double value)
{
	json_t *cell = model_object(o, key);
	bool known = isfinite(value);
	struct strbuf text = { 0 };

	rate_text(value, &text);
	json_object_set_new(cell, "value", known ? json_real(round(value * 1000) / 1000) : json_null());
	model_text(cell, "text", strbuf_text(&text));
	if (known)
		model_textf(cell, "exact", "%.3f", value);
	else
		model_text(cell, "exact", "no data");
	strbuf_free(&text);
}

const char *
span_text(int64_t s, struct arena *a)
{
	static const struct { int64_t seconds; const char *name; } units[] = {
		{ 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	size_t u = 0;
	int64_t rest;

	if (s < 0)
		s = 0;
	while (u < 3 && s < units[u].seconds)
		u++;
	rest = u < 3 ? s % units[u].seconds / units[u + 1].seconds : 0;
	if (rest == 0)
		return arena_printf(a, "%lld %s", (long long)(s / units[u].seconds), units[u].name);
	return arena_printf(a, "%lld %s %lld %s", (long long)(s / units[u].seconds),
	    units[u].name, (long long)rest, units[u + 1].name);
}

void
model_moment(json_t *o, const char *key, int64_t sec)
{
	char text[WHEN_STRLEN];

	if (sec % 60 == 0)
		model_text(o, key, when_text(sec, text));
	else
		model_textf(o, key, "%.19s %s", when_msec(sec * 1000, text), when_zone_name());
}

int
text_write(void *ctx, const char *s, size_t n)
{
	strbuf_add(ctx, s, n);
	return 0;
}

void
model_option(json_t *list, const char *value, const char *title, bool chosen)
{
	json_t *item = model_item(list);

	model_text(item, "value", value);
	model_text(item, "title", title);
	model_flag(item, "chosen", chosen);
}

void
model_choice(json_t *list, const char *name, const char *title, const char *href, bool here)
{
	json_t *item = model_item(list);

	model_text(item, "name", name);
	model_text(item, "title", title);
	model_text(item, "href", href);
	model_flag(item, "here", here);
}
