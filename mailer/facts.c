/* SPDX-License-Identifier: MIT */
#include "mailer/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

#define VALUES_MAX  48
#define TEXT_CAP    4096
#define EXAMPLE_MAX 1024
#define LETTERS     23 /* options beyond them are not for plain replies */

/* A block of memory that lives as long as the facts. */
struct kept {
	struct kept *next;
	_Alignas(16) char bytes[];
};

struct making {
	struct facts *f;
	const struct manifest *m;
	unsigned language;
	uint64_t closes;
	enum err e;
};

static const struct template_row once = { NULL };

static void *keep(struct making *k, size_t len)
{
	struct kept *kept = calloc(1, sizeof(*kept) + len);

	if (!kept) {
		k->e = ERR_MEMORY;
		return NULL;
	}
	kept->next = k->f->kept;
	k->f->kept = kept;
	return kept->bytes;
}

static const char *keep_text(struct making *k, const char *text)
{
	char *copy = keep(k, strlen(text) + 1);

	if (copy)
		memcpy(copy, text, strlen(text));
	return copy ? copy : "";
}

static const char *keep_number(struct making *k, unsigned n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	return keep_text(k, text);
}

/* A list of values that is being filled; its memory ends with an empty one. */
struct list {
	struct template_value *value;
	size_t n, room;
};

static struct list new_list(struct making *k, size_t room)
{
	struct list l = { keep(k, (room + 1) * sizeof(struct template_value)), 0, room };

	if (!l.value)
		l.room = 0;
	return l;
}

static void add(struct list *l, struct template_value value)
{
	if (l->n < l->room)
		l->value[l->n++] = value;
	else if (l->value)
		bug("too many values for a letter");
}

static void add_text(struct list *l, const char *name, const char *text)
{
	add(l, (struct template_value){ name, text, NULL, 0 });
}

static void add_when(struct list *l, const char *name, bool condition)
{
	add(l, (struct template_value){ name, NULL, &once, condition });
}

static void add_rows(struct list *l, const char *name, const struct template_row *row, size_t n)
{
	add(l, (struct template_value){ name, NULL, row, row ? n : 0 });
}

static const char *letter_text(struct making *k, unsigned option)
{
	char *copy = keep(k, 2);

	if (copy && option < LETTERS)
		copy[0] = option_letter(option);
	return copy ? copy : "";
}

static const struct template_row *option_rows(struct making *k, const struct question *q)
{
	struct template_row *row = keep(k, q->options * sizeof(*row));

	for (unsigned i = 0; row && i < q->options; i++) {
		struct list l = new_list(k, 2);

		add_text(&l, "letter", letter_text(k, i));
		add_text(&l, "option", q->option[i].in[k->language]);
		row[i].value = l.value;
	}
	return row;
}

static const struct template_row *grade_rows(struct making *k, const struct question *q)
{
	struct template_row *row = keep(k, (q->grades + 1) * sizeof(*row));

	for (unsigned i = 0; row && i < q->grades; i++) {
		struct list l = new_list(k, 2);

		add_text(&l, "grade_number", keep_number(k, i + 1));
		add_text(&l, "grade", q->grade[i].in[k->language]);
		row[i].value = l.value;
	}
	return row;
}

static const struct template_row *question_rows(struct making *k)
{
	const struct manifest *m = k->m;
	struct template_row *row = keep(k, m->questions * sizeof(*row));

	for (unsigned i = 0; row && i < m->questions; i++) {
		const struct question *q = &m->question[i];
		bool graded = q->kind == QUESTION_GRADES;
		struct list l = new_list(k, 16);

		add_text(&l, "number", keep_number(k, i + 1));
		add_text(&l, "question", q->title.in[k->language]);
		add_rows(&l, "options", option_rows(k, q), q->options);
		add_rows(&l, "grades", grade_rows(k, q), q->grades);
		add_when(&l, "graded", graded);
		add_when(&l, "blank", !graded && q->blank);
		add_when(&l, "none", !graded && !q->blank && !q->min);
		add_when(&l, "choose_one", !graded && q->min <= 1 && q->max == 1);
		add_when(&l, "choose_exactly", !graded && q->max > 1 && q->min == q->max);
		add_when(&l, "choose_range", !graded && q->max > 1 && q->min < q->max);
		add_text(&l, "least", keep_number(k, q->min));
		add_text(&l, "most", keep_number(k, q->max));
		add_text(&l, "last_grade", keep_number(k, q->grades));
		row[i].value = l.value;
	}
	return row;
}

/* One way to fill in a ballot, as CHOICES: "A", "A,B/0", "B/A1,B2". */
static const char *example(struct making *k)
{
	struct buf b = BUF_INIT(EXAMPLE_MAX);
	const char *text;

	for (unsigned i = 0; i < k->m->questions; i++) {
		const struct question *q = &k->m->question[i];
		unsigned n = q->kind == QUESTION_GRADES ? q->options : q->min;

		if (i)
			buf_addc(&b, '/');
		if (!n && q->kind == QUESTION_CHOICE)
			n = 1;
		for (unsigned o = 0; o < n && o < LETTERS; o++) {
			buf_addf(&b, "%s%c", o ? "," : "", option_letter(o));
			if (q->kind == QUESTION_GRADES)
				buf_addf(&b, "%u", o % q->grades + 1);
		}
	}
	if (buf_err(&b))
		k->e = buf_err(&b);
	text = keep_text(k, buf_text(&b));
	buf_free(&b);
	return text;
}

static const char *when(struct making *k, const struct calendar *c, uint64_t seconds,
                        const char *zone, struct why *why)
{
	struct buf b = BUF_INIT(TEXT_CAP);
	const char *text;
	enum err e = calendar_write(&b, c, seconds, zone, why);

	if (e)
		k->e = e;
	text = keep_text(k, buf_text(&b));
	buf_free(&b);
	return text;
}

static void add_times(struct making *k, struct list *l, const struct conf *conf,
                      const struct calendar *c, struct why *why)
{
	bool utc = !strcmp(conf->timezone, "UTC") || !strcmp(conf->timezone, "Etc/UTC");

	add_text(l, "opens_utc", when(k, c, k->m->opens, NULL, why));
	add_text(l, "closes_utc", when(k, c, k->closes, NULL, why));
	add_text(l, "opens_local", when(k, c, k->m->opens, conf->timezone, why));
	add_text(l, "closes_local", when(k, c, k->closes, conf->timezone, why));
	add_text(l, "timezone", conf->timezone);
	add_when(l, "local_time", !utc);
	add_when(l, "utc_only", utc);
	add_when(l, "extended", k->closes > k->m->closes);
}

/* How a plain reply says more than one letter: only what this election has is explained. */
static void add_grammar(const struct manifest *m, struct list *l)
{
	bool commas = false, grades = false;

	for (unsigned i = 0; i < m->questions; i++) {
		const struct question *q = &m->question[i];

		grades = grades || q->kind == QUESTION_GRADES;
		commas = commas || (q->kind == QUESTION_GRADES ? q->options > 1 : q->max > 1);
	}
	add_when(l, "commas", commas);
	add_when(l, "any_grades", grades);
}

static void add_ways(struct making *k, struct list *l)
{
	const struct manifest *m = k->m;
	const struct question *q = &m->question[0];
	bool reply = m->channel[CHANNEL_REPLY];
	bool buttons = reply && m->questions == 1 && q->kind == QUESTION_CHOICE && q->min <= 1;

	add_when(l, "link_channel", m->channel[CHANNEL_LINK]);
	add_when(l, "sealed_channel", m->channel[CHANNEL_SEALED_REPLY]);
	add_when(l, "no_link_channel", !m->channel[CHANNEL_LINK]);
	add_when(l, "reply_channel", reply);
	add_text(l, "page", m->link);
	add_text(l, "waiver", reply ? m->waiver.in[k->language] : "");
	add_when(l, "one_question", m->questions == 1);
	add_when(l, "several_questions", m->questions > 1);
	add_when(l, "second_factor", m->second_factor);
	/* A button casts a whole ballot only where one letter is one. */
	add_when(l, "buttons", buttons);
	add_when(l, "prepared", reply && !buttons);
	add_when(l, "just_a_letter", buttons && q->max == 1);
	add_when(l, "more_than_a_letter", !buttons || q->max > 1);
	add_grammar(m, l);
	add_text(l, "example", reply ? example(k) : "");
}

enum err facts_make(struct facts *f, const struct manifest *m, unsigned language, uint64_t closes,
                    const struct conf *conf, const struct calendar *calendar, struct why *why)
{
	struct making k = { .f = f, .m = m, .language = language, .closes = closes };
	struct list l;

	memset(f, 0, sizeof(*f));
	l = new_list(&k, VALUES_MAX);
	add_text(&l, "title", m->title.in[language]);
	add_text(&l, "organiser", m->organiser);
	add_text(&l, "fingerprint", m->fingerprint);
	add_text(&l, "contact", conf->contact);
	add_text(&l, "sender", conf->address);
	add_when(&l, "test", m->test);
	add_rows(&l, "questions", question_rows(&k), m->questions);
	add_times(&k, &l, conf, calendar, why);
	add_ways(&k, &l);
	f->value = l.value;
	f->values = l.n;
	if (k.e) {
		facts_release(f);
		return k.e == ERR_MEMORY ? why_set(why, ERR_MEMORY, "out of memory") : k.e;
	}
	return OK;
}

void facts_release(struct facts *f)
{
	while (f->kept) {
		struct kept *next = f->kept->next;

		free(f->kept);
		f->kept = next;
	}
	memset(f, 0, sizeof(*f));
}
