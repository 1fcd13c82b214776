/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_SURVEY_H
#define VOTEPOST_MAILER_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "mailer/amend.h"
#include "mailer/breakdown.h"
#include "mailer/outbox.h"
#include "mailer/reach.h"
#include "mailer/returns.h"
#include "mailer/roll.h"
#include "mailer/timeline.h"

/*
 * survey - whom the letters have reached: one walk over the outbox, then one over the roll and what
 * came back, without a key, beside a `send` or a `bounce` that runs. Eight bytes a member.
 *
 * The outbox is read as of one moment, and each member is then counted once, so `all`, and each
 * breakdown with its `other`, add up to the roll at every moment. No sum holds an address or an
 * identifier; who wants those passes `visit`.
 */
#define SURVEY_LEAST 5 /* what fewer members share is not shown by itself */

/* `member` with its address of today; what it returns ends the walk unless it is OK. */
typedef enum err survey_visit(void *context, const struct member *member, const struct fate *fate,
                              struct why *why);

struct survey {
	struct roll *roll;
	struct amend *amend;
	struct outbox *outbox; /* NULL: nothing was sent yet */
	struct returns *returns;
	const char *const *language;                 /* the tags, by the roll's index */
	uint64_t closes;                             /* the closing time in force */
	void (*step)(void *progress, uint64_t more); /* may be NULL */
	void *progress;
	survey_visit *visit; /* may be NULL */
	void *visitor;
	/* Results */
	struct reached all;
	uint64_t state[SEND_STATES]; /* the outbox's, of the same moment */
	uint64_t warned, given_up;   /* fate's */
	struct breakdown domain, group, language_of;
	struct timeline taken; /* when the relay took the letters that it has */
	struct returns_counts back;
};

/* How many steps it is in all. */
uint64_t survey_steps(const struct survey *s);
/* survey_release after, also after a failure. */
MUST_CHECK enum err survey_make(struct survey *s, struct why *why);
void survey_release(struct survey *s);

/* Has any letter been tried? An address may be known to be dead before that, from an earlier mail. */
bool survey_begun(const struct survey *s);

#endif
