/* SPDX-License-Identifier: MIT */
#include "receiver/hint.h"

const char *hint_name(enum hint hint)
{
	static const char *const names[HINTS] = {
		[HINT_OTHER] = "why_other",   [HINT_RUNS_ON] = "why_runs_on",
		[HINT_BELOW] = "why_below",   [HINT_QUESTIONS] = "why_questions",
		[HINT_OPTION] = "why_option", [HINT_TWICE] = "why_twice",
		[HINT_FEW] = "why_few",       [HINT_MANY] = "why_many",
		[HINT_GRADES] = "why_grades", [HINT_VOTES] = "why_votes",
		[HINT_CODES] = "why_codes",   [HINT_FORMS] = "why_forms",
		[HINT_SEALED] = "why_sealed",
	};

	return names[hint];
}

enum hint hint_of_fault(enum choices_fault fault)
{
	switch (fault) {
	case CHOICES_QUESTIONS:
		return HINT_QUESTIONS;
	/* One hint for all of them: "blank" alone would tell what was chosen. */
	case CHOICES_OPTION:
	case CHOICES_NO_BLANK:
	case CHOICES_NO_NOTHING:
		return HINT_OPTION;
	case CHOICES_TWICE:
		return HINT_TWICE;
	case CHOICES_TOO_FEW:
		return HINT_FEW;
	case CHOICES_TOO_MANY:
		return HINT_MANY;
	case CHOICES_NO_GRADE:
	case CHOICES_GRADE:
		return HINT_GRADES;
	default:
		return HINT_OTHER;
	}
}
