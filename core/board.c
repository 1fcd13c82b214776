/* SPDX-License-Identifier: MIT */
#include "core/board.h"

#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"

#define LINE_FRAME 256 /* more than the keys and numbers of any line but a ballot */

static const char LABEL_ISSUED[] = "votepost/1 issued";
static const char LABEL_REPLACED[] = "votepost/1 replaced";
static const char LABEL_EXTENDED[] = "votepost/1 extended";

size_t line_max(const struct manifest *m)
{
	size_t most = m->len, other;

	other = LINE_FRAME + B64_LEN((size_t)ISSUED_MAX * GROUP_BYTES);
	if (other > most)
		most = other;
	other = ballot_line_bytes(m, CHANNEL_SEALED_REPLY);
	return other > most ? other : most;
}

static void read_issued(struct line *out, struct fields *f)
{
	struct buf bytes = BUF_INIT((size_t)ISSUED_MAX * GROUP_BYTES);
	unsigned i;

	out->u.issued.weight = (unsigned)fields_number(f, "weight", 1, WEIGHT_MAX);
	fields_b64_buf(f, "credentials", &bytes);
	fields_b64(f, "signature", out->signature, SIGNATURE_BYTES);
	if (f->e)
		goto done;
	if (bytes.len == 0 || bytes.len % GROUP_BYTES) {
		f->e = why_check(f->why, "issued credentials",
		                 "a line holds 1 to %d credentials of 32 bytes", ISSUED_MAX);
		goto done;
	}
	out->u.issued.n = (unsigned)(bytes.len / GROUP_BYTES);
	out->u.issued.credential = malloc(bytes.len);
	if (!out->u.issued.credential) {
		f->e = ERR_MEMORY;
		goto done;
	}
	memcpy(out->u.issued.credential, bytes.data, bytes.len);
	/* What is no point could never vote: the roll would be short of it. */
	for (i = 0; !f->e && i < out->u.issued.n; i++)
		if (point_is_identity(&out->u.issued.credential[i]) ||
		    !point_valid(&out->u.issued.credential[i]))
			f->e = why_check(f->why, "issued credentials",
			                 "credential %u is no point, or the identity", i + 1);
done:
	buf_free(&bytes);
}

/* R ‖ z in one base64 string. */
static void read_proof(struct fields *f, const char *key, struct point *r, struct scalar *z)
{
	unsigned char bytes[2 * GROUP_BYTES];

	fields_b64(f, key, bytes, sizeof(bytes));
	memcpy(r->bytes, bytes, GROUP_BYTES);
	if (!f->e && scalar_read(z, bytes + GROUP_BYTES))
		f->e = why_check(f->why, "scalar", "%s: a scalar that is not below q", f->what);
}

static void read_replaced(struct line *out, struct fields *f)
{
	const char *by;
	size_t len;

	fields_b64(f, "credential", out->u.replaced.old.bytes, GROUP_BYTES);
	by = fields_string(f, "by", &len);
	fields_b64(f, "signature", out->signature, SIGNATURE_BYTES);
	if (f->e)
		return;
	out->u.replaced.revoked = len == 0;
	if (len == 0)
		return;
	if (b64_read(out->u.replaced.by.bytes, GROUP_BYTES, by, len))
		f->e = why_check(f->why, "replaced by", "\"by\" is not base64 of 32 bytes");
	else if (point_is_identity(&out->u.replaced.by) || !point_valid(&out->u.replaced.by))
		f->e = why_check(f->why, "replaced by", "\"by\" is no credential");
}

static void read_closed(struct line *out, struct fields *f)
{
	out->u.closed.ballots = fields_number(f, "ballots", 0, NUMBER_MAX);
	out->u.closed.issued = fields_number(f, "issued", 0, NUMBER_MAX);
	out->u.closed.replaced = fields_number(f, "replaced", 0, NUMBER_MAX);
}

static enum err read_members(struct line *out, const struct manifest *m, struct fields *f)
{
	switch (out->type) {
	case LINE_ISSUED:
		read_issued(out, f);
		break;
	case LINE_ACCEPTED:
		out->u.accepted.trustee =
			(unsigned)fields_number(f, "trustee", 1, m->trustees.count);
		read_proof(f, "proof", &out->u.accepted.r, &out->u.accepted.z);
		break;
	case LINE_TIME:
		out->u.time = fields_time(f, "at");
		break;
	case LINE_REPLACED:
		read_replaced(out, f);
		break;
	case LINE_EXTENDED:
		out->u.closes = fields_time(f, "closes");
		fields_b64(f, "signature", out->signature, SIGNATURE_BYTES);
		break;
	case LINE_CLOSED:
		read_closed(out, f);
		break;
	case LINE_BALLOT:
		bug("a ballot is read by ballot_read");
	}
	return fields_end(f);
}

enum err line_read_plain(struct line *out, const struct manifest *m, const char *text, size_t len,
                         struct why *why)
{
	static const struct {
		const char *name;
		enum line_type type;
	} types[] = { { "issued", LINE_ISSUED },     { "accepted", LINE_ACCEPTED },
		      { "time", LINE_TIME },         { "replaced", LINE_REPLACED },
		      { "extended", LINE_EXTENDED }, { "closed", LINE_CLOSED } };
	const char *type;
	struct fields f;
	json_t *root;
	size_t i;
	enum err e = json_read(&root, text, len, why);

	memset(out, 0, sizeof(*out));
	if (e)
		return e;
	type = json_string_value(json_object_get(root, "type"));
	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!type || strcmp(types[i].name, type) != 0)
			continue;
		out->type = types[i].type;
		fields_begin(&f, root, types[i].name, why);
		fields_literal(&f, "type", types[i].name);
		e = read_members(out, m, &f);
		goto done;
	}
	e = why_check(why, "line type", "no line of a board");
done:
	json_decref(root);
	return e;
}

enum err line_read(struct line *out, const struct manifest *m, const char *text, size_t len,
                   struct why *why)
{
	static const char ballot[] = "{\"type\":\"ballot\",";

	if (len < sizeof(ballot) - 1 || memcmp(text, ballot, sizeof(ballot) - 1) != 0)
		return line_read_plain(out, m, text, len, why);
	memset(out, 0, sizeof(*out));
	out->type = LINE_BALLOT;
	return ballot_read(&out->u.ballot, m, text, len, why);
}

void line_release(struct line *line)
{
	if (line->type == LINE_ISSUED) {
		free(line->u.issued.credential);
		line->u.issued.credential = NULL;
	} else if (line->type == LINE_BALLOT) {
		ballot_release(&line->u.ballot);
	}
}

/* The parts that a line's signature covers, and its label. */
static const char *signed_parts(struct part part[2], size_t *n, const struct line *line,
                                unsigned char le32[4], char closes[TIME_TEXT])
{
	*n = 2;
	switch (line->type) {
	case LINE_ISSUED:
		group_le(le32, 4, line->u.issued.weight);
		part[0] = (struct part){ le32, 4 };
		part[1] = (struct part){ line->u.issued.credential,
			                 (size_t)line->u.issued.n * GROUP_BYTES };
		return LABEL_ISSUED;
	case LINE_REPLACED:
		part[0] = (struct part){ line->u.replaced.old.bytes, GROUP_BYTES };
		part[1] = (struct part){ line->u.replaced.by.bytes,
			                 line->u.replaced.revoked ? 0 : GROUP_BYTES };
		return LABEL_REPLACED;
	case LINE_EXTENDED:
		time_write(closes, line->u.closes);
		part[0] = (struct part){ closes, TIME_TEXT - 1 };
		*n = 1;
		return LABEL_EXTENDED;
	default:
		return NULL;
	}
}

enum err line_check_mailer(const struct line *line, const struct manifest *m, struct why *why)
{
	unsigned char le32[4];
	char closes[TIME_TEXT];
	struct part part[2];
	const char *label, *check = "issued signature";
	size_t n;

	label = signed_parts(part, &n, line, le32, closes);
	if (!label)
		bug("a line that the mailer does not sign");
	if (line->type == LINE_REPLACED)
		check = "replaced signature";
	else if (line->type == LINE_EXTENDED)
		check = "extended signature";
	if (sign_check(line->signature, label, m->id, part, n, m->mailer_key))
		return why_check(why, check, "the mailer did not sign this line");
	return OK;
}

enum err line_check_signature(const struct line *line, const struct manifest *m, struct why *why)
{
	switch (line->type) {
	case LINE_ISSUED:
	case LINE_REPLACED:
	case LINE_EXTENDED:
		return line_check_mailer(line, m, why);
	case LINE_ACCEPTED:
		return ceremony_accepted_check(&m->trustees, m->id, line->u.accepted.trustee,
		                               &line->u.accepted.r, &line->u.accepted.z, why);
	case LINE_BALLOT:
		return ballot_check_signature(&line->u.ballot, m, why);
	case LINE_TIME:
	case LINE_CLOSED:
		break;
	}
	return OK;
}

static void sign_line(struct line *line, const struct manifest *m,
                      const unsigned char secret[SIGN_SECRET_BYTES])
{
	unsigned char le32[4];
	char closes[TIME_TEXT];
	struct part part[2];
	const char *label;
	size_t n;

	label = signed_parts(part, &n, line, le32, closes);
	sign_parts(line->signature, label, m->id, part, n, secret);
}

static void write_signature(struct buf *out, const struct line *line)
{
	buf_adds(out, ",\"signature\":");
	json_add_b64(out, line->signature, SIGNATURE_BYTES);
	buf_addc(out, '}');
}

void issued_write(struct buf *out, const struct manifest *m, unsigned weight,
                  const struct point *credentials, unsigned n,
                  const unsigned char secret[SIGN_SECRET_BYTES])
{
	struct line line = { .type = LINE_ISSUED };

	if (n < 1 || n > ISSUED_MAX)
		bug("an issued line of no or too many credentials");
	line.u.issued.weight = weight;
	line.u.issued.n = n;
	line.u.issued.credential = (struct point *)(uintptr_t)credentials; /* read only */
	sign_line(&line, m, secret);
	buf_addf(out, "{\"type\":\"issued\",\"weight\":%u,\"credentials\":", weight);
	json_add_b64(out, credentials, (size_t)n * GROUP_BYTES);
	write_signature(out, &line);
}

void replaced_write(struct buf *out, const struct manifest *m, const struct point *old,
                    const struct point *by, const unsigned char secret[SIGN_SECRET_BYTES])
{
	struct line line = { .type = LINE_REPLACED };

	line.u.replaced.old = *old;
	line.u.replaced.revoked = !by;
	if (by)
		line.u.replaced.by = *by;
	sign_line(&line, m, secret);
	buf_adds(out, "{\"type\":\"replaced\",\"credential\":");
	json_add_b64(out, old->bytes, GROUP_BYTES);
	buf_adds(out, ",\"by\":");
	json_add_b64(out, line.u.replaced.by.bytes, by ? GROUP_BYTES : 0);
	write_signature(out, &line);
}

void extended_write(struct buf *out, const struct manifest *m, uint64_t closes,
                    const unsigned char secret[SIGN_SECRET_BYTES])
{
	struct line line = { .type = LINE_EXTENDED };
	char text[TIME_TEXT];

	line.u.closes = closes;
	sign_line(&line, m, secret);
	time_write(text, closes);
	buf_addf(out, "{\"type\":\"extended\",\"closes\":\"%s\"", text);
	write_signature(out, &line);
}

void accepted_write(struct buf *out, unsigned trustee, const struct point *r,
                    const struct scalar *z)
{
	unsigned char proof[2 * GROUP_BYTES];

	memcpy(proof, r->bytes, GROUP_BYTES);
	memcpy(proof + GROUP_BYTES, z->bytes, GROUP_BYTES);
	buf_addf(out, "{\"type\":\"accepted\",\"trustee\":%u,\"proof\":", trustee);
	json_add_b64(out, proof, sizeof(proof));
	buf_addc(out, '}');
}

void time_line_write(struct buf *out, uint64_t seconds)
{
	char text[TIME_TEXT];

	time_write(text, seconds);
	buf_addf(out, "{\"type\":\"time\",\"at\":\"%s\"}", text);
}

void closed_write(struct buf *out, uint64_t ballots, uint64_t issued, uint64_t replaced)
{
	buf_addf(out, "{\"type\":\"closed\",\"ballots\":%llu,\"issued\":%llu,\"replaced\":%llu}",
	         (unsigned long long)ballots, (unsigned long long)issued,
	         (unsigned long long)replaced);
}
