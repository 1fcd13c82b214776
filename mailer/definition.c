/* SPDX-License-Identifier: MIT */
#include "mailer/definition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/syntax.h"
#include "core/text.h"
#include "core/votelike.h"

#define ELECTION         "election"
#define QUESTION_PREFIX  "question "
#define MEMBERS_MAX      ((UINT64_C(1) << 32) - 1)
#define LETTERED_OPTIONS 23 /* as many as have a letter in a plain reply */
#define KEY_TEXT         32
#define HANDLED_MAX      50 /* "+" and a handle go after it, 64 is what mail servers take */

/* Sticky: after a failure nothing is read, every getter gives something harmless. */
struct reading {
	struct definition *d;
	struct settings *s;
	const char *group;
	struct why *why;
	enum err e;
};

#define WRONG(r, key, lang, ...)                                                                   \
	((r)->e = (r)->e ? (r)->e                                                                  \
	                 : settings_wrong((r)->s, (r)->group, (key), (lang), (r)->why,             \
	                                  __VA_ARGS__))

/* A text that must be there; NULL after a failure. */
static const char *get_text(struct reading *r, const char *key, const char *lang)
{
	const char *text = r->e ? NULL : settings_get(r->s, r->group, key, lang);

	if (r->e)
		return NULL;
	if (!text)
		WRONG(r, key, lang, "is missing");
	else if (text_blank(text, strlen(text)))
		WRONG(r, key, lang, "is empty");
	else if (!text_clean(text, strlen(text)))
		WRONG(r, key, lang, "holds a control or a direction character");
	return r->e ? NULL : text;
}

/* The same key in every language of the election; where it is missing in one, a line that does
 * have it is named. */
static void get_texts(struct reading *r, struct texts *out, const char *key)
{
	const struct definition *d = r->d;
	const char *has = NULL;

	for (unsigned i = 0; !r->e && i < d->languages; i++)
		if (settings_get(r->s, r->group, key, d->language[i]))
			has = d->language[i];
	for (unsigned i = 0; !r->e && i < d->languages; i++) {
		if (has && !settings_get(r->s, r->group, key, d->language[i]))
			WRONG(r, key, has, "there is no %s[%s] beside it", key, d->language[i]);
		out->in[i] = get_text(r, key, d->language[i]);
	}
}

static uint64_t get_number(struct reading *r, const char *key, const char *initial, uint64_t least,
                           uint64_t most)
{
	const char *text = r->e ? NULL : settings_get(r->s, r->group, key, NULL);
	uint64_t n = least;

	if (r->e)
		return least;
	if (!text)
		text = initial;
	if (number_read(&n, text, strlen(text)) || n < least || n > most)
		WRONG(r, key, NULL, "must be a number from %llu to %llu", (unsigned long long)least,
		      (unsigned long long)most);
	return n;
}

static bool get_flag(struct reading *r, const char *key, bool initial)
{
	const char *text = r->e ? NULL : settings_get(r->s, r->group, key, NULL);

	if (!text)
		return initial;
	if (strcmp(text, "true") && strcmp(text, "false"))
		WRONG(r, key, NULL, "must be true or false");
	return !strcmp(text, "true");
}

static uint64_t get_time(struct reading *r, const char *key)
{
	const char *text = get_text(r, key, NULL);
	uint64_t seconds = 0;

	if (text && time_read(&seconds, text, strlen(text)))
		WRONG(r, key, NULL, "must be a time in UTC such as 2026-12-01T12:00:00Z");
	return seconds;
}

static void get_languages(struct reading *r)
{
	const char *text = get_text(r, "languages", NULL);
	struct definition *d = r->d;
	char *rest, *tag;

	if (!text)
		return;
	d->tags = strdup(text);
	if (!d->tags) {
		r->e = ERR_MEMORY;
		return;
	}
	for (tag = strtok_r(d->tags, "; ", &rest); !r->e && tag;
	     tag = strtok_r(NULL, "; ", &rest)) {
		if (!syntax_language(tag))
			WRONG(r, "languages", NULL, "\"%s\" is not a tag like fr or pt-BR", tag);
		else if (definition_language(d, tag) >= 0)
			WRONG(r, "languages", NULL, "%s stands twice", tag);
		else if (d->languages == LANGUAGES_MAX)
			WRONG(r, "languages", NULL, "more than %d", LANGUAGES_MAX);
		else
			d->language[d->languages++] = tag;
	}
	if (!r->e && !d->languages)
		WRONG(r, "languages", NULL, "is empty");
}

static void get_channels(struct reading *r)
{
	const char *text = get_text(r, "channels", NULL);
	char *copy = text ? strdup(text) : NULL, *rest, *name;
	enum channel channel;

	if (text && !copy)
		r->e = ERR_MEMORY;
	name = copy ? strtok_r(copy, "; ", &rest) : NULL;
	if (copy && !name)
		WRONG(r, "channels", NULL, "is empty");
	for (; !r->e && name; name = strtok_r(NULL, "; ", &rest)) {
		if (channel_read(&channel, name))
			WRONG(r, "channels", NULL, "\"%s\" is none of reply, sealed-reply, link",
			      name);
		else if (r->d->channel[channel])
			WRONG(r, "channels", NULL, "%s stands twice", name);
		else
			r->d->channel[channel] = true;
	}
	free(copy);
}

static void get_waiver(struct reading *r)
{
	const struct definition *d = r->d;

	if (d->channel[CHANNEL_REPLY]) {
		get_texts(r, &r->d->waiver, "waiver");
		for (unsigned i = 0; !r->e && i < d->languages; i++)
			if (votelike(d->waiver.in[i], strlen(d->waiver.in[i])))
				WRONG(r, "waiver", d->language[i],
				      "would vote when a mail that holds it is quoted: it is a "
				      "line of its own there");
		return;
	}
	for (unsigned i = 0; !r->e && i < d->languages; i++)
		if (settings_get(r->s, r->group, "waiver", d->language[i]))
			WRONG(r, "waiver", d->language[i],
			      "stands only where channels holds reply");
}

static void get_election(struct reading *r)
{
	struct definition *d = r->d;

	get_languages(r);
	get_texts(r, &d->title, "title");
	d->organiser = get_text(r, "organiser", NULL);
	d->opens = get_time(r, "opens");
	d->closes = get_time(r, "closes");
	if (!r->e && d->opens >= d->closes)
		WRONG(r, "closes", NULL, "must be after opens");
	get_channels(r);
	get_waiver(r);
	d->test = get_flag(r, "test", false);
	d->reply_to = get_text(r, "reply_to", NULL);
	if (!r->e && !syntax_address(d->reply_to))
		WRONG(r, "reply_to", NULL, "must be a plain address such as vote@example.org");
	if (!r->e && strchr(d->reply_to, '@') - d->reply_to > HANDLED_MAX)
		WRONG(r, "reply_to", NULL, "more than %d characters before the @", HANDLED_MAX);
	d->link = get_text(r, "link", NULL);
	if (!r->e && !syntax_link(d->link, d->test))
		WRONG(r, "link", NULL, "must be an https:// address without a fragment");
	d->min_ballots = get_number(r, "min_ballots", "10", 1, MEMBERS_MAX);
	d->second_factor = get_flag(r, "second_factor", false);
	if (!r->e && d->second_factor && d->channel[CHANNEL_REPLY])
		WRONG(r, "second_factor", NULL, "cannot go with plain replies");
}

static bool any_language(struct reading *r, const char *key)
{
	for (unsigned i = 0; i < r->d->languages; i++)
		if (settings_get(r->s, r->group, key, r->d->language[i]))
			return true;
	return false;
}

/* option1 … optionN, numbered without a gap. */
static struct texts *get_list(struct reading *r, const char *name, unsigned *n, unsigned least,
                              unsigned most)
{
	struct texts *list = r->e ? NULL : calloc(most, sizeof(*list));
	char key[KEY_TEXT];
	unsigned next;

	*n = 0;
	if (!list) {
		r->e = r->e ? r->e : ERR_MEMORY;
		return NULL;
	}
	for (;; (*n)++) {
		snprintf(key, sizeof(key), "%s%u", name, *n + 1);
		if (r->e || !any_language(r, key))
			break;
		if (*n == most) {
			WRONG(r, key, r->d->language[0], "more than %u of these", most);
			break;
		}
		get_texts(r, &list[*n], key);
	}
	for (next = *n + 2; !r->e && next <= most; next++) {
		snprintf(key, sizeof(key), "%s%u", name, next);
		if (any_language(r, key))
			WRONG(r, key, r->d->language[0], "there is no %s%u before it", name,
			      next - 1);
	}
	if (!r->e && *n < least) {
		snprintf(key, sizeof(key), "%s%u", name, *n + 1);
		WRONG(r, key, r->d->language[0], "is missing: at least %u are needed", least);
	}
	return list;
}

static void check_id(struct reading *r, const char *id)
{
	size_t len = strlen(id);

	if (!len || len > 32 || strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != len)
		WRONG(r, NULL, NULL, "a question's name must match [a-z0-9-]{1,32}");
}

static void get_question(struct reading *r, struct question *q)
{
	unsigned most = r->d->channel[CHANNEL_REPLY] ? LETTERED_OPTIONS : OPTIONS_MAX;
	const char *kind;

	q->id = r->group + strlen(QUESTION_PREFIX);
	check_id(r, q->id);
	kind = get_text(r, "kind", NULL);
	if (!r->e && strcmp(kind, "choice") && strcmp(kind, "grades"))
		WRONG(r, "kind", NULL, "must be choice or grades");
	if (r->e)
		return;
	q->kind = strcmp(kind, "grades") ? QUESTION_CHOICE : QUESTION_GRADES;
	get_texts(r, &q->title, "title");
	q->option = get_list(r, "option", &q->options, q->kind == QUESTION_GRADES ? 1 : 2, most);
	if (q->kind == QUESTION_GRADES) {
		q->grade = get_list(r, "grade", &q->grades, 2, GRADES_MAX);
		return;
	}
	q->min = (unsigned)get_number(r, "min", "1", 0, q->options);
	q->max = (unsigned)get_number(r, "max", "1", 1, q->options ? q->options : 1);
	q->blank = get_flag(r, "blank", true);
	if (!r->e && q->min > q->max)
		WRONG(r, "min", NULL, "is above max");
	if (!r->e && q->blank && !q->min)
		WRONG(r, "blank", NULL, "with a blank, min must be 1 or more");
}

static void get_questions(struct reading *r)
{
	struct definition *d = r->d;
	unsigned cells = 0;
	const char *group;

	for (size_t i = 0; !r->e && (group = settings_group(r->s, i)); i++) {
		struct question *q = &d->question[d->questions];

		if (strncmp(group, QUESTION_PREFIX, strlen(QUESTION_PREFIX)))
			continue;
		r->group = group;
		if (d->questions == QUESTIONS_MAX) {
			WRONG(r, NULL, NULL, "more than %d questions", QUESTIONS_MAX);
			break;
		}
		d->questions++;
		get_question(r, q);
		cells +=
			q->kind == QUESTION_GRADES ? q->options * q->grades : q->options + q->blank;
		if (!r->e && cells > CELLS_MAX)
			WRONG(r, NULL, NULL, "the ballot has more than %d cells", CELLS_MAX);
	}
	r->group = ELECTION;
	if (!r->e && !d->questions)
		r->e = why_set(r->why, ERR_SETTINGS, "%s: no [question NAME]", settings_path(r->s));
}

enum err definition_read(struct definition **out, const char *path, struct why *why)
{
	struct definition *d = calloc(1, sizeof(*d));
	struct reading r = { .d = d, .group = ELECTION, .why = why };

	if (!d)
		return why_set(why, ERR_MEMORY, "out of memory");
	r.e = settings_open(&d->settings, path, why);
	r.s = d->settings;
	if (!r.e)
		get_election(&r);
	if (!r.e)
		get_questions(&r);
	if (!r.e)
		r.e = settings_unknown(d->settings, why);
	if (r.e) {
		definition_free(d);
		return r.e;
	}
	*out = d;
	return OK;
}

void definition_free(struct definition *d)
{
	if (!d)
		return;
	for (unsigned i = 0; i < d->questions; i++) {
		free(d->question[i].option);
		free(d->question[i].grade);
	}
	settings_free(d->settings);
	free(d->tags);
	free(d);
}

int definition_language(const struct definition *d, const char *tag)
{
	for (unsigned i = 0; i < d->languages; i++)
		if (!strcmp(d->language[i], tag))
			return (int)i;
	return -1;
}
