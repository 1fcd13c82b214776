/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_OWNTEXT_H
#define VOTEPOST_MAILER_OWNTEXT_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/template.h"
#include "mailer/source.h"

/*
 * owntext - the organiser's own words in a letter, as a secretary writes them: one plain text
 * file a language, letter/fr.txt in the mailer's home, of up to four sections.
 *
 *   [subject]     one line, in place of "Your vote: …"
 *   [greeting]    one line, in place of "Hello Anna,"; it may name {{name}}
 *   [body]        each line a paragraph
 *   [signature]   each line a line
 *
 * Everything else in a letter, the code, the ways to vote, the waiver, the fingerprint, is the
 * template's. A few names of the election may stand in these texts, and of a member only the
 * name. What is not fit for a mail is an error with file and line: control and direction
 * characters, a line that would vote, what looks like a token, an unknown name or section.
 */
enum owntext_part {
	OWNTEXT_SUBJECT,
	OWNTEXT_GREETING,
	OWNTEXT_BODY,
	OWNTEXT_SIGNATURE,
	OWNTEXT_PARTS
};

/* The line that the ballot box looks for, so nobody else may write it. */
#define OWNTEXT_MARK "----- reply above this line -----"

#define OWNTEXT_FILE_MAX ((size_t)32 << 10)
#define OWNTEXT_LINES    64 /* of a body or a signature */

struct owntext {
	struct source file;        /* its path is "" where there is none */
	char *part[OWNTEXT_PARTS]; /* as written; NULL where there is none */
	char *filled[OWNTEXT_PARTS];
	/* What may be named, from owntext_fill on. */
	struct template_value allowed[12];
	/* The values of a template: subject, own_subject, usual_subject, body, signature, signed. */
	struct template_value value[8];
	struct template_value cell[2][OWNTEXT_LINES][2];
	struct template_row row[2][OWNTEXT_LINES];
};

/* The file, which need not be there. `o` starts zeroed; owntext_release, also after a failure. */
MUST_CHECK enum err owntext_read(struct owntext *o, const char *path, struct why *why);
void owntext_release(struct owntext *o);

/* The same for every member: fill all but the greeting with an election's facts (ended by a NULL
 * name), which live as long. `o` may not move after. */
MUST_CHECK enum err owntext_fill(struct owntext *o, const struct template_value *facts,
                                 struct why *why);

/* The greeting of a member, appended. Nothing where there is none of the organiser's own for them:
 * one that names {{name}} is not for members whose name is unknown. */
MUST_CHECK enum err owntext_greet(struct buf *out, const struct owntext *o, const char *name,
                                  struct why *why);

#endif
