/* SPDX-License-Identifier: MIT */
#include "core/funnel.h"

#include "core/json.h"
#include "core/text.h"

#define LABEL      "votepost/1 funnel"
#define FUNNEL_MAX 2048

static const char *const verdicts[VERDICTS] = {
	"counted",   "used",      "replaced", "unknown token", "no token",
	"no choice", "ambiguous", "invalid",  "channel",       "unreadable",
	"automatic", "bounce",    "early",    "late",          "too large",
};

const char *verdict_name(enum verdict v)
{
	return verdicts[v];
}

/* The line without its signature member. */
static void write_unsigned(struct buf *out, const struct funnel *f)
{
	unsigned i;

	buf_addf(out, "{\"type\":\"funnel\",\"size\":%llu,\"verdicts\":{",
	         (unsigned long long)f->size);
	for (i = 0; i < VERDICTS; i++)
		buf_addf(out, "%s\"%s\":%llu", i ? "," : "", verdicts[i],
		         (unsigned long long)f->verdict[i]);
	buf_adds(out, "},\"channels\":{");
	for (i = 0; i < CHANNELS; i++)
		buf_addf(out, "%s\"%s\":%llu", i ? "," : "", channel_name((enum channel)i),
		         (unsigned long long)f->channel[i]);
	buf_adds(out, "}}");
}

void funnel_write(struct buf *out, const struct funnel *f, const struct manifest *m,
                  const unsigned char secret[SIGN_SECRET_BYTES])
{
	struct buf line = BUF_INIT(FUNNEL_MAX);

	write_unsigned(&line, f);
	sign_object(out, &line, LABEL, m->id, secret);
	buf_free(&line);
}

static enum err read_members(struct funnel *out, unsigned char signature[SIGNATURE_BYTES],
                             json_t *root, struct why *why)
{
	struct fields f, inner;
	json_t *object;
	unsigned i;

	fields_begin(&f, root, "funnel", why);
	fields_literal(&f, "type", "funnel");
	out->size = fields_number(&f, "size", 1, NUMBER_MAX);
	object = fields_object(&f, "verdicts");
	if (!f.e) {
		fields_begin(&inner, object, "funnel", why);
		for (i = 0; i < VERDICTS; i++)
			out->verdict[i] = fields_number(&inner, verdicts[i], 0, NUMBER_MAX);
		f.e = fields_end(&inner);
	}
	object = fields_object(&f, "channels");
	if (!f.e) {
		fields_begin(&inner, object, "funnel", why);
		for (i = 0; i < CHANNELS; i++)
			out->channel[i] =
				fields_number(&inner, channel_name((enum channel)i), 0, NUMBER_MAX);
		f.e = fields_end(&inner);
	}
	fields_b64(&f, "signature", signature, SIGNATURE_BYTES);
	return fields_end(&f);
}

enum err funnel_read(struct funnel *out, const struct manifest *m, const char *line, size_t len,
                     struct why *why)
{
	unsigned char signature[SIGNATURE_BYTES];
	struct buf again = BUF_INIT(FUNNEL_MAX);
	struct part part;
	json_t *root;
	enum err e = json_read(&root, line, len, why);

	if (e)
		return e;
	e = read_members(out, signature, root, why);
	if (!e) {
		write_unsigned(&again, out);
		e = buf_err(&again);
	}
	part = (struct part){ again.data, again.len };
	if (!e && sign_check(signature, LABEL, m->id, &part, 1, m->receiver_key))
		e = why_check(why, "funnel signature", "the receiver did not sign this funnel");
	buf_free(&again);
	json_decref(root);
	return e;
}

void receiver_key_write(struct buf *out, const unsigned char key[32])
{
	buf_adds(out, "{\"type\":\"receiver\",\"receiver_key\":");
	json_add_b64(out, key, 32);
	buf_addc(out, '}');
}

enum err receiver_key_read(unsigned char key[32], const char *line, size_t len, struct why *why)
{
	struct fields f;
	json_t *root;
	enum err e = json_read(&root, line, len, why);

	if (e)
		return e;
	fields_begin(&f, root, "receiver", why);
	fields_literal(&f, "type", "receiver");
	fields_b64(&f, "receiver_key", key, 32);
	e = fields_end(&f);
	json_decref(root);
	return e;
}
