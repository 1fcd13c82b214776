/* SPDX-License-Identifier: MIT */
#include "mailer/alarm.h"

#include <string.h>

#include "core/text.h"

#define NAMED    5  /* parts */
#define TEXT_CUT 60 /* bytes of a part's name */

bool alarm_at(const struct alarm *a, const struct reached *r)
{
	return reached_tried(r) >= a->from && reached_under(r, a->percent);
}

struct low {
	const char *what; /* "", "group " */
	const struct breakdown_row *row;
};
struct lows {
	struct low worst[NAMED];
	unsigned named;
	uint64_t under;
};

/* Has less of it arrived? Where that is the same, the larger part is worse. */
static bool worse(const struct breakdown_row *a, const struct breakdown_row *b)
{
	const uint64_t m = reached_tried(&a->reached), n = reached_tried(&b->reached);
	const uint64_t x = a->reached.n[REACH_DELIVERED] * n, y = b->reached.n[REACH_DELIVERED] * m;

	return x < y || (x == y && m > n);
}

static void add_low(struct lows *p, struct low low)
{
	unsigned at = p->named;

	p->under++;
	while (at && worse(low.row, p->worst[at - 1].row))
		at--;
	if (at == NAMED)
		return;
	p->named += p->named < NAMED;
	memmove(&p->worst[at + 1], &p->worst[at], (p->named - at - 1) * sizeof(low));
	p->worst[at] = low;
}

static void look(struct lows *p, const struct alarm *a, const char *what, const struct breakdown *b)
{
	for (uint32_t i = 0; i < b->rows; i++)
		if (alarm_at(a, &b->row[i].reached))
			add_low(p, (struct low){ what, &b->row[i] });
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

static void add_lows(struct buf *out, const struct lows *p)
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
	struct lows lows = { .under = 0 };
	char rate[RATE_TEXT];
	bool alarm;

	if (!survey_begun(s)) {
		buf_adds(out, "VOTEPOST OK - no letter was sent yet");
		return false;
	}
	look(&lows, a, "", &s->domain);
	look(&lows, a, "group ", &s->group);
	alarm = reached_under(&s->all, a->percent) || lows.under;
	reached_rate(rate, &s->all);
	buf_addf(out, "VOTEPOST %s - %s %% of %llu letters delivered", alarm ? "CRITICAL" : "OK",
	         rate, (unsigned long long)reached_tried(&s->all));
	if (a->percent)
		buf_addf(out, ", threshold %u %%", a->percent);
	add_lows(out, &lows);
	return alarm;
}
