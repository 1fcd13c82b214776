/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_UNIT_MAILER_SURVEYED_H
#define VOTEPOST_TESTS_UNIT_MAILER_SURVEYED_H

/* surveyed - a roll, and an outbox and returns that say of its members what a test wants. Include
 * after cmocka and tests/unit/temp.h. Everything asserts. */

#include "mailer/definition.h"
#include "mailer/import.h"
#include "mailer/survey.h"
#include "tests/support.h"

#define SURVEYED_DEFINITION "../config/election.conf"
#define SURVEYED_CLOSES     2000000000
#define SURVEYED_BATCH      500

struct surveyed {
	struct definition *definition;
	struct roll *roll;
	struct amend *amend;
	struct outbox *outbox;
	struct returns *returns;
	struct survey s;
};

/* What a test wants of a member: `at` 0 leaves the letter as it is, planned. */
struct wanted {
	enum send_state state;
	uint64_t at, next;
	unsigned code;
	const char *status, *text;
	enum failure back; /* FAILURES: nothing */
	uint64_t back_at;
	unsigned back_times;
};
typedef struct wanted surveyed_want(uint32_t serial);

static inline void surveyed_tell(void *context, enum import_kind kind, const char *sentence)
{
	(void)context;
	if (kind == IMPORT_WRONG)
		fail_msg("%s", sentence);
}

static inline void surveyed_open(struct surveyed *s, void **state, const struct buf *csv)
{
	const char *dir = ((struct temp *)*state)->dir;
	struct import import = { .tell = surveyed_tell, .allow_shared = true };
	struct why why = { 0 };

	memset(s, 0, sizeof(*s));
	temp_file(state, "members.csv", csv->data, csv->len);
	assert_ok(definition_read(&s->definition, SURVEYED_DEFINITION, &why), &why);
	assert_ok(import_roll(&import, dir, temp_path(state, "members.csv"), s->definition, &why),
	          &why);
	assert_ok(roll_open(&s->roll, dir, &why), &why);
	assert_ok(amend_open(&s->amend, dir, false, &why), &why);
	assert_ok(returns_open(&s->returns, dir, true, &why), &why);
}

static inline struct outcome surveyed_outcome(const struct claim *claim, const struct wanted *w)
{
	struct outcome o = { .claim = *claim,
		             .state = w->at ? w->state : claim->before,
		             .tried = w->at != 0,
		             .at = w->at,
		             .next = w->next,
		             .answer = { .code = w->code } };

	if (w->status)
		strcpy(o.answer.status, w->status);
	if (w->text)
		strcpy(o.answer.text, w->text);
	return o;
}

/* A letter that is wanted in flight is left so. */
static inline void surveyed_letters(struct surveyed *s, void **state, surveyed_want *want)
{
	const uint64_t members = roll_summary(s->roll)->members;
	struct outcome *outcome = calloc(SURVEYED_BATCH, sizeof(*outcome));
	struct claim claim[SURVEYED_BATCH];
	uint32_t place[SURVEYED_BATCH], next = 0;
	unsigned n = 0, claims;
	struct why why = { 0 };

	assert_non_null(outcome);
	assert_ok(outbox_open(&s->outbox, ((struct temp *)*state)->dir, "outbox", members, &why),
	          &why);
	do {
		for (claims = 0; claims < SURVEYED_BATCH && next < members; claims++)
			place[claims] = next++;
		assert_ok(outbox_exchange(s->outbox, outcome, n, place, claim, claims, &why), &why);
		n = 0;
		for (unsigned i = 0; i < claims; i++) {
			const struct wanted w = want(claim[i].serial);

			if (!w.at || w.state != SEND_IN_FLIGHT)
				outcome[n++] = surveyed_outcome(&claim[i], &w);
		}
	} while (claims);
	free(outcome);
}

static inline void surveyed_returns(struct surveyed *s, surveyed_want *want)
{
	struct why why = { 0 };

	returns_begin(s->returns);
	for (uint32_t i = 0; i < roll_summary(s->roll)->members; i++) {
		const struct wanted w = want(i);
		struct returned r = { .failure = w.back, .at = w.back_at };

		if (w.back == FAILURES || !w.back_at)
			continue;
		strcpy(r.status, "5.0.0");
		strcpy(r.text, "it came back");
		for (unsigned k = 0; k < (w.back_times ? w.back_times : 1); k++, r.at += 86400)
			returns_add(s->returns, i, &r, 1 + 10 * (uint64_t)i + k);
	}
	assert_ok(returns_commit(s->returns, &why), &why);
}

static inline void surveyed_make(struct surveyed *s)
{
	struct why why = { 0 };

	s->s.roll = s->roll;
	s->s.amend = s->amend;
	s->s.outbox = s->outbox;
	s->s.returns = s->returns;
	s->s.language = s->definition->language;
	s->s.closes = SURVEYED_CLOSES;
	assert_ok(survey_make(&s->s, &why), &why);
}

static inline void surveyed_close(struct surveyed *s)
{
	survey_release(&s->s);
	returns_close(s->returns);
	outbox_close(s->outbox);
	amend_close(s->amend);
	roll_close(s->roll);
	definition_free(s->definition);
}

#endif
