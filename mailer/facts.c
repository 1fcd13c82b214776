/* SPDX-License-Identifier: MIT */
#include "mailer/facts.h"

#include <string.h>

#include "core/asked.h"
#include "core/buf.h"

#define VALUES_MAX 48
#define TEXT_CAP   4096

struct making {
	struct values *v;
	const struct manifest *m;
	unsigned language;
	uint64_t closes;
};

static const char *when(struct making *k, const struct calendar *c, uint64_t seconds,
                        const char *zone, struct why *why)
{
	struct buf b = BUF_INIT(TEXT_CAP);
	const char *text;
	enum err e = calendar_write(&b, c, seconds, zone, why);

	if (e)
		k->v->e = e;
	text = values_text(k->v, buf_text(&b));
	buf_free(&b);
	return text;
}

static void add_times(struct making *k, struct value_list *l, const struct conf *conf,
                      const struct calendar *c, struct why *why)
{
	bool utc = !strcmp(conf->timezone, "UTC") || !strcmp(conf->timezone, "Etc/UTC");

	values_add_text(l, "opens_utc", when(k, c, k->m->opens, NULL, why));
	values_add_text(l, "closes_utc", when(k, c, k->closes, NULL, why));
	values_add_text(l, "opens_local", when(k, c, k->m->opens, conf->timezone, why));
	values_add_text(l, "closes_local", when(k, c, k->closes, conf->timezone, why));
	values_add_text(l, "timezone", conf->timezone);
	values_add_when(l, "local_time", !utc);
	values_add_when(l, "utc_only", utc);
	values_add_when(l, "extended", k->closes > k->m->closes);
}

static void add_ways(struct making *k, struct value_list *l)
{
	const struct manifest *m = k->m;
	const struct question *q = &m->question[0];
	bool reply = m->channel[CHANNEL_REPLY];
	bool buttons = reply && m->questions == 1 && q->kind == QUESTION_CHOICE && q->min <= 1;

	values_add_when(l, "link_channel", m->channel[CHANNEL_LINK]);
	values_add_when(l, "sealed_channel", m->channel[CHANNEL_SEALED_REPLY]);
	values_add_when(l, "no_link_channel", !m->channel[CHANNEL_LINK]);
	values_add_when(l, "reply_channel", reply);
	values_add_text(l, "page", m->link);
	values_add_text(l, "waiver", reply ? m->waiver.in[k->language] : "");
	values_add_when(l, "second_factor", m->second_factor);
	/* A button casts a whole ballot only where one letter is one. */
	values_add_when(l, "buttons", buttons);
	values_add_when(l, "prepared", reply && !buttons);
}

enum err facts_make(struct facts *f, const struct manifest *m, unsigned language, uint64_t closes,
                    const struct conf *conf, const struct calendar *calendar, struct why *why)
{
	struct making k = { .v = &f->kept, .m = m, .language = language, .closes = closes };
	struct value_list l;
	enum err e;

	memset(f, 0, sizeof(*f));
	l = values_list(&f->kept, VALUES_MAX);
	values_add_text(&l, "title", m->title.in[language]);
	values_add_text(&l, "organiser", m->organiser);
	values_add_text(&l, "fingerprint", m->fingerprint);
	values_add_text(&l, "contact", conf->contact);
	values_add_text(&l, "sender", conf->address);
	values_add_when(&l, "test", m->test);
	asked_add(&l, m, language);
	add_times(&k, &l, conf, calendar, why);
	add_ways(&k, &l);
	f->value = l.value;
	f->values = l.n;
	e = values_err(&f->kept);
	if (!e)
		return OK;
	facts_release(f);
	return e == ERR_MEMORY ? why_set(why, ERR_MEMORY, "out of memory") : e;
}

void facts_release(struct facts *f)
{
	values_release(&f->kept);
	memset(f, 0, sizeof(*f));
}
