/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "core/duration.h"
#include "core/mail/address.h"
#include "mailer/estimate.h"
#include "mailer/preflight.h"
#include "mailer/providers.h"

#define SHOWN 5 /* domains, the largest first */
#define DAY   86400
#define KNOWN 8 /* providers that are told apart */

/* The roll, by the domains of its addresses. */
struct crowd {
	GHashTable *domains; /* name -> count */
	uint64_t members, scripts;
	unsigned known;
	struct {
		const struct provider *provider; /* one of its domains' */
		uint64_t members;
	} at[KNOWN];
};

struct place {
	const char *domain;
	uint64_t members;
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

static enum err count(void *context, const struct member *member, struct why *why)
{
	struct crowd *c = context;
	char *domain = g_ascii_strdown(preflight_domain_of(member->email), -1);
	uint64_t *known = g_hash_table_lookup(c->domains, domain);
	const struct provider *provider = provider_receiver(domain);

	(void)why;
	c->members++;
	c->scripts += !address_ascii(member->email);
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
	return OK;
}

/* The largest, by count and then by name. */
static unsigned largest(struct place out[SHOWN], const struct crowd *c)
{
	GHashTableIter iter;
	gpointer key, value;
	unsigned n = 0;

	g_hash_table_iter_init(&iter, c->domains);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		struct place one = { key, *(uint64_t *)value };
		unsigned at = n;

		while (at && (out[at - 1].members < one.members ||
		              (out[at - 1].members == one.members &&
		               strcmp(out[at - 1].domain, one.domain) > 0)))
			at--;
		if (at == SHOWN)
			continue;
		if (n < SHOWN)
			n++;
		memmove(&out[at + 1], &out[at], (n - at - 1) * sizeof(*out));
		out[at] = one;
	}
	return n;
}

static void look_domains(struct preflight *p, const struct crowd *c)
{
	struct findings *f = p->findings;
	unsigned domains = g_hash_table_size(c->domains);
	struct place place[SHOWN];
	unsigned n = largest(place, c);

	findings_look(f, SECTION_MEMBERS, "domains", "%" PRIu64 " member%s at %u domain%s",
	              c->members, c->members == 1 ? "" : "s", domains, domains == 1 ? "" : "s");
	for (unsigned i = 0; i < n; i++)
		findings_saw(f, "%s %" PRIu64 "%s", place[i].domain, place[i].members,
		             i + 1 < n         ? ","
		             : domains > SHOWN ? ", …"
		                               : "");
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
	struct crowd c = { 0 };
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
		look_domains(p, &c);
		look_scripts(p, &c);
		look_receivers(p, &c);
		e = look_time(p, why);
	}
	g_hash_table_destroy(c.domains);
	return e;
}
