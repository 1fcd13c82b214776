/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mailer/dkim.h"
#include "mailer/dmarc.h"
#include "mailer/orgdomain.h"
#include "mailer/preflight.h"

static void tell_unseen(struct findings *f, const struct dns_reply *r)
{
	findings_saw(f, "%s", r->trouble);
	findings_tell(f, FINDING_UNSEEN, "The DNS gave no answer.");
	findings_do(f, "Run preflight again in a few minutes; [preflight] resolver names another "
	               "DNS server.");
}

static void tell_key(struct preflight *p, const char *text)
{
	struct findings *f = p->findings;
	struct dkim_key key;
	struct why why = { 0 };

	if (dkim_read(&key, text, &why)) {
		findings_saw(f, "%.60s…", text);
		findings_tell(f, FINDING_STOP, "The key cannot be read: %s. Every signature fails.",
		              why.text);
		findings_do(f, "Have the record entered again, as the relay's provider gives it.");
		return;
	}
	p->dkim_known = !key.revoked;
	if (key.revoked) {
		findings_saw(f, "p= is empty.");
		findings_tell(f, FINDING_STOP,
		              "The key was revoked. Every signature with it fails.");
		findings_do(f, "Ask the relay's provider for the selector that is in use now, and "
		               "write it into [preflight] dkim_selector.");
	} else if (key.kind == DKIM_RSA) {
		findings_saw(f, "An RSA key of %u bits.", key.bits);
	} else {
		findings_saw(f, key.kind == DKIM_ED25519
		                        ? "An Ed25519 key."
		                        : "A key of a kind that is not known here.");
		findings_tell(f, FINDING_WARNING, "Many receivers cannot check it.");
		findings_do(f, "Have an RSA key of %d bits put beside it.", DKIM_RSA_GOOD);
	}
	if (key.bits && key.bits < DKIM_RSA_LEAST) {
		findings_tell(f, FINDING_STOP, "Too short: receivers do not believe it.");
		findings_do(f, "Have a key of %d bits made.", DKIM_RSA_GOOD);
	} else if (key.bits && key.bits < DKIM_RSA_GOOD) {
		findings_tell(f, FINDING_WARNING, "It is still believed, and out of date.");
		findings_do(f, "Have a key of %d bits made when there is time.", DKIM_RSA_GOOD);
	}
	if (key.testing) {
		findings_tell(f, FINDING_WARNING, "It says t=y, a test: receivers may ignore it.");
		findings_do(f, "Have t=y taken out.");
	}
}

static enum err look_key(struct preflight *p, const char *domain)
{
	const char *selector = p->conf->preflight.dkim_selector, *text = NULL;
	struct findings *f = p->findings;
	struct dns_reply r = { 0 };
	char name[DNS_NAME_TEXT * 2];
	enum err e;

	findings_look(f, SECTION_SENDER, "dkim", "DKIM key of %s", domain);
	if (!*selector) {
		findings_tell(
			f, FINDING_NOTE,
			"Under which name (selector) the relay publishes its key is not set, so "
			"it was not looked at.");
		findings_do(f, "Ask the relay's provider, or send a test letter with --to: its "
		               "signature tells. Write it into [preflight] dkim_selector.");
		return OK;
	}
	snprintf(name, sizeof(name), "%s._domainkey.%s", selector, domain);
	e = dns_ask(&r, p->dns, DNS_TXT, name);
	for (unsigned i = 0; i < r.n; i++)
		if (dkim_claimed(r.text[i]))
			text = r.text[i];
	if (!e && r.result == DNS_FAILED) {
		tell_unseen(f, &r);
	} else if (!e && !text) {
		findings_saw(f, "Nothing at %s", name);
		findings_tell(f, FINDING_STOP,
		              "Receivers cannot check the letters' signature, and "
		              "treat them as unsigned.");
		findings_do(f, "Have the TXT record that the relay's provider gives for DKIM put "
		               "there; or correct [preflight] dkim_selector.");
	} else if (!e) {
		tell_key(p, text);
	}
	dns_reply_release(&r);
	return e;
}

/* Does the envelope's domain stand for From's? */
static void tell_alignment(struct preflight *p, const struct dmarc *d, enum dmarc_policy policy,
                           const char *from)
{
	const char *envelope = preflight_domain_of(p->conf->bounce);
	struct findings *f = p->findings;
	bool same = !strcasecmp(envelope, from);

	p->spf_aligned = same || (!d->strict_spf && orgdomain_same(envelope, from));
	findings_look(f, SECTION_SENDER, "alignment", "Alignment of %s", from);
	findings_saw(f, "Letters come from @%s, bounces go to @%s.", from, envelope);
	if (p->spf_aligned) {
		findings_tell(f, FINDING_OK,
		              same ? "One domain: SPF speaks for it."
		                   : "Of one owner: SPF speaks for both.");
		return;
	}
	if (p->dkim_known)
		findings_tell(f, FINDING_WARNING,
		              "SPF does not speak for %s: only the DKIM signature does. Where a "
		              "server on the way breaks it the letter is %s.",
		              from, policy == DMARC_NONE ? "suspect" : "refused or called junk");
	else
		findings_tell(f, policy == DMARC_NONE ? FINDING_WARNING : FINDING_STOP,
		              "SPF does not speak for %s, and no DKIM key of it is known. %s", from,
		              policy == DMARC_REJECT ? "Its DMARC has such letters refused."
		              : policy == DMARC_QUARANTINE
		                      ? "Its DMARC has such letters put into junk."
		                      : "DMARC fails, and large receivers mind.");
	findings_do(f,
	            "Set [sender] bounce to an address of %s, if the relay lets you; and see that "
	            "it signs with d=%s.",
	            from, from);
}

static void tell_policy(struct preflight *p, const char *text, const char *from, bool own)
{
	struct findings *f = p->findings;
	enum dmarc_policy policy;
	struct why why = { 0 };
	struct dmarc d;

	findings_saw(f, "%.300s", text);
	if (dmarc_read(&d, text, &why)) {
		findings_tell(f, FINDING_WARNING, "It cannot be read: %s. Receivers ignore it.",
		              why.text);
		findings_do(f, "Have it corrected: v=DMARC1; p=none is the least that is one.");
		return;
	}
	p->dmarc = FINDING_OK;
	policy = own ? d.policy : d.subdomains;
	if (policy == DMARC_NONE)
		findings_tell(f, FINDING_NOTE,
		              "Receivers let forged mail pass, too. It is enough for "
		              "sending.");
	else
		findings_tell(f, FINDING_OK, "Mail that neither SPF nor DKIM vouches for is %s.",
		              policy == DMARC_REJECT ? "refused" : "put into junk");
	tell_alignment(p, &d, policy, from);
}

/* The one policy at _dmarc.DOMAIN, copied; "" where there is none. */
static enum err find_policy(char out[DNS_TEXT_MAX + 1], unsigned *n, struct dns_reply *r,
                            struct preflight *p, const char *domain)
{
	char name[DNS_NAME_TEXT + 8];
	enum err e;

	out[0] = 0;
	*n = 0;
	snprintf(name, sizeof(name), "_dmarc.%s", domain);
	e = dns_ask(r, p->dns, DNS_TXT, name);
	for (unsigned i = 0; !e && i < r->n; i++) {
		if (!dmarc_claimed(r->text[i]))
			continue;
		snprintf(out, DNS_TEXT_MAX + 1, "%s", r->text[i]);
		++*n;
	}
	return e;
}

static void tell_no_policy(struct findings *f, const char *organisation, unsigned n)
{
	if (n > 1) {
		findings_saw(f, "%u records", n);
		findings_tell(f, FINDING_WARNING, "One may be there: receivers ignore them all.");
		findings_do(f, "Have all but one taken out.");
		return;
	}
	findings_saw(f, "Nothing at _dmarc.%s", organisation);
	findings_tell(
		f, FINDING_WARNING,
		"Gmail, Yahoo and Outlook ask for one from whoever sends their users more than "
		"5,000 letters a day, and refuse or delay the rest.");
	findings_do(
		f,
		"Have a TXT record put at _dmarc.%s: v=DMARC1; p=none; rua=mailto:ADDRESS, with "
		"an address that may get reports.",
		organisation);
}

static enum err look_policy(struct preflight *p, const char *from)
{
	char organisation[DNS_NAME_TEXT], text[DNS_TEXT_MAX + 1];
	struct findings *f = p->findings;
	struct dns_reply r = { 0 };
	bool own = true;
	unsigned n;
	enum err e = find_policy(text, &n, &r, p, from);

	orgdomain_of(organisation, from);
	if (!e && !n && r.result != DNS_FAILED && strcasecmp(organisation, from) != 0) {
		own = false;
		dns_reply_release(&r);
		e = find_policy(text, &n, &r, p, organisation);
	}
	if (e)
		return e;
	p->dmarc = r.result == DNS_FAILED ? FINDING_UNSEEN : FINDING_STOP;
	findings_look(f, SECTION_SENDER, "dmarc", "DMARC of %s", own ? from : organisation);
	if (r.result == DNS_FAILED)
		tell_unseen(f, &r);
	else if (n != 1)
		tell_no_policy(f, organisation, n);
	else
		tell_policy(p, text, from, own);
	dns_reply_release(&r);
	return OK;
}

enum err preflight_domain(struct preflight *p)
{
	const char *from = preflight_domain_of(p->conf->address);
	enum err e = look_key(p, from);

	return e ? e : look_policy(p, from);
}
