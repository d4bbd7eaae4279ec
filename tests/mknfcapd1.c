/* mknfcapd1 OUT none|lzo|bz2|lz4: writes a file of nfcapd layout 1 with all extensions. */
#include "nfencode.h"

int
main(int argc, char **argv)
{
	struct out o = { 0 };

	if (argc != 3)
		return 2;
	for (int p = PACK_NONE; p <= PACK_LZ4; p++)
		if (strcmp(argv[2], packing_names[p]) == 0)
			out_sample1(&o, MAPS1_NFDUMP, 2000, 10, p);
	out_file(&o, argv[1]);
	free(o.p);
	return o.n == 0;
}
