/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CMD_SURVEY_H
#define VOTEPOST_MAILER_CMD_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "mailer/alarm.h"
#include "mailer/survey.h"

/*
 * cmd_survey - how `status` prints what a survey has found: tables for a person, JSON for
 * programs. Neither names a member.
 */
struct cmd_survey {
	const struct survey *s;
	const char *stage; /* "roll", "sealed", "issued", "sending" */
	bool paused;
	uint64_t replaced, waiting; /* tokens: in force, and planned and not known to stand */
};

void cmd_survey_print(const struct cmd_survey *c);
/* A line a domain, group or language: the first `top` of them, and as many at most of those that
 * an alarm names, which get a mark; the rest in one. */
void cmd_survey_print_by(const struct breakdown *b, const char *what, const struct alarm *alarm,
                         uint64_t top);
void cmd_survey_json(const struct cmd_survey *c);

#endif
