/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_PREFLIGHT_H
#define VOTEPOST_MAILER_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/mail/probe.h"
#include "core/manifest.h"
#include "mailer/amend.h"
#include "mailer/conf.h"
#include "mailer/dns.h"
#include "mailer/findings.h"
#include "mailer/letter.h"
#include "mailer/outbox.h"
#include "mailer/roll.h"

/*
 * preflight - can this relay and this sender deliver this? The looks that `preflight` takes, a
 * file each, in the order below: a later one knows what an earlier one saw.
 *
 * None needs a key. Each fails for a reason of ours alone, want of memory or a broken home; that
 * something outside is wrong, or cannot be reached, is a finding.
 */
struct preflight {
	const struct conf *conf;
	const struct manifest *m;            /* NULL before the election is sealed */
	const char *title, *reply_to, *link; /* of the manifest, or of the definition */
	uint64_t closes, now;
	struct roll *roll; /* NULL before there is one */
	struct amend *amend;
	struct outbox *outbox; /* NULL before anything is sent */
	struct letters *letters;
	struct dns *dns;
	struct findings *findings;
	/* What the looks tell each other */
	struct probe probe;
	bool spf_aligned;         /* the envelope's domain is the sender's, as DMARC sees it */
	bool dkim_known;          /* a good key was seen */
	enum finding_level dmarc; /* OK: it stands; UNSEEN: nobody could tell; STOP: none does */
	size_t letter_most;       /* bytes of the longest letter */
};

/* The relay: what it is, how it is reached, what it offers; its names in the DNS. */
MUST_CHECK enum err preflight_relay(struct preflight *p, struct why *why);
/* SPF of the envelope sender's domain and of From's. */
MUST_CHECK enum err preflight_spf(struct preflight *p);
/* DKIM and DMARC of From's domain. */
MUST_CHECK enum err preflight_domain(struct preflight *p);
/* Whether mail finds back: MX of the reply, bounce and sender domains. */
MUST_CHECK enum err preflight_back(struct preflight *p);
/* The letter in each language. Nothing before the election is sealed but a note. */
MUST_CHECK enum err preflight_letter(struct preflight *p, struct why *why);
/* The roll's domains against what big providers and relays take. */
MUST_CHECK enum err preflight_members(struct preflight *p, struct why *why);

/* What stands behind the last '@'. */
const char *preflight_domain_of(const char *address);

#endif
