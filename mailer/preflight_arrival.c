/* SPDX-License-Identifier: MIT */
#include "mailer/preflight_trip.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mailer/orgdomain.h"

/* What the server found by one method, the best of several; NULL where it says nothing. */
static const struct authres_result *find(const struct arrival *a, const char *method)
{
	const struct authres_result *best = NULL;

	for (unsigned i = 0; a->judged && i < a->results.n; i++) {
		const struct authres_result *r = &a->results.result[i];

		if (strcmp(r->method, method) != 0)
			continue;
		if (!best || (!strcmp(r->result, "pass") && strcmp(best->result, "pass") != 0))
			best = r;
	}
	return best;
}

/* pass, temperror and whatever else: how bad it is. */
static enum finding_level weigh(const struct authres_result *r)
{
	if (!strcmp(r->result, "pass"))
		return FINDING_OK;
	if (!strcmp(r->result, "temperror"))
		return FINDING_UNSEEN;
	if (!strcmp(r->result, "none") || !strcmp(r->result, "neutral") ||
	    !strcmp(r->result, "softfail") || !strcmp(r->result, "policy") ||
	    !strcmp(r->result, "bestguesspass"))
		return FINDING_WARNING;
	return FINDING_STOP;
}

/* A method, what its failing means, and whom to ask. */
static const struct method {
	const char *name, *title, *means, *remedy;
} methods[] = {
	{ "spf", "SPF of this letter",
	  "By its SPF record the domain does not let the machine send that this letter came from.",
	  "Have the machines that the relay sends from added to the SPF record: its provider tells "
	  "the "
	  "line." },
	{ "dkim", "DKIM of this letter", "The letter bears no signature that holds.",
	  "Ask the relay's provider: is signing switched on for this domain, is the key in the DNS "
	  "the "
	  "one that it signs with, does a machine behind it change the letter?" },
	{ "dmarc", "DMARC of this letter", "Neither SPF nor DKIM speaks for the domain in From.",
	  "Mend SPF or DKIM above. One of them must be for the very domain of [sender] address: "
	  "bounce "
	  "in that domain, or a signature with d= of it." },
};

static void look_method(struct preflight *p, const struct arrival *a, const struct method *m)
{
	const char *from = preflight_domain_of(p->conf->address);
	const struct authres_result *r = find(a, m->name);
	struct findings *f = p->findings;
	enum finding_level level;

	if (!r)
		return;
	findings_look(f, SECTION_TRIP, m->name, "%s", m->title);
	findings_saw(f, "%s=%s%s%s", r->method, r->result, *r->domain ? " for " : "", r->domain);
	level = weigh(r);
	if (level == FINDING_UNSEEN) {
		findings_tell(f, level, "The server could not look it up.");
		findings_do(f, "Send another test letter in some minutes.");
	} else if (level != FINDING_OK) {
		findings_tell(f, level, "%s", m->means);
		findings_do(f, "%s", m->remedy);
	} else if (*r->domain && strcmp(m->name, "dmarc") && !orgdomain_same(r->domain, from)) {
		findings_tell(
			f, FINDING_NOTE,
			"That is for %s and not for %s, which members see: for DMARC it does not "
			"count.",
			r->domain, from);
	}
}

static void look_server(struct preflight *p, const struct arrival *a)
{
	struct findings *f = p->findings;

	findings_look(f, SECTION_TRIP, "server", "Who judged it");
	if (a->judged) {
		findings_saw(f, "%s", a->results.server);
		findings_tell(f, FINDING_OK,
		              "Is this the server of that mailbox? Only then is what "
		              "follows worth something.");
		return;
	}
	findings_saw(f, "No Authentication-Results in the letter.");
	findings_tell(f, FINDING_NOTE,
	              "The server of that mailbox does not tell what it thinks of a "
	              "mail.");
	findings_do(f, "Send another test letter to a mailbox at a big provider.");
}

static void look_signature(struct preflight *p, const struct arrival *a)
{
	const char *from = preflight_domain_of(p->conf->address),
		   *selector = p->conf->preflight.dkim_selector;
	struct findings *f = p->findings;
	bool own = false, known = false;

	findings_look(f, SECTION_TRIP, "signature", "Signature");
	if (!a->signatures) {
		findings_saw(f, "There is none (DKIM-Signature).");
		findings_tell(f, FINDING_WARNING, "Large receivers want one.");
		findings_do(f, "Ask the relay's provider to sign with DKIM for %s.", from);
		return;
	}
	for (unsigned i = 0; i < a->signatures; i++) {
		bool same = orgdomain_same(a->signature[i].domain, from);

		findings_saw(f, "d=%s s=%s%s", a->signature[i].domain, a->signature[i].selector,
		             i + 1 < a->signatures ? "," : "");
		own = own || same;
		known = known || (same && !strcasecmp(a->signature[i].selector, selector));
	}
	if (!own) {
		findings_tell(f, FINDING_WARNING, "None is for %s.", from);
		findings_do(f, "Ask the relay's provider to sign with d=%s.", from);
	} else if (!known) {
		findings_tell(f, FINDING_NOTE,
		              *selector ? "[preflight] dkim_selector names another "
		                          "selector."
		                        : "[preflight] dkim_selector is not set.");
		findings_do(
			f,
			"Write this selector (s=) there, and run preflight again: it then looks at "
			"the key.");
	}
}

static void look_way(struct preflight *p, const struct arrival *a)
{
	struct findings *f = p->findings;
	unsigned open = 0;

	findings_look(f, SECTION_TRIP, "way", "Its way");
	/* As it went: the oldest is the last. */
	for (unsigned i = a->hops; i-- > 0;) {
		findings_saw(f, "%s%s%s (%s%s)%s", i + 1 == a->hops ? a->hop[i].from : "",
		             i + 1 == a->hops && *a->hop[i].from ? " → " : "",
		             *a->hop[i].by ? a->hop[i].by : "?",
		             *a->hop[i].with ? a->hop[i].with : "?", a->hop[i].tls ? ", TLS" : "",
		             i ? " →" : "");
		open += !arrival_covered(a, i);
	}
	if (!a->hops)
		findings_saw(f, "No Received lines.");
	if (open) {
		findings_tell(f, FINDING_WARNING,
		              "%u of its steps %s without TLS: whoever listens there "
		              "can read the codes.",
		              open, open == 1 ? "was" : "were");
		findings_do(f,
		            "Ask the relay's provider to send with TLS (MTA-STS, DANE, or whenever "
		            "it is offered).");
	}
}

enum err preflight_arrival(struct preflight *p, const char *raw, size_t len, struct why *why)
{
	struct arrival *a = malloc(sizeof(*a));
	enum err e;

	if (!a)
		return why_set(why, ERR_MEMORY, "out of memory");
	e = arrival_read(a, raw, len, why);
	if (!e) {
		look_server(p, a);
		for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
			look_method(p, a, &methods[i]);
		look_signature(p, a);
		look_way(p, a);
	}
	free(a);
	return e;
}
