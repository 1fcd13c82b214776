/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_QP_H
#define VOTEPOST_CORE_MAIL_QP_H

#include <stdbool.h>

#include "core/buf.h"

/*
 * qp - a body's lines for the road: CR LF, 7 bits, at most 76 characters. Quoted-printable
 * (RFC 2045 section 6.7) where they need it, broken between words.
 */

/* May these lines (LF) travel as they are? */
bool qp_needless(const char *text);
void qp_add_plain(struct buf *out, const char *text);

/* A word is cut only where it alone is longer than a line. */
void qp_add(struct buf *out, const char *text);

#endif
