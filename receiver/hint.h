/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_HINT_H
#define VOTEPOST_RECEIVER_HINT_H

#include "receiver/choices.h"

/*
 * hint - why a mail got its verdict, as far as it helps its writer: a closed set, each a
 * condition of the answers' texts (config/answers/README). None says what was chosen.
 */
enum hint {
	HINT_OTHER,     /* nothing that we could name */
	HINT_RUNS_ON,   /* no choice: text right below the line that would be a vote */
	HINT_BELOW,     /* no choice: the line that would be a vote is not the first */
	HINT_QUESTIONS, /* no choice: more or fewer answers than questions */
	HINT_OPTION,    /* something that the question does not offer: a letter, or a blank vote */
	HINT_TWICE,     /* an option twice */
	HINT_FEW,       /* fewer options than the question wants */
	HINT_MANY,      /* more than it allows */
	HINT_GRADES,    /* not a grade for each option, or one that does not exist */
	HINT_VOTES,     /* ambiguous: votes that differ */
	HINT_CODES,     /* several codes */
	HINT_FORMS,     /* plain text and formatted text that differ */
	HINT_SEALED,    /* sealed ballots that differ */
	HINTS,
};

/* The condition's name: "why_below". */
const char *hint_name(enum hint hint);
enum hint hint_of_fault(enum choices_fault fault);

#endif
