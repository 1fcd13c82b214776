/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "core/mail/address.h"
#include "core/mail/relay.h"
#include "core/text.h"
#include "mailer/preflight.h"

#define SOON      (14 * 86400) /* a certificate that ends within so many seconds is told */
#define NAMES_MAX 4            /* of an address that are looked up */

/* A way to fail, and what to do about it. */
static const struct {
	const char *means, *remedy;
	enum finding_level level;
} ends[] = {
	[PROBE_NO_NAME] = { "The DNS knows no address of that name.", "Correct [relay] host.",
	                    FINDING_STOP },
	[PROBE_NO_ANSWER] = { "Nothing answers there.",
	                      "Correct [relay] host and port; see whether this machine's network "
	                      "lets "
	                      "mail out (many close port 25, few 587).",
	                      FINDING_UNSEEN },
	[PROBE_NO_SMTP] = { "What answers there does not let us begin.",
	                    "Correct [relay] host and port and hello, or ask the relay's provider "
	                    "why it turns this machine away.",
	                    FINDING_STOP },
	[PROBE_NO_TLS] = { "It offers no TLS: every letter, with its code, would cross the network "
	                   "readable by all.",
	                   "For port 465 set [relay] tls = implicit. If the relay has no TLS at "
	                   "all, "
	                   "take another relay.",
	                   FINDING_STOP },
	[PROBE_HANDSHAKE] = { "No TLS came about.",
	                      "Set [relay] tls = implicit for a port that is TLS from its first "
	                      "byte "
	                      "(465), starttls for one that begins in the clear (587).",
	                      FINDING_STOP },
	[PROBE_UNKNOWN] = { "Its certificate is of an authority that this machine does not know: "
	                    "it "
	                    "could be anyone.",
	                    "If the relay is your own, name its authority's certificate in [relay] "
	                    "ca_file. Else ask its provider; never switch the check off.",
	                    FINDING_STOP },
	[PROBE_EXPIRED] = { "Its certificate is over, or not valid yet.",
	                    "Tell the relay's provider; and see that this machine's clock is "
	                    "right.",
	                    FINDING_STOP },
	[PROBE_MISNAMED] = { "Its certificate is for another name.",
	                     "Set [relay] host to the name that the relay's provider tells for "
	                     "programs.",
	                     FINDING_STOP },
	[PROBE_DENIED] = { "It does not take the user name and password.",
	                   "Correct [relay] user and password_file. Some providers want a password "
	                   "made for programs (an app password).",
	                   FINDING_STOP },
};

static void look_door(struct preflight *p)
{
	const struct relay *relay = &p->conf->relay;
	const struct probe *seen = &p->probe;
	struct findings *f = p->findings;

	findings_look(f, SECTION_RELAY, "relay", "Relay %s:%u", relay->host, relay->port);
	if (seen->end == PROBE_WELL) {
		findings_saw(f, "Answers as %s%s%s%s.", seen->address, *seen->tls ? ", over " : "",
		             seen->tls, relay->user ? ", and takes the password" : "");
		return;
	}
	if (seen->code >= 400)
		findings_saw(f, "It says: %u %s", seen->code, seen->text);
	else
		findings_saw(f, "%s", seen->text);
	findings_tell(f, ends[seen->end].level, "%s", ends[seen->end].means);
	findings_do(f, "%s", ends[seen->end].remedy);
}

/* What the relay writes into the Received line of each letter. */
static void look_hello(struct preflight *p)
{
	const char *hello = relay_hello(&p->conf->relay);
	struct findings *f = p->findings;

	findings_look(f, SECTION_RELAY, "hello", "Name of this machine");
	findings_saw(f, "The relay is told that this is %s.", hello);
	if ((strchr(hello, '.') && strncasecmp(hello, "localhost", 9)) ||
	    address_loopback(p->conf->relay.host))
		return;
	findings_tell(f, FINDING_WARNING,
	              "That is no machine's name: some relays refuse who says it, and it stands "
	              "in each letter, where it makes filters suspicious.");
	findings_do(f, "Set [relay] hello to the full name that this machine has in the DNS, like "
	               "vote.example.org.");
}

static void look_tls(struct preflight *p)
{
	const struct relay *relay = &p->conf->relay;
	const struct probe *seen = &p->probe;
	struct findings *f = p->findings;
	char until[TIME_TEXT] = "";

	findings_look(f, SECTION_RELAY, "tls", "TLS and certificate");
	if (relay->tls == SMTP_TLS_NONE) {
		bool here = address_loopback(relay->host);

		findings_saw(f, "[relay] tls = none%s",
		             seen->starttls ? ", though the relay offers STARTTLS" : "");
		if (here)
			findings_tell(f, FINDING_NOTE,
			              "The relay is this machine: nothing leaves it "
			              "in the clear.");
		else
			findings_tell(f, FINDING_STOP,
			              "Every letter, with its code, crosses the network "
			              "readable by all.");
		if (!here)
			findings_do(f, "Set [relay] tls = starttls.");
		return;
	}
	if (seen->expires)
		time_write(until, seen->expires);
	findings_saw(f, "%s%s%s", seen->tls, *until ? ", valid until " : "", until);
	if (strcmp(seen->tls, "TLSv1.2") && strcmp(seen->tls, "TLSv1.3")) {
		findings_tell(f, FINDING_WARNING, "This version of TLS is out of date.");
		findings_do(f, "Tell the relay's provider.");
	}
	if (seen->expires && seen->expires < p->closes) {
		findings_tell(f, FINDING_WARNING, "The certificate ends before the vote does.");
		findings_do(f, "Ask the relay's provider to renew it, before letters are sent.");
	} else if (seen->expires && seen->expires < p->now + SOON) {
		findings_tell(f, FINDING_NOTE, "The certificate ends within two weeks.");
		findings_do(f, "Ask the relay's provider whether it renews itself.");
	}
}

static void look_login(struct preflight *p)
{
	const struct relay *relay = &p->conf->relay;
	const struct probe *seen = &p->probe;
	struct findings *f = p->findings;

	findings_look(f, SECTION_RELAY, "auth", "Password");
	if (relay->user && *seen->auth) {
		findings_saw(f, "Logged in; the relay offers %s.", seen->auth);
	} else if (relay->user) {
		findings_saw(f, "The relay asks nobody for a password here.");
		findings_tell(f, FINDING_WARNING,
		              "[relay] user is set and not used; the relay may take "
		              "letters for its own domains alone.");
		findings_do(f, "Use the port for programs, 587 or 465.");
	} else if (*seen->auth && !address_loopback(relay->host)) {
		findings_saw(f, "The relay offers %s; no user is set.", seen->auth);
		findings_tell(f, FINDING_WARNING,
		              "It may refuse the letters of whoever has not logged "
		              "in.");
		findings_do(
			f,
			"Set [relay] user and password_file, unless the relay knows this machine "
			"by its address.");
	} else {
		findings_saw(f, "None is asked for.");
	}
}

/* What EHLO offers; what the roll and the letter need of it is told there. */
static void look_offers(struct preflight *p)
{
	const struct probe *seen = &p->probe;
	struct findings *f = p->findings;

	findings_look(f, SECTION_RELAY, "offers", "What it offers");
	if (seen->size)
		findings_saw(f, "Mails up to %llu kB.", (unsigned long long)seen->size / 1000);
	else
		findings_saw(f, "No limit of size is told.");
	findings_saw(f, "Addresses in any script: %s. Commands in one go (PIPELINING): %s.",
	             seen->utf8 ? "yes" : "no", seen->pipelining ? "yes" : "no");
	if (!seen->eight_bit)
		findings_tell(f, FINDING_NOTE,
		              "8BITMIME is not offered. It is not needed: letters are "
		              "written in 7 bits.");
}

static bool is_public(const char *address)
{
	unsigned char b[16];

	if (inet_pton(AF_INET, address, b) == 1)
		return !(b[0] == 10 || b[0] == 127 || (b[0] == 172 && (b[1] & 0xf0) == 16) ||
		         (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254) ||
		         (b[0] == 100 && (b[1] & 0xc0) == 64));
	return inet_pton(AF_INET6, address, b) == 1 && (b[0] & 0xe0) == 0x20;
}

/* Does one of the names lead back to the address? */
static enum err confirmed(struct preflight *p, const struct dns_reply *names, const char *address,
                          bool *yes)
{
	enum err e = OK;

	*yes = false;
	for (unsigned i = 0; !e && !*yes && i < names->n && i < NAMES_MAX; i++) {
		struct dns_reply r;

		e = dns_ask(&r, p->dns, DNS_ADDRESS, names->text[i]);
		for (unsigned j = 0; !e && j < r.n; j++)
			*yes = *yes || !strcmp(r.text[j], address);
		dns_reply_release(&r);
	}
	return e;
}

static enum err look_pointer(struct preflight *p)
{
	const char *address = p->probe.address;
	struct findings *f = p->findings;
	struct dns_reply r;
	bool back = false;
	enum err e;

	findings_look(f, SECTION_RELAY, "ptr", "Name of its address");
	if (!is_public(address)) {
		findings_saw(f, "%s is an address of this machine or network.",
		             *address ? address : "It");
		findings_tell(f, FINDING_OK,
		              "By which address and name others see the relay is told by "
		              "the round trip (--to).");
		return OK;
	}
	e = dns_ask(&r, p->dns, DNS_POINTER, address);
	if (!e)
		e = confirmed(p, &r, address, &back);
	if (!e && r.result == DNS_FAILED) {
		findings_saw(f, "%s", r.trouble);
		findings_tell(f, FINDING_UNSEEN, "The DNS gave no answer for %s.", address);
		findings_do(f, "Run preflight again in a few minutes.");
	} else if (!e && r.result == DNS_FOUND && back) {
		findings_saw(f, "%s is %s, and that leads back.", address, r.text[0]);
	} else if (!e) {
		findings_saw(f, r.n ? "%s is %s, which does not lead back." : "%s has no name.%s",
		             address, r.n ? r.text[0] : "");
		findings_tell(
			f, FINDING_WARNING,
			"If the relay sends from this address, many receivers refuse its mail.");
		findings_do(
			f,
			"Ask the relay's provider for a PTR record whose name has this address.");
	}
	dns_reply_release(&r);
	return e;
}

/* A relay that judges the sender when it hears the recipient is asked again, with a sender. */
static bool lacks_sender(struct smtp *smtp, const char *sender, const char *to,
                         const struct smtp_answer *a)
{
	struct smtp_answer other;

	if (a->outcome != SMTP_REFUSED || !a->considered)
		return a->outcome == SMTP_REFUSED;
	smtp_ask(smtp, sender, to, &other);
	return other.outcome == SMTP_ACCEPTED;
}

/* Receipts go out without an envelope sender, often through the same relay. */
static enum err look_null(struct preflight *p, struct why *why)
{
	const char *to = p->conf->address;
	struct findings *f = p->findings;
	struct smtp_answer answer;
	struct smtp *smtp = NULL;
	enum err e = smtp_open(&smtp, &p->conf->relay, why);

	if (e)
		return e;
	findings_look(f, SECTION_RELAY, "null-sender", "Mail without a sender (MAIL FROM:<>)");
	smtp_ask(smtp, "", to, &answer);
	if (answer.outcome == SMTP_ACCEPTED) {
		findings_saw(f, "Taken.");
	} else if (lacks_sender(smtp, p->conf->bounce, to, &answer)) {
		findings_saw(f, "It says: %u %s", answer.code, answer.text);
		findings_tell(f, FINDING_WARNING,
		              "Every receipt and correction of the receiver's goes out like "
		              "that: none would leave through this relay.");
		findings_do(f,
		            "If the receiver's [relay] is this one, ask its provider to take mail "
		            "with an empty envelope sender, or give the receiver another relay. "
		            "There, votepost-receiver serve --check tells.");
	} else {
		findings_saw(f, "%u %s", answer.code, answer.text);
		findings_tell(f, FINDING_NOTE, "Whether it takes that was not to be seen now.");
	}
	smtp_close(smtp);
	return OK;
}

enum err preflight_relay(struct preflight *p, struct why *why)
{
	enum err e = probe_relay(&p->probe, &p->conf->relay, why);

	if (e)
		return e;
	look_door(p);
	look_hello(p);
	if (p->probe.end != PROBE_WELL)
		return OK;
	look_tls(p);
	look_login(p);
	look_offers(p);
	e = look_null(p, why);
	return e ? e : look_pointer(p);
}
