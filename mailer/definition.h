/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_DEFINITION_H
#define VOTEPOST_MAILER_DEFINITION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/manifest.h"
#include "core/settings.h"

/*
 * definition - what the organiser writes down before anything is sealed: election.conf.
 *
 *   [election]       title[fr], organiser, languages = fr;en, opens, closes,
 *                    channels = reply;sealed-reply;link, waiver[fr], reply_to, link,
 *                    min_ballots = 10, second_factor = false, test = false
 *   [question ID]    kind = choice: title[fr], option1[fr] …, min = 1, max = 1, blank = true
 *                    kind = grades: title[fr], option1[fr] …, grade1[fr] … (best first)
 *
 * Questions stand in the file's order. Every rule of the manifest that can be told from the
 * definition alone is checked here, so that its errors name file, line and key; core/manifest.h
 * checks all of them again once the rest is known.
 */
struct definition {
	unsigned languages;
	const char *language[LANGUAGES_MAX];
	struct texts title, waiver; /* waiver.in[0] is NULL where replies are off */
	const char *organiser, *reply_to, *link;
	uint64_t opens, closes;
	bool channel[CHANNELS];
	unsigned questions;
	struct question question[QUESTIONS_MAX]; /* first_row is not filled */
	uint64_t min_ballots;
	bool second_factor, test;
	struct settings *settings; /* most texts point into it */
	char *tags;                /* the languages */
};

/* ERR_SETTINGS names file, line and key. definition_free after. */
MUST_CHECK enum err definition_read(struct definition **out, const char *path, struct why *why);
void definition_free(struct definition *d);

/* The index of a language; -1 for one that the election does not have. */
int definition_language(const struct definition *d, const char *tag);

#endif
