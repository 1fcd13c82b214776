/* SPDX-License-Identifier: MIT */
#include "receiver/reply.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/ballot.h"
#include "core/buf.h"
#include "receiver/attribution.h"
#include "receiver/fold.h"
#include "receiver/grammar.h"

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

static void take_tokens(struct reply *reply, struct span text)
{
	struct token token;
	size_t at = 0;

	while (grammar_token(&token, text, &at))
		add_token(reply, &token);
	token_wipe(&token);
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
	if (line->content.len && grammar_vote(&vote, line->content) &&
	    may_follow(line->depth, next, n)) {
		if (first && line->depth == 0) {
			reply->has_vote = true;
			reply->open_end = n == 0;
			reply->vote = vote;
		} else {
			add_other(reply, &vote);
		}
	}
	sodium_memzero(&vote, sizeof(vote));
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
static void take_seam(struct reply *reply, struct span rest)
{
	struct fold_line next[ATTRIBUTION_LINES];
	size_t n = look_ahead(next, rest);

	if (!reply->open_end || is_empty(rest) || next[0].depth)
		return;
	reply->open_end = false;
	if (may_follow(0, next, n))
		return;
	reply->has_vote = false;
	sodium_memzero(&reply->vote, sizeof(reply->vote));
}

void reply_take(struct reply *reply, struct buf *sealed, const char *text, size_t len)
{
	struct buf folded = BUF_INIT(len);
	struct fold_line line;
	struct span rest;

	fold_text(&folded, text, len);
	if (buf_err(&folded)) {
		failed(reply);
		goto done;
	}
	if (folded.len == 0)
		goto done;
	take_sealed(reply, sealed, &folded);
	rest = (struct span){ folded.data, folded.len };
	take_tokens(reply, rest);
	take_seam(reply, rest);
	while (fold_next(&line, &rest))
		take_line(reply, &line, rest);
done:
	buf_free(&folded);
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
