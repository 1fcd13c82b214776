/* SPDX-License-Identifier: MIT */
#include "core/mail/failure_words.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 1024

struct phrase {
	const char *words; /* lower case, one space between words, and where one must end */
	enum failure failure;
};

/* A phrase overrules any status that is not sure (failure.c), but for 5.7.x, which says that it is
 * us that are not wanted: there a phrase of a rejection alone says nothing, and neither does one
 * that may mean our own domain or host.
 *
 * The first that stands in the text decides. What is full comes before what is blocked, since
 * "rejected: over quota" is no policy; what is blocked comes before "no such user", since a
 * block often says "mailbox unavailable" too. What leaves it open comes before all. */
static const struct phrase phrases[] = {
	{ "not found, try again", FAILURE_SOFT }, /* said of a name server */
	{ "may not exist", FAILURE_SOFT },        /* or there is another reason */

	{ "sending quota", FAILURE_POLICY },
	{ "sending limit", FAILURE_POLICY },
	{ "policy rejection", FAILURE_POLICY },
	{ "quota", FAILURE_FULL },
	{ "mailbox full", FAILURE_FULL },
	{ "mailbox is full", FAILURE_FULL },
	{ "mailbox size limit", FAILURE_FULL },
	{ "inbox is full", FAILURE_FULL },
	{ "mailfolder is full", FAILURE_FULL },
	{ "mail box is full", FAILURE_FULL },
	{ "full mailbox", FAILURE_FULL },
	{ "is over the allowed", FAILURE_FULL },
	{ "exceeded storage", FAILURE_FULL },
	{ "exceeds allotted", FAILURE_FULL },
	{ "out of storage", FAILURE_FULL },
	{ "storage space", FAILURE_FULL },
	{ "storage limit", FAILURE_FULL },
	{ "not enough space", FAILURE_FULL },
	{ "no space left in mailbox", FAILURE_FULL },
	{ "user is over", FAILURE_FULL },
	{ "disk full", FAILURE_FULL },
	{ "messages in mailbox", FAILURE_FULL },
	{ "messages in the mailbox", FAILURE_FULL },

	{ "sender", FAILURE_POLICY },
	{ "sending", FAILURE_POLICY },
	{ "send as", FAILURE_POLICY },
	{ "sendas", FAILURE_POLICY },
	{ "client host", FAILURE_POLICY },
	{ "accept mail from", FAILURE_POLICY },
	{ "your domain ", FAILURE_POLICY },
	{ "your hostname", FAILURE_POLICY },
	{ "your host ", FAILURE_POLICY },    /* a "hosting provider" is the member's */
	{ "verify failed", FAILURE_POLICY }, /* the sender's address */
	{ "verification failed", FAILURE_POLICY },
	{ "callout", FAILURE_POLICY },
	{ "callback", FAILURE_POLICY },
	{ "helo", FAILURE_POLICY },
	{ "frequency", FAILURE_POLICY },
	{ "too fast", FAILURE_POLICY },
	{ "allow list", FAILURE_POLICY },
	{ "content denied", FAILURE_POLICY },
	{ "bounce attack", FAILURE_POLICY },
	{ "spam", FAILURE_POLICY },
	{ "blocked", FAILURE_POLICY },
	{ "blacklist", FAILURE_POLICY },
	{ "black list", FAILURE_POLICY },
	{ "blocklist", FAILURE_POLICY },
	{ "block list", FAILURE_POLICY },
	{ "blackholed", FAILURE_POLICY },
	{ "banned", FAILURE_POLICY },
	{ "dnsbl", FAILURE_POLICY },
	{ "reputation", FAILURE_POLICY },
	{ "dmarc", FAILURE_POLICY },
	{ "dkim", FAILURE_POLICY },
	{ "spf", FAILURE_POLICY },
	{ "purported responsible", FAILURE_POLICY },
	{ "virus", FAILURE_POLICY },
	{ "unsolicited", FAILURE_POLICY },
	{ "bulk mail", FAILURE_POLICY },
	{ "junk mail", FAILURE_POLICY },
	{ "reverse dns", FAILURE_POLICY },
	{ "reverse hostname", FAILURE_POLICY },
	{ "dns ptr", FAILURE_POLICY },
	{ "ptr record", FAILURE_POLICY },
	{ "not accepted for policy", FAILURE_POLICY },
	{ "policy violation", FAILURE_POLICY },
	{ "local policy", FAILURE_POLICY },
	{ "security polic", FAILURE_POLICY },
	{ "policy reasons", FAILURE_POLICY },
	{ "by policy", FAILURE_POLICY },
	{ "due to policy", FAILURE_POLICY },
	{ "administrative prohibition", FAILURE_POLICY },
	{ "prohibited by administrator", FAILURE_POLICY },
	{ "content rejected", FAILURE_POLICY },
	{ "content filter", FAILURE_POLICY },
	{ "message filtered", FAILURE_POLICY },
	{ "messages with multiple", FAILURE_POLICY },
	{ "message not allowed", FAILURE_POLICY },
	{ "not allowed to send", FAILURE_POLICY },
	{ "only accepts", FAILURE_POLICY },
	{ "too large", FAILURE_POLICY },
	{ "too big", FAILURE_POLICY },
	{ "exceeds maximum", FAILURE_POLICY },
	{ "exceeds the maximum", FAILURE_POLICY },
	{ "exceeds size limit", FAILURE_POLICY },
	{ "exceeds limit", FAILURE_POLICY },
	{ "exceeds the size", FAILURE_POLICY },
	{ "exceeds fixed", FAILURE_POLICY },
	{ "size exceeds", FAILURE_POLICY },
	{ "maximum message size", FAILURE_POLICY },
	{ "header error", FAILURE_POLICY },
	{ "duplicate header", FAILURE_POLICY },
	{ "after mail from", FAILURE_POLICY },
	{ "insecure mail relay", FAILURE_POLICY },
	{ "authenticat", FAILURE_POLICY },
	{ "relay access", FAILURE_POLICY },
	{ "relaying", FAILURE_POLICY },
	{ "to relay", FAILURE_POLICY },
	{ "not accepted from", FAILURE_POLICY },

	{ "recipient rejected", FAILURE_REJECTION },
	{ "address rejected", FAILURE_REJECTION },
	{ "mailbox unavailable", FAILURE_REJECTION },
	{ "access denied", FAILURE_POLICY },

	{ "user unknown", FAILURE_HARD },
	{ "unknown user", FAILURE_HARD },
	{ "unknown recipient", FAILURE_HARD },
	{ "recipient unknown", FAILURE_HARD },
	{ "unknown or illegal alias", FAILURE_HARD },
	{ "no such user", FAILURE_HARD },
	{ "no such mailbox", FAILURE_HARD },
	{ "no such recipient", FAILURE_HARD },
	{ "no such address", FAILURE_HARD },
	{ "no such person", FAILURE_HARD },
	{ "no such account", FAILURE_HARD },
	{ "no such local user", FAILURE_HARD },
	{ "no such domain", FAILURE_HARD },
	{ "no mailbox here", FAILURE_HARD },
	{ "no mailbox by that name", FAILURE_HARD },
	{ "no account by that name", FAILURE_HARD },
	{ "no valid recipients", FAILURE_HARD },
	{ "not our customer", FAILURE_HARD },
	{ "not our user", FAILURE_HARD },
	{ "is not a registered", FAILURE_HARD },
	{ "doesn't have a", FAILURE_HARD },
	{ "doesn't exist", FAILURE_HARD },
	{ "not exist", FAILURE_HARD },
	{ "nonexistent", FAILURE_HARD },
	{ "non-existent", FAILURE_HARD },
	{ "unrouteable", FAILURE_HARD },
	{ "unroutable", FAILURE_HARD },
	{ "not found in directory", FAILURE_HARD },
	{ "not listed in", FAILURE_HARD },
	{ "not recognized", FAILURE_HARD },
	{ "recipient not found", FAILURE_HARD },
	{ "recipnotfound", FAILURE_HARD },
	{ "user not found", FAILURE_HARD },
	{ "account not found", FAILURE_HARD },
	{ "mailbox not found", FAILURE_HARD },
	{ "address not found", FAILURE_HARD },
	{ "domain not found", FAILURE_HARD },
	{ "domain name not found", FAILURE_HARD },
	{ "host not found", FAILURE_HARD },
	{ "dns lookup failure", FAILURE_HARD },
	{ "nxdomain", FAILURE_HARD },
	{ "doesn't receive email", FAILURE_HARD },
	{ "no relevant answer", FAILURE_HARD },
	{ "null mx", FAILURE_HARD },
	{ "nullmx", FAILURE_HARD },
	{ "domain does not accept mail ", FAILURE_HARD },
	{ "no smtp service", FAILURE_HARD },
	{ "host unknown", FAILURE_HARD },
	{ "unknown host", FAILURE_HARD },
	{ "unknown domain", FAILURE_HARD },
	{ "invalid domain", FAILURE_HARD },
	{ "illegal host", FAILURE_HARD },
	{ "invalid recipient", FAILURE_HARD },
	{ "invalid mailbox", FAILURE_HARD },
	{ "invalid user", FAILURE_HARD },
	{ "invalid address", FAILURE_HARD },
	{ "destinataire invalide", FAILURE_HARD },
	{ "couldn't be found", FAILURE_HARD },
	{ "couldn't find any host named", FAILURE_HARD },
	{ "could not find a gateway", FAILURE_HARD },
	{ "possibly incorrect", FAILURE_HARD },
	{ "bad destination", FAILURE_HARD },
	{ "not a valid", FAILURE_HARD },
	{ "is unknown", FAILURE_HARD },
	{ "is disabled", FAILURE_HARD },
	{ "been disabled", FAILURE_HARD },
	{ "mailbox disabled", FAILURE_HARD },
	{ "account disabled", FAILURE_HARD },
	{ "account inactive", FAILURE_HARD },
	{ "is inactive", FAILURE_HARD },
	{ "account expired", FAILURE_HARD },
	{ "inactive user", FAILURE_HARD },
	{ "discontinued", FAILURE_HARD },
	{ "has moved", FAILURE_HARD },
	{ "no mx record", FAILURE_HARD },
	{ "invalid final delivery", FAILURE_HARD },
	{ "no longer on", FAILURE_HARD },
	{ "no longer valid", FAILURE_HARD },
	{ "no longer active", FAILURE_HARD },
	{ "no longer available", FAILURE_HARD },

	{ "not authorized", FAILURE_POLICY },
	{ "not permitted", FAILURE_POLICY },
	{ "denied by", FAILURE_POLICY },
	{ "message refused", FAILURE_POLICY },
	{ "rejected", FAILURE_POLICY },
	{ "suspicious", FAILURE_POLICY },
	{ "not accepted", FAILURE_POLICY },
	{ "listed in", FAILURE_POLICY },

	{ "service unavailable", FAILURE_SOFT },
	{ "currently unavailable", FAILURE_SOFT },
	{ "not available", FAILURE_SOFT },
	{ "system error", FAILURE_SOFT },
	{ "insufficient system", FAILURE_SOFT },
	{ "timed out", FAILURE_SOFT },
	{ "timeout", FAILURE_SOFT },
	{ "connection refused", FAILURE_SOFT },
	{ "connect to", FAILURE_SOFT },
	{ "did not accept our requests", FAILURE_SOFT },
	{ "not accepting connections", FAILURE_SOFT },
	{ "not reachable", FAILURE_SOFT },
	{ "lost connection", FAILURE_SOFT },
	{ "rate limit", FAILURE_SOFT },
	{ "too many recipients", FAILURE_SOFT },
	{ "no route to host", FAILURE_SOFT },
	{ "hop count", FAILURE_SOFT },
	{ "too many hops", FAILURE_SOFT },
	{ "loops back", FAILURE_SOFT },
	{ "mail loop", FAILURE_SOFT },
	{ "routing loop", FAILURE_SOFT },
	{ "try again", FAILURE_SOFT },
	{ "try later", FAILURE_SOFT },
	{ "temporar", FAILURE_SOFT },
	{ "greylist", FAILURE_SOFT },
	{ "retry time", FAILURE_SOFT },
	{ "queue too long", FAILURE_SOFT },
	{ "expired", FAILURE_SOFT },
	{ "deferred", FAILURE_SOFT },
};

/* Lower case, and one space for whatever stands between words, line ends too. */
static void simplify(char out[WORDS_MAX], const char *text)
{
	size_t n = 0;

	for (; *text && n < WORDS_MAX - 1; text++) {
		char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			if (!n || out[n - 1] == ' ')
				continue;
			c = ' ';
		}
		out[n++] = c;
	}
	out[n] = '\0';
}

static bool names_member(const struct phrase *p)
{
	return strstr(p->words, "user") || strstr(p->words, "recipient") ||
	       strstr(p->words, "mailbox") || strstr(p->words, "account");
}

static bool stands_in(const char *text, const char *words)
{
	char start[64];
	size_t len = strlen(words);

	if (words[len - 1] != ' ')
		return strstr(text, words);
	snprintf(start, sizeof(start), "%.*s", (int)len - 1, words);
	while ((text = strstr(text, start)) && text[len - 1] >= 'a' && text[len - 1] <= 'z')
		text += len - 1;
	return text;
}

bool failure_words(enum failure *out, const char *text, bool of_us)
{
	char words[WORDS_MAX];
	bool rejected = false;

	simplify(words, text);
	for (size_t i = 0; *words && i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		const struct phrase *p = &phrases[i];
		bool rejection = p->failure == FAILURE_REJECTION;

		if (of_us && (rejection || (p->failure == FAILURE_HARD && !names_member(p))))
			continue;
		if ((rejected && p->failure != FAILURE_HARD) || !stands_in(words, p->words))
			continue;
		*out = p->failure;
		if (!rejection)
			return true;
		rejected = true;
	}
	return rejected;
}
