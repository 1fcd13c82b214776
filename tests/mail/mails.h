/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_TESTS_MAIL_MAILS_H
#define VOTEPOST_TESTS_MAIL_MAILS_H

#include <stdbool.h>

#include "core/buf.h"
#include "mailer/mailing.h"
#include "receiver/parser/reply.h"

/*
 * mails - what the tests of whole mails share. The parser runs in the test's own process here:
 * its sandbox has a test of its own (unit/receiver/test_parser.c).
 */
#define MAILS_ROOM  (4u << 20)
#define MAILS_TOKEN "JWFZ-PTC5-MN1C-SK7C-KTG2-W3D3-PEKJ"

/* Once, before the others. */
void mails_init(void);

/* What the parser makes of a raw mail, its envelope unknown, or with this sender. Good until
 * the next call. */
const struct reply *mails_read(const void *raw, size_t len);
const struct reply *mails_read_from(const char *sender, const void *raw, size_t len);

/* The same of a mail of one part of this type, in UTF-8 where it is that, else Latin-1. */
const struct reply *mails_read_body(const char *type, const char *text, size_t len);

/* Append the text, the first `from` in it become `to`; how many there were. */
unsigned mails_swap(struct buf *out, const char *text, const char *from, const char *to);

/* The same behind the header of each of a mail's text parts: an author's program wrote all of
 * them. How many hold it. */
unsigned mails_swap_in_parts(struct buf *out, const char *text, const char *from, const char *to);

/* A file, whole; fails the test where it cannot be read. buf_free. */
void mails_load(struct buf *out, const char *path);

/* Call `each` for the files of a folder whose names end so, in their order. How many there
 * were; 0 where there is no such folder. */
unsigned mails_each(const char *folder, const char *ending,
                    void (*each)(const char *path, const char *name));

/* The text of a mail's first part of type text/SUBTYPE. */
void mails_part(struct buf *out, const struct buf *mail, const char *subtype);

/* The languages that letters come in, French and English first. */
#define MAILS_LANGUAGES 7
extern const char *const mails_language[MAILS_LANGUAGES];

/* A mail of ours to a member of a worked example, whole, in one of these languages (the example's
 * own texts stay what they are), with MAILS_TOKEN where the kind has a token. `later`: a later
 * code, and a later closing time than at first. */
void mails_letter(struct buf *out, const char *example, unsigned language, enum mailing_kind kind,
                  bool later);

/* Each line of a text with `mark` before it. */
void mails_quote(struct buf *out, const char *text, const char *mark);

/* Where other people's samples are: VOTEPOST_SAMPLES, or the folder mail/ of any folder beside
 * the tree that has bounces/ in it. NULL where there is none. */
const char *mails_samples(void);

#endif
