/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_PERCENT_H
#define VOTEPOST_CORE_PERCENT_H

#include "core/buf.h"

/*
 * percent - text as it stands in a URL: percent-encoded (RFC 3986 section 2.1, RFC 6068).
 */

/* Append it; letters, digits and what stands in `plain` stay as they are. */
void percent_add(struct buf *out, const char *text, const char *plain);

/* For a part of a mailto: URL, and for an address there. */
#define PERCENT_PART    "-._~"
#define PERCENT_ADDRESS "-._~@"

#endif
