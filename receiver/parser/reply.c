/* SPDX-License-Identifier: MIT */
#include "receiver/parser/reply.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/ballot.h"
#include "core/buf.h"
#include "receiver/parser/attribution.h"
#include "receiver/parser/fold.h"
#include "receiver/parser/grammar.h"

#define NOTHING '#' /* stands for what was read as a sealed block: no line, no token */

static void failed(struct reply *reply)
{
	reply->unreadable = true;
	snprintf(reply->reason, sizeof(reply->reason), "out of memory");
}

static void add_token(struct reply *reply, const struct token *token)
{
	unsigned i;

	for (i = 0; i < reply->tokens; i++)
		if (!memcmp(&reply->token[i], token, sizeof(*token)))
			return;
	if (reply->tokens == REPLY_TOKENS_MAX)
		reply->too_many = true;
	else
		reply->token[reply->tokens++] = *token;
}

/* How many stand there. */
static unsigned take_tokens(struct reply *reply, struct span text)
{
	struct token token;
	unsigned n = 0;
	size_t at = 0;

	for (; grammar_token(&token, text, &at); n++)
		add_token(reply, &token);
	token_wipe(&token);
	return n;
}

static void add_other(struct reply *reply, const struct reply_vote *vote)
{
	unsigned i;

	for (i = 0; i < reply->others; i++)
		if (!memcmp(&reply->other[i], vote, sizeof(*vote)))
			return;
	if (reply->others == REPLY_VOTES_MAX)
		reply->too_many = true;
	else
		reply->other[reply->others++] = *vote;
}

/* One ballot line out of a block. A second copy of the same is no conflict: people quote. */
static void add_sealed(struct reply *reply, struct buf *sealed, struct span inside)
{
	struct buf line = BUF_INIT(SEALED_MAX);
	enum err e = armour_read(&line, inside.at, inside.len);

	if (e == ERR_MEMORY) {
		failed(reply);
	} else if (e || line.len == 0) {
		reply->sealed_broken = true;
	} else if (reply->sealed_len == 0) {
		buf_add(sealed, line.data, line.len);
		if (buf_err(sealed))
			failed(reply);
		else
			reply->sealed_len = line.len;
	} else if (sealed->len != line.len || memcmp(sealed->data, line.data, line.len) != 0) {
		reply->sealed_conflict = true;
	}
	buf_free(&line);
}

static void blot(char *at, size_t len)
{
	for (; len; at++, len--)
		if (*at != '\n')
			*at = NOTHING;
}

/* Every block, and it is blotted out: its base64 is neither a vote nor a token. */
static void take_sealed(struct reply *reply, struct buf *sealed, struct buf *text)
{
	const size_t begin = strlen(ARMOUR_BEGIN), end = strlen(ARMOUR_END);
	char *at = text->data, *stop = text->data + text->len, *close = at;
	struct span inside;

	while ((at = memmem(at, (size_t)(stop - at), ARMOUR_BEGIN, begin)) != NULL) {
		inside.at = at + begin;
		if (close) /* else there is none behind it either */
			close = memmem(inside.at, (size_t)(stop - inside.at), ARMOUR_END, end);
		if (!close) {
			reply->sealed_broken = true;
			blot(at, begin);
			at += begin;
			continue;
		}
		inside.len = (size_t)(close - inside.at);
		add_sealed(reply, sealed, inside);
		close += end;
		blot(at, (size_t)(close - at));
		at = close;
	}
}

/* Does a line end what stands before it, rather than go on with it? `n` is 0 at the end. */
static bool may_follow(unsigned depth, const struct fold_line *next, size_t n)
{
	if (n == 0 || next[0].depth != depth || next[0].content.len == 0)
		return true;
	return span_is(next[0].content, "--") || attribution_begins(next, n);
}

/* The lines from `rest` on, as many as an attribution may need. */
static size_t look_ahead(struct fold_line *next, struct span rest)
{
	size_t n = 0;

	while (n < ATTRIBUTION_LINES && fold_next(&next[n], &rest))
		n++;
	return n;
}

static void take_line(struct reply *reply, const struct fold_line *line, struct span rest)
{
	struct fold_line next[ATTRIBUTION_LINES];
	struct reply_vote vote;
	bool first = !reply->begun;
	size_t n;

	if (line->content.len == 0 && line->depth == 0)
		return;
	reply->begun = true;
	n = look_ahead(next, rest);
	first = first && line->depth == 0;
	if (line->content.len && grammar_vote(&vote, line->content)) {
		if (!may_follow(line->depth, next, n)) {
			reply->runs_on = reply->runs_on || first;
		} else if (first) {
			reply->has_vote = true;
			reply->open_end = n == 0;
			reply->vote = vote;
		} else {
			add_other(reply, &vote);
		}
	}
	sodium_memzero(&vote, sizeof(vote));
}

/* Neither a vote line nor the rest of a sentence. */
static bool is_notice(struct span text)
{
	struct fold_line line;
	struct reply_vote vote;
	bool begun = false, silent = true;

	while (silent && fold_next(&line, &text)) {
		if (!begun && line.content.len)
			silent = line.content.at[0] < 'a' || line.content.at[0] > 'z';
		begun = begun || line.content.len;
		silent = silent && !(line.content.len && grammar_vote(&vote, line.content));
	}
	sodium_memzero(&vote, sizeof(vote));
	return silent;
}

static bool is_empty(struct span text)
{
	struct fold_line line;

	while (fold_next(&line, &text))
		if (line.depth || line.content.len)
			return false;
	return true;
}

/* The end of a part is where a program put it, perhaps a picture into a sentence: a part that
 * goes on makes no vote of the line before. What is quoted or empty leaves that open. */
static void take_seam(struct reply *reply, struct span rest, bool notice)
{
	struct fold_line next[ATTRIBUTION_LINES];
	size_t n = look_ahead(next, rest);

	if (!reply->open_end || is_empty(rest) || next[0].depth)
		return;
	reply->open_end = false;
	if (may_follow(0, next, n) || (notice && reply->vote.with_token && is_notice(rest)))
		return;
	reply->has_vote = false;
	reply->runs_on = true;
	sodium_memzero(&reply->vote, sizeof(reply->vote));
}

static void take_part(struct reply *reply, struct buf *sealed, struct span text, bool appended)
{
	struct buf folded = BUF_INIT(text.len);
	struct fold_line line;
	struct span rest;
	unsigned tokens;

	fold_text(&folded, text.at, text.len);
	if (buf_err(&folded)) {
		failed(reply);
		goto done;
	}
	if (folded.len == 0)
		goto done;
	take_sealed(reply, sealed, &folded);
	rest = (struct span){ folded.data, folded.len };
	tokens = take_tokens(reply, rest);
	take_seam(reply, rest, appended && tokens == 0);
	while (fold_next(&line, &rest))
		take_line(reply, &line, rest);
done:
	buf_free(&folded);
}

void reply_take(struct reply *reply, struct buf *sealed, const char *text, size_t len)
{
	take_part(reply, sealed, (struct span){ text, len }, false);
}

void reply_append(struct reply *reply, struct buf *sealed, const char *text, size_t len)
{
	take_part(reply, sealed, (struct span){ text, len }, true);
}

/* A block that is whole in one form is the same block, whatever the other made of it. */
static void twin_sealed(struct reply *reply, const struct reply *twin)
{
	bool broken = reply->sealed_broken && twin->sealed_broken;

	if (!twin->sealed_len)
		broken = reply->sealed_broken || twin->sealed_broken;
	reply->sealed_broken = broken;
	reply->sealed_conflict = reply->sealed_conflict || twin->sealed_conflict;
	reply->sealed_len = twin->sealed_len;
}

/* Its trouble is the mail's; the first reason stays. */
static void twin_trouble(struct reply *reply, const struct reply *twin)
{
	bool first = !reply->unreadable && !reply->too_large;

	if (first && (twin->unreadable || twin->too_large))
		memcpy(reply->reason, twin->reason, sizeof(reply->reason));
	reply->too_large = reply->too_large || twin->too_large;
	reply->unreadable = !reply->too_large && (reply->unreadable || twin->unreadable);
	reply->automatic = reply->automatic || twin->automatic;
	reply->bounce = reply->bounce || twin->bounce;
	reply->too_many = reply->too_many || twin->too_many;
	reply->twins_differ = reply->twins_differ || twin->twins_differ;
	reply->runs_on = reply->runs_on || twin->runs_on;
}

void reply_twin(struct reply *reply, const struct reply *twin)
{
	unsigned i;

	twin_sealed(reply, twin);
	twin_trouble(reply, twin);
	for (i = 0; i < twin->tokens; i++)
		add_token(reply, &twin->token[i]);
	for (i = 0; i < twin->others; i++)
		add_other(reply, &twin->other[i]);
	if (!twin->begun)
		return;
	if (!reply->begun) {
		reply->has_vote = twin->has_vote;
		reply->vote = twin->vote;
	} else if (reply->has_vote != twin->has_vote ||
	           memcmp(&reply->vote, &twin->vote, sizeof(reply->vote)) != 0) {
		reply->twins_differ = true;
	}
	reply->begun = true;
	reply->open_end = reply->has_vote && (reply->open_end || twin->open_end);
}

void reply_end(struct reply *reply)
{
	unsigned i;

	reply->open_end = false;
	if (reply->tokens != 1 || reply->too_many)
		return;
	if (reply->has_vote && !reply->vote.with_token) {
		reply->vote.token = reply->token[0];
		reply->vote.with_token = true;
	}
	for (i = 0; i < reply->others; i++) {
		if (reply->other[i].with_token)
			continue;
		reply->other[i].token = reply->token[0];
		reply->other[i].with_token = true;
	}
}

void reply_wipe(struct reply *reply)
{
	sodium_memzero(reply, sizeof(*reply));
}
