/* SPDX-License-Identifier: MIT */
#include "receiver/judge.h"

#include <sodium.h>
#include <string.h>

#include "core/ballot.h"
#include "core/credential.h"
#include "receiver/choices.h"
#include "receiver/enter.h"

/* A token as this election sees it. */
struct candidate {
	struct scalar secret;
	struct point credential;
	struct box_credential entry;
	bool known;
};

static enum err look_up(struct box_txn *t, const struct point *credential,
                        struct box_credential *entry, bool *known)
{
	enum err e = box_credential(t, credential, entry);

	*known = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err resolve(struct candidate *c, struct box_txn *t, const struct token *token)
{
	credential_secret(&c->secret, t->box->m->id, token, NULL);
	point_base(&c->credential, &c->secret);
	return look_up(t, &c->credential, &c->entry, &c->known);
}

/* This credential shows that a member wrote. The first one that does stays: what the mail
 * holds besides may be copied from the board. */
static void show(struct judgement *out, const struct point *credential)
{
	if (out->shown)
		return;
	out->shown = true;
	out->shows = *credential;
}

/* Does the mail quote a token that was issued, in whatever state? */
static enum err any_known(struct judgement *out, struct box_txn *t, const struct reply *reply)
{
	struct candidate c = { 0 };
	enum err e = OK;

	for (unsigned i = 0; i < reply->tokens && i < REPLY_TOKENS_MAX && !e && !out->shown; i++) {
		e = resolve(&c, t, &reply->token[i]);
		if (!e && c.known)
			show(out, &c.credential);
	}
	sodium_memzero(&c, sizeof(c));
	return e;
}

/* Whether a credential may still vote at `arrived`, by its state and the time. */
static enum verdict by_state(const struct box_txn *t, const struct box_credential *entry,
                             uint64_t arrived)
{
	if (entry->state == CREDENTIAL_USED)
		return VERDICT_USED;
	if (entry->state == CREDENTIAL_REPLACED)
		return VERDICT_REPLACED;
	if (arrived < t->box->m->opens)
		return VERDICT_EARLY;
	if (arrived >= t->state.closes || t->state.closed)
		return VERDICT_LATE;
	return VERDICT_COUNTED;
}

/* Another vote line, with a token that is valid and other choices, casts doubt on the first. */
static enum err doubtful(bool *doubt, struct box_txn *t, const struct reply *reply,
                         const unsigned char *cells)
{
	unsigned char other[CELLS_MAX];
	struct candidate c = { 0 };
	unsigned question;
	enum err e = OK;

	*doubt = false;
	for (unsigned i = 0; i < reply->others && i < REPLY_VOTES_MAX && !e && !*doubt; i++) {
		const struct reply_vote *v = &reply->other[i];

		if (choices_read(other, &question, t->box->m, v->choices) != CHOICES_FIT ||
		    memcmp(other, cells, t->box->m->cells) == 0)
			continue;
		/* A line of choices alone stands for the mail's token, which is known to be
		 * good by now. */
		if (!v->with_token) {
			*doubt = true;
			continue;
		}
		e = resolve(&c, t, &v->token);
		*doubt = c.known;
	}
	sodium_memzero(&c, sizeof(c));
	sodium_memzero(other, sizeof(other));
	return e;
}

/* Why the first line is no vote: what stands elsewhere may have been meant as one. */
static enum hint no_vote_hint(const struct manifest *m, const struct reply *reply)
{
	unsigned char cells[CELLS_MAX];
	enum hint hint = reply->runs_on ? HINT_RUNS_ON : HINT_OTHER;
	unsigned question;

	for (unsigned i = 0; i < reply->others && i < REPLY_VOTES_MAX && !hint; i++)
		if (choices_read(cells, &question, m, reply->other[i].choices) == CHOICES_FIT)
			hint = HINT_BELOW;
	sodium_memzero(cells, sizeof(cells));
	return hint;
}

static void rule(struct judgement *out, enum verdict verdict, enum hint hint)
{
	out->verdict = verdict;
	out->hint = hint;
}

/* The token that the mail's vote goes with; NULL, with the verdict, where there is not one. */
static const struct token *vote_token(struct judgement *out, const struct manifest *m,
                                      const struct reply *reply)
{
	if (reply->too_many)
		rule(out, VERDICT_AMBIGUOUS, HINT_VOTES);
	else if (reply->twins_differ)
		rule(out, VERDICT_AMBIGUOUS, HINT_FORMS);
	else if (!reply->has_vote && reply->tokens)
		rule(out, VERDICT_NO_CHOICE, no_vote_hint(m, reply));
	else if (reply->has_vote && reply->vote.with_token)
		return &reply->vote.token;
	else if (reply->has_vote && reply->tokens == 1)
		return &reply->token[0];
	else if (reply->tokens)
		rule(out, VERDICT_AMBIGUOUS, HINT_CODES);
	else
		rule(out, VERDICT_NO_TOKEN, HINT_OTHER);
	return NULL;
}

/* A plain reply's verdict; for counted its cells, and the secret to sign with. */
static enum err judge_plain(struct judgement *out, struct box_txn *t, const struct reply *reply,
                            uint64_t arrived, struct candidate *c, unsigned char *cells)
{
	const struct manifest *m = t->box->m;
	const struct token *token = vote_token(out, m, reply);
	enum choices_fault fault;
	unsigned question;
	bool doubt = false;
	enum err e;

	if (!token)
		return OK;
	/* First: where a second factor is asked for, no token alone is anyone's. */
	if (!m->channel[CHANNEL_REPLY]) {
		out->verdict = VERDICT_CHANNEL;
		return OK;
	}
	e = resolve(c, t, token);
	if (e)
		return e;
	out->credential = c->credential;
	out->known = c->known;
	if (c->known)
		show(out, &c->credential);
	out->verdict = c->known ? by_state(t, &c->entry, arrived) : VERDICT_UNKNOWN_TOKEN;
	if (out->verdict != VERDICT_COUNTED)
		return OK;
	fault = choices_read(cells, &question, m, reply->vote.choices);
	if (fault) {
		rule(out, VERDICT_NO_CHOICE, hint_of_fault(fault));
		return OK;
	}
	e = doubtful(&doubt, t, reply, cells);
	if (doubt)
		rule(out, VERDICT_AMBIGUOUS, HINT_VOTES);
	return e;
}

static enum err plain(struct judgement *out, struct box *box, const struct reply *reply,
                      uint64_t arrived)
{
	unsigned char cells[CELLS_MAX] = { 0 };
	struct candidate c = { 0 };
	struct box_txn t;
	enum err e;

	e = box_look(&t, box);
	if (!e)
		e = judge_plain(out, &t, reply, arrived, &c, cells);
	box_abort(&t);
	out->channel = CHANNEL_REPLY;
	if (!e && out->verdict == VERDICT_COUNTED) {
		buf_init(&out->line, ballot_line_bytes(box->m, CHANNEL_REPLY));
		e = ballot_make(&out->line, box->m, CHANNEL_REPLY, &c.secret, cells);
	}
	sodium_memzero(&c, sizeof(c));
	sodium_memzero(cells, sizeof(cells));
	return e;
}

/* A sealed ballot's verdict but for its proofs. Its credential is public: only the signature
 * shows that a member wrote, and only until the ballot itself is public, on the board. */
static enum err judge_sealed(struct judgement *out, struct box *box, const struct ballot *b,
                             uint64_t arrived)
{
	struct box_credential entry;
	struct box_txn t;
	enum err e;

	e = box_look(&t, box);
	if (!e)
		e = look_up(&t, &b->credential, &entry, &out->known);
	out->verdict = VERDICT_UNKNOWN_TOKEN;
	if (e || !out->known)
		goto done;
	out->credential = b->credential;
	if (ballot_check_signature(b, box->m, NULL)) {
		out->verdict = VERDICT_INVALID;
		out->known = false;
		goto done;
	}
	if (entry.state == CREDENTIAL_UNUSED) {
		out->member = true;
		show(out, &b->credential);
	}
	out->verdict = by_state(&t, &entry, arrived);
	if (out->verdict == VERDICT_COUNTED &&
	    (b->channel != CHANNEL_SEALED_REPLY || !box->m->channel[CHANNEL_SEALED_REPLY]))
		out->verdict = VERDICT_CHANNEL;
done:
	box_abort(&t);
	return e;
}

/* What is cheap first. A ballot that stands already is told from another by its line: no
 * signature need be checked for that. */
static enum err judge_posted(struct judgement *out, struct box *box, const struct ballot *b,
                             const char *line, size_t len, uint64_t arrived)
{
	struct box_credential entry;
	struct box_txn t;
	enum err e;

	e = box_look(&t, box);
	if (!e)
		e = look_up(&t, &b->credential, &entry, &out->known);
	out->verdict = VERDICT_UNKNOWN_TOKEN;
	if (!e && out->known) {
		out->verdict = by_state(&t, &entry, arrived);
		out->stands =
			out->verdict == VERDICT_USED && enter_stands(&t, entry.index, line, len);
	}
	box_abort(&t);
	return e;
}

static enum err sealed_reply(struct judgement *out, struct box *box, struct buf *sealed,
                             uint64_t arrived)
{
	struct why why = { 0 };
	struct ballot b;
	enum err e;

	memset(&b, 0, sizeof(b));
	out->channel = CHANNEL_SEALED_REPLY;
	out->verdict = VERDICT_INVALID;
	e = ballot_read(&b, box->m, buf_text(sealed), sealed->len, &why);
	if (e && strcmp(why.check, "ballot channel") == 0)
		out->verdict = VERDICT_CHANNEL; /* signed for one that this election has not */
	if (e)
		e = e == ERR_MEMORY ? e : OK;
	else
		e = judge_sealed(out, box, &b, arrived);
	if (!e && out->verdict == VERDICT_COUNTED && ballot_check_proofs(&b, box->m, NULL))
		out->verdict = VERDICT_INVALID;
	ballot_release(&b);
	if (!e && out->verdict == VERDICT_COUNTED) {
		out->line = *sealed;
		*sealed = BUF_INIT(sealed->cap);
	}
	return e;
}

/* What shows before the text counts. */
static bool by_form(struct judgement *out, const struct reply *reply)
{
	if (reply->bounce)
		rule(out, VERDICT_BOUNCE, HINT_OTHER);
	else if (reply->automatic)
		rule(out, VERDICT_AUTOMATIC, HINT_OTHER);
	else if (reply->too_large)
		rule(out, VERDICT_TOO_LARGE, HINT_OTHER);
	else if (reply->unreadable)
		rule(out, VERDICT_UNREADABLE, HINT_OTHER);
	else if (reply->sealed_conflict)
		rule(out, VERDICT_AMBIGUOUS, HINT_SEALED);
	else if (reply->sealed_broken)
		rule(out, VERDICT_INVALID, HINT_OTHER);
	else
		return false;
	return true;
}

enum err judge(struct judgement *out, struct box *box, const struct reply *reply,
               struct buf *sealed, uint64_t arrived, struct why *why)
{
	struct box_txn t;
	enum err e;

	memset(out, 0, sizeof(*out));
	e = box_look(&t, box);
	out->handle = !e && box_handle(&t, reply->handle);
	/* A mistyped handle and disk trouble look alike there. */
	if (!e)
		e = t.txn.e;
	/* Where a handle tells that a member wrote, no token need be looked up for that. */
	if (!e && !out->handle)
		e = any_known(out, &t, reply);
	box_abort(&t);
	out->member = out->handle || out->shown;
	if (!e && !by_form(out, reply)) {
		if (reply->sealed_len)
			e = sealed_reply(out, box, sealed, arrived);
		else
			e = plain(out, box, reply, arrived);
	}
	return e ? why_set(why, e, "a mail could not be judged: %s", err_text(e)) : OK;
}

enum err judge_post(struct judgement *out, struct box *box, const char *line, size_t len,
                    uint64_t arrived, struct why *why)
{
	struct ballot b;
	enum err e;

	memset(out, 0, sizeof(*out));
	memset(&b, 0, sizeof(b));
	out->channel = CHANNEL_LINK;
	out->verdict = VERDICT_INVALID;
	e = ballot_read(&b, box->m, line, len, why);
	if (e && strcmp(why->check, "ballot channel") == 0)
		out->verdict = VERDICT_CHANNEL;
	if (e) {
		e = e == ERR_MEMORY ? e : OK;
		goto done;
	}
	out->credential = b.credential;
	if (b.channel != CHANNEL_LINK || !box->m->channel[CHANNEL_LINK])
		out->verdict = VERDICT_CHANNEL;
	else
		e = judge_posted(out, box, &b, line, len, arrived);
	if (!e && out->verdict == VERDICT_COUNTED &&
	    (ballot_check_signature(&b, box->m, why) || ballot_check_proofs(&b, box->m, why)))
		out->verdict = VERDICT_INVALID;
done:
	ballot_release(&b);
	return e ? why_set(why, e, "a post could not be judged: %s", err_text(e)) : OK;
}

void judgement_release(struct judgement *j)
{
	buf_free(&j->line);
	memset(j, 0, sizeof(*j));
}
