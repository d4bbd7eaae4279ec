/*
 * Where the bytes are: file systems and how full they are, the index and what it is
 * a part of, column files and their budget.
 */
#ifndef CGI_ROOM_H
#define CGI_ROOM_H

#include <jansson.h>

#include "site.h"

/* "room" of Status' model: {disks, stores}. */
void	room_model(json_t *, const struct site *, const struct source_status *, size_t n, struct arena *);

#endif
