/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_REPORT_REPORT_H
#define VOTEPOST_MAILER_REPORT_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "core/handles.h"
#include "mailer/tag.h"

/*
 * report - a raw mail at the bounce address to what it says: whose letter came back, and why.
 * For the reader's process alone (mailer/reader.h), which holds nothing else worth having; GMime
 * stays in report.c.
 *
 * Nothing is guessed about whose it is: a handle stands there, or it does not. What is no
 * delivery report must not pass for one: an absence, an answer, a complaint.
 */
#define REPORT_RAW_MAX   ((size_t)256 << 10) /* of a mail; a report stands at its beginning */
#define REPORT_WORDS_MAX 1024
#define REPORT_SYSTEM    64
#define REPORT_ADDRESS   255 /* with its NUL */
#define REPORT_HANDLE    (HANDLE_CHARS + 1)

enum report_kind {
	REPORT_FAILED,
	REPORT_DELAYED,   /* still being tried */
	REPORT_COMPLAINT, /* a provider's: its user took the letter for spam (RFC 5965) */
	REPORT_OTHER,
	REPORT_KINDS
};

/* What a letter of ours carries, to know one again. */
struct report_marks {
	char bounce[REPORT_ADDRESS];   /* the local part before the handle */
	char reply_to[REPORT_ADDRESS]; /* the same of the election's own address */
	char domain[REPORT_ADDRESS];   /* behind the @ of our Message-IDs */
};

/* Fixed, without a pointer: it goes from one process to another as it lies in memory. */
struct report {
	uint32_t kind;              /* enum report_kind */
	uint32_t code;              /* of SMTP; 0 where there is none */
	char handle[REPORT_HANDLE]; /* "" where there is none */
	char tag[TAG_TEXT];         /* "" where there is none */
	char status[12];            /* "5.1.1"; "" where there is none */
	char system[REPORT_SYSTEM];
	char words[REPORT_WORDS_MAX]; /* why, as the other system says; may quote anything */
};

/* Once, before the sandbox shuts. */
void report_init(void);

/* `recipient` is the envelope's, or "" where the mail alone must say. */
void report_read(struct report *out, const struct report_marks *marks, const char *recipient,
                 const char *raw, size_t len);

/* For tests alone, which may define it: called in the reader with a raw mail, before it is read.
 * No program of ours contains it. */
extern void report_test_hook(const char *raw) __attribute__((weak));

#endif
