/* SPDX-License-Identifier: MIT */
#include "mailer/alarm.h"

#include <string.h>

#include "core/text.h"

#define NAMED    5  /* parts */
#define TEXT_CUT 60 /* bytes of a part's name */

struct part {
	const char *what; /* "", "group ", "language " */
	const struct breakdown_row *row;
	uint64_t missing;
};
struct parts {
	struct part worst[NAMED];
	unsigned named;
	uint64_t under;
};

static void add_part(struct parts *p, struct part part)
{
	unsigned at = p->named;

	p->under++;
	while (at && p->worst[at - 1].missing < part.missing)
		at--;
	if (at == NAMED)
		return;
	p->named += p->named < NAMED;
	memmove(&p->worst[at + 1], &p->worst[at], (p->named - at - 1) * sizeof(part));
	p->worst[at] = part;
}

static void look(struct parts *p, const struct alarm *a, const char *what,
                 const struct breakdown *b)
{
	for (uint32_t i = 0; i < b->rows; i++) {
		const struct reached *r = &b->row[i].reached;
		const uint64_t tried = reached_tried(r);

		if (tried >= a->from && reached_under(r, a->percent))
			add_part(p,
			         (struct part){ what, &b->row[i], tried - r->n[REACH_DELIVERED] });
	}
}

/* A monitor takes what is behind a '|' for figures. */
static void add_name(struct buf *out, const char *text)
{
	size_t at = 0, len = strlen(text);
	uint32_t c;

	while (at < len && at < TEXT_CUT) {
		const size_t step = utf8_next(&c, text + at, len - at);

		if (c == '|')
			buf_addc(out, '/');
		else
			buf_add(out, text + at, step ? step : 1);
		at += step ? step : 1;
	}
	buf_adds(out, !len ? "(none)" : at < len ? "…" : "");
}

static void add_parts(struct buf *out, const struct parts *p)
{
	for (unsigned i = 0; i < p->named; i++) {
		const struct reached *r = &p->worst[i].row->reached;

		buf_adds(out, i ? "; " : ": ");
		buf_adds(out, p->worst[i].what);
		add_name(out, p->worst[i].row->text);
		buf_addf(out, " %u of %llu", r->n[REACH_DELIVERED],
		         (unsigned long long)reached_tried(r));
	}
	if (p->under > p->named)
		buf_addf(out, "; %llu more", (unsigned long long)(p->under - p->named));
}

bool alarm_line(struct buf *out, const struct alarm *a, const struct survey *s)
{
	struct parts parts = { .under = 0 };
	char rate[RATE_TEXT];
	bool alarm;

	if (!reached_tried(&s->all)) {
		buf_adds(out, "VOTEPOST OK - no letter was sent yet");
		return false;
	}
	look(&parts, a, "", &s->domain);
	look(&parts, a, "group ", &s->group);
	look(&parts, a, "language ", &s->language_of);
	alarm = reached_under(&s->all, a->percent) || parts.under;
	reached_rate(rate, &s->all);
	buf_addf(out, "VOTEPOST %s - %s %% of %llu letters delivered", alarm ? "CRITICAL" : "OK",
	         rate, (unsigned long long)reached_tried(&s->all));
	if (a->percent)
		buf_addf(out, ", threshold %u %%", a->percent);
	add_parts(out, &parts);
	return alarm;
}
