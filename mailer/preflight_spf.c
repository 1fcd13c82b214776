/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mail/address.h"
#include "mailer/preflight.h"
#include "mailer/spf_walk.h"

const char *preflight_domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at ? at + 1 : address;
}

/* Of the envelope's domain it is all that counts; of From's it is there for what others send. */
struct look {
	struct preflight *p;
	const char *domain;
	bool envelope;
};

static void tell_missing(const struct look *l, enum dns_result result)
{
	struct findings *f = l->p->findings;
	enum finding_level level = l->envelope ? FINDING_STOP : FINDING_NOTE;

	findings_saw(f, result == DNS_NO_NAME ? "The DNS knows no such name."
	                                      : "No record that begins with v=spf1.");
	findings_tell(f, level,
	              l->envelope ? "No receiver can tell that the relay may send for this domain. "
	                            "Gmail, Outlook and Yahoo refuse such mail, or call it junk."
	                          : "Letters are judged by the domain of [sender] bounce. This one "
	                            "is open to whoever forges it.");
	findings_do(f,
	            "Ask the relay's provider for the SPF line of its customers, and whoever keeps "
	            "the DNS of %s to add it as a TXT record: v=spf1 include:… ~all",
	            l->domain);
}

static void tell_rest(const struct look *l, const struct spf *s)
{
	struct findings *f = l->p->findings;
	char rest = spf_rest(s);

	if (rest == '+') {
		findings_tell(f, FINDING_WARNING, "It ends in +all: anyone may send in this name.");
		findings_do(f, "Have +all made ~all.");
	} else if (rest == '?' || !rest) {
		findings_tell(f, FINDING_NOTE,
		              "It does not end in -all or ~all, and so says "
		              "nothing against a forger.");
		findings_do(f, "Have ~all put at its end.");
	}
}

/* What is wrong for whoever stands behind it in the record. That the relay does cannot be known,
 * since it may send from another address, unless everybody does: the round trip tells. */
static void tell_errors(const struct look *l, const struct spf_walk *w)
{
	enum finding_level level = w->passable ? FINDING_WARNING : FINDING_STOP;
	struct findings *f = l->p->findings;

	if (w->wrong.text[0]) {
		findings_tell(f, level,
		              "%s: the whole record counts as an error for any sender that stands "
		              "behind that in it.",
		              w->wrong.text);
		findings_do(f, "Have what it refers to corrected or taken out.");
	}
	findings_saw(f, "(%u of %d lookups)", w->lookups, SPF_LOOKUPS_MAX);
	if (w->lookups > SPF_LOOKUPS_MAX) {
		findings_tell(f, level,
		              "Receivers stop at %d lookups: for any sender that stands behind in "
		              "it, it is an error.",
		              SPF_LOOKUPS_MAX);
		findings_do(f, "Have each include: that is no longer used taken out.");
	} else if (w->voids > SPF_VOIDS_MAX) {
		findings_tell(f, FINDING_WARNING,
		              "%u of the names that it refers to lead to nothing; many receivers "
		              "stop at %d.",
		              w->voids, SPF_VOIDS_MAX);
		findings_do(f, "Have them taken out.");
	}
}

/* What can be known of the relay: whether it may send from the address that it takes mail on.
 * Many send from others. */
static enum err tell_relay(const struct look *l, const struct spf *s)
{
	struct preflight *p = l->p;
	struct findings *f = p->findings;
	bool here = address_loopback(p->probe.address);
	struct spf_walk w = { .dns = p->dns, .address = here ? "" : p->probe.address };
	enum err e = spf_walk(&w, s, l->domain);

	if (e)
		return e;
	if (w.unseen) {
		findings_tell(f, FINDING_UNSEEN, "It refers to %s, where the DNS did not answer.",
		              w.missing);
		findings_do(f, "Run preflight again in a few minutes.");
	}
	tell_errors(l, &w);
	if (!l->envelope || !*p->probe.address || w.error || w.unseen)
		return OK;
	if (here)
		findings_tell(f, FINDING_OK,
		              "From which address the relay sends on cannot be seen "
		              "from here: the round trip (--to) tells.");
	else if (w.result == SPF_PASS)
		findings_tell(f, FINDING_OK, "It lets %s send, the relay's address as seen here.",
		              p->probe.address);
	else
		findings_tell(
			f, FINDING_NOTE,
			"It does not name %s, the relay's address as seen here%s. That is "
			"well where the relay sends from others: the round trip (--to) tells.",
			p->probe.address,
			w.macro ? " (it has parts that only a receiver can judge)" : "");
	return OK;
}

static enum err look_record(const struct look *l, const char *text)
{
	struct findings *f = l->p->findings;
	struct spf *s = calloc(1, sizeof(*s));
	struct why why = { 0 };
	enum err e = s ? OK : ERR_MEMORY;

	if (!e && spf_read(s, text, &why)) {
		findings_tell(f, FINDING_STOP,
		              "It cannot be read: %s. To receivers the record is an error.",
		              why.text);
		findings_do(f, "Have this word corrected or taken out.");
	} else if (!e) {
		tell_rest(l, s);
		e = tell_relay(l, s);
	}
	free(s);
	return e;
}

static enum err look_domain(const struct look *l)
{
	struct findings *f = l->p->findings;
	const char *record = NULL;
	struct dns_reply r;
	unsigned n = 0;
	enum err e = dns_ask(&r, l->p->dns, DNS_TXT, l->domain);

	if (e)
		return e;
	findings_look(f, SECTION_SENDER, "spf", "SPF of %s", l->domain);
	for (unsigned i = 0; i < r.n; i++) {
		if (!spf_claimed(r.text[i]))
			continue;
		record = r.text[i];
		n++;
		findings_saw(f, "%.300s", record);
	}
	if (r.result == DNS_FAILED) {
		findings_saw(f, "%s", r.trouble);
		findings_tell(f, FINDING_UNSEEN, "The DNS gave no answer.");
		findings_do(f, "Run preflight again in a few minutes; [preflight] resolver names "
		               "another DNS server.");
	} else if (n > 1) {
		findings_tell(f, FINDING_STOP,
		              "There are %u records where one may be: receivers "
		              "take neither.",
		              n);
		findings_do(f,
		            "Have them made one: v=spf1, then the words of all of them, then one "
		            "~all.");
	} else if (!n) {
		tell_missing(l, r.result);
	} else {
		e = look_record(l, record);
	}
	dns_reply_release(&r);
	return e;
}

enum err preflight_spf(struct preflight *p)
{
	const char *envelope = preflight_domain_of(p->conf->bounce),
		   *from = preflight_domain_of(p->conf->address);
	const struct look first = { p, envelope, true }, second = { p, from, false };
	enum err e = look_domain(&first);

	if (!e && strcasecmp(envelope, from) != 0)
		e = look_domain(&second);
	return e;
}
