/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_WORDING_H
#define VOTEPOST_RECEIVER_WORDING_H

#include "core/err.h"
#include "core/funnel.h"
#include "core/manifest.h"

/*
 * wording - the texts of every answer, by language, as they lie in a folder: a folder a
 * language, in it NAME.subject and NAME.txt for each of answer_name's names.
 *
 * "fr-CA" is served by "fr" where it has no folder of its own. A language that has none at all
 * is served in English: the English texts then stand in every answer, after the others.
 */
#define WORDING_TAG 64

struct text {
	char *subject, *body;
	char *source; /* path of the body, for messages */
};
struct tongue {
	char tag[WORDING_TAG]; /* what it speaks */
	unsigned index;        /* whose titles go with it: in the manifest */
	struct text text[VERDICTS];
};
struct wording {
	unsigned languages;
	struct tongue tongue[LANGUAGES_MAX + 1];
	char lacking[WORDING_TAG * LANGUAGES_MAX]; /* "de, it": what English stands in for; or "" */
};

/* ERR_SETTINGS names the file. wording_release after, also after a failure. */
MUST_CHECK enum err wording_read(struct wording *w, const struct manifest *m, const char *folder,
                                 struct why *why);
void wording_release(struct wording *w);

#endif
