/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "mailer/preflight.h"

#define HOSTS_MAX 4 /* of a domain's mail servers that are looked up */

/* What is lost where nothing finds back, and how bad that is. */
struct way {
	const char *address, *what, *lost;
	enum finding_level level;
};

static void tell_nowhere(struct findings *f, const struct way *w, const char *domain)
{
	findings_tell(f, w->level, "%s", w->lost);
	findings_do(f,
	            "Correct the address, or have an MX record for %s put into the DNS that names "
	            "the mail server which takes its mail.",
	            domain);
}

/* Do the servers that an MX names have addresses? */
static enum err tell_servers(struct preflight *p, const struct way *w, const char *domain,
                             const struct dns_reply *mx)
{
	struct findings *f = p->findings;
	unsigned there = 0, asked = 0;
	bool unseen = false;

	for (unsigned i = 0; i < mx->n && i < HOSTS_MAX; i++) {
		struct dns_reply r;
		enum err e = dns_ask(&r, p->dns, DNS_ADDRESS, mx->text[i]);

		if (e)
			return e;
		findings_saw(f, "%s%s", mx->text[i],
		             r.result == DNS_FOUND    ? ""
		             : r.result == DNS_FAILED ? " (no answer)"
		                                      : " (has no address)");
		there += r.result == DNS_FOUND;
		unseen = unseen || r.result == DNS_FAILED;
		asked++;
		dns_reply_release(&r);
	}
	if (there == asked)
		return OK;
	if (there) {
		findings_tell(f, FINDING_WARNING, "Mail may take a detour.");
		findings_do(f, "Have the names without an address taken out of the MX records.");
	} else if (unseen) {
		findings_tell(f, FINDING_UNSEEN, "The DNS did not answer for them.");
		findings_do(f, "Run preflight again in a few minutes.");
	} else {
		tell_nowhere(f, w, domain);
	}
	return OK;
}

/* Without an MX, mail goes to the domain's own address. */
static enum err look_itself(struct preflight *p, const struct way *w, const char *domain)
{
	struct findings *f = p->findings;
	struct dns_reply r;
	enum err e = dns_ask(&r, p->dns, DNS_ADDRESS, domain);

	if (e)
		return e;
	if (r.result == DNS_FOUND) {
		findings_saw(f, "No MX; mail goes to %s itself (%s).", domain, r.text[0]);
		findings_tell(f, FINDING_NOTE, "That works where a mail server listens there.");
		findings_do(f, "Have an MX record put there, so that it is no accident.");
	} else if (r.result == DNS_FAILED) {
		findings_saw(f, "%s", r.trouble);
		findings_tell(f, FINDING_UNSEEN, "The DNS gave no answer.");
		findings_do(f, "Run preflight again in a few minutes.");
	} else {
		findings_saw(f, "No MX record and no address.");
		tell_nowhere(f, w, domain);
	}
	dns_reply_release(&r);
	return OK;
}

static enum err look(struct preflight *p, const struct way *w, const char *what)
{
	const char *domain = preflight_domain_of(w->address);
	struct findings *f = p->findings;
	struct dns_reply r;
	enum err e = dns_ask(&r, p->dns, DNS_MX, domain);

	if (e)
		return e;
	findings_look(f, SECTION_BACK, "mx", "%s to %s", what, domain);
	if (r.result == DNS_FAILED) {
		findings_saw(f, "%s", r.trouble);
		findings_tell(f, FINDING_UNSEEN, "The DNS gave no answer.");
		findings_do(f, "Run preflight again in a few minutes; [preflight] resolver names "
		               "another DNS server.");
	} else if (r.result == DNS_NO_NAME) {
		findings_saw(f, "The DNS knows no such name.");
		tell_nowhere(f, w, domain);
	} else if (r.result == DNS_NO_RECORD) {
		e = look_itself(p, w, domain);
	} else if (!*r.text[0]) {
		findings_saw(f, "Its MX says that it takes no mail.");
		tell_nowhere(f, w, domain);
	} else {
		e = tell_servers(p, w, domain, &r);
	}
	dns_reply_release(&r);
	return e;
}

static bool same_domain(const struct way *a, const struct way *b)
{
	return !strcasecmp(preflight_domain_of(a->address), preflight_domain_of(b->address));
}

enum err preflight_back(struct preflight *p)
{
	const struct way ways[] = {
		{ p->reply_to, "Replies", "No vote by mail would arrive.", FINDING_STOP },
		{ p->conf->bounce, "bounces",
		  "Nobody would learn of a letter that did not arrive; and many receivers refuse "
		  "mail "
		  "whose sender cannot be answered.",
		  FINDING_STOP },
		{ p->conf->address, "answers",
		  "What members write to the sender is lost; and many receivers refuse such mail.",
		  FINDING_STOP },
	};
	const unsigned n = sizeof(ways) / sizeof(ways[0]);
	enum err e = OK;

	for (unsigned i = 0; !e && i < n; i++) {
		struct buf what = BUF_INIT(200);
		bool known = false;

		for (unsigned j = 0; j < n; j++) {
			if (!same_domain(&ways[i], &ways[j]))
				continue;
			known = known || j < i;
			buf_addf(&what, "%s%s", what.len ? ", " : "", ways[j].what);
		}
		e = buf_err(&what);
		if (!e && !known)
			e = look(p, &ways[i], buf_text(&what));
		buf_free(&what);
	}
	return e;
}
