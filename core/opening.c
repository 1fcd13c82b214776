/* SPDX-License-Identifier: MIT */
#include "core/opening.h"

#include <string.h>

#include "core/file.h"
#include "core/json.h"
#include "core/text.h"

#define LABEL "votepost/1 opening"

static const char *const programs[PROGRAMS] = { "votepost-parser", "votepost-receiver" };

const char *program_name(enum opening_program p)
{
	return programs[p];
}

/* In the manifest's own order. */
static const char *const defining[] = { "title",  "organiser", "languages",    "channels",
	                                "waiver", "questions", "second_factor" };
#define DEFINING (sizeof(defining) / sizeof(*defining))

/* A member as it stands in the line, which holds it in its one written form: printed from what was
 * read, since nothing else knows where it ends. */
static void add_member(struct buf *out, const char *name, const json_t *value)
{
	buf_addf(out, "%c\"%s\":", out->len ? ',' : '{', name);
	json_add(out, value);
}

enum err opening_definition(unsigned char out[HASH_BYTES], const struct manifest *m)
{
	struct buf text = BUF_INIT(MANIFEST_MAX);
	json_t *root = NULL;
	struct transcript t;
	enum err e = json_read(&root, m->line, m->len, NULL);

	for (size_t i = 0; !e && i < DEFINING; i++) {
		const json_t *member = json_object_get(root, defining[i]);

		if (member) /* no waiver where there are no plain replies */
			add_member(&text, defining[i], member);
	}
	buf_addc(&text, '}');
	if (!e)
		e = buf_err(&text);
	if (!e) {
		transcript_begin(&t, "votepost/1 definition");
		transcript_add(&t, text.data, text.len);
		transcript_hash(&t, out);
	}
	json_decref(root);
	buf_free(&text);
	return e;
}

enum err opening_difference(const char **member, const struct manifest *a, const struct manifest *b)
{
	json_t *in_a = NULL, *in_b = NULL;
	enum err e = json_read(&in_a, a->line, a->len, NULL);

	*member = NULL;
	if (!e)
		e = json_read(&in_b, b->line, b->len, NULL);
	for (size_t i = 0; !e && !*member && i < DEFINING; i++) {
		const json_t *x = json_object_get(in_a, defining[i]);
		const json_t *y = json_object_get(in_b, defining[i]);

		/* A waiver may be absent. */
		if (x != y && !json_equal(x, y))
			*member = defining[i];
	}
	json_decref(in_a);
	json_decref(in_b);
	return e;
}

static void add_or_empty(struct buf *out, const unsigned char hash[HASH_BYTES], bool there)
{
	if (there)
		json_add_b64(out, hash, HASH_BYTES);
	else
		buf_adds(out, "\"\"");
}

/* The line without its signature member. */
static void write_unsigned(struct buf *out, const struct opening *o, const struct manifest *m)
{
	char at[TIME_TEXT];

	time_write(at, o->at);
	buf_adds(out, "{\"type\":\"opening\",\"election\":");
	json_add_b64(out, m->id, HASH_BYTES);
	buf_addf(out, ",\"at\":\"%s\",\"definition\":", at);
	json_add_b64(out, o->definition, HASH_BYTES);
	buf_adds(out, ",\"programs\":{");
	for (unsigned i = 0; i < PROGRAMS; i++) {
		buf_addf(out, "%s\"%s\":", i ? "," : "", programs[i]);
		json_add_b64(out, o->program[i], PROGRAM_BYTES);
	}
	buf_adds(out, "},\"rehearsal\":");
	add_or_empty(out, o->rehearsal, o->rehearsed);
	buf_adds(out, ",\"rehearsal_root\":");
	add_or_empty(out, o->rehearsal_root, o->rehearsed);
	buf_adds(out, ",\"head\":");
	head_write(out, &o->head);
	buf_addc(out, '}');
}

void opening_write(struct buf *out, const struct opening *o, const struct manifest *m,
                   const unsigned char secret[SIGN_SECRET_BYTES])
{
	struct buf line = BUF_INIT(OPENING_MAX);

	write_unsigned(&line, o, m);
	sign_object(out, &line, LABEL, m->id, secret);
	buf_free(&line);
}

/* A hash, or nothing. */
static bool read_or_empty(struct fields *f, const char *key, unsigned char hash[HASH_BYTES])
{
	const json_t *value = f->at ? json_object_iter_value(f->at) : NULL;

	if (json_is_string(value) && !json_string_length(value)) {
		fields_literal(f, key, "");
		return false;
	}
	fields_b64(f, key, hash, HASH_BYTES);
	return !f->e;
}

static void read_programs(struct opening *out, struct fields *f)
{
	json_t *object = fields_object(f, "programs");
	struct fields inner;

	if (f->e)
		return;
	fields_begin(&inner, object, "opening programs", f->why);
	for (unsigned i = 0; i < PROGRAMS; i++)
		fields_b64(&inner, programs[i], out->program[i], PROGRAM_BYTES);
	f->e = fields_end(&inner);
}

static enum err read_members(struct opening *out, unsigned char election[HASH_BYTES],
                             unsigned char signature[SIGNATURE_BYTES], json_t *root,
                             struct why *why)
{
	struct fields f;
	json_t *head;
	bool root_too;
	enum err e;

	fields_begin(&f, root, "opening", why);
	fields_literal(&f, "type", "opening");
	fields_b64(&f, "election", election, HASH_BYTES);
	out->at = fields_time(&f, "at");
	fields_b64(&f, "definition", out->definition, HASH_BYTES);
	read_programs(out, &f);
	out->rehearsed = read_or_empty(&f, "rehearsal", out->rehearsal);
	root_too = read_or_empty(&f, "rehearsal_root", out->rehearsal_root);
	head = fields_object(&f, "head");
	fields_b64(&f, "signature", signature, SIGNATURE_BYTES);
	e = fields_end(&f);
	if (!e && root_too != out->rehearsed)
		e = why_check(why, "opening rehearsal",
		              "a rehearsal and its root stand together, or neither does");
	return e ? e : head_read_object(&out->head, head, why);
}

static enum err check_signature(const struct opening *o, const struct manifest *m,
                                const unsigned char signature[SIGNATURE_BYTES], struct why *why)
{
	struct buf again = BUF_INIT(OPENING_MAX);
	struct part part;
	enum err e;

	write_unsigned(&again, o, m);
	e = buf_err(&again);
	part = (struct part){ again.data, again.len };
	if (!e && sign_check(signature, LABEL, m->id, &part, 1, m->receiver_key))
		e = why_check(why, "opening signature", "the receiver did not sign this opening");
	buf_free(&again);
	return e;
}

enum err opening_read(struct opening *out, const struct manifest *m, const char *line, size_t len,
                      struct why *why)
{
	unsigned char election[HASH_BYTES], signature[SIGNATURE_BYTES];
	json_t *root;
	enum err e;

	memset(out, 0, sizeof(*out));
	if (len > OPENING_MAX)
		return why_check(why, "opening length", "an opening has at most %d bytes",
		                 OPENING_MAX);
	e = json_read(&root, line, len, why);
	if (e)
		return e;
	e = read_members(out, election, signature, root, why);
	if (!e && memcmp(election, m->id, HASH_BYTES) != 0)
		e = why_check(why, "opening election", "the opening is of another election");
	if (!e)
		e = check_signature(out, m, signature, why);
	if (!e && head_check(&out->head, m, NULL))
		e = why_check(why, "opening head",
		              "the receiver did not sign the head in this opening");
	json_decref(root);
	return e;
}

/* Nothing but the programs and the board may have changed. */
static enum err check_follows(const struct opening *before, const struct opening *o,
                              struct why *why)
{
	if (o->at < before->at || o->head.size < before->head.size)
		return why_check(why, "opening order", "it is older than the line before it");
	if (memcmp(o->definition, before->definition, HASH_BYTES) != 0 ||
	    o->rehearsed != before->rehearsed ||
	    memcmp(o->rehearsal, before->rehearsal, HASH_BYTES) != 0 ||
	    memcmp(o->rehearsal_root, before->rehearsal_root, HASH_BYTES) != 0)
		return why_check(why, "opening order",
		                 "it names another definition or rehearsal than the first line");
	return OK;
}

static enum err take_line(struct openings *out, const struct manifest *m, const struct lines *l,
                          struct why *why)
{
	struct opening *o = &out->line[out->n];
	enum err e;

	if (out->n == OPENINGS_MAX)
		return why_check(why, "opening order", "more than %d lines", OPENINGS_MAX);
	if (!l->ended_whole)
		return why_check(why, "line not canonical", "it has no line feed");
	e = opening_read(o, m, buf_text(&l->line), l->line.len, why);
	if (!e && out->n)
		e = check_follows(o - 1, o, why);
	out->n += !e;
	return e;
}

enum err openings_read(struct openings *out, const struct manifest *m, const char *path,
                       struct why *why)
{
	struct lines l = { 0 };
	enum err e = lines_open(&l, path, OPENING_MAX, why);

	out->n = 0;
	if (e)
		goto done;
	while (!(e = lines_next(&l, why))) {
		e = take_line(out, m, &l, why);
		if (e) {
			why_prefix(why, "%s:%llu", path, (unsigned long long)l.number);
			goto done;
		}
	}
	if (e == ERR_NOT_FOUND)
		e = out->n ? OK : why_check(why, "opening order", "%s: it is empty", path);
done:
	lines_close(&l);
	return e;
}
