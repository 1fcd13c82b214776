/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_PARSER_ORIGIN_H
#define VOTEPOST_RECEIVER_PARSER_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"
#include "receiver/parser/fold.h"
#include "receiver/parser/reply.h"

/*
 * origin - who a mail comes from, whose handle it carries and whether a machine wrote it:
 * the envelope and the top header, nothing else of the mail.
 *
 * RFC 3834's signs, and what real gateways write instead of them. Doubt here is a mail from
 * a person: what is called automatic is never answered, so a vote would be lost in silence.
 * X-Auto-Response-Suppress alone says nothing: Exchange puts it on ordinary mail.
 */

/* `from`, `handle` and `automatic` out of the envelope, where it knows them. */
void origin_envelope(struct reply *reply, const struct envelope *envelope);

/* The rest out of the header. `header` is raw, as origin_header gave it. */
void origin_read(struct reply *reply, const struct envelope *envelope, struct span header);

/* The top header of a raw mail, its last line end included; everything where no empty line
 * ends it. An mbox "From " line before it is left out. */
struct span origin_header(const void *raw, size_t len);

/* The mail as a MIME part: of the top header only what says how to read the body. ERR_FORMAT
 * where a line of it is no field: there one reader goes on, and the body begins for another. */
MUST_CHECK enum err origin_mime(struct buf *out, const void *raw, size_t len);

#endif
