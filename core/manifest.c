/* SPDX-License-Identifier: MIT */
#include "core/manifest.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/question.h"
#include "core/syntax.h"
#include "core/text.h"

#define ADDRESS_MAX 254
#define LINK_MAX    1000
#define MEMBERS_MAX ((UINT64_C(1) << 32) - 1)

struct owned {
	json_t *root;
	char *line;
};

static const char *const channels[CHANNELS] = { "reply", "sealed-reply", "link" };
static const char letters[] = "ABCDEFGHJKMNPQRSTUVWXYZ";

const char *channel_name(enum channel channel)
{
	return channels[channel];
}

enum err channel_read(enum channel *out, const char *name)
{
	unsigned i;

	for (i = 0; i < CHANNELS; i++) {
		if (strcmp(channels[i], name) == 0) {
			*out = (enum channel)i;
			return OK;
		}
	}
	return ERR_FORMAT;
}

unsigned manifest_language(const struct manifest *m, const char *tag)
{
	unsigned i;

	for (i = 0; i < m->languages; i++)
		if (strcmp(m->language[i], tag) == 0)
			return i;
	return 0;
}

char option_letter(unsigned option)
{
	if (option >= sizeof(letters) - 1)
		bug("an option without a letter");
	return letters[option];
}

int option_from_letter(char letter)
{
	const char *at = letter ? strchr(letters, letter) : NULL;

	return at ? (int)(at - letters) : -1;
}

bool manifest_cells_fit(const struct manifest *m, const unsigned char *cells)
{
	unsigned r, c, sum;

	for (r = 0; r < m->rows; r++) {
		const struct row *row = &m->row[r];

		for (c = 0, sum = 0; c < row->cells; c++) {
			if (cells[row->first_cell + c] > 1)
				return false;
			if (cells[row->first_cell + c])
				sum += row->blank && c == row->cells - 1 ? row->hi : 1;
		}
		if (sum < row->lo || sum > row->hi)
			return false;
	}
	return true;
}

void fingerprint_write(char out[FINGERPRINT_TEXT], const unsigned char hash[HASH_BYTES])
{
	char plain[26];

	b32_write(plain, hash, 125);
	text_group(out, plain, 5, 5);
}

/* Before the walk, since the title comes before the languages that it is written in. */
static enum err languages_read(struct manifest *m, const json_t *root, struct why *why)
{
	const json_t *list = json_object_get(root, "languages"), *tag;
	size_t i, j, n = json_array_size(list);

	if (n < 1 || n > LANGUAGES_MAX)
		return why_check(why, "manifest languages", "1 to %d languages", LANGUAGES_MAX);
	for (i = 0; i < n; i++) {
		tag = json_array_get(list, i);
		if (!json_is_string(tag) || !syntax_language(json_string_value(tag)))
			return why_check(why, "manifest languages",
			                 "language %zu is not a tag like fr or pt-BR", i + 1);
		m->language[i] = json_string_value(tag);
		for (j = 0; j < i; j++)
			if (strcmp(m->language[j], m->language[i]) == 0)
				return why_check(why, "manifest languages", "%s stands twice",
				                 m->language[i]);
	}
	m->languages = (unsigned)n;
	return OK;
}

static void channels_read(struct manifest *m, struct fields *f)
{
	json_t *list = fields_array(f, "channels"), *name;
	enum channel channel;
	size_t i;
	int last = -1;

	if (f->e)
		return;
	for (i = 0; i < json_array_size(list); i++) {
		name = json_array_get(list, i);
		if (!json_is_string(name) || channel_read(&channel, json_string_value(name)) ||
		    (int)channel <= last)
			break;
		last = (int)channel;
		m->channel[channel] = true;
	}
	if (i == 0 || i < json_array_size(list))
		f->e = why_check(f->why, "manifest channels",
		                 "some of reply, sealed-reply, link, in that order, each once");
}

static void class_read(struct manifest *m, struct roll_class *class, json_t *object,
                       struct fields *f)
{
	struct fields inner;

	fields_begin(&inner, object, "manifest roll", f->why);
	class->weight = (unsigned)fields_number(&inner, "weight", 1, WEIGHT_MAX);
	class->members = fields_number(&inner, "members", 1, MEMBERS_MAX);
	f->e = fields_end(&inner);
	if (f->e)
		return;
	if (class > m->class && class[-1].weight >= class->weight)
		f->e = why_check(f->why, "manifest roll weight", "weights must ascend");
	m->members += class->members;
	m->weight += class->members * class->weight;
	if (!f->e && m->weight > MEMBERS_MAX)
		f->e = why_check(f->why, "manifest roll members",
		                 "the total weight is 2^32 or more");
}

static void roll_read(struct manifest *m, struct fields *f)
{
	json_t *list = fields_array(f, "roll");
	size_t i, n = json_array_size(list);

	if (f->e)
		return;
	if (n < 1 || n > WEIGHT_MAX) {
		f->e = why_check(f->why, "manifest roll", "the roll is empty");
		return;
	}
	m->class = calloc(n, sizeof(*m->class));
	if (!m->class) {
		f->e = ERR_MEMORY;
		return;
	}
	m->classes = (unsigned)n;
	for (i = 0; !f->e && i < n; i++)
		class_read(m, &m->class[i], json_array_get(list, i), f);
}

static void trustees_read(struct manifest *m, struct fields *f)
{
	json_t *object = fields_object(f, "trustees"), *members;
	struct fields inner;
	size_t n, i;

	if (f->e)
		return;
	fields_begin(&inner, object, "trustees", f->why);
	m->trustees.ceremony = fields_string(&inner, "ceremony", NULL);
	m->trustees.threshold = (unsigned)fields_number(&inner, "threshold", 1, TRUSTEES_MAX);
	members = fields_array(&inner, "members");
	f->e = fields_end(&inner);
	n = json_array_size(members);
	if (!f->e && (n < 1 || n > TRUSTEES_MAX))
		f->e = why_check(f->why, "trustees members", "1 to %d trustees", TRUSTEES_MAX);
	if (!f->e)
		f->e = ceremony_numbers(m->trustees.threshold, (unsigned)n, f->why);
	if (f->e)
		return;
	m->trustees.entry = calloc(n, sizeof(*m->trustees.entry));
	m->trustees.share = calloc(n, sizeof(*m->trustees.share));
	if (!m->trustees.entry || !m->trustees.share) {
		f->e = ERR_MEMORY;
		return;
	}
	m->trustees.count = (unsigned)n;
	for (i = 0; !f->e && i < n; i++) {
		f->e = ceremony_entry_read(&m->trustees.entry[i], json_array_get(members, i),
		                           m->trustees.threshold, f->why);
		if (f->e)
			why_prefix(f->why, "trustee %zu", i + 1);
	}
}

/* The members in the line's order; what needs several of them comes in rules_check. */
static enum err members_read(struct manifest *m, json_t *root, struct why *why)
{
	json_t *questions;
	struct fields f;
	size_t len;

	fields_begin(&f, root, "manifest", why);
	fields_literal(&f, "type", "manifest");
	fields_literal(&f, "protocol", "votepost/1");
	texts_read(&m->title, &f, "title", m);
	m->organiser = fields_string(&f, "organiser", &len);
	if (!f.e && text_blank(m->organiser, len))
		f.e = why_check(why, "manifest text", "the organiser is empty");
	(void)fields_array(&f, "languages");
	m->opens = fields_time(&f, "opens");
	m->closes = fields_time(&f, "closes");
	channels_read(m, &f);
	if (fields_peek(&f, "waiver"))
		texts_read(&m->waiver, &f, "waiver", m);
	m->reply_to = fields_string(&f, "reply_to", NULL);
	m->link = fields_string(&f, "link", NULL);
	questions = fields_array(&f, "questions");
	if (!f.e)
		f.e = questions_read(m, questions, why);
	roll_read(m, &f);
	m->min_ballots = fields_number(&f, "min_ballots", 1, MEMBERS_MAX);
	trustees_read(m, &f);
	fields_b64(&f, "election_key", m->election_key.bytes, GROUP_BYTES);
	fields_b64(&f, "mailer_key", m->mailer_key, sizeof(m->mailer_key));
	fields_b64(&f, "receiver_key", m->receiver_key, sizeof(m->receiver_key));
	m->second_factor = fields_bool(&f, "second_factor");
	m->test = fields_bool(&f, "test");
	return fields_end(&f);
}

static enum err keys_check(struct manifest *m, struct why *why)
{
	struct trustees *t = &m->trustees;
	struct point sum;
	enum err e = OK;
	unsigned i;

	if (crypto_core_ed25519_is_valid_point(m->mailer_key) != 1)
		return why_check(why, "manifest mailer key", "the mailer's key is no Ed25519 key");
	if (crypto_core_ed25519_is_valid_point(m->receiver_key) != 1)
		return why_check(why, "manifest receiver key",
		                 "the receiver's key is no Ed25519 key");
	if (memcmp(m->mailer_key, m->receiver_key, sizeof(m->mailer_key)) == 0)
		return why_check(why, "manifest receiver key",
		                 "the mailer and the receiver have the same key");
	for (i = 0; !e && i < t->count; i++)
		e = ceremony_entry_check(&t->entry[i], t->ceremony, i + 1, t->threshold, t->count,
		                         why);
	if (e)
		return e;
	if (ceremony_key(&sum, t))
		return why_check(why, "point", "a trustee's commitment is no point");
	if (!point_equal(&sum, &m->election_key) || point_is_identity(&sum))
		return why_check(why, "election key",
		                 "the election key is not the sum of the trustees' commitments");
	return ceremony_shares(t, why);
}

static enum err rules_check(const struct manifest *m, struct why *why)
{
	unsigned i;

	if (m->opens >= m->closes)
		return why_check(why, "manifest time", "the election closes before it opens");
	if ((m->waiver.in[0] != NULL) != m->channel[CHANNEL_REPLY])
		return why_check(why, "manifest waiver",
		                 "a waiver stands if and only if plain replies are allowed");
	if (m->second_factor && m->channel[CHANNEL_REPLY])
		return why_check(why, "manifest second factor",
		                 "a second factor cannot go with plain replies");
	if (!syntax_address(m->reply_to))
		return why_check(why, "manifest reply to", "reply_to is no plain address");
	if (!syntax_link(m->link, m->test))
		return why_check(why, "manifest link", "the link must be an https:// URL");
	for (i = 0; i < m->classes; i++)
		if (m->class[i].members < m->min_ballots)
			return why_check(why, "manifest roll members",
			                 "weight %u has fewer members than min_ballots",
			                 m->class[i].weight);
	return OK;
}

static enum err line_keep(struct manifest *m, const char *line, size_t len, struct why *why)
{
	struct owned *owned = calloc(1, sizeof(*owned));
	struct transcript t;
	enum err e;

	m->owned = owned;
	if (owned)
		owned->line = malloc(len + 1);
	if (!owned || !owned->line)
		return why_set(why, ERR_MEMORY, "out of memory");
	memcpy(owned->line, line, len);
	owned->line[len] = '\0';
	m->line = owned->line;
	m->len = len;
	transcript_begin(&t, "votepost/1 election");
	transcript_add(&t, line, len);
	transcript_hash(&t, m->id);
	fingerprint_write(m->fingerprint, m->id);
	e = json_read(&owned->root, line, len, why);
	if (e == ERR_INVALID && why && strcmp(why->check, "json text") == 0)
		e = why_check(why, "manifest text",
		              "a text holds a control or a direction character");
	return e;
}

enum err manifest_read(struct manifest **out, const char *line, size_t len, struct why *why)
{
	struct manifest *m;
	enum err e;

	*out = NULL;
	if (len > MANIFEST_MAX)
		return why_check(why, "manifest size", "longer than 1 MiB");
	m = calloc(1, sizeof(*m));
	if (!m)
		return why_set(why, ERR_MEMORY, "out of memory");
	e = line_keep(m, line, len, why);
	if (!e)
		e = languages_read(m, ((struct owned *)m->owned)->root, why);
	if (!e)
		e = members_read(m, ((struct owned *)m->owned)->root, why);
	if (!e)
		e = rules_check(m, why);
	if (!e)
		e = keys_check(m, why);
	if (e) {
		why_prefix(why, "manifest");
		manifest_free(m);
		return e;
	}
	*out = m;
	return OK;
}

void manifest_free(struct manifest *m)
{
	struct owned *owned;

	if (!m)
		return;
	owned = m->owned;
	questions_release(m);
	free(m->class);
	free(m->trustees.entry);
	free(m->trustees.share);
	if (owned) {
		json_decref(owned->root);
		free(owned->line);
		free(owned);
	}
	free(m);
}
