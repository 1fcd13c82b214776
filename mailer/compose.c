/* SPDX-License-Identifier: MIT */
#include "mailer/compose.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"

static int by_number(const void *a, const void *b)
{
	const struct reveal *left = a, *right = b;

	return left->trustee < right->trustee ? -1 : left->trustee > right->trustee;
}

enum err compose_reveals(struct reveal *reveal, unsigned n, struct why *why)
{
	if (!n)
		return why_set(why, ERR_USAGE, "no reveal of any trustee");
	qsort(reveal, n, sizeof(*reveal), by_number);
	for (unsigned i = 0; i < n; i++) {
		if (strcmp(reveal[i].ceremony, reveal[0].ceremony) ||
		    reveal[i].threshold != reveal[0].threshold ||
		    reveal[i].count != reveal[0].count)
			return why_set(why, ERR_INVALID,
			               "the reveals of trustees %u and %u are of two ceremonies",
			               reveal[0].trustee, reveal[i].trustee);
		if (reveal[i].trustee != i + 1)
			return why_set(why, ERR_INVALID,
			               i && reveal[i].trustee == i
			                       ? "the reveal of trustee %u stands twice"
			                       : "the reveal of trustee %u is missing",
			               i && reveal[i].trustee == i ? i : i + 1);
	}
	if (n != reveal[0].count)
		return why_set(why, ERR_INVALID, "%u reveals, and the ceremony has %u trustees", n,
		               reveal[0].count);
	return OK;
}

static void add_key(struct buf *out, const char *key)
{
	buf_addf(out, ",\"%s\":", key);
}

static void add_text(struct buf *out, const char *key, const char *text)
{
	add_key(out, key);
	json_add_string(out, text, strlen(text));
}

static void add_texts(struct buf *out, const struct definition *d, const struct texts *texts)
{
	for (unsigned i = 0; i < d->languages; i++) {
		buf_addf(out, "%c\"%s\":", i ? ',' : '{', d->language[i]);
		json_add_string(out, texts->in[i], strlen(texts->in[i]));
	}
	buf_addc(out, '}');
}

static void add_list(struct buf *out, const struct definition *d, const char *key,
                     const struct texts *list, unsigned n)
{
	add_key(out, key);
	buf_addc(out, '[');
	for (unsigned i = 0; i < n; i++) {
		if (i)
			buf_addc(out, ',');
		add_texts(out, d, &list[i]);
	}
	buf_addc(out, ']');
}

static void add_question(struct buf *out, const struct definition *d, const struct question *q)
{
	bool grades = q->kind == QUESTION_GRADES;

	buf_addf(out, "{\"id\":\"%s\",\"kind\":\"%s\"", q->id, grades ? "grades" : "choice");
	add_key(out, "title");
	add_texts(out, d, &q->title);
	add_list(out, d, "options", q->option, q->options);
	if (grades)
		add_list(out, d, "grades", q->grade, q->grades);
	else
		buf_addf(out, ",\"min\":%u,\"max\":%u,\"blank\":%s", q->min, q->max,
		         q->blank ? "true" : "false");
	buf_addc(out, '}');
}

static void add_time(struct buf *out, const char *key, uint64_t seconds)
{
	char text[TIME_TEXT];

	time_write(text, seconds);
	add_text(out, key, text);
}

static void add_election(struct buf *out, const struct definition *d)
{
	const char *before = "";

	buf_adds(out, "{\"type\":\"manifest\",\"protocol\":\"votepost/1\"");
	add_key(out, "title");
	add_texts(out, d, &d->title);
	add_text(out, "organiser", d->organiser);
	add_key(out, "languages");
	for (unsigned i = 0; i < d->languages; i++)
		buf_addf(out, "%c\"%s\"", i ? ',' : '[', d->language[i]);
	buf_addc(out, ']');
	add_time(out, "opens", d->opens);
	add_time(out, "closes", d->closes);
	add_key(out, "channels");
	buf_addc(out, '[');
	for (unsigned i = 0; i < CHANNELS; i++) {
		if (!d->channel[i])
			continue;
		buf_addf(out, "%s\"%s\"", before, channel_name((enum channel)i));
		before = ",";
	}
	buf_addc(out, ']');
	if (d->channel[CHANNEL_REPLY]) {
		add_key(out, "waiver");
		add_texts(out, d, &d->waiver);
	}
	add_text(out, "reply_to", d->reply_to);
	add_text(out, "link", d->link);
	add_key(out, "questions");
	for (unsigned i = 0; i < d->questions; i++) {
		buf_addc(out, i ? ',' : '[');
		add_question(out, d, &d->question[i]);
	}
	buf_addc(out, ']');
}

static enum err add_roll(struct buf *out, const struct compose *c, struct why *why)
{
	const struct roll_summary *s = c->roll;
	const char *before = "";

	add_key(out, "roll");
	buf_addc(out, '[');
	for (unsigned weight = 1; weight <= WEIGHT_MAX; weight++) {
		unsigned long long n = s->weight[weight];

		if (!n)
			continue;
		if (n < c->definition->min_ballots)
			return why_set(why, ERR_INVALID,
			               "%llu members of weight %u, fewer than min_ballots = %llu: "
			               "their votes could be told from the result",
			               n, weight, (unsigned long long)c->definition->min_ballots);
		buf_addf(out, "%s{\"weight\":%u,\"members\":%llu}", before, weight, n);
		before = ",";
	}
	buf_addc(out, ']');
	return OK;
}

static enum err add_trustees(struct buf *out, const struct compose *c, struct why *why)
{
	struct trustee_entry entry[TRUSTEES_MAX];
	struct trustees t = { .ceremony = c->reveal[0].ceremony,
		              .threshold = c->reveal[0].threshold,
		              .count = c->reveals,
		              .entry = entry };
	struct point key;

	buf_adds(out, ",\"trustees\":{\"ceremony\":");
	json_add_string(out, t.ceremony, strlen(t.ceremony));
	buf_addf(out, ",\"threshold\":%u,\"members\":[", t.threshold);
	for (unsigned i = 0; i < t.count; i++) {
		entry[i] = c->reveal[i].entry;
		if (i)
			buf_addc(out, ',');
		ceremony_entry_write(out, &entry[i], t.threshold);
	}
	buf_adds(out, "]}");
	if (ceremony_key(&key, &t))
		return why_set(why, ERR_INVALID, "the trustees' commitments make no key");
	add_key(out, "election_key");
	json_add_b64(out, key.bytes, sizeof(key.bytes));
	return OK;
}

enum err compose_manifest(struct buf *line, struct manifest **manifest, const struct compose *c,
                          struct why *why)
{
	const struct definition *d = c->definition;
	enum err e;

	add_election(line, d);
	e = add_roll(line, c, why);
	add_key(line, "min_ballots");
	buf_addf(line, "%llu", (unsigned long long)d->min_ballots);
	if (!e)
		e = add_trustees(line, c, why);
	if (e)
		return e;
	add_key(line, "mailer_key");
	json_add_b64(line, c->mailer_key, sizeof(c->mailer_key));
	add_key(line, "receiver_key");
	json_add_b64(line, c->receiver_key, sizeof(c->receiver_key));
	buf_addf(line, ",\"second_factor\":%s,\"test\":%s}", d->second_factor ? "true" : "false",
	         d->test ? "true" : "false");
	if (buf_err(line))
		return why_set(why, buf_err(line), "the manifest would be longer than 1 MiB");
	return manifest_read(manifest, buf_text(line), line->len, why);
}
