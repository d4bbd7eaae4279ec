/* The readers of flowd's stores over any bytes. */
#include "fuzz_reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_reader("flowd", "", 0, p, n);
	return 0;
}
