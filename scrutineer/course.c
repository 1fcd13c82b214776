/* SPDX-License-Identifier: MIT */
#include "scrutineer/course.h"

#include <stdlib.h>
#include <string.h>

#include "core/list.h"

#define EXTENSIONS_MAX 4096

/* Room for one more; the first failure stays. */
static void *more(struct course *c, void *list, size_t n, size_t most, size_t size)
{
	void *bigger = NULL;

	if (!c->e && n >= most)
		c->e = ERR_TOO_LARGE;
	if (!c->e) {
		bigger = list_more(list, n, size);
		c->e = bigger ? OK : ERR_MEMORY;
	}
	return bigger;
}

static void take_ballot(struct course *c, uint64_t time)
{
	uint64_t at = time - time % 60;
	struct course_minute *list;

	if (!c->minutes || c->minute[c->minutes - 1].at != at) {
		list = more(c, c->minute, c->minutes, COURSE_MINUTES_MAX, sizeof(*list));
		if (!list)
			return;
		c->minute = list;
		list[c->minutes++] = (struct course_minute){ .at = at };
	}
	c->minute[c->minutes - 1].ballots++;
}

static void take_extension(struct course *c, uint64_t at, uint64_t closes)
{
	struct course_extension *list =
		more(c, c->extension, c->extensions, EXTENSIONS_MAX, sizeof(*list));

	if (!list)
		return;
	c->extension = list;
	list[c->extensions++] = (struct course_extension){ at, closes };
}

void course_take(struct course *c, const struct audit *a, const struct line *line)
{
	switch (line->type) {
	case LINE_TIME:
		c->opened = c->opened ? c->opened : line->u.time;
		c->ended = line->u.time;
		break;
	case LINE_BALLOT:
		take_ballot(c, a->rules.time);
		break;
	case LINE_EXTENDED:
		take_extension(c, a->rules.time, line->u.closes);
		break;
	case LINE_REPLACED:
		c->revoked += line->u.replaced.revoked;
		c->renewed += !line->u.replaced.revoked;
		break;
	case LINE_ISSUED:
	case LINE_ACCEPTED:
	case LINE_CLOSED:
		break;
	}
}

void course_spans(const struct course *c, uint64_t from, uint64_t unit, uint64_t *out, size_t n)
{
	memset(out, 0, n * sizeof(*out));
	for (size_t i = 0; i < c->minutes; i++) {
		uint64_t at = c->minute[i].at < from ? 0 : (c->minute[i].at - from) / unit;

		out[at < n ? at : n - 1] += c->minute[i].ballots;
	}
}

void course_release(struct course *c)
{
	free(c->minute);
	free(c->extension);
	memset(c, 0, sizeof(*c));
}
