/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_BALLOT_H
#define VOTEPOST_CORE_BALLOT_H

#include <stddef.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/group.h"
#include "core/manifest.h"

/*
 * ballot - make and check an encrypted ballot: its cells, their proofs, the signature under
 * the member's credential, and the line that carries them. Protocol section 4. No I/O.
 */
struct ballot {
	enum channel channel;
	struct point credential;
	unsigned char *body; /* ballot_body_bytes of it; owned */
	struct point r;      /* the signature */
	struct scalar z;
};

size_t ballot_body_bytes(const struct manifest *m);
/* A ballot line's exact length for a channel, without its line feed. */
size_t ballot_line_bytes(const struct manifest *m, enum channel channel);

/* Encrypt and prove `cells` (0 or 1 each, manifest_cells_fit holds, else bug), sign under
 * `secret`, append the line without a line feed. */
MUST_CHECK enum err ballot_make(struct buf *line, const struct manifest *m, enum channel channel,
                                const struct scalar *secret, const unsigned char *cells);

/* A line's form: keys, lengths, canonical scalars, no identity where none may stand. Checks
 * "ballot …", "scalar". Nothing is proven yet. ballot_release after, also after a failure. */
MUST_CHECK enum err ballot_read(struct ballot *b, const struct manifest *m, const char *line,
                                size_t len, struct why *why);
void ballot_release(struct ballot *b);

/* Cheap first: one equation, "ballot signature". */
MUST_CHECK enum err ballot_check_signature(const struct ballot *b, const struct manifest *m,
                                           struct why *why);
/* All cell and row proofs: "point", "cell proof", "row proof". */
MUST_CHECK enum err ballot_check_proofs(const struct ballot *b, const struct manifest *m,
                                        struct why *why);

/* A cell's ciphertext, inside the body. */
void ballot_cell(struct point *alpha, struct point *beta, const struct ballot *b,
                 const struct manifest *m, unsigned row, unsigned cell);

#define TRACKER_TEXT 24 /* four groups of five, hyphens, NUL */
void ballot_tracker(char out[TRACKER_TEXT], const char *line, size_t len);

/* The sealed reply's block around a ballot line, with its marker lines, LF line ends. */
#define ARMOUR_BEGIN "-----BEGIN VOTEPOST BALLOT-----"
#define ARMOUR_END   "-----END VOTEPOST BALLOT-----"
void armour_write(struct buf *out, const char *line, size_t len);
/* What stands between the markers, back to the line: '>', spaces and line ends are ignored.
 * ERR_FORMAT for anything else that is not base64 of RFC 4648 section 4 with its padding. */
MUST_CHECK enum err armour_read(struct buf *line, const char *inside, size_t len);

#endif
