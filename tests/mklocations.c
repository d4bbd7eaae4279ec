/*
 * mklocations OUT < "network,country,AS,name" lines: a database of libloc.  Ends with 77 where there is no libloc.
 */
#include <stdlib.h>
#include <string.h>

#include "locwrite.h"

#define ROWS	100

int
main(int argc, char **argv)
{
	static char lines[ROWS][200];
	struct locrow rows[ROWS];
	size_t n = 0;

#ifndef HAVE_LIBLOC
	return 77;
#endif
	if (argc != 2)
		return 2;
	while (n < ROWS && fgets(lines[n], sizeof(lines[n]), stdin) != NULL) {
		char *s = lines[n];

		s[strcspn(s, "\n")] = '\0';
		rows[n].network = strsep(&s, ",");
		rows[n].country = s != NULL ? strsep(&s, ",") : "";
		rows[n].as = s != NULL ? (uint32_t)strtoul(strsep(&s, ","), NULL, 10) : 0;
		rows[n].name = s != NULL ? s : "";
		n++;
	}
	return locwrite(argv[1], rows, n) == 0 ? 0 : 1;
}
