/*
 * The flows of a query as a collector file.
 */
#ifndef CLI_FLOWFILE_H
#define CLI_FLOWFILE_H

#include "engine.h"

/*
 * Writes the flows that the query lists to query->write, in layout 2 and packed
 * with LZ4, and says on stderr how many; the file is there when all are written.
 * Elements that nfwrite.h does not name are left out, and whose exporter it was
 * but for its address in the flow.
 */
int	flowfile_write(struct engine *, const struct query *, struct result *, struct err *);

#endif
