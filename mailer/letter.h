/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_LETTER_H
#define VOTEPOST_MAILER_LETTER_H

#include "core/buf.h"
#include "core/err.h"
#include "core/manifest.h"
#include "core/token.h"
#include "mailer/conf.h"
#include "mailer/mailing.h"
#include "mailer/mint.h"
#include "mailer/roll.h"
#include "mailer/wording.h"

/*
 * letter - a mail to one member: templates, member and, in the kinds that have one, token to a
 * whole message.
 *
 * Templates are read and tried once, in every kind, so that a mistake in one is found before the
 * first mail leaves. Any number of threads may write. What letter_write leaves behind holds a
 * token in `out` alone: the caller wipes it. The Message-ID is made of the mailing, the handle
 * and the generation, never of the token, so that a second copy can be told as one.
 */
#define LETTER_MAX ((size_t)512 << 10)

struct letters;

/* `closes` is the closing time in force, which the mails name. */
MUST_CHECK enum err letter_load(struct letters **out, const struct manifest *m, uint64_t closes,
                                const struct conf *conf, struct why *why);
void letter_free(struct letters *l);

/* The file of the organiser's own text in a language of the manifest's; NULL where there is none. */
const char *letter_own_text(const struct letters *l, unsigned language);

/* Everything that letters are made of, with the language of the manifest's that it serves; for what
 * mailer.conf says in them, that is "settings". */
MUST_CHECK enum err letter_sources(const struct letters *l, wording_source *visit, void *context,
                                   struct why *why);

/* What a letter is written with; one for each thread, its buffers kept from letter to letter
 * and wiped after each. */
struct letter_desk {
	struct buf text, wrapped, html, link, mailto, token, subject, greeting;
};
void letter_desk_init(struct letter_desk *d);
void letter_desk_release(struct letter_desk *d);

/* Which mail, and to whom. */
struct letter_order {
	struct mailing mailing;
	const struct member *member; /* as of today: its address is where the mail goes */
	const char *handle;
	const struct token *token; /* NULL where mailing_is_letter says no */
	uint64_t test; /* of preflight's letters: when, for a Message-ID of its own; else 0 */
};

/* The message. `out` is wiped first. */
MUST_CHECK enum err letter_write(struct buf *out, struct letter_desk *desk, const struct letters *l,
                                 const struct letter_order *order, struct why *why);

/* The HTML part alone, for a picture of it. */
MUST_CHECK enum err letter_html(struct buf *out, struct letter_desk *desk, const struct letters *l,
                                const struct letter_order *order, struct why *why);

/* The envelope's sender, where what does not arrive comes back to: "bounce+HANDLE@example.org", or
 * with the member's tag "bounce+HANDLE-TAG@…". ADDRESS_TEXT bytes are enough. */
void letter_sender(char out[ADDRESS_TEXT], const char *address, const char *handle,
                   const char *tag);

/* "vote+HANDLE@example.org": a mailbox with a handle in it. ADDRESS_TEXT bytes are enough. */
void letter_mailbox(char out[ADDRESS_TEXT], const char *address, const char *handle);

#endif
