/*
 * mknfcapd1 OUT none|lzo|bz2|lz4 [FLOWS MAPS]: writes a file of nfcapd layout 1 with all extensions, or of so
 * many maps.
 */
#include "nfencode.h"

int
main(int argc, char **argv)
{
	unsigned flows = argc == 5 ? (unsigned)atoi(argv[3]) : 2000;
	unsigned maps = argc == 5 ? (unsigned)atoi(argv[4]) : MAPS1_NFDUMP;
	struct out o = { 0 };

	if ((argc != 3 && argc != 5) || flows == 0 || maps == 0 || maps > MAPS1_NFDUMP)
		return 2;
	for (int p = PACK_NONE; p <= PACK_LZ4; p++)
		if (strcmp(argv[2], packing_names[p]) == 0)
			out_sample1(&o, maps, flows, 10, p);
	out_file(&o, argv[1]);
	free(o.p);
	return o.n == 0;
}
