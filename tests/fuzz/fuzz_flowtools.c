/* The reader of flow-tools' files over any bytes. */
#include "fuzz_reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_reader("flowtools", "\xcf\x10", 2, p, n);
	return 0;
}
