/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/tally.h"

#define SHARE_CELL_BYTES (4 * GROUP_BYTES)

static enum err read_share_cells(struct share *out, const struct manifest *m,
                                 const unsigned char *body, struct why *why)
{
	for (unsigned c = 0; c < m->cells; c++, body += SHARE_CELL_BYTES) {
		struct share_cell *s = &out->cell[c];

		memcpy(s->d.bytes, body, GROUP_BYTES);
		memcpy(s->a.bytes, body + GROUP_BYTES, GROUP_BYTES);
		memcpy(s->b.bytes, body + 2 * GROUP_BYTES, GROUP_BYTES);
		if (scalar_read(&s->z, body + 3 * GROUP_BYTES))
			return why_check(why, "scalar", "cell %u: z is not below q", c);
	}
	return OK;
}

enum err share_read(struct share *out, const struct manifest *m, const char *line, size_t len,
                    struct why *why)
{
	size_t bytes = m->cells * (size_t)SHARE_CELL_BYTES;
	unsigned char *body = malloc(bytes);
	json_t *object = NULL;
	struct fields f;
	enum err e;

	memset(out, 0, sizeof(*out));
	out->cell = calloc(m->cells, sizeof(*out->cell));
	if (!body || !out->cell) {
		e = why_set(why, ERR_MEMORY, "no memory for a share");
		goto done;
	}
	e = json_read(&object, line, len, why);
	if (e)
		goto done;
	fields_begin(&f, object, "share", why);
	fields_literal(&f, "type", "share");
	out->trustee = (unsigned)fields_number(&f, "trustee", 1, m->trustees.count);
	fields_b64(&f, "head", out->head, sizeof(out->head));
	fields_b64(&f, "body", body, bytes);
	e = fields_end(&f);
	if (!e)
		e = read_share_cells(out, m, body, why);
done:
	free(body);
	json_decref(object);
	return e;
}

void share_release(struct share *s)
{
	free(s->cell);
	memset(s, 0, sizeof(*s));
}

void share_challenge(struct scalar *c, const struct manifest *m,
                     const unsigned char closed_root[HASH_BYTES], unsigned j, unsigned row,
                     unsigned cell, const struct point *a_total, const struct point *share_key,
                     const struct share_cell *s)
{
	struct transcript t;

	transcript_begin(&t, "votepost/1 decryption");
	transcript_add(&t, m->id, HASH_BYTES);
	transcript_add(&t, closed_root, HASH_BYTES);
	transcript_add_le32(&t, j);
	transcript_add_le32(&t, row);
	transcript_add_le32(&t, cell);
	transcript_add_point(&t, a_total);
	transcript_add_point(&t, share_key);
	transcript_add_point(&t, &s->d);
	transcript_add_point(&t, &s->a);
	transcript_add_point(&t, &s->b);
	transcript_scalar(&t, c);
}

/* left = right + c·factor, where left is given. */
static bool equation_holds(const struct point *left, const struct point *right,
                           const struct scalar *c, const struct point *factor)
{
	struct point p;

	return point_mul(&p, c, factor) == OK && point_add(&p, &p, right) == OK &&
	       point_equal(left, &p);
}

static bool cell_holds(const struct share_cell *s, const struct scalar *c,
                       const struct point *a_total, const struct point *share_key)
{
	struct point zg, za;

	point_base(&zg, &s->z);
	return equation_holds(&zg, &s->a, c, share_key) && point_mul(&za, &s->z, a_total) == OK &&
	       equation_holds(&za, &s->b, c, &s->d);
}

enum err share_check(const struct share *s, const struct manifest *m, const struct tally *t,
                     const unsigned char closed_root[HASH_BYTES], struct why *why)
{
	const struct point *key = &m->trustees.share[s->trustee - 1];

	if (memcmp(s->head, closed_root, HASH_BYTES) != 0)
		return why_check(why, "share head", "trustee %u decrypts another board",
		                 s->trustee);
	for (unsigned r = 0; r < m->rows; r++) {
		for (unsigned c = 0; c < m->row[r].cells; c++) {
			unsigned at = m->row[r].first_cell + c;
			struct scalar challenge;

			share_challenge(&challenge, m, closed_root, s->trustee, r, c,
			                &t->total[at].a, key, &s->cell[at]);
			if (!cell_holds(&s->cell[at], &challenge, &t->total[at].a, key))
				return why_check(why, "share proof",
				                 "trustee %u: the proof of row %u, cell %u does "
				                 "not hold",
				                 s->trustee, r, c);
		}
	}
	return OK;
}
