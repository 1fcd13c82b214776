/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_OVERVIEW_H
#define VOTEPOST_MAILER_OVERVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "mailer/alarm.h"
#include "mailer/conf.h"
#include "mailer/survey.h"

/*
 * overview - what a survey has found, as one page with charts: to look at during a send-out, to
 * show to a bureau, to print.
 *
 * The page is status.html of the templates' folder, filled; beside it nothing is loaded and
 * nothing runs. It names no member.
 */
struct overview {
	const struct survey *survey;
	const struct alarm *alarm;
	const char *title, *organiser;
	bool test;
	uint64_t at, closes;
	const struct conf *conf; /* the folder, and the zone that times are told in */
	uint64_t top;            /* so many domains and groups by themselves */
};

/* In place of the page that was there, for its owner alone (mode 0600). */
MUST_CHECK enum err overview_html(const struct overview *r, const char *path, struct why *why);

#endif
