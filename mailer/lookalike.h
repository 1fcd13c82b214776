/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_LOOKALIKE_H
#define VOTEPOST_MAILER_LOOKALIKE_H

/*
 * lookalike - domains that a reader would take for another: letters of two scripts in one
 * label, or a label wholly of Cyrillic or Greek letters that look Latin. A ballot mailed to
 * such a domain may go to a stranger, so a person should look at it.
 */

/* What is odd about a domain, in Unicode or in its xn-- form: a few words, or NULL. */
const char *lookalike_domain(const char *domain);

#endif
