/* SPDX-License-Identifier: MIT */
#include "core/trustee.h"

#include <string.h>

#include <sodium.h>

#include "core/shamir.h"

_Static_assert(DEAL_BOX_BYTES == GROUP_BYTES + crypto_box_SEALBYTES, "a box holds one scalar");

void trustee_wipe(struct trustee_secret *secret)
{
	sodium_memzero(secret, sizeof(*secret));
}

/* z = w + c·secret: the answer that ends every proof here. */
static void answer(struct scalar *z, const struct scalar *w, const struct scalar *c,
                   const struct scalar *secret)
{
	scalar_mul(z, c, secret);
	scalar_add(z, z, w);
}

void trustee_draw(struct trustee_secret *secret, struct trustee_entry *entry, const char *ceremony,
                  unsigned i, unsigned threshold, unsigned count)
{
	struct nonces nonces;
	struct scalar w, c;

	if (ceremony_numbers(threshold, count, NULL) || i < 1 || i > count)
		bug("a trustee that the ceremony has no place for");
	memset(secret, 0, sizeof(*secret));
	crypto_box_keypair(entry->sealing_key, secret->sealing_secret);
	for (unsigned l = 0; l < threshold; l++) {
		scalar_random(&secret->coefficient[l]);
		point_base(&entry->commitment[l], &secret->coefficient[l]);
	}
	nonces_init(&nonces, &secret->coefficient[0]);
	nonces_next(&nonces, &w);
	point_base(&entry->proof_r, &w);
	ceremony_entry_challenge(&c, entry, ceremony, i, threshold, count);
	answer(&entry->proof_z, &w, &c, &secret->coefficient[0]);
	scalar_wipe(&w);
	nonces_wipe(&nonces);
}

enum err trustee_deal(struct deal *out, const struct trustee_secret *secret,
                      const struct manifest *m, unsigned from, unsigned to, struct why *why)
{
	struct scalar value;
	int failed;

	if (to < 1 || to > m->trustees.count)
		bug("a deal to no trustee");
	memset(out, 0, sizeof(*out));
	memcpy(out->election, m->id, HASH_BYTES);
	out->from = from;
	out->to = to;
	shamir_share(&value, secret->coefficient, m->trustees.threshold, to);
	failed = crypto_box_seal(out->box, value.bytes, sizeof(value.bytes),
	                         m->trustees.entry[to - 1].sealing_key);
	scalar_wipe(&value);
	if (failed)
		return why_check(why, "trustees sealing key",
		                 "trustee %u has a sealing key that nothing can be sealed to", to);
	return OK;
}

/* The box belongs to this election and this trustee, opens, and holds a scalar. */
static enum err open_box(struct scalar *value, const struct trustee_secret *secret,
                         const struct manifest *m, const struct deal *deal, struct why *why)
{
	unsigned char key[32], bytes[GROUP_BYTES];
	enum err e = OK;

	if (memcmp(deal->election, m->id, HASH_BYTES) != 0)
		return why_check(why, "deal election",
		                 "the deal of trustee %u is for another "
		                 "election",
		                 deal->from);
	if (deal->from < 1 || deal->from > m->trustees.count || deal->to < 1 ||
	    deal->to > m->trustees.count)
		return why_check(why, "deal trustee", "a deal from %u to %u among %u trustees",
		                 deal->from, deal->to, m->trustees.count);
	crypto_scalarmult_base(key, secret->sealing_secret);
	if (memcmp(key, m->trustees.entry[deal->to - 1].sealing_key, sizeof(key)) != 0)
		return why_check(why, "deal trustee",
		                 "the deal of trustee %u is to trustee %u, "
		                 "whose key this is not",
		                 deal->from, deal->to);
	if (crypto_box_seal_open(bytes, deal->box, sizeof(deal->box), key, secret->sealing_secret))
		e = why_check(why, "deal box", "the box of trustee %u does not open", deal->from);
	else if (scalar_read(value, bytes))
		e = why_check(why, "scalar", "the box of trustee %u holds no scalar", deal->from);
	sodium_memzero(bytes, sizeof(bytes));
	return e;
}

enum err trustee_open(struct scalar *sum, const struct trustee_secret *secret,
                      const struct manifest *m, const struct deal *deal, struct why *why)
{
	struct scalar value;
	struct point got, due;
	enum err e;

	e = open_box(&value, secret, m, deal, why);
	if (e)
		return e;
	point_base(&got, &value);
	if (ceremony_deal_point(&due, &m->trustees.entry[deal->from - 1], m->trustees.threshold,
	                        deal->to) ||
	    !point_equal(&got, &due))
		e = why_check(why, "deal share",
		              "what trustee %u dealt is not what it committed to", deal->from);
	else
		scalar_add(sum, sum, &value);
	scalar_wipe(&value);
	return e;
}

enum err trustee_accept(struct buf *line, struct trustee_secret *secret, const struct manifest *m,
                        unsigned j, const struct scalar *sum, struct why *why)
{
	struct nonces nonces;
	struct scalar w, c, z;
	struct point key, r;

	if (j < 1 || j > m->trustees.count)
		bug("a trustee that the manifest does not have");
	point_base(&key, sum);
	if (!point_equal(&key, &m->trustees.share[j - 1]))
		return why_check(why, "accepted share",
		                 "the sum of what was dealt is not trustee %u's share", j);
	secret->share = *sum;
	nonces_init(&nonces, sum);
	nonces_next(&nonces, &w);
	point_base(&r, &w);
	ceremony_accepted_challenge(&c, m->id, j, &key, &r);
	answer(&z, &w, &c, sum);
	accepted_write(line, j, &r, &z);
	scalar_wipe(&w);
	nonces_wipe(&nonces);
	return buf_err(line);
}

static enum err decrypt_cell(struct share_cell *s, struct scalar *w,
                             const struct trustee_secret *secret, const struct point *a_total)
{
	enum err e = point_mul(&s->d, &secret->share, a_total);

	point_base(&s->a, w);
	return e ? e : point_mul(&s->b, w, a_total);
}

static void add_cell(struct buf *body, const struct share_cell *s)
{
	buf_add(body, s->d.bytes, GROUP_BYTES);
	buf_add(body, s->a.bytes, GROUP_BYTES);
	buf_add(body, s->b.bytes, GROUP_BYTES);
	buf_add(body, s->z.bytes, GROUP_BYTES);
}

static enum err decrypt_cells(struct buf *body, const struct trustee_secret *secret,
                              const struct manifest *m, unsigned j,
                              const unsigned char closed_root[HASH_BYTES],
                              const struct tally *tally)
{
	struct nonces nonces;
	struct scalar w, challenge;
	enum err e = OK;

	nonces_init(&nonces, &secret->share);
	for (unsigned r = 0; r < m->rows && !e; r++) {
		for (unsigned c = 0; c < m->row[r].cells && !e; c++) {
			const struct point *a_total = &tally->total[m->row[r].first_cell + c].a;
			struct share_cell s;

			nonces_next(&nonces, &w);
			e = decrypt_cell(&s, &w, secret, a_total);
			if (e)
				break;
			share_challenge(&challenge, m, closed_root, j, r, c, a_total,
			                &m->trustees.share[j - 1], &s);
			answer(&s.z, &w, &challenge, &secret->share);
			add_cell(body, &s);
		}
	}
	scalar_wipe(&w);
	nonces_wipe(&nonces);
	return e ? e : buf_err(body);
}

enum err trustee_decrypt(struct buf *file, const struct trustee_secret *secret,
                         const struct manifest *m, unsigned j,
                         const unsigned char closed_root[HASH_BYTES], const struct tally *tally,
                         struct why *why)
{
	struct buf body = BUF_INIT(CELLS_MAX * 4 * GROUP_BYTES);
	struct point key;
	enum err e;

	point_base(&key, &secret->share);
	if (j < 1 || j > m->trustees.count || !point_equal(&key, &m->trustees.share[j - 1]))
		return why_check(why, "accepted share", "this is not trustee %u's share", j);
	e = decrypt_cells(&body, secret, m, j, closed_root, tally);
	if (!e) {
		buf_addf(file, "{\"type\":\"share\",\"trustee\":%u,\"head\":", j);
		json_add_b64(file, closed_root, HASH_BYTES);
		buf_adds(file, ",\"body\":");
		json_add_b64(file, body.data, body.len);
		buf_addc(file, '}');
		e = buf_err(file);
	}
	buf_free(&body);
	return e ? why_set(why, e, "%s", err_text(e)) : OK;
}
