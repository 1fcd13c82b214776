/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_SCRUTINEER_SVG_H
#define VOTEPOST_SCRUTINEER_SVG_H

#include "core/buf.h"
#include "scrutineer/document.h"

/* svg - a document's charts as SVG inside its page; numbers are whole, so that they are written
 * alike everywhere. */
void svg_bars(struct buf *out, const struct block *b);
void svg_columns(struct buf *out, const struct block *b);
void svg_stacks(struct buf *out, const struct block *b);

#endif
