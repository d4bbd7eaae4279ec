#include "commands.h"

#include "model.h"

/* Where there are files of flow-tools: its programs instead of nfdump. */
static void
flowtools_model(const struct query *asked, const struct result *r, json_t *commands)
{
	struct strbuf line = { 0 }, filter = { 0 };
	const char *why = NULL;

	if (!command_has_flowtools(r->slots, r->nslots))
		return;
	if (command_flowtools(asked, r->slots, r->nslots, &line, &filter, &why) == 0)
		model_text(commands, "flowtools", strbuf_text(&line));
	else
		model_text(commands, "flowtools", NULL);
	model_text(commands, "why_no_flowtools", why);
	strbuf_free(&line);
	strbuf_free(&filter);
}

void
commands_model(const struct request *rq, const struct query *q, const struct result *r, json_t *model)
{
	json_t *commands = model_object(model, "commands");
	const struct query *asked = engine_asked(rq->site->engine, q, rq->arena);
	struct strbuf sb = { 0 };
	const char *why = NULL;
	bool can;

	/* A shell would show whole addresses. */
	if (rq->role->mask) {
		model_text(commands, "masked", rq->role->name);
		return;
	}
	command_flowlight(asked, rq->site->conf->path, &sb);
	model_text(commands, "flowlight", strbuf_text(&sb));
	strbuf_reset(&sb);
	/* With a line, the words are on what it needs. */
	can = command_nfdump(asked, r->slots, r->nslots, &sb, &why) == 0;
	model_text(commands, "nfdump", can ? strbuf_text(&sb) : NULL);
	model_text(commands, "nfdump_note", can ? why : NULL);
	model_text(commands, "why_not", can ? NULL : why);
	flowtools_model(asked, r, commands);
	strbuf_free(&sb);
}
