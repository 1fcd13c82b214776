/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_WORDING_H
#define VOTEPOST_RECEIVER_WORDING_H

#include <stdbool.h>

#include "core/err.h"
#include "core/funnel.h"
#include "core/manifest.h"

/*
 * wording - the texts of every answer, by language, as they lie in a folder: a folder a
 * language, in it NAME.txt for each of answer_name's names and what is common to them; and the
 * page that their HTML form is, one for all. config/answers/README says what each is for.
 *
 * "fr-CA" is served by "fr" where it has no folder of its own. A language that has none at all
 * is served in English: the English texts then stand in every answer, after the others.
 */
#define WORDING_TAG 64

struct text {
	char *text;
	char *source; /* its path, for messages */
};
struct tongue {
	char tag[WORDING_TAG]; /* what it speaks */
	unsigned index;        /* whose titles go with it: in the manifest */
	bool right_to_left;
	struct text name; /* the language's own */
	struct text subject, frame, foot;
	struct text verdict[VERDICTS];
};
struct wording {
	unsigned languages;
	struct tongue tongue[LANGUAGES_MAX + 1];
	struct text page;
	char lacking[WORDING_TAG * LANGUAGES_MAX]; /* "de, it": what English stands in for; or "" */
};

/* ERR_SETTINGS names the file. wording_release after, also after a failure. */
MUST_CHECK enum err wording_read(struct wording *w, const struct manifest *m, const char *folder,
                                 struct why *why);
void wording_release(struct wording *w);

#endif
