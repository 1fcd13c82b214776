/* SPDX-License-Identifier: MIT */
#include "scrutineer/chronicle.h"

#include <stdlib.h>
#include <string.h>

#include "core/list.h"

static void add(uint64_t *sum, uint64_t n)
{
	*sum = n > UINT64_MAX - *sum ? UINT64_MAX : *sum + n;
}

/* The count of this name; whether there is one. */
static bool count_of(const struct journal_line *line, const char *name, uint64_t *n)
{
	for (unsigned i = 0; i < line->counts; i++) {
		if (!strcmp(line->count[i].name, name)) {
			*n = line->count[i].n;
			return true;
		}
	}
	return false;
}

static int reason_of(const char *word)
{
	for (unsigned i = 0; i < REPLACE_REASONS; i++) {
		if (!strcmp(word, replace_reason_name((enum replace_reason)i)))
			return (int)i;
	}
	return -1;
}

static enum err take_stand(struct chronicle *c, const struct journal_line *line, struct why *why)
{
	c->stands++;
	for (unsigned i = 0; i < line->counts; i++) {
		int reason = reason_of(line->count[i].name);

		if (reason >= 0)
			add(&c->stood[reason], line->count[i].n);
		else if (!strcmp(line->count[i].name, "used"))
			add(&c->stood_used, line->count[i].n);
		else
			return why_check(why, "journal stand", "\"%s\" is no reason to replace",
			                 line->count[i].name);
	}
	return OK;
}

static enum err take_reissue(struct chronicle *c, const struct journal_line *line, struct why *why)
{
	int reason = reason_of(line->purpose);
	uint64_t n = 1;

	if (reason < 0)
		return why_check(why, "journal reissue",
		                 "its purpose is not one of the reasons to replace");
	(void)count_of(line, "lines", &n);
	add(&c->reissued[reason], n);
	return OK;
}

static uint64_t *bounce_sum(struct chronicle *c, const char *name)
{
	if (!strcmp(name, "hard"))
		return &c->hard;
	if (!strcmp(name, "full"))
		return &c->full;
	if (!strcmp(name, "policy"))
		return &c->policy;
	if (!strcmp(name, "soft"))
		return &c->soft;
	return !strcmp(name, "delayed") ? &c->delayed : &c->bounced_other;
}

static void take_bounce(struct chronicle *c, const struct journal_line *line)
{
	c->bounces++;
	for (unsigned i = 0; i < line->counts; i++)
		add(bounce_sum(c, line->count[i].name), line->count[i].n);
}

static enum err take_sums(struct chronicle *c, const struct journal_line *line, struct why *why)
{
	const char *event = line->event;

	if (!strcmp(event, "stand"))
		return take_stand(c, line, why);
	if (!strcmp(event, "reissue"))
		return take_reissue(c, line, why);
	if (!strcmp(event, "bounce"))
		take_bounce(c, line);
	c->rotations += !strcmp(event, "rotate");
	c->unlocks += !strcmp(event, "unlock");
	c->addresses += !strcmp(event, "address");
	c->forgotten = c->forgotten || !strcmp(event, "forget");
	if (!strcmp(event, "seal"))
		c->sealed = count_of(line, "members", &c->sealed_members);
	if (!strcmp(event, "issue"))
		c->issued = count_of(line, "issued", &c->issued_credentials);
	if (!strcmp(event, "attendance")) {
		c->attended = count_of(line, "voted", &c->voted);
		c->attended_after = !strcmp(line->purpose, "after the close");
	}
	return OK;
}

static bool adds_up(const char *event)
{
	return !strcmp(event, "reissue") || !strcmp(event, "address") || !strcmp(event, "bounce") ||
	       !strcmp(event, "unlock");
}

/* Is this line more of the last happening? Then it is added to it. */
static bool join(struct happening *last, const struct journal_line *line)
{
	if (!adds_up(line->event) || strcmp(last->line.event, line->event) != 0 ||
	    strcmp(last->line.purpose, line->purpose) != 0 || last->line.counts != line->counts)
		return false;
	for (unsigned i = 0; i < line->counts; i++) {
		if (strcmp(last->line.count[i].name, line->count[i].name) != 0)
			return false;
	}
	for (unsigned i = 0; i < line->counts; i++)
		add(&last->line.count[i].n, line->count[i].n);
	last->until = line->at;
	last->times++;
	return true;
}

enum err chronicle_take(struct chronicle *c, const struct journal_line *line, struct why *why)
{
	struct happening *list;
	enum err e = take_sums(c, line, why);

	if (e || (c->n && !c->more && join(&c->list[c->n - 1], line)))
		return e;
	if (c->n == CHRONICLE_MAX) {
		c->more++;
		return OK;
	}
	list = list_more(c->list, c->n, sizeof(*list));
	if (!list)
		return why_set(why, ERR_MEMORY, "no memory for the journal");
	c->list = list;
	c->list[c->n++] = (struct happening){ .line = *line, .until = line->at, .times = 1 };
	return OK;
}

void chronicle_release(struct chronicle *c)
{
	free(c->list);
	memset(c, 0, sizeof(*c));
}
