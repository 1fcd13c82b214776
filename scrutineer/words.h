/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_WORDS_H
#define VOTEPOST_SCRUTINEER_WORDS_H

#include "core/buf.h"
#include "core/manifest.h"
#include "scrutineer/audit.h"

/*
 * words - what an audit found, as text for people and as JSON for programs. Nothing is
 * printed here: the commands do that.
 */

/* "board.ndjson line 12: ballot late: a ballot after the closing time", a line feed. */
void words_finding(struct buf *out, const struct finding *f);
/* {"file":"board.ndjson","line":12,"check":"ballot late","text":"…"} */
void words_finding_json(struct buf *out, const struct finding *f);

/* The counts by question and option, in one language of the manifest (its index). */
void words_counts(struct buf *out, const struct manifest *m, const uint64_t *counts,
                  unsigned language);
void words_counts_json(struct buf *out, const struct manifest *m, const uint64_t *counts);

/* `text` as a JSON string, whatever it holds. */
void words_json_text(struct buf *out, const char *text);

#endif
