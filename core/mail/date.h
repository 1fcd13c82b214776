/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_DATE_H
#define VOTEPOST_CORE_MAIL_DATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * date - a time as mail servers write it: "Mon, 23 Nov 2026 10:00:00 +0100 (CET)" in a header,
 * "23-Nov-2026 10:00:00 +0100" in IMAP.
 */

/* Unix seconds; false where it is anything unusual, or before 1970. */
bool date_read(uint64_t *seconds, const char *text);

#endif
