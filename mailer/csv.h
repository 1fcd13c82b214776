/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_CSV_H
#define VOTEPOST_MAILER_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/*
 * csv - comma-separated values (RFC 4180): read one record at a time, from a file of any size, and
 * written.
 *
 * UTF-8, with or without a byte order mark; lines end in LF or CR LF. Memory is a window of the
 * file and the current record: what is over a cap is refused while it is read, never held.
 * Empty lines are skipped. Messages name file and line.
 */
#define CSV_FIELD_MAX  1000
#define CSV_LINE_MAX   (64u << 10)
#define CSV_FIELDS_MAX 64

struct csv {
	int fd;
	char *path;
	unsigned char *window;
	size_t at, end;
	uint64_t line;   /* on which the current record begins, from 1 */
	uint64_t next;   /* the line that is read next */
	unsigned fields; /* of the current record */
	struct buf text; /* its fields, a NUL after each */
	size_t start[CSV_FIELDS_MAX];
};

MUST_CHECK enum err csv_open(struct csv *c, const char *path, struct why *why);
void csv_close(struct csv *c);

/* The next record. ERR_NOT_FOUND at the end; ERR_FORMAT for a quote out of place, a byte that
 * is not text; ERR_TOO_LARGE over a cap. */
MUST_CHECK enum err csv_next(struct csv *c, struct why *why);

/* Field `i` of the current record, NUL-ended; "" where the record is shorter. */
const char *csv_field(const struct csv *c, unsigned i);

/* Write a field and a comma. What a table calculator would take for a formula gets an apostrophe
 * in front; what it might take for a separator stands in quotes. */
void csv_add_field(struct buf *row, const char *text);

#endif
