/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "scrutineer/sections.h"

void section_letters(struct telling *t)
{
	static const enum word states[SEND_STATES] = {
		[SEND_PLANNED] = WORD_STATE_PLANNED,   [SEND_IN_FLIGHT] = WORD_STATE_IN_FLIGHT,
		[SEND_ACCEPTED] = WORD_STATE_ACCEPTED, [SEND_DEFERRED] = WORD_STATE_DEFERRED,
		[SEND_REFUSED] = WORD_STATE_REFUSED,   [SEND_UNCERTAIN] = WORD_STATE_UNCERTAIN,
	};
	static const enum word verdicts[VERDICTS] = {
		[VERDICT_COUNTED] = WORDS,
		[VERDICT_USED] = WORD_VERDICT_USED,
		[VERDICT_REPLACED] = WORD_VERDICT_REPLACED,
		[VERDICT_UNKNOWN_TOKEN] = WORD_VERDICT_UNKNOWN,
		[VERDICT_NO_TOKEN] = WORD_VERDICT_NO_TOKEN,
		[VERDICT_NO_CHOICE] = WORD_VERDICT_NO_CHOICE,
		[VERDICT_AMBIGUOUS] = WORD_VERDICT_AMBIGUOUS,
		[VERDICT_INVALID] = WORD_VERDICT_INVALID,
		[VERDICT_CHANNEL] = WORD_VERDICT_CHANNEL,
		[VERDICT_UNREADABLE] = WORD_VERDICT_UNREADABLE,
		[VERDICT_AUTOMATIC] = WORD_VERDICT_AUTOMATIC,
		[VERDICT_BOUNCE] = WORD_VERDICT_BOUNCE,
		[VERDICT_EARLY] = WORD_VERDICT_EARLY,
		[VERDICT_LATE] = WORD_VERDICT_LATE,
		[VERDICT_TOO_LARGE] = WORD_VERDICT_LARGE,
	};
	const struct accounts *a = &t->mi->accounts;
	const uint64_t members = t->mi->m->members, accepted = a->ledger.state[SEND_ACCEPTED];
	char x[TELL_NUMBER], y[TELL_NUMBER], z[TELL_NUMBER], u[TELL_NUMBER], v[TELL_NUMBER];

	tell_head(t, WORD_H_DELIVERY);
	tell_block(t, BLOCK_TEXT, WORD_DELIVERY,
	           ARGS(tell_digits(t, x, accepted), tell_digits(t, y, members),
	                tell_rate(t, z, accepted, members)));
	tell_block(t, BLOCK_CAPTION, WORD_DELIVERY_STATES, NULL);
	document_begin(t->d, BLOCK_BARS, 2, 2);
	document_whole(t->d, members);
	for (unsigned i = 0; i < SEND_STATES; i++) {
		tell_word(t, states[i]);
		tell_number(t, a->ledger.state[i]);
		document_number(t->d, a->ledger.state[i]);
	}
	if (a->chronicle.bounces)
		tell_block(t, BLOCK_TEXT, WORD_BOUNCED,
		           ARGS(tell_digits(t, x, a->chronicle.hard),
		                tell_digits(t, y, a->chronicle.full),
		                tell_digits(t, z, a->chronicle.policy),
		                tell_digits(t, u, a->chronicle.soft),
		                tell_digits(t, v, a->chronicle.delayed)));
	else
		tell_block(t, BLOCK_TEXT, WORD_BOUNCED_NONE, NULL);
	tell_block(t, BLOCK_CAPTION, WORD_REJECTED, NULL);
	document_begin(t->d, BLOCK_TABLE, 2, 2);
	tell_word(t, WORD_VERDICT);
	tell_word(t, WORD_NUMBER);
	for (unsigned i = VERDICT_COUNTED + 1; i < VERDICTS; i++) {
		tell_word(t, verdicts[i]);
		tell_number(t, a->funnel.verdict[i]);
	}
}

static enum word event_word(const char *event)
{
	static const struct {
		const char *event;
		enum word word;
	} words[] = {
		{ "new", WORD_EVENT_NEW },           { "roll", WORD_EVENT_ROLL },
		{ "unlock", WORD_EVENT_UNLOCK },     { "seal", WORD_EVENT_SEAL },
		{ "issue", WORD_EVENT_ISSUE },       { "send", WORD_EVENT_SEND },
		{ "remind", WORD_EVENT_REMIND },     { "notify", WORD_EVENT_NOTIFY },
		{ "announce", WORD_EVENT_ANNOUNCE }, { "reissue", WORD_EVENT_REISSUE },
		{ "address", WORD_EVENT_ADDRESS },   { "rotate", WORD_EVENT_ROTATE },
		{ "stand", WORD_EVENT_STAND },       { "extend", WORD_EVENT_EXTEND },
		{ "bounce", WORD_EVENT_BOUNCE },     { "attendance", WORD_EVENT_ATTENDANCE },
		{ "forget", WORD_EVENT_FORGET },     { "texts", WORD_EVENT_TEXTS },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(words[i].event, event))
			return words[i].word;
	}
	return WORDS;
}

static void tell_happening(struct telling *t, const struct happening *h)
{
	const enum word known = event_word(h->line.event);
	struct buf text = BUF_INIT(2048);
	char n[TELL_NUMBER], at[TELL_NUMBER];
	unsigned told = 0;

	tell_time(t, h->line.at);
	buf_adds(&text, known == WORDS ? h->line.event : t->mi->w->word[known]);
	if (*wording_phrase(t->mi->w, h->line.purpose)) {
		buf_adds(&text, t->mi->w->word[WORD_COLON]);
		wording_add_phrase(&text, t->mi->w, h->line.purpose);
	}
	if (h->times > 1)
		buf_addf(
			&text, " (%s)",
			tell_sentence(t, WORD_TIMES,
		                      ARGS(tell_digits(t, n, h->times), tell_clock(at, h->until))));
	tell_text(t, &text);
	for (unsigned i = 0; i < h->line.counts; i++) {
		/* Nothing is lost: a state that is not named has no member. */
		if (!h->line.count[i].n && h->line.counts > 3)
			continue;
		buf_addf(&text, "%s%s\xc2\xa0%s", told++ ? ", " : "",
		         wording_phrase(t->mi->w, h->line.count[i].name),
		         tell_digits(t, n, h->line.count[i].n));
	}
	if (!told)
		buf_adds(&text, "–");
	tell_text(t, &text);
}

void section_interventions(struct telling *t)
{
	const struct chronicle *c = &t->mi->accounts.chronicle;
	char n[TELL_NUMBER];

	tell_head(t, WORD_H_INTERVENTIONS);
	tell_block(t, BLOCK_TEXT, WORD_INTERVENTIONS,
	           ARGS(tell_digits(t, n, t->mi->accounts.journal_lines)));
	document_begin(t->d, BLOCK_TABLE, 3, 0);
	tell_word(t, WORD_TIME);
	tell_word(t, WORD_EVENT);
	tell_word(t, WORD_COUNTS);
	for (size_t i = 0; i < c->n; i++)
		tell_happening(t, &c->list[i]);
	if (c->more)
		tell_block(t, BLOCK_NOTE, WORD_MORE, ARGS(tell_digits(t, n, c->more)));
	tell_block(t, BLOCK_TEXT, c->forgotten ? WORD_FORGOTTEN : WORD_NOT_FORGOTTEN, NULL);
}

void section_replacements(struct telling *t)
{
	static const enum word reasons[REPLACE_REASONS] = {
		[REPLACE_LOST] = WORD_REASON_LOST,
		[REPLACE_UNDELIVERED] = WORD_REASON_UNDELIVERED,
		[REPLACE_ADDRESS] = WORD_REASON_ADDRESS,
		[REPLACE_STOLEN] = WORD_REASON_STOLEN,
		[REPLACE_MISTAKE] = WORD_REASON_MISTAKE,
		[REPLACE_ROTATION] = WORD_REASON_ROTATION,
	};
	const struct accounts *a = &t->mi->accounts;
	char x[TELL_NUMBER], y[TELL_NUMBER];

	tell_head(t, WORD_H_REPLACEMENTS);
	if (!a->replaced && !a->chronicle.stands) {
		tell_block(t, BLOCK_TEXT, WORD_REPLACEMENTS_NONE, NULL);
		return;
	}
	tell_block(
		t, BLOCK_TEXT, WORD_REPLACEMENTS,
		ARGS(tell_digits(t, x, a->replaced), tell_digits(t, y, a->chronicle.stood_used)));
	document_begin(t->d, BLOCK_TABLE, 2, 2);
	tell_word(t, WORD_REASON);
	tell_word(t, WORD_NUMBER);
	for (unsigned i = 0; i < REPLACE_REASONS; i++) {
		tell_word(t, reasons[i]);
		tell_number(t, a->chronicle.stood[i]);
	}
}

void section_incidents(struct telling *t)
{
	const struct bureau *b = &t->mi->bureau;
	char n[TELL_NUMBER];

	tell_head(t, WORD_H_INCIDENTS);
	if (!b->incidents)
		tell_block(t, BLOCK_TEXT, WORD_INCIDENTS_NONE, NULL);
	for (unsigned i = 0; i < b->incidents; i++) {
		tell_block(t, BLOCK_CAPTION, WORD_INCIDENT, ARGS(tell_digits(t, n, i + 1)));
		document_begin(t->d, BLOCK_FACTS, 2, 0);
		tell_fact(t, WORD_INCIDENT_AT, b->incident[i].at);
		tell_fact(t, WORD_INCIDENT_TEXT, b->incident[i].text);
		tell_fact(t, WORD_INCIDENT_DECISION,
		          b->incident[i].decision ? b->incident[i].decision : "–");
	}
}
