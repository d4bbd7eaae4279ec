/* The reader of column files over any bytes. */
#include "fuzz_reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_reader("columns", "FLOW", 4, p, n);
	return 0;
}
