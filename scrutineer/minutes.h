/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_MINUTES_H
#define VOTEPOST_SCRUTINEER_MINUTES_H

#include <stdbool.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/opening.h"
#include "scrutineer/audit.h"
#include "scrutineer/bureau.h"
#include "scrutineer/course.h"
#include "scrutineer/document.h"
#include "scrutineer/reconcile.h"
#include "scrutineer/wording.h"

/*
 * minutes - the procès-verbal: the facts of an election, gathered from its record, the mailer's
 * ledger, the receiver's funnel and the bureau's own words, and the files that tell them.
 *
 * Nothing here looks at a clock, a locale or chance: the same inputs give the same bytes.
 */
#define MINUTES_TEXT "minutes.txt"
#define MINUTES_HTML "minutes.html"
#define MINUTES_PDF  "minutes.pdf"
#define MINUTES_JSON "minutes.json"
#define MINUTES_MAX  ((size_t)32 << 20) /* of each file */

struct minutes_source {
	const char *record, *ledger, *funnel, *bureau;
	const char *language;              /* NULL: the manifest's first that there is, else en */
	finding_fn *found;                 /* told of each failure of the record */
	void (*step)(void *ctx, uint64_t); /* bytes of the board; may be NULL */
	void *ctx;                         /* of both */
};
struct minutes {
	struct audit_options options;
	const struct minutes_source *source;
	struct audit audit;
	const struct manifest *m; /* the audit's */
	struct course course;
	struct accounts accounts;
	struct sums sums;
	struct bureau bureau;
	struct openings *openings; /* NULL where the record has none */
	struct head head;          /* head.json */
	bool has_head, trustee_came[TRUSTEES_MAX];
	const struct wording *w;
	unsigned lang; /* of the manifest's texts */
};

/* ERR_INVALID where the record, the ledger or the funnel fails; sums that differ are no error.
 * minutes_release after, also after a failure. */
MUST_CHECK enum err minutes_gather(struct minutes *mi, const struct minutes_source *source,
                                   struct why *why);
void minutes_release(struct minutes *mi);

/* Everything as a document; document_release after. Its errors are the document's. */
void minutes_document(struct document *d, const struct minutes *mi);
/* Everything as one canonical line, without its line feed. */
void minutes_json(struct buf *out, const struct minutes *mi);

/* The four files into `dir`, which is made where it is not there; `fonts` is the folder of the
 * PDF's typefaces. */
MUST_CHECK enum err minutes_write(const struct minutes *mi, const char *fonts, const char *dir,
                                  struct why *why);

#endif
