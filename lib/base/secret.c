#include "base/secret.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int
secret_new(char secret[SECRET_LEN + 1])
{
	unsigned char bytes[SECRET_LEN / 2];

	if (getentropy(bytes, sizeof(bytes)) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(secret + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

bool
secret_valid(const char *text, size_t n)
{
	return n == SECRET_LEN && strspn(text, "0123456789abcdef") >= n;
}

bool
secret_equal(const char *a, const char *b)
{
	unsigned differs = 0;

	for (size_t i = 0; i < SECRET_LEN; i++)
		differs |= (unsigned)(a[i] ^ b[i]);
	return differs == 0;
}
