/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ballot.h"
#include "core/group.h"
#include "core/token.h"
#include "receiver/parser/parse.h"
#include "tests/mail/mails.h"

/*
 * readings - what the parser makes of many mails: for a second reader, in another language, to
 * compare (tests/mail/second_reader.py).
 *
 * On standard input each mail comes as its length in decimal, a line feed, its bytes; on
 * standard output one line of JSON each. The mails are made by tests: their tokens open nothing.
 * With --letter it writes an invitation of ours instead, for others to quote.
 */
#define READ_MAX (16u << 20)

static const char *what(const struct reply *r)
{
	if (r->bounce)
		return "bounce";
	if (r->automatic)
		return "automatic";
	if (r->too_large)
		return "large";
	return r->unreadable ? "unreadable" : "letter";
}

static void print_vote(const struct reply_vote *vote)
{
	char token[TOKEN_TEXT_MAX] = "";

	if (vote->with_token)
		token_write(token, &vote->token);
	printf("{\"choices\":\"%s\",\"token\":\"%s\"}", vote->choices, token);
}

static void print_reading(const struct reply *r)
{
	char token[TOKEN_TEXT_MAX];
	unsigned i;

	printf("{\"is\":\"%s\",\"twins_differ\":%d,\"too_many\":%d,\"sealed\":%zu,\"vote\":",
	       what(r), r->twins_differ, r->too_many, r->sealed_len);
	if (r->has_vote)
		print_vote(&r->vote);
	else
		printf("null");
	printf(",\"others\":[");
	for (i = 0; i < r->others; i++) {
		printf("%s", i ? "," : "");
		print_vote(&r->other[i]);
	}
	printf("],\"tokens\":[");
	for (i = 0; i < r->tokens; i++) {
		token_write(token, &r->token[i]);
		printf("%s\"%s\"", i ? "," : "", token);
	}
	printf("],\"reason\":\"%s\"}\n", r->reason);
}

static int write_letter(void)
{
	struct buf letter = BUF_INIT(MAILS_ROOM);
	bool written;

	mails_letter(&letter, "one-question", 0, MAILING_INVITATION, false);
	written = fwrite(letter.data, 1, letter.len, stdout) == letter.len;
	buf_free(&letter);
	return written ? 0 : 1;
}

int main(int argc, char **argv)
{
	char line[24], *mail;
	size_t len;

	mails_init();
	if (argc > 1)
		return strcmp(argv[1], "--letter") ? 64 : write_letter();
	mail = malloc(READ_MAX);
	if (!mail)
		return 1;
	while (fgets(line, sizeof(line), stdin)) {
		len = strtoul(line, NULL, 10);
		if (len > READ_MAX || fread(mail, 1, len, stdin) != len) {
			fprintf(stderr, "readings: a mail is cut\n");
			free(mail);
			return 65;
		}
		print_reading(mails_read(mail, len));
		fflush(stdout);
	}
	free(mail);
	return 0;
}
