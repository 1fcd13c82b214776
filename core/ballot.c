/* SPDX-License-Identifier: MIT */
#include "core/ballot.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/json.h"
#include "core/proof.h"
#include "core/text.h"

#define TRACKER_BITS 100

static const char BEFORE_CHANNEL[] = "{\"type\":\"ballot\",\"channel\":\"";
static const char BEFORE_CREDENTIAL[] = "\",\"credential\":";
static const char BEFORE_BODY[] = ",\"body\":";
static const char BEFORE_SIGNATURE[] = ",\"signature\":";

size_t ballot_body_bytes(const struct manifest *m)
{
	size_t bytes = 0;
	unsigned i;

	for (i = 0; i < m->rows; i++)
		bytes += row_bytes(&m->row[i]);
	return bytes;
}

size_t ballot_line_bytes(const struct manifest *m, enum channel channel)
{
	return sizeof(BEFORE_CHANNEL) - 1 + strlen(channel_name(channel)) +
	       sizeof(BEFORE_CREDENTIAL) - 1 + 2 + B64_LEN((size_t)GROUP_BYTES) +
	       sizeof(BEFORE_BODY) - 1 + 2 + B64_LEN(ballot_body_bytes(m)) +
	       sizeof(BEFORE_SIGNATURE) - 1 + 2 + B64_LEN((size_t)2 * GROUP_BYTES) + 1;
}

static void write_line(struct buf *out, const struct ballot *b, size_t body_bytes)
{
	unsigned char signature[2 * GROUP_BYTES];

	memcpy(signature, b->r.bytes, GROUP_BYTES);
	memcpy(signature + GROUP_BYTES, b->z.bytes, GROUP_BYTES);
	buf_adds(out, BEFORE_CHANNEL);
	buf_adds(out, channel_name(b->channel));
	buf_adds(out, BEFORE_CREDENTIAL);
	json_add_b64(out, b->credential.bytes, GROUP_BYTES);
	buf_adds(out, BEFORE_BODY);
	json_add_b64(out, b->body, body_bytes);
	buf_adds(out, BEFORE_SIGNATURE);
	json_add_b64(out, signature, sizeof(signature));
	buf_addc(out, '}');
}

static void signature_challenge(struct scalar *c, const struct ballot *b, const struct manifest *m)
{
	const char *channel = channel_name(b->channel);
	struct transcript t;

	transcript_begin(&t, "votepost/1 ballot");
	transcript_add(&t, m->id, HASH_BYTES);
	transcript_add_point(&t, &b->credential);
	transcript_add(&t, channel, strlen(channel));
	transcript_add(&t, b->body, ballot_body_bytes(m));
	transcript_add_point(&t, &b->r);
	transcript_scalar(&t, c);
}

static void sign(struct ballot *b, const struct manifest *m, const struct scalar *secret,
                 struct nonces *nonces)
{
	struct scalar k, c;

	nonces_next(nonces, &k);
	point_base(&b->r, &k);
	signature_challenge(&c, b, m);
	scalar_mul(&b->z, &c, secret);
	scalar_add(&b->z, &b->z, &k);
	scalar_wipe(&k);
}

/* One row's cells and its proof; returns what follows them. */
static enum err make_row(unsigned char **at, const struct proof_context *ctx, unsigned row,
                         const unsigned char *cells, struct nonces *nonces)
{
	const struct row *shape = &ctx->m->row[row];
	struct scalar r, all = { { 0 } };
	unsigned i, sum = 0;
	enum err e = OK;

	for (i = 0; !e && i < shape->cells; i++) {
		unsigned weight = shape->blank && i == shape->cells - 1 ? shape->hi : 1;
		unsigned value = cells[shape->first_cell + i];

		e = cell_prove(*at + (size_t)i * CELL_BYTES, &r, ctx, row, i, value, nonces);
		if (weight != 1) {
			struct scalar w;

			scalar_from(&w, weight);
			scalar_mul(&r, &r, &w);
		}
		scalar_add(&all, &all, &r);
		sum += value * weight;
	}
	if (!e)
		e = row_prove(*at, ctx, row, &all, sum, nonces);
	*at += row_bytes(shape);
	scalar_wipe(&r);
	scalar_wipe(&all);
	return e;
}

enum err ballot_make(struct buf *line, const struct manifest *m, enum channel channel,
                     const struct scalar *secret, const unsigned char *cells)
{
	size_t bytes = ballot_body_bytes(m);
	struct proof_context ctx = { .m = m };
	struct ballot b = { .channel = channel, .body = malloc(bytes) };
	unsigned char *at = b.body;
	struct nonces nonces;
	enum err e = OK;
	unsigned row;

	if (!manifest_cells_fit(m, cells))
		bug("a ballot that its own proofs would refuse");
	if (!b.body)
		return ERR_MEMORY;
	nonces_init(&nonces, secret);
	point_base(&b.credential, secret);
	ctx.credential = b.credential;
	for (row = 0; !e && row < m->rows; row++)
		e = make_row(&at, &ctx, row, cells, &nonces);
	if (!e) {
		sign(&b, m, secret, &nonces);
		write_line(line, &b, bytes);
		e = buf_err(line);
	}
	nonces_wipe(&nonces);
	ballot_release(&b);
	return e;
}

/* Every scalar below q, and no α that anyone could read. */
static enum err check_row_form(const unsigned char *in, const struct row *row, unsigned number,
                               struct why *why)
{
	size_t branches = row->hi - row->lo + 1, i, j;
	struct scalar unused;
	struct point alpha;

	for (i = 0; i < row->cells; i++, in += CELL_BYTES) {
		memcpy(&alpha, in, sizeof(alpha));
		if (point_is_identity(&alpha))
			return why_check(why, "ballot alpha", "row %u, cell %zu is not encrypted",
			                 number, i);
		for (j = CELL_POINTS; j < CELL_BYTES / GROUP_BYTES; j++)
			if (scalar_read(&unused, in + j * GROUP_BYTES))
				goto wrong;
	}
	for (j = 2 * branches; j < 4 * branches - 1; j++)
		if (scalar_read(&unused, in + j * GROUP_BYTES))
			goto wrong;
	return OK;
wrong:
	return why_check(why, "scalar", "row %u holds a scalar that is not below q", number);
}

static enum err read_body(struct ballot *b, const struct manifest *m, const char *text, size_t len,
                          struct why *why)
{
	size_t bytes = ballot_body_bytes(m);
	const unsigned char *at;
	enum err e = OK;
	unsigned row;

	if (len != B64_LEN(bytes))
		return why_check(why, "ballot length", "a body of %zu characters, not %zu", len,
		                 B64_LEN(bytes));
	b->body = malloc(bytes);
	if (!b->body)
		return why_set(why, ERR_MEMORY, "out of memory");
	if (b64_read(b->body, bytes, text, len))
		return why_check(why, "ballot body", "the body is not base64");
	for (row = 0, at = b->body; !e && row < m->rows; at += row_bytes(&m->row[row]), row++)
		e = check_row_form(at, &m->row[row], row, why);
	return e;
}

static enum err read_fields(struct ballot *b, const struct manifest *m, json_t *root,
                            struct why *why)
{
	unsigned char signature[2 * GROUP_BYTES];
	const char *channel, *body;
	struct fields f;
	size_t len;

	fields_begin(&f, root, "ballot", why);
	fields_literal(&f, "type", "ballot");
	channel = fields_string(&f, "channel", NULL);
	if (!f.e && (channel_read(&b->channel, channel) || !m->channel[b->channel]))
		return why_check(why, "ballot channel", "the channel %.20s is not allowed",
		                 channel);
	fields_b64(&f, "credential", b->credential.bytes, GROUP_BYTES);
	if (!f.e && point_is_identity(&b->credential))
		return why_check(why, "ballot credential", "the credential is the identity");
	body = fields_string(&f, "body", &len);
	if (!f.e)
		f.e = read_body(b, m, body, len, why);
	fields_b64(&f, "signature", signature, sizeof(signature));
	if (!f.e && scalar_read(&b->z, signature + GROUP_BYTES))
		return why_check(why, "scalar", "the signature's scalar is not below q");
	memcpy(b->r.bytes, signature, GROUP_BYTES);
	return fields_end(&f);
}

enum err ballot_read(struct ballot *b, const struct manifest *m, const char *line, size_t len,
                     struct why *why)
{
	json_t *root;
	enum err e;

	memset(b, 0, sizeof(*b));
	e = json_read(&root, line, len, why);
	if (!e)
		e = read_fields(b, m, root, why);
	json_decref(root);
	return e;
}

void ballot_release(struct ballot *b)
{
	free(b->body);
	b->body = NULL;
}

/* R = z·G − c·C, compared as bytes: an R that is no point's encoding equals nothing. */
enum err ballot_check_signature(const struct ballot *b, const struct manifest *m, struct why *why)
{
	struct point left, right;
	struct scalar c;

	signature_challenge(&c, b, m);
	point_base(&left, &b->z);
	if (point_mul(&right, &c, &b->credential) || point_sub(&left, &left, &right) ||
	    !point_equal(&left, &b->r))
		return why_check(why, "ballot signature", "the ballot's signature does not hold");
	return OK;
}

enum err ballot_check_proofs(const struct ballot *b, const struct manifest *m, struct why *why)
{
	struct proof_context ctx = { m, b->credential };
	const unsigned char *at = b->body;
	enum err e = OK;
	unsigned row, i;

	for (row = 0; !e && row < m->rows; at += row_bytes(&m->row[row]), row++) {
		for (i = 0; !e && i < m->row[row].cells; i++)
			e = cell_check(at + (size_t)i * CELL_BYTES, &ctx, row, i, why);
		if (!e)
			e = row_check(at, &ctx, row, why);
	}
	return e;
}

void ballot_cell(struct point *alpha, struct point *beta, const struct ballot *b,
                 const struct manifest *m, unsigned row, unsigned cell)
{
	const unsigned char *at = b->body;
	unsigned i;

	if (row >= m->rows || cell >= m->row[row].cells)
		bug("a cell that the ballot does not have");
	for (i = 0; i < row; i++)
		at += row_bytes(&m->row[i]);
	at += (size_t)cell * CELL_BYTES;
	memcpy(alpha, at, GROUP_BYTES);
	memcpy(beta, at + GROUP_BYTES, GROUP_BYTES);
}

void ballot_tracker(char out[TRACKER_TEXT], const char *line, size_t len)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char plain[TRACKER_BITS / 5 + 1];

	crypto_hash_sha256(hash, (const unsigned char *)line, len);
	b32_write(plain, hash, TRACKER_BITS);
	text_group(out, plain, 4, 5);
}
