/* SPDX-License-Identifier: MIT */
#include "receiver/web/module.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/ballot.h"
#include "core/credential.h"
#include "core/head.h"
#include "core/json.h"
#include "core/manifest.h"
#include "core/merkle.h"
#include "core/text.h"
#include "core/token.h"

/* Room for the armour of the longest ballot, and for an audit's findings. */
#define ANSWER_MAX ((size_t)2 << 20)

static struct buf answer = { .cap = ANSWER_MAX };

struct buf *module_answer(void)
{
	buf_wipe(&answer);
	return &answer;
}

int module_end(enum err e, const struct why *why)
{
	if (!e)
		e = buf_err(&answer);
	if (e) {
		buf_wipe(&answer);
		buf_adds(&answer, why && why->check[0] ? why->check : err_text(e));
		buf_addc(&answer, '\n');
		buf_adds(&answer, why && why->text[0] ? why->text : err_text(e));
	}
	return (int)e;
}

EXPORT(room) void *module_room(size_t len)
{
	return malloc(len ? len : 1);
}

EXPORT(release) void module_release(void *at, size_t len)
{
	sodium_memzero(at, len);
	free(at);
}

EXPORT(answer_at) const char *module_answer_at(void)
{
	return buf_text(&answer);
}

EXPORT(answer_len) size_t module_answer_len(void)
{
	return answer.len;
}

/* The stack lies below everything else and grows down to the address 16: a call that ended has
 * left its variables between there and here. In a frame of its own, sodium_memzero would wipe
 * the variables that it wipes by. */
EXPORT(forget) void module_forget(void)
{
	volatile unsigned char *at = (volatile unsigned char *)16;
	const volatile unsigned char *here = __builtin_frame_address(0);

	buf_wipe(&answer);
	while (at < here)
		*at++ = 0;
}

/* The token. */

EXPORT(token_fold) int module_token_fold(const char *text, size_t len)
{
	char folded[TOKEN_CHARS + 1];

	if (token_fold(folded, text, len))
		folded[0] = '\0';
	buf_adds(module_answer(), folded);
	return module_end(OK, NULL);
}

static enum err read_token(struct token *token, const char *text, size_t len, struct why *why)
{
	if (token_read(token, text, len))
		return why_check(why, "token", "this is no token, or a character is wrong");
	return OK;
}

EXPORT(token_check) int module_token_check(const char *text, size_t len)
{
	struct why why = { 0 };
	struct token token;
	enum err e = read_token(&token, text, len, &why);

	(void)module_answer();
	token_wipe(&token);
	return module_end(e, &why);
}

/* The election. */

static void row_write(struct buf *out, const struct manifest *m, unsigned q, unsigned r)
{
	const struct row *row = &m->row[r];

	buf_addf(out, "%s{\"question\":%u,\"first\":%u,\"cells\":%u,\"lo\":%u,\"hi\":%u,",
	         r ? "," : "", q, row->first_cell, row->cells, row->lo, row->hi);
	buf_adds(out, row->blank ? "\"blank\":true}" : "\"blank\":false}");
}

static void election_write(struct buf *out, const struct manifest *m)
{
	unsigned q, r, end;

	buf_adds(out, "{\"id\":");
	json_add_b64(out, m->id, HASH_BYTES);
	buf_addf(out, ",\"fingerprint\":\"%s\",\"cells\":[", m->fingerprint);
	for (q = 0; q < m->questions; q++) {
		end = q + 1 < m->questions ? m->question[q + 1].first_row : m->rows;
		for (r = m->question[q].first_row; r < end; r++)
			row_write(out, m, q, r);
	}
	buf_adds(out, "]}");
}

/* NULL where the manifest is none; the answer says why. */
EXPORT(election) struct manifest *module_election(const char *line, size_t len)
{
	struct manifest *m = NULL;
	struct why why = { 0 };
	enum err e = manifest_read(&m, line, len, &why);

	(void)module_answer();
	if (!e)
		election_write(&answer, m);
	if (!module_end(e, &why))
		return m;
	manifest_free(m);
	return NULL;
}

EXPORT(election_end) void module_election_end(struct manifest *m)
{
	manifest_free(m);
}

/* The member's secret: from the token and, where the election has one, the second factor. */
static enum err secret_make(struct scalar *secret, const struct manifest *m, const char *text,
                            size_t text_len, const char *factor, size_t factor_len, struct why *why)
{
	unsigned char second[HASH_BYTES];
	struct token token;
	enum err e = read_token(&token, text, text_len, why);

	memset(secret, 0, sizeof(*secret));
	if (!e && m->second_factor) {
		e = credential_factor(second, m->id, &token, factor, factor_len);
		if (e == ERR_FORMAT)
			e = why_check(why, "factor", "4 to 64 letters and digits are wanted");
	}
	if (!e)
		credential_secret(secret, m->id, &token, m->second_factor ? second : NULL);
	token_wipe(&token);
	sodium_memzero(second, sizeof(second));
	return e;
}

EXPORT(credential)
int module_credential(const struct manifest *m, const char *token, size_t token_len,
                      const char *factor, size_t factor_len)
{
	struct why why = { 0 };
	struct scalar secret;
	struct point credential;
	enum err e = secret_make(&secret, m, token, token_len, factor, factor_len, &why);

	(void)module_answer();
	if (!e) {
		point_base(&credential, &secret);
		b64_add(&answer, credential.bytes, GROUP_BYTES);
	}
	scalar_wipe(&secret);
	return module_end(e, &why);
}

/* The ballot. */

/* What a member marked: an option of a question, with a grade where it asks for grades. */
struct mark {
	unsigned char question, option, grade;
};
#define MARK_BLANK 255 /* as an option */

static enum err mark_cell(unsigned char cells[CELLS_MAX], const struct manifest *m,
                          const struct mark *mark, struct why *why)
{
	const struct question *q;
	const struct row *row;
	unsigned cell;

	if (mark->question >= m->questions)
		return why_check(why, "answers", "there is no question %u", mark->question);
	q = &m->question[mark->question];
	row = &m->row[q->first_row];
	cell = mark->option;
	if (mark->option == MARK_BLANK && q->blank)
		cell = row->cells - 1;
	else if (mark->option >= q->options)
		return why_check(why, "answers", "question %s has no such option", q->id);
	if (q->kind == QUESTION_GRADES) {
		row += mark->option;
		cell = mark->grade;
		if (cell >= q->grades)
			return why_check(why, "answers", "question %s has no such grade", q->id);
	}
	if (cells[row->first_cell + cell]++)
		return why_check(why, "answers", "question %s: marked twice", q->id);
	return OK;
}

static enum err mark_cells(unsigned char cells[CELLS_MAX], const struct manifest *m,
                           const unsigned char *marks, size_t len, struct why *why)
{
	enum err e = OK;
	size_t i;

	memset(cells, 0, CELLS_MAX);
	for (i = 0; !e && i + 3 <= len; i += 3) {
		struct mark mark = { marks[i], marks[i + 1], marks[i + 2] };

		e = mark_cell(cells, m, &mark, why);
	}
	if (!e && !manifest_cells_fit(m, cells))
		e = why_check(why, "answers", "too few or too many answers to a question");
	return e;
}

/* The answer: credential, tracker and line, each ended by a line feed but the last. */
static enum err ballot_write(const struct manifest *m, enum channel channel,
                             const struct scalar *secret, const unsigned char *cells)
{
	struct buf line = BUF_INIT(ballot_line_bytes(m, channel));
	struct point credential;
	char tracker[TRACKER_TEXT];
	enum err e = ballot_make(&line, m, channel, secret, cells);

	if (!e) {
		point_base(&credential, secret);
		ballot_tracker(tracker, line.data, line.len);
		b64_add(&answer, credential.bytes, GROUP_BYTES);
		buf_addf(&answer, "\n%s\n", tracker);
		buf_add(&answer, line.data, line.len);
	}
	buf_free(&line);
	return e;
}

EXPORT(ballot)
int module_ballot(const struct manifest *m, const char *token, size_t token_len, const char *factor,
                  size_t factor_len, int channel, const unsigned char *marks, size_t marks_len)
{
	unsigned char cells[CELLS_MAX];
	struct why why = { 0 };
	struct scalar secret;
	enum err e;

	(void)module_answer();
	memset(&secret, 0, sizeof(secret));
	if (channel < 0 || channel >= CHANNELS || !m->channel[channel])
		e = why_check(&why, "channel", "this election has no such channel");
	else
		e = mark_cells(cells, m, marks, marks_len, &why);
	if (!e)
		e = secret_make(&secret, m, token, token_len, factor, factor_len, &why);
	if (!e)
		e = ballot_write(m, (enum channel)channel, &secret, cells);
	scalar_wipe(&secret);
	sodium_memzero(cells, sizeof(cells));
	return module_end(e, &why);
}

EXPORT(ballot_check)
int module_ballot_check(const struct manifest *m, const char *line, size_t len)
{
	struct why why = { 0 };
	struct ballot b;
	enum err e = ballot_read(&b, m, line, len, &why);

	(void)module_answer();
	if (!e)
		e = ballot_check_signature(&b, m, &why);
	if (!e)
		e = ballot_check_proofs(&b, m, &why);
	ballot_release(&b);
	return module_end(e, &why);
}

EXPORT(armour) int module_armour(const char *line, size_t len)
{
	armour_write(module_answer(), line, len);
	return module_end(OK, NULL);
}

EXPORT(tracker) int module_tracker(const char *line, size_t len)
{
	char tracker[TRACKER_TEXT];

	ballot_tracker(tracker, line, len);
	buf_adds(module_answer(), tracker);
	return module_end(OK, NULL);
}
