/* SPDX-License-Identifier: MIT */
#include "core/ceremony.h"

#include <stdlib.h>
#include <string.h>

#include "core/shamir.h"
#include "core/text.h"

#define PROOF_BYTES (2 * GROUP_BYTES)

enum err ceremony_numbers(unsigned threshold, unsigned count, struct why *why)
{
	if (count < 1 || count > TRUSTEES_MAX || threshold < 1 || threshold > count)
		return why_check(why, "trustees threshold",
		                 "%u of %u trustees: there are 1 to %d of them, and at least one "
		                 "and at most all of them decrypt",
		                 threshold, count, TRUSTEES_MAX);
	if (2 * threshold <= count)
		return why_check(why, "trustees threshold",
		                 "%u of %u trustees: two groups with no member in common could "
		                 "decrypt two boards; more than half must be needed",
		                 threshold, count);
	return OK;
}

static void read_proof(struct trustee_entry *entry, struct fields *f)
{
	unsigned char proof[PROOF_BYTES];

	fields_b64(f, "proof", proof, sizeof(proof));
	if (f->e)
		return;
	memcpy(entry->proof_r.bytes, proof, GROUP_BYTES);
	if (!point_valid(&entry->proof_r))
		f->e = why_check(f->why, "point", "a trustee's proof: R is no canonical point");
	else if (scalar_read(&entry->proof_z, proof + GROUP_BYTES))
		f->e = why_check(f->why, "scalar", "a trustee's proof: z is not below q");
}

static void read_commitments(struct trustee_entry *entry, struct fields *f, unsigned threshold)
{
	json_t *list = fields_array(f, "commitments");

	if (f->e)
		return;
	if (json_array_size(list) != threshold) {
		f->e = why_check(f->why, "trustees commitments",
		                 "a trustee has %zu commitments; the threshold asks for %u",
		                 json_array_size(list), threshold);
		return;
	}
	for (unsigned l = 0; l < threshold; l++) {
		const json_t *item = json_array_get(list, l);
		struct point *p = &entry->commitment[l];

		if (!json_is_string(item) ||
		    b64_read(p->bytes, GROUP_BYTES, json_string_value(item),
		             json_string_length(item))) {
			f->e = why_check(f->why, "trustees commitments",
			                 "commitment %u of a trustee is not base64 of 32 bytes", l);
			return;
		}
		if (!point_valid(p)) {
			f->e = why_check(f->why, "point",
			                 "commitment %u of a trustee is no canonical point", l);
			return;
		}
	}
}

enum err ceremony_entry_read(struct trustee_entry *entry, json_t *member, unsigned threshold,
                             struct why *why)
{
	struct fields f;
	size_t len;

	memset(entry, 0, sizeof(*entry));
	if (threshold < 1 || threshold > TRUSTEES_MAX)
		return ceremony_numbers(threshold, TRUSTEES_MAX, why);
	fields_begin(&f, member, "trustees", why);
	entry->name = fields_string(&f, "name", &len);
	if (!f.e && text_blank(entry->name, len))
		f.e = why_check(why, "trustees name", "a trustee's name is empty");
	fields_b64(&f, "sealing_key", entry->sealing_key, sizeof(entry->sealing_key));
	read_commitments(entry, &f, threshold);
	read_proof(entry, &f);
	return fields_end(&f);
}

void ceremony_entry_write(struct buf *out, const struct trustee_entry *entry, unsigned threshold)
{
	unsigned char proof[PROOF_BYTES];

	memcpy(proof, entry->proof_r.bytes, GROUP_BYTES);
	memcpy(proof + GROUP_BYTES, entry->proof_z.bytes, GROUP_BYTES);
	buf_adds(out, "{\"name\":");
	json_add_string(out, entry->name, strlen(entry->name));
	buf_adds(out, ",\"sealing_key\":");
	json_add_b64(out, entry->sealing_key, sizeof(entry->sealing_key));
	buf_adds(out, ",\"commitments\":[");
	for (unsigned l = 0; l < threshold; l++) {
		if (l)
			buf_addc(out, ',');
		json_add_b64(out, entry->commitment[l].bytes, GROUP_BYTES);
	}
	buf_adds(out, "],\"proof\":");
	json_add_b64(out, proof, sizeof(proof));
	buf_addc(out, '}');
}

/* What the commitment hashes and the proof binds: the two differ in the label alone, and in
 * the R that the proof adds. */
static void add_public(struct transcript *t, const struct trustee_entry *entry,
                       const char *ceremony, unsigned i, unsigned threshold, unsigned count)
{
	transcript_add(t, ceremony, strlen(ceremony));
	transcript_add_le32(t, i);
	transcript_add_le32(t, threshold);
	transcript_add_le32(t, count);
	transcript_add(t, entry->sealing_key, sizeof(entry->sealing_key));
	for (unsigned l = 0; l < threshold; l++)
		transcript_add_point(t, &entry->commitment[l]);
}

void ceremony_entry_challenge(struct scalar *c, const struct trustee_entry *entry,
                              const char *ceremony, unsigned i, unsigned threshold, unsigned count)
{
	struct transcript t;

	transcript_begin(&t, "votepost/1 trustee");
	add_public(&t, entry, ceremony, i, threshold, count);
	transcript_add_point(&t, &entry->proof_r);
	transcript_scalar(&t, c);
}

/* z·G = R + c·key: every proof of this file. */
static bool proof_holds(const struct scalar *z, const struct point *r, const struct scalar *c,
                        const struct point *key)
{
	struct point left, right;

	point_base(&left, z);
	return point_mul(&right, c, key) == OK && point_add(&right, &right, r) == OK &&
	       point_equal(&left, &right);
}

enum err ceremony_entry_check(const struct trustee_entry *entry, const char *ceremony, unsigned i,
                              unsigned threshold, unsigned count, struct why *why)
{
	struct scalar c;

	ceremony_entry_challenge(&c, entry, ceremony, i, threshold, count);
	if (!proof_holds(&entry->proof_z, &entry->proof_r, &c, &entry->commitment[0]))
		return why_check(why, "trustee proof",
		                 "trustee %u (%s) does not show that it knows its part of the key",
		                 i, entry->name ? entry->name : "");
	return OK;
}

enum err ceremony_commitment(unsigned char out[HASH_BYTES], const struct trustee_entry *entry,
                             const char *ceremony, unsigned i, unsigned threshold, unsigned count)
{
	struct transcript t;
	enum err e = ceremony_numbers(threshold, count, NULL);

	if (e)
		return e;
	transcript_begin(&t, "votepost/1 commitment");
	add_public(&t, entry, ceremony, i, threshold, count);
	transcript_hash(&t, out);
	return OK;
}

enum err ceremony_key(struct point *election_key, const struct trustees *t)
{
	struct point sum = { { 0 } };

	for (unsigned i = 0; i < t->count; i++) {
		enum err e = point_add(&sum, &sum, &t->entry[i].commitment[0]);

		if (e)
			return e;
	}
	*election_key = sum;
	return OK;
}

enum err ceremony_shares(struct trustees *t, struct why *why)
{
	struct point sum[TRUSTEES_MAX] = { { { 0 } } };

	for (unsigned i = 0; i < t->count; i++) {
		for (unsigned l = 0; l < t->threshold; l++) {
			if (point_add(&sum[l], &sum[l], &t->entry[i].commitment[l]))
				return why_check(why, "point",
				                 "trustee %u: commitment %u is no canonical point",
				                 i + 1, l);
		}
	}
	for (unsigned j = 1; j <= t->count; j++) {
		if (shamir_commitment(&t->share[j - 1], sum, t->threshold, j))
			return why_check(why, "point", "trustee %u has no public share", j);
	}
	return OK;
}

enum err ceremony_deal_point(struct point *out, const struct trustee_entry *from,
                             unsigned threshold, unsigned j)
{
	return shamir_commitment(out, from->commitment, threshold, j);
}

void ceremony_accepted_challenge(struct scalar *c, const unsigned char election[HASH_BYTES],
                                 unsigned j, const struct point *share, const struct point *r)
{
	struct transcript t;

	transcript_begin(&t, "votepost/1 accepted");
	transcript_add(&t, election, HASH_BYTES);
	transcript_add_le32(&t, j);
	transcript_add_point(&t, share);
	transcript_add_point(&t, r);
	transcript_scalar(&t, c);
}

enum err ceremony_accepted_check(const struct trustees *t, const unsigned char election[HASH_BYTES],
                                 unsigned j, const struct point *r, const struct scalar *z,
                                 struct why *why)
{
	struct scalar c;

	if (j < 1 || j > t->count)
		return why_check(why, "accepted trustee", "there is no trustee %u among %u", j,
		                 t->count);
	ceremony_accepted_challenge(&c, election, j, &t->share[j - 1], r);
	if (!proof_holds(z, r, &c, &t->share[j - 1]))
		return why_check(why, "accepted proof",
		                 "trustee %u does not show that it holds its share", j);
	return OK;
}

/* The keys that commit-i and reveal-i share. */
static const char *read_place(struct fields *f, unsigned *i, unsigned *threshold, unsigned *count,
                              struct why *why)
{
	const char *ceremony = fields_string(f, "ceremony", NULL);

	*i = (unsigned)fields_number(f, "trustee", 1, TRUSTEES_MAX);
	*threshold = (unsigned)fields_number(f, "threshold", 1, TRUSTEES_MAX);
	*count = (unsigned)fields_number(f, "trustees", 1, TRUSTEES_MAX);
	if (!f->e)
		f->e = ceremony_numbers(*threshold, *count, why);
	if (!f->e && *i > *count)
		f->e = why_check(why, "trustees number", "trustee %u of %u", *i, *count);
	return ceremony;
}

static void add_place(struct buf *out, const char *type, const char *ceremony, unsigned i,
                      unsigned threshold, unsigned count)
{
	buf_addf(out, "{\"type\":\"%s\",\"ceremony\":", type);
	json_add_string(out, ceremony, strlen(ceremony));
	buf_addf(out, ",\"trustee\":%u,\"threshold\":%u,\"trustees\":%u,", i, threshold, count);
}

enum err commitment_read(struct commitment *out, const char *line, size_t len, struct why *why)
{
	struct fields f;
	json_t *object = NULL;
	const char *ceremony;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = json_read(&object, line, len, why);
	if (e)
		goto done;
	fields_begin(&f, object, "commitment", why);
	fields_literal(&f, "type", "commitment");
	ceremony = read_place(&f, &out->trustee, &out->threshold, &out->count, why);
	fields_b64(&f, "hash", out->hash, sizeof(out->hash));
	e = fields_end(&f);
	if (e)
		goto done;
	out->ceremony = strdup(ceremony);
	if (!out->ceremony)
		e = why_set(why, ERR_MEMORY, "%s", err_text(ERR_MEMORY));
done:
	json_decref(object);
	return e;
}

void commitment_release(struct commitment *c)
{
	free(c->ceremony);
	memset(c, 0, sizeof(*c));
}

void commitment_write(struct buf *out, const char *ceremony, unsigned i, unsigned threshold,
                      unsigned count, const unsigned char hash[HASH_BYTES])
{
	add_place(out, "commitment", ceremony, i, threshold, count);
	buf_adds(out, "\"hash\":");
	json_add_b64(out, hash, HASH_BYTES);
	buf_addc(out, '}');
}

enum err reveal_read(struct reveal *out, const char *line, size_t len, struct why *why)
{
	struct fields f;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = json_read(&out->owned, line, len, why);
	if (e)
		return e;
	fields_begin(&f, out->owned, "reveal", why);
	fields_literal(&f, "type", "reveal");
	out->ceremony = read_place(&f, &out->trustee, &out->threshold, &out->count, why);
	out->member = fields_object(&f, "member");
	if (!f.e)
		f.e = ceremony_entry_read(&out->entry, out->member, out->threshold, why);
	e = fields_end(&f);
	if (e)
		reveal_release(out);
	return e;
}

void reveal_release(struct reveal *r)
{
	json_decref(r->owned);
	memset(r, 0, sizeof(*r));
}

void reveal_write(struct buf *out, const char *ceremony, unsigned i, unsigned threshold,
                  unsigned count, const struct trustee_entry *entry)
{
	add_place(out, "reveal", ceremony, i, threshold, count);
	buf_adds(out, "\"member\":");
	ceremony_entry_write(out, entry, threshold);
	buf_addc(out, '}');
}

enum err deal_read(struct deal *out, const char *line, size_t len, struct why *why)
{
	struct fields f;
	json_t *object = NULL;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = json_read(&object, line, len, why);
	if (e)
		return e;
	fields_begin(&f, object, "deal", why);
	fields_literal(&f, "type", "deal");
	fields_b64(&f, "election", out->election, sizeof(out->election));
	out->from = (unsigned)fields_number(&f, "from", 1, TRUSTEES_MAX);
	out->to = (unsigned)fields_number(&f, "to", 1, TRUSTEES_MAX);
	fields_b64(&f, "box", out->box, sizeof(out->box));
	e = fields_end(&f);
	json_decref(object);
	return e;
}

void deal_write(struct buf *out, const struct deal *deal)
{
	buf_adds(out, "{\"type\":\"deal\",\"election\":");
	json_add_b64(out, deal->election, HASH_BYTES);
	buf_addf(out, ",\"from\":%u,\"to\":%u,\"box\":", deal->from, deal->to);
	json_add_b64(out, deal->box, sizeof(deal->box));
	buf_addc(out, '}');
}
