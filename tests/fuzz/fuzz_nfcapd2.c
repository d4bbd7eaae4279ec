/* The reader of nfcapd's layout 2 over any bytes. */
#include "fuzz_reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_reader("nfcapd2", "\x0c\xa5\2\0", 4, p, n);
	return 0;
}
