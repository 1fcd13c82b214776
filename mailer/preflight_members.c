/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "core/duration.h"
#include "core/mail/address.h"
#include "core/monotime.h"
#include "mailer/estimate.h"
#include "mailer/preflight.h"
#include "mailer/providers.h"

#define SHOWN  5 /* domains, the largest first */
#define DAY    86400
#define KNOWN  8    /* providers that are told apart */
#define ASKED  200  /* domains that the DNS is asked for, the largest first … */
#define ASK_MS 5000 /* … as long as this, … */
#define TRY_MS 500  /* … each with so long a first try */
#define LISTED 15   /* of those, by name */

/* The roll, by the domains of its addresses. */
struct crowd {
	struct amend *amend;
	GHashTable *domains; /* name -> count */
	uint64_t members, scripts;
	unsigned known;
	struct {
		const struct provider *provider; /* one of its domains' */
		uint64_t members;
	} at[KNOWN];
};

/* What the DNS says of a domain: takes it mail? */
enum takes { TAKES_MAIL, TAKES_NONE, NO_SERVER, NO_DOMAIN, UNTOLD, UNASKED };

struct place {
	const char *domain;
	uint64_t members;
	enum takes takes;
};

static void count_provider(struct crowd *c, const struct provider *provider)
{
	unsigned i = 0;

	while (i < c->known && strcmp(c->at[i].provider->name, provider->name) != 0)
		i++;
	if (i == KNOWN)
		return;
	if (i == c->known)
		c->at[c->known++].provider = provider;
	c->at[i].members++;
}

/* By the address of today. */
static enum err count(void *context, const struct member *member, struct why *why)
{
	struct crowd *c = context;
	struct member today = *member;
	enum err e = amend_member(c->amend, &today, why);
	char *domain = g_ascii_strdown(preflight_domain_of(today.email), -1);
	uint64_t *known = g_hash_table_lookup(c->domains, domain);
	const struct provider *provider = provider_receiver(domain);

	c->members++;
	c->scripts += !address_ascii(today.email);
	explicit_bzero(&today, sizeof(today));
	if (provider)
		count_provider(c, provider);
	if (known) {
		++*known;
		g_free(domain);
	} else {
		known = g_new(uint64_t, 1);
		*known = 1;
		g_hash_table_insert(c->domains, domain, known);
	}
	return e;
}

/* The largest, by count and then by name. */
static unsigned largest(struct place *out, unsigned most, const struct crowd *c)
{
	GHashTableIter iter;
	gpointer key, value;
	unsigned n = 0;

	g_hash_table_iter_init(&iter, c->domains);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		struct place one = { key, *(uint64_t *)value, TAKES_MAIL };
		unsigned at = n;

		while (at && (out[at - 1].members < one.members ||
		              (out[at - 1].members == one.members &&
		               strcmp(out[at - 1].domain, one.domain) > 0)))
			at--;
		if (at == most)
			continue;
		if (n < most)
			n++;
		memmove(&out[at + 1], &out[at], (n - at - 1) * sizeof(*out));
		out[at] = one;
	}
	return n;
}

static void look_domains(struct preflight *p, const struct crowd *c, const struct place *place,
                         unsigned n)
{
	struct findings *f = p->findings;
	unsigned domains = g_hash_table_size(c->domains);

	n = n < SHOWN ? n : SHOWN;
	findings_look(f, SECTION_MEMBERS, "domains", "%" PRIu64 " member%s at %u domain%s",
	              c->members, c->members == 1 ? "" : "s", domains, domains == 1 ? "" : "s");
	for (unsigned i = 0; i < n; i++)
		findings_saw(f, "%s %" PRIu64 "%s", place[i].domain, place[i].members,
		             i + 1 < n         ? ","
		             : domains > SHOWN ? ", …"
		                               : "");
}

static enum takes judge(const struct dns_reply *r, bool exchangers)
{
	switch (r->result) {
	case DNS_FOUND:
		return exchangers && !*r->text[0] ? TAKES_NONE : TAKES_MAIL;
	case DNS_NO_RECORD:
		return NO_SERVER;
	case DNS_NO_NAME:
		return NO_DOMAIN;
	default:
		return UNTOLD;
	}
}

/* Its mail servers; without any, mail goes to the domain's own address. */
static enum err ask_domain(struct dns *dns, struct place *place)
{
	char address[ADDRESS_TEXT + 2], name[ADDRESS_BYTES + 1];
	struct dns_reply r;
	enum err e;

	snprintf(address, sizeof(address), "a@%s", place->domain);
	if (!address_domain(name, address))
		return OK; /* the roll takes no such domain */
	e = dns_ask(&r, dns, DNS_MX, name);
	place->takes = judge(&r, true);
	dns_reply_release(&r);
	if (e || place->takes != NO_SERVER)
		return e;
	e = dns_ask(&r, dns, DNS_ADDRESS, name);
	place->takes = judge(&r, false);
	dns_reply_release(&r);
	return e;
}

/* By a channel of its own, whose silences are those of strangers. */
static enum err ask_domains(struct preflight *p, struct place *place, unsigned n, struct why *why)
{
	const uint64_t until = monotime_ms() + ASK_MS;
	struct dns *dns = NULL;
	enum err e = dns_open(&dns, p->conf->preflight.resolver, TRY_MS, why);

	for (unsigned i = 0; !e && i < n; i++) {
		place[i].takes = UNASKED;
		if (monotime_ms() < until && ask_domain(dns, &place[i]))
			e = why_set(why, ERR_MEMORY, "out of memory");
	}
	dns_close(dns);
	return e;
}

/* Those that take no mail are one piece of news. */
static enum takes news(enum takes a)
{
	return a == TAKES_NONE || a == NO_SERVER ? NO_DOMAIN : a;
}

/* These domains by name, and how many members they have. */
static uint64_t list_places(struct findings *f, const struct place *place, unsigned n,
                            enum takes what)
{
	static const char *const words[] = {
		[TAKES_NONE] = ": it says that it takes no mail",
		[NO_SERVER] = ": no mail server",
		[NO_DOMAIN] = ": no such domain",
		[UNTOLD] = "",
		[UNASKED] = "",
	};
	uint64_t members = 0, more = 0;
	unsigned listed = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct place *one = &place[i];

		if (news(one->takes) != what)
			continue;
		members += one->members;
		if (listed++ < LISTED)
			findings_saw(f, "%" PRIu64 " member%s at %s%s.", one->members,
			             one->members == 1 ? "" : "s", one->domain, words[one->takes]);
		else
			more += one->members;
	}
	if (more)
		findings_saw(f, "%" PRIu64 " more at %u other domains.", more, listed - LISTED);
	return members;
}

static unsigned count_of(const struct place *place, unsigned n, enum takes what)
{
	unsigned found = 0;

	while (n)
		found += news(place[--n].takes) == what;
	return found;
}

/* A silence says nothing of a domain; of our DNS only where it is silent about all. */
static void look_untold(struct findings *f, const struct place *place, unsigned n)
{
	unsigned untold = count_of(place, n, UNTOLD), unasked = count_of(place, n, UNASKED);

	if (untold) {
		findings_look(f, SECTION_MEMBERS, "no-answer",
		              "Domains that the DNS did not tell of");
		list_places(f, place, n, UNTOLD);
		if (untold + unasked == n) {
			findings_tell(f, FINDING_UNSEEN, "That says nothing of them.");
			findings_do(f, "Run preflight again in a few minutes.");
		} else {
			findings_tell(f, FINDING_NOTE,
			              "That says nothing of them: the relay asks again by itself.");
		}
	}
	if (unasked) {
		findings_look(f, SECTION_MEMBERS, "not-asked", "Domains that were not asked for");
		findings_saw(f, "%u, since the others took all the time.", unasked);
		findings_tell(f, FINDING_NOTE, "That says nothing of them.");
	}
}

static void look_reached(struct preflight *p, const struct place *place, unsigned n)
{
	struct findings *f = p->findings;
	uint64_t members;

	if (count_of(place, n, NO_DOMAIN)) {
		findings_look(f, SECTION_MEMBERS, "no-mail", "Domains that take no mail");
		members = list_places(f, place, n, NO_DOMAIN);
		findings_tell(f, FINDING_WARNING, "No letter can reach %s %" PRIu64 " member%s.",
		              members == 1 ? "this" : "these", members, members == 1 ? "" : "s");
		findings_do(
			f, "%s",
			p->m ? "Ask them for their address by another channel, and mend it "
			       "with votepost-mailer reissue --email."
			     : "Most are slips of the pen: mend the list of members and read it "
			       "in again (votepost-mailer roll) before you seal. Ask the others "
			       "for another address.");
	}
	look_untold(f, place, n);
}

static void look_scripts(struct preflight *p, const struct crowd *c)
{
	struct findings *f = p->findings;

	if (!c->scripts)
		return;
	findings_look(f, SECTION_MEMBERS, "smtputf8", "Addresses that are not plain ASCII");
	findings_saw(f, "%" PRIu64 " member%s.", c->scripts, c->scripts == 1 ? "" : "s");
	if (p->probe.end != PROBE_WELL || p->probe.utf8)
		return;
	findings_tell(f, FINDING_WARNING,
	              "The relay does not offer SMTPUTF8: it cannot write to them.");
	findings_do(f, "Ask these members for another address, or take a relay that offers it.");
}

static void look_receivers(struct preflight *p, const struct crowd *c)
{
	struct findings *f = p->findings;

	for (unsigned i = 0; i < c->known; i++) {
		const struct provider *provider = c->at[i].provider;

		if (c->at[i].members <= provider->many)
			continue;
		findings_look(f, SECTION_MEMBERS, "receiver", "%" PRIu64 " members at %s",
		              c->at[i].members, provider->name);
		findings_saw(f, "%s.", provider->hint);
		if (p->dmarc == FINDING_OK || c->at[i].members <= PROVIDERS_BULK) {
			findings_tell(f, FINDING_NOTE,
			              "So much at once looks like junk from a sender that "
			              "it has never heard of.");
			findings_do(f, "Mail a first letter without a code some days before, and "
			               "let `send` "
			               "begin slowly ([pace]).");
		} else {
			findings_tell(f, p->dmarc, "%s most of these letters would not arrive.",
			              p->dmarc == FINDING_STOP ? "DMARC is missing:"
			                                       : "The DNS does not tell whether "
			                                         "there is DMARC, without which");
			findings_do(f, "See DMARC above.");
		}
	}
}

/* The very figure that `estimate` tells. */
static enum err look_time(struct preflight *p, struct why *why)
{
	const struct gather g = {
		.conf = p->conf,
		.roll = p->roll,
		.amend = p->amend,
		.outbox = p->outbox,
		.now = p->now,
	};
	struct findings *f = p->findings;
	char takes[DURATION_TEXT];
	struct estimate est;
	bool late;
	enum err e = estimate_letters(&est, &g, why);

	if (e)
		return e;
	late = p->now + est.seconds > p->closes;
	duration_write(takes, est.seconds + 1);
	findings_look(f, SECTION_MEMBERS, "time", "Time that the letters take");
	findings_saw(f, "About %s for %" PRIu64 ".", takes, est.letters);
	if (est.relay)
		findings_saw(f, "%s.", est.relay);
	if (!est.letters || (!late && est.seconds < DAY))
		return OK;
	findings_tell(f, late ? FINDING_STOP : FINDING_WARNING, "%s",
	              late ? "The vote is over before the last letter leaves."
	                   : "The last members get their letter days after the first.");
	findings_do(
		f,
		"See what decides it: votepost-mailer estimate. Then take a relay that is made for "
		"letters to many, ask for higher limits, or begin earlier.");
	return OK;
}

enum err preflight_members(struct preflight *p, struct why *why)
{
	struct crowd c = { .amend = p->amend };
	struct place place[ASKED];
	unsigned n = 0;
	enum err e;

	if (!p->roll) {
		findings_look(p->findings, SECTION_MEMBERS, "domains", "Members");
		findings_tell(p->findings, FINDING_NOTE, "No list of members is read in yet.");
		return OK;
	}
	c.domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	e = roll_each(p->roll, count, &c, why);
	roll_trim(p->roll);
	if (!e) {
		n = largest(place, ASKED, &c);
		e = ask_domains(p, place, n, why);
	}
	if (!e) {
		look_domains(p, &c, place, n);
		look_reached(p, place, n);
		look_scripts(p, &c);
		look_receivers(p, &c);
		e = look_time(p, why);
	}
	g_hash_table_destroy(c.domains);
	return e;
}
