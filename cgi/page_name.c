#include "model.h"
#include "resolve.h"
#include "route.h"

/* /name.json?ip=…: what DNS calls an address; only where the configuration has pages ask. */
int
page_name(const struct request *rq, struct pairs *pairs, json_t *model, struct reply *rp, struct err *e)
{
	const char *ip = pairs_take(pairs, "ip");
	char name[HOST_NAME];
	struct addr addr;
	int rc;

	if (pairs_done(pairs, e) != 0)
		return -1;
	if (!rq->site->conf->host_names)
		return err_set(e, ERR_ABSENT, "names are not looked up: the configuration has no host_names = true");
	if (ip == NULL || addr_parse(ip, &addr) != 0)
		return err_set(e, ERR_INPUT, "ip: expected an address, not \"%.60s\"", ip != NULL ? ip : "");
	if ((rc = resolve_name(rq->site->conf, &addr, name, e)) == -1)
		return -1;
	rp->cache_control = "private, max-age=600";
	model_text(model, "ip", ip);
	model_text(model, "name", rc == 1 ? name : NULL);
	return 0;
}
