/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_MAIL_IMAP_ANSWER_H
#define VOTEPOST_CORE_MAIL_IMAP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * imap_answer - the lines that an IMAP server says, as far as they matter to us.
 *
 * No line that comes here holds a part of a mail: we never ask for one by a command of our own,
 * and the mail that libcurl fetches goes another way (imap_talk.h). What a line means is read
 * from its start, by its form alone; every other line is IMAP_OTHER and changes nothing.
 */

/* One mail, as a FETCH line tells it. */
struct imap_item {
	uint32_t uid;      /* 0: not told */
	bool dated;        /* `received` was told */
	uint64_t received; /* INTERNALDATE, Unix seconds */
	bool sized;        /* `size` was told */
	uint64_t size;     /* RFC822.SIZE, bytes */
	bool literal;      /* the line ends with {length}: that many bytes follow it */
	uint64_t length;
};

#define IMAP_WORDS 200
struct imap_answer {
	/* Of the folder that is selected; 0: not told */
	uint32_t uidvalidity, exists;
	bool read_only;
	/* What the server can */
	bool move, uidplus;
	/* Of the last FETCH line */
	struct imap_item item;
	uint32_t found; /* the greatest UID that an answer to a UID SEARCH named; 0: none */
	/* What the last tagged line, or a BYE, said */
	bool ok;
	char words[IMAP_WORDS]; /* printable, addresses taken out; "" for none */
};

enum imap_line {
	IMAP_OTHER,
	IMAP_FETCH,  /* `item` is */
	IMAP_STATUS, /* `ok` and `words` are */
};
/* One line, with or without its line end. */
enum imap_line imap_answer_read(struct imap_answer *a, const char *line, size_t len);

/* The line that closes a FETCH after its literal: more of the same mail. */
void imap_answer_rest(struct imap_item *item, const char *line, size_t len);

#endif
