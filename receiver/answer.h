/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_ANSWER_H
#define VOTEPOST_RECEIVER_ANSWER_H

#include <stdint.h>

#include "core/board.h"
#include "core/buf.h"
#include "core/funnel.h"
#include "core/manifest.h"
#include "receiver/hint.h"

/*
 * answer - the receipts and corrections that go back by mail.
 *
 * Texts lie in a folder, one folder a language (receiver/wording.h): config/answers. An answer
 * speaks every language of the manifest that there are texts for, the manifest's first one
 * first, and English last where it stands in for one that has none; once as plain text, and as
 * HTML made of the very same (receiver/sheet.h). It never holds a choice or a token, not even
 * the member's own: a correction lists what everyone may choose, and its mailto: opens a mail
 * whose one line, "VOTE CODE ?", leaves both to be typed and is no vote before.
 */
struct answer {
	enum verdict verdict;
	enum hint hint;                /* HINT_OTHER where it was none */
	const char *to;                /* the envelope sender, and nobody else */
	const char *in_reply_to;       /* without < >, "" for none */
	const char *handle;            /* an issued one, or "" */
	const struct receipt *receipt; /* counted and used */
	uint64_t now;                  /* Unix seconds */
	uint64_t closes;               /* the closing time in force */
};

struct answers;
/* Reads every text and fills each once, so that a mistake in one shows now and not at night.
 * `name` and `address` are From's. ERR_SETTINGS names the file. */
MUST_CHECK enum err answers_open(struct answers **out, const struct manifest *m, const char *folder,
                                 const char *name, const char *address, struct why *why);
void answers_free(struct answers *a);

/* The manifest's languages that there are no texts for, "de, it", or "". */
const char *answers_lacking(const struct answers *a);

/* The whole message, CR LF, ready to send with a null envelope sender. */
MUST_CHECK enum err answer_write(struct buf *message, const struct answers *a,
                                 const struct answer *answer, struct why *why);

/* The name of a verdict's texts: "receipt", "no-token"; NULL for what is never answered. */
const char *answer_name(enum verdict verdict);

#endif
