/* The reader of nfcapd's layout 1 over any bytes. */
#include "fuzz_reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_reader("nfcapd1", "\x0c\xa5\1\0", 4, p, n);
	return 0;
}
