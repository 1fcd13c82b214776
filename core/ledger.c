/* SPDX-License-Identifier: MIT */
#include "core/ledger.h"

#include <string.h>

#include <sodium.h>

#include "core/json.h"
#include "core/text.h"

#define LABEL        "votepost/1 ledger"
#define NAME_MAX_LEN 32

static const char *const states[SEND_STATES] = { "planned",  "in flight", "accepted",
	                                         "deferred", "refused",   "uncertain" };

const char *send_state_name(enum send_state state)
{
	return states[state];
}

const char *replace_reason_name(enum replace_reason reason)
{
	static const char *const names[REPLACE_REASONS] = { "lost",   "undelivered", "address",
		                                            "stolen", "mistake",     "rotation" };

	return names[reason];
}

void journal_line_write(struct buf *out, const struct journal_line *line)
{
	char at[TIME_TEXT];
	unsigned i;

	time_write(at, line->at);
	buf_addf(out,
	         "{\"type\":\"journal\",\"n\":%llu,\"at\":\"%s\",\"event\":\"%s\",\"purpose\":",
	         (unsigned long long)line->n, at, line->event);
	json_add_string(out, line->purpose, strlen(line->purpose));
	buf_adds(out, ",\"counts\":{");
	for (i = 0; i < line->counts; i++)
		buf_addf(out, "%s\"%s\":%llu", i ? "," : "", line->count[i].name,
		         (unsigned long long)line->count[i].n);
	buf_adds(out, "},\"previous\":");
	json_add_b64(out, line->previous, HASH_BYTES);
	buf_addc(out, '}');
}

static bool name_ok(const char *text, size_t len, bool spaces)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (spaces && text[i] == ' ')))
			return false;
	return len >= 1 && len <= NAME_MAX_LEN;
}

static enum err read_counts(struct journal_line *out, json_t *object, struct why *why)
{
	json_t *value;
	const char *key;

	if (json_object_size(object) > JOURNAL_COUNTS_MAX)
		return why_check(why, "journal counts", "more than %d counts", JOURNAL_COUNTS_MAX);
	json_object_foreach(object, key, value)
	{
		size_t len = strlen(key);

		if (!name_ok(key, len, true) || !json_is_integer(value))
			return why_check(why, "journal counts", "a count is a name and a number");
		memcpy(out->count[out->counts].name, key, len + 1);
		out->count[out->counts++].n = (uint64_t)json_integer_value(value);
	}
	return OK;
}

enum err journal_line_read(struct journal_line *out, const char *text, size_t len, struct why *why)
{
	const char *event, *purpose;
	size_t event_len, purpose_len;
	struct fields f;
	json_t *root, *counts;
	enum err e = json_read(&root, text, len, why);

	if (e)
		return e;
	memset(out, 0, sizeof(*out));
	fields_begin(&f, root, "journal", why);
	fields_literal(&f, "type", "journal");
	out->n = fields_number(&f, "n", 0, NUMBER_MAX);
	out->at = fields_time(&f, "at");
	event = fields_string(&f, "event", &event_len);
	purpose = fields_string(&f, "purpose", &purpose_len);
	counts = fields_object(&f, "counts");
	fields_b64(&f, "previous", out->previous, HASH_BYTES);
	e = fields_end(&f);
	if (!e && !name_ok(event, event_len, false))
		e = why_check(why, "journal event", "an event is 1 to 32 letters a-z");
	if (!e && purpose_len >= sizeof(out->purpose))
		e = why_check(why, "journal purpose", "a purpose of more than %zu bytes",
		              sizeof(out->purpose) - 1);
	if (!e) {
		memcpy(out->event, event, event_len + 1);
		memcpy(out->purpose, purpose, purpose_len + 1);
		e = read_counts(out, counts, why);
	}
	json_decref(root);
	return e;
}

_Static_assert(sizeof(struct ledger_hash) >= sizeof(crypto_hash_sha256_state),
               "a ledger hash holds a SHA-256 state");

static crypto_hash_sha256_state *sha(struct ledger_hash *h)
{
	return (crypto_hash_sha256_state *)(void *)h->state;
}

void ledger_hash_begin(struct ledger_hash *h)
{
	crypto_hash_sha256_init(sha(h));
}

void ledger_hash_line(struct ledger_hash *h, const char *line, size_t len)
{
	crypto_hash_sha256_update(sha(h), (const unsigned char *)line, len);
	crypto_hash_sha256_update(sha(h), (const unsigned char *)"\n", 1);
}

/* The line up to its signature member. */
static void write_unsigned(struct buf *out, const struct ledger_totals *t,
                           const unsigned char election[HASH_BYTES])
{
	char at[TIME_TEXT];
	unsigned i;

	time_write(at, t->at);
	buf_adds(out, "{\"type\":\"ledger\",\"election\":");
	json_add_b64(out, election, HASH_BYTES);
	buf_addf(out, ",\"at\":\"%s\",\"issued\":%llu,\"replaced\":%llu,\"states\":{", at,
	         (unsigned long long)t->issued, (unsigned long long)t->replaced);
	for (i = 0; i < SEND_STATES; i++)
		buf_addf(out, "%s\"%s\":%llu", i ? "," : "", states[i],
		         (unsigned long long)t->state[i]);
	buf_adds(out, "},\"previous\":");
	json_add_b64(out, t->previous, HASH_BYTES);
}

static void digest(unsigned char out[HASH_BYTES], const struct ledger_hash *before,
                   const struct buf *unsigned_line)
{
	struct ledger_hash h = *before;

	crypto_hash_sha256_update(sha(&h), (const unsigned char *)unsigned_line->data,
	                          unsigned_line->len);
	crypto_hash_sha256_update(sha(&h), (const unsigned char *)"}", 1);
	crypto_hash_sha256_final(sha(&h), out);
}

void ledger_totals_write(struct buf *out, const struct ledger_totals *t, const struct manifest *m,
                         const struct ledger_hash *before,
                         const unsigned char secret[SIGN_SECRET_BYTES])
{
	unsigned char hash[HASH_BYTES], signature[SIGNATURE_BYTES];
	const struct part part = { hash, HASH_BYTES };
	struct buf line = BUF_INIT(JOURNAL_LINE_MAX);

	write_unsigned(&line, t, m->id);
	if (buf_err(&line)) {
		out->e = out->e ? out->e : buf_err(&line);
		goto done;
	}
	digest(hash, before, &line);
	sign_parts(signature, LABEL, m->id, &part, 1, secret);
	buf_add(out, line.data, line.len);
	buf_adds(out, ",\"signature\":");
	json_add_b64(out, signature, sizeof(signature));
	buf_addc(out, '}');
done:
	buf_free(&line);
}

static enum err read_totals(struct ledger_totals *out, unsigned char election[HASH_BYTES],
                            unsigned char signature[SIGNATURE_BYTES], json_t *root, struct why *why)
{
	struct fields f, inner;
	json_t *object;
	unsigned i;

	fields_begin(&f, root, "ledger", why);
	fields_literal(&f, "type", "ledger");
	fields_b64(&f, "election", election, HASH_BYTES);
	out->at = fields_time(&f, "at");
	out->issued = fields_number(&f, "issued", 0, NUMBER_MAX);
	out->replaced = fields_number(&f, "replaced", 0, NUMBER_MAX);
	object = fields_object(&f, "states");
	if (!f.e) {
		fields_begin(&inner, object, "ledger", why);
		for (i = 0; i < SEND_STATES; i++)
			out->state[i] = fields_number(&inner, states[i], 0, NUMBER_MAX);
		f.e = fields_end(&inner);
	}
	fields_b64(&f, "previous", out->previous, HASH_BYTES);
	fields_b64(&f, "signature", signature, SIGNATURE_BYTES);
	return fields_end(&f);
}

enum err ledger_totals_read(struct ledger_totals *out, const char *line, size_t len,
                            const struct manifest *m, const struct ledger_hash *before,
                            struct why *why)
{
	unsigned char election[HASH_BYTES], signature[SIGNATURE_BYTES], hash[HASH_BYTES];
	const struct part part = { hash, HASH_BYTES };
	struct buf again = BUF_INIT(JOURNAL_LINE_MAX);
	json_t *root;
	enum err e = json_read(&root, line, len, why);

	if (e)
		return e;
	e = read_totals(out, election, signature, root, why);
	if (!e && memcmp(election, m->id, HASH_BYTES) != 0)
		e = why_check(why, "ledger election", "this ledger is of another election");
	if (!e) {
		write_unsigned(&again, out, m->id);
		e = buf_err(&again);
	}
	if (!e) {
		digest(hash, before, &again);
		if (sign_check(signature, LABEL, m->id, &part, 1, m->mailer_key))
			e = why_check(why, "ledger signature",
			              "the mailer did not sign this ledger");
	}
	buf_free(&again);
	json_decref(root);
	return e;
}
