/* SPDX-License-Identifier: MIT */
#include "mailer/preflight_trip.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <sodium.h>

#include "core/mail/message.h"
#include "core/mail/seek.h"
#include "core/monotime.h"
#include "core/secret.h"

#define FOLDER_MAX 200
#define PAUSE      2 /* seconds between two looks into a mailbox */
#define ID_TEXT    400
/* What code that knows other mailboxes too calls host, port, tls, ... */
#define MAILBOX_SETTINGS                                                                           \
	"[preflight] (imap_host, imap_port, imap_tls, ca_file, user, password_file)"

/* A trip under way. */
struct travel {
	struct preflight *p;
	const struct trip *t;
	struct token *token;
	char id[ID_TEXT]; /* of the letter, without < > */
	struct imap_account account;
	struct imap_talk *mailbox;
	struct buf mail;         /* the last that was found */
	char folder[FOLDER_MAX]; /* and where */
	uint64_t took;           /* milliseconds until it was there */
};

static enum err write_letter(struct buf *out, struct travel *v, struct why *why)
{
	struct preflight *p = v->p;
	struct member member = { .generation = 1 };
	const struct letter_order order = {
		.member = &member, .handle = v->t->handle, .token = v->token, .test = p->now
	};
	char nobody[HANDLE_TEXT];
	struct letter_desk desk;
	enum err e;

	snprintf(member.name, sizeof(member.name), "Preflight");
	snprintf(member.email, sizeof(member.email), "%s", v->t->to);
	mint_dummy(v->token, nobody);
	letter_desk_init(&desk);
	e = letter_write(out, &desk, p->letters, &order, why);
	letter_desk_release(&desk);
	snprintf(v->id, sizeof(v->id), "preflight-%llu.%s.%u%s", (unsigned long long)p->now,
	         v->t->handle, member.generation, strchr(p->conf->address, '@'));
	return e;
}

/* Through this server; what came of it is a finding. */
static enum err send(struct findings *f, const struct relay *relay, const char *from,
                     const char *to, const struct buf *mail, bool *taken, struct why *why)
{
	struct smtp_answer answer;
	struct smtp *smtp = NULL;
	enum err e = smtp_open(&smtp, relay, why);

	*taken = false;
	if (e)
		return e;
	smtp_send(smtp, from, to, mail->data, mail->len, &answer);
	smtp_close(smtp);
	*taken = answer.outcome == SMTP_ACCEPTED;
	if (*taken) {
		findings_saw(f, "%s took it.", relay->host);
		return OK;
	}
	if (answer.code)
		findings_saw(f, "%s says: %u %s", relay->host, answer.code, answer.text);
	else
		findings_saw(f, "%s: %s", relay->host, answer.text);
	if (answer.outcome == SMTP_DEFERRED || answer.outcome == SMTP_UNCERTAIN) {
		findings_tell(f, FINDING_UNSEEN, "It was put off for now.");
		findings_do(
			f,
			"Run this again in some minutes. If it stays so, ask the server's provider "
			"what these words mean.");
	} else {
		findings_tell(f, FINDING_STOP, "It was refused.");
		findings_do(f,
		            "Ask the server's provider what these words mean: may this sender send "
		            "through it, to others' mailboxes?");
	}
	return OK;
}

static enum err send_letter(struct travel *v, bool *taken, struct why *why)
{
	struct preflight *p = v->p;
	struct buf letter = BUF_INIT(LETTER_MAX);
	char bounce[ADDRESS_TEXT];
	enum err e = write_letter(&letter, v, why);

	findings_look(p->findings, SECTION_TRIP, "sent", "Test letter");
	letter_mailbox(bounce, p->conf->bounce, v->t->handle);
	if (!e)
		e = send(p->findings, &p->conf->relay, bounce, v->t->to, &letter, taken, why);
	buf_free(&letter);
	return e;
}

/* The next name of "INBOX;Junk;Spam". */
static const char *next_folder(char out[FOLDER_MAX], const char *list)
{
	size_t len;

	list += strspn(list, "; ");
	len = strcspn(list, ";");
	if (!len)
		return NULL;
	snprintf(out, FOLDER_MAX, "%.*s", (int)len, list);
	return list + len;
}

static enum err look_once(struct travel *v, const char *header, const char *value, struct why *why)
{
	const char *at = v->p->conf->preflight.folders;
	enum err e = ERR_NOT_FOUND;

	while (e == ERR_NOT_FOUND && (at = next_folder(v->folder, at))) {
		buf_clear(&v->mail);
		e = seek_mail(&v->mail, v->mailbox, v->folder, header, value, why);
	}
	return e;
}

/* Until it is there or [preflight] wait is over: ERR_NOT_FOUND then, or the last trouble. */
static enum err wait_for(struct travel *v, const char *header, const char *value, struct why *why)
{
	uint64_t begun = monotime_ms(), most = v->p->conf->preflight.wait * 1000;
	enum err e;

	for (;;) {
		e = look_once(v, header, value, why);
		v->took = monotime_ms() - begun;
		if ((e != ERR_NOT_FOUND && e != ERR_AGAIN) || v->took >= most)
			return e;
		nanosleep(&(struct timespec){ .tv_sec = v->took < 10000 ? 0 : PAUSE,
		                              .tv_nsec = 500000000 },
		          NULL);
	}
}

static enum err open_mailbox(struct travel *v, struct why *why)
{
	const struct conf_preflight *c = &v->p->conf->preflight;
	enum err e;

	v->account = (struct imap_account){
		.host = c->imap_host,
		.port = (unsigned)c->imap_port,
		.tls = (enum smtp_tls)c->imap_tls,
		.ca_file = c->ca_file,
		.user = *c->user ? c->user : (char *)v->t->to,
		.password_file = c->password_file,
		.folder = (char *)"INBOX",
		.timeout = 30,
	};
	if (!*c->password_file)
		return why_set(why, ERR_SETTINGS, "[preflight] imap_host without password_file");
	e = imap_talk_open(&v->mailbox, &v->account, why);
	if (e)
		why_prefix(why, "the mailbox of " MAILBOX_SETTINGS);
	return e;
}

/* A mailbox that cannot be looked into is a finding, not the end. */
static void tell_mailbox(struct findings *f, enum err e, const struct why *why)
{
	findings_saw(f, "%s", why->text);
	findings_tell(f, FINDING_UNSEEN, "The mailbox could not be looked into.");
	findings_do(f, e == ERR_SETTINGS ? "Correct " MAILBOX_SETTINGS " in mailer.conf."
	                                 : "Run this again later.");
}

static void tell_arrival(struct travel *v)
{
	struct findings *f = v->p->findings;

	findings_saw(f, "It came after %llu s, into %s.",
	             (unsigned long long)(v->took + 999) / 1000, v->folder);
	if (!strcasecmp(v->folder, "INBOX"))
		return;
	findings_tell(f, FINDING_STOP, "It was taken for junk. Most members would not see theirs.");
	findings_do(f,
	            "Mend what is marked above and below. If nothing is, the sender is not known "
	            "yet: mail a first letter without a code some days before, and ask members to "
	            "put %s into their address books.",
	            v->p->conf->address);
}

static void tell_missing(struct travel *v)
{
	struct findings *f = v->p->findings;

	findings_saw(f, "It did not come within %llu s.",
	             (unsigned long long)v->p->conf->preflight.wait);
	findings_tell(f, FINDING_STOP, "The relay took it, and it is not in %s.",
	              v->p->conf->preflight.folders);
	findings_do(f,
	            "Look for it by hand in every folder; look into the mailbox of [sender] bounce "
	            "for an error message; ask the relay's provider where it is.");
}

/* Wait for the letter and read it. */
static enum err receive(struct travel *v, bool *came, struct why *why)
{
	struct why trouble = { 0 };
	enum err e;

	findings_look(v->p->findings, SECTION_TRIP, "arrival", "Its arrival");
	v->t->say(v->t->context, "the letter is on its way; waiting for it in the mailbox");
	e = wait_for(v, "Message-ID", v->id, &trouble);
	*came = !e;
	if (e == ERR_MEMORY)
		return why_set(why, e, "out of memory");
	if (e == ERR_NOT_FOUND)
		tell_missing(v);
	else if (e)
		tell_mailbox(v->p->findings, e, &trouble);
	if (e)
		return OK;
	tell_arrival(v);
	return preflight_arrival(v->p, buf_text(&v->mail), v->mail.len, why);
}

/* As a member would write it: a vote, but for a token that opens nothing. */
static enum err write_reply(struct buf *out, struct travel *v, const char *id, struct why *why)
{
	char token[TOKEN_TEXT_MAX], to[ADDRESS_TEXT], text[200];
	const struct message reply = {
		.from = v->t->to,
		.to = to,
		.subject = "Re: preflight",
		.message_id = id,
		.in_reply_to = v->id,
		.date = (unsigned long long)time(NULL),
		.text = text,
	};
	enum err e;

	token_write(token, v->token);
	letter_mailbox(to, v->p->m->reply_to, v->t->handle);
	snprintf(text, sizeof(text), "VOTE %s A\n", token);
	e = message_write(out, &reply, why);
	sodium_memzero(token, sizeof(token));
	sodium_memzero(text, sizeof(text));
	return e;
}

static enum err send_reply(struct travel *v, const char *id, bool *taken, struct why *why)
{
	const struct conf_preflight *c = &v->p->conf->preflight;
	const struct relay relay = {
		.host = c->submit_host,
		.port = (unsigned)c->submit_port,
		.tls = (enum smtp_tls)c->submit_tls,
		.ca_file = c->ca_file,
		.user = *c->password_file ? (*c->user ? c->user : (char *)v->t->to) : NULL,
		.password_file = c->password_file,
		.timeout = 30,
	};
	struct buf reply = BUF_INIT(LETTER_MAX);
	char to[ADDRESS_TEXT];
	enum err e = write_reply(&reply, v, id, why);

	letter_mailbox(to, v->p->m->reply_to, v->t->handle);
	if (!e)
		e = send(v->p->findings, &relay, v->t->to, to, &reply, taken, why);
	buf_free(&reply);
	return e;
}

static void tell_answer(struct travel *v, enum err e, const struct why *trouble)
{
	struct findings *f = v->p->findings;

	if (!e) {
		findings_saw(f, "The receiver's answer came after %llu s, into %s.",
		             (unsigned long long)(v->took + 999) / 1000, v->folder);
		if (!strcasecmp(v->folder, "INBOX"))
			return;
		findings_tell(f, FINDING_WARNING, "Members would look for their receipts in vain.");
		findings_do(f,
		            "See to SPF, DKIM and DMARC of the receiver's own sender address, in "
		            "receiver.conf.");
	} else if (e == ERR_NOT_FOUND) {
		findings_saw(f, "No answer within %llu s.",
		             (unsigned long long)v->p->conf->preflight.wait);
		findings_tell(f, FINDING_STOP,
		              "Replies do not reach the receiver, or its answers do not "
		              "come back: votes by mail would be lost.");
		findings_do(
			f,
			"Was this a fourth test letter within a day? The receiver answers three. "
			"Else ask the operator: is the ballot box open, with the newest "
			"handles.json, "
			"and serving? Does mail to %s reach it, with +… before the @? Does its "
			"relay take its answers?",
			v->p->reply_to);
	} else {
		tell_mailbox(f, e, trouble);
	}
}

/* What is in the way of a reply, or NULL. */
static const char *no_reply(const struct travel *v)
{
	if (!v->t->issued)
		return "The receiver answers test letters once `issue` has run (with this version) "
		       "and "
		       "it has its handles.json.";
	if (!*v->p->conf->preflight.submit_host)
		return "[preflight] submit_host is not set: answer the letter yourself, with the "
		       "letter A "
		       "alone. Within some minutes the receiver must answer that it does not know "
		       "the "
		       "code, or that the vote is not open.";
	return NULL;
}

static enum err reply(struct travel *v, struct why *why)
{
	const char *in_the_way = no_reply(v);
	struct findings *f = v->p->findings;
	struct why trouble = { 0 };
	char id[ID_TEXT];
	bool taken;
	enum err e;

	findings_look(f, SECTION_TRIP, "reply", "A reply, into the receiver and back");
	if (in_the_way) {
		findings_tell(f, FINDING_NOTE, "%s", in_the_way);
		return OK;
	}
	snprintf(id, sizeof(id), "preflight-reply-%llu.%s%s", (unsigned long long)v->p->now,
	         v->t->handle, strchr(v->t->to, '@'));
	e = send_reply(v, id, &taken, why);
	if (e || !taken)
		return e;
	v->t->say(v->t->context, "a reply is on its way; waiting for the receiver's answer");
	e = wait_for(v, "In-Reply-To", id, &trouble);
	if (e == ERR_MEMORY)
		return why_set(why, e, "out of memory");
	tell_answer(v, e, &trouble);
	return OK;
}

static void tell_by_hand(struct travel *v)
{
	findings_look(v->p->findings, SECTION_TRIP, "arrival", "Its arrival");
	findings_tell(v->p->findings, FINDING_NOTE,
	              "[preflight] imap_host is not set: look for it yourself.");
	findings_do(
		v->p->findings,
		"Is it in the inbox, not in junk? Save it as a file with all its headers, and read "
		"that with preflight --received FILE. %s",
		v->t->issued ? "Then answer it with the letter A alone: the receiver must answer "
			       "that it does not know the code, or that the vote is not open."
			     : "");
}

enum err preflight_trip(struct preflight *p, const struct trip *t, struct why *why)
{
	struct travel v = { .p = p, .t = t, .mail = BUF_INIT(IMAP_MESSAGE_MAX) };
	bool taken = false, came = false, own = *p->conf->preflight.imap_host;
	enum err e = OK;

	v.token = secret_alloc(sizeof(*v.token));
	if (!v.token)
		return why_set(why, ERR_MEMORY, "no more memory can be locked for a token");
	if (own)
		e = open_mailbox(&v, why);
	if (!e)
		e = send_letter(&v, &taken, why);
	if (!e && taken && own)
		e = receive(&v, &came, why);
	else if (!e && taken)
		tell_by_hand(&v);
	if (!e && came)
		e = reply(&v, why);
	imap_talk_close(v.mailbox);
	buf_free(&v.mail);
	secret_free(v.token);
	return e;
}
