/*
 * /zone: the choice at the foot of each page, back to it in the zone that is chosen.
 */
#include "keep.h"
#include "route.h"
#include "zone.h"

int
page_zone(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *page = keep_url(rq, pairs_take(pairs, "of"));

	(void)model;
	if (page == NULL)
		return err_set(e, ERR_INPUT, "of: must be one of these pages, starting with /");
	if (pairs_done(pairs, e) != 0)
		return -1;
	rp->location = keep_href(rq, page, ZONE_PARAMETER, NULL);
	return 0;
}
