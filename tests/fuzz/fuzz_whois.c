/* Answers of whois servers: what is shown is UTF-8 without controls, a server is a name. */
#include <stdlib.h>
#include <string.h>

#include "base/whois.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf sb = { 0 };
	struct whois_server server;

	whois_text((const char *)data, size, &sb);
	for (const char *s = strbuf_text(&sb); *s != '\0'; s += utf8_length(s))
		if (utf8_length(s) == 0 || (*s >= 0 && *s < 0x20 && *s != '\n' && *s != '\t'))
			abort();
	if (whois_referral(strbuf_text(&sb), &server) && (server.port == 0 || strpbrk(server.host, "<>&\"' \n/") != NULL))
		abort();
	strbuf_free(&sb);
	return 0;
}
