#include <sys/mman.h>
#include <sys/stat.h>

#include <stdatomic.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "flow/country.h"
#include "flow/owner.h"
#include "query/filter.h"
#include "site.h"
#include "static.h"

#define CACHE_BYTES	(32 << 20)	/* each */
#define SECONDS_LEAST	0.002	/* of a query that says anything of speed */

/* In memory that all workers share: the master opens the site before it forks. */
struct speed { _Atomic uint64_t flows; };

static struct speed *
speed_new(void)
{
	void *p = mmap(NULL, sizeof(struct speed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

void
site_measured(struct site *site, uint64_t flows, double seconds)
{
	uint64_t now, before;

	if (site->speed == NULL || seconds < SECONDS_LEAST || flows == 0)
		return;
	now = (uint64_t)((double)flows / seconds) + 1;
	before = atomic_load(&site->speed->flows);
	/* A mean that forgets; when two add at once, one of them may be lost. */
	atomic_store(&site->speed->flows, before == 0 ? now : (before * 3 + now) / 4);
}

double
site_speed(const struct site *site)
{
	return site->speed != NULL ? (double)atomic_load(&site->speed->flows) : 0;
}

int
site_open(struct site *site, const char *conf_path, struct err *e)
{
	char dir[1024];

	memset(site, 0, sizeof(*site));
	if ((site->conf = conf_read(conf_path, e)) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s/templates", site->conf->share);
	if (when_zone(site->conf->zone, e) == 0 &&
	    (site->templates = templates_load(dir, e)) != NULL &&
	    (site->owners = owners_open(site->conf->networks, site->conf->locations, e)) != NULL) {
		snprintf(dir, sizeof(dir), "%s/static", site->conf->share);
		site->files = static_load(dir);
		site->cache = cache_new(CACHE_BYTES);
		site->answers = cache_new(CACHE_BYTES);
		site->speed = speed_new();
		countries_ask(site->owners);
		return 0;
	}
	site_close(site);
	return -1;
}

void
site_close(struct site *site)
{
	engine_close(site->engine);
	state_close(site->state);
	cache_free(site->cache);
	cache_free(site->answers);
	countries_ask(NULL);
	owners_close(site->owners);
	if (site->speed != NULL)
		munmap(site->speed, sizeof(*site->speed));
	static_free(site->files);
	templates_free(site->templates);
	conf_free(site->conf);
	memset(site, 0, sizeof(*site));
}

/* Of index.db; all zero while there is none. */
static struct stamp
index_stamp_now(const struct conf *conf)
{
	char path[1024];
	struct stat st;
	struct stamp stamp = { 0 };

	snprintf(path, sizeof(path), "%s/index.db", conf->state);
	if (stat(path, &st) == 0) {
		stamp.dev = st.st_dev;
		stamp.ino = st.st_ino;
	}
	return stamp;
}

struct engine *
site_engine(struct site *site, struct err *e)
{
	struct stamp now = index_stamp_now(site->conf);

	if (site->engine == NULL || now.dev != site->index.dev || now.ino != site->index.ino) {
		site->effort = site_effort(site);
		engine_close(site->engine);
		site->index = now;
		site->engine = NULL;
		if ((site->engine = engine_open(site->conf, e)) == NULL)
			return NULL;
	}
	return engine_restrict(site->engine, site->role, e) == 0 ? site->engine : NULL;
}

struct effort
site_effort(const struct site *site)
{
	struct effort sum = site->effort, now = { 0, 0 };

	if (site->engine != NULL)
		now = engine_effort(site->engine);
	sum.queries += now.queries;
	sum.flows += now.flows;
	return sum;
}

struct state *
site_state(struct site *site, struct err *e)
{
	if (site->state == NULL)
		site->state = state_open(site->conf->web_state, e);
	return site->state;
}

struct state *
site_state_there(struct site *site)
{
	char path[1024];
	struct err e;

	snprintf(path, sizeof(path), "%s/state.db", site->conf->web_state);
	return site->state != NULL || access(path, F_OK) == 0 ? site_state(site, &e) : NULL;
}
