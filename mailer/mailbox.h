/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_MAILBOX_H
#define VOTEPOST_MAILER_MAILBOX_H

#include "mailer/roll.h"

/*
 * mailbox - a member's address as an organiser writes it down, read into the form that is
 * mailed to.
 */

/* The domain goes into its ASCII form and lower case; the part before the @ stays as it is, but for
 * quotes that are not needed: one mailbox is written in one way. NULL,
 * or what is wrong with it in some words ("has no @"), and then `out` is "". `*odd` is set where
 * the address can be used but a person should look at its domain; else it is NULL. */
const char *mailbox_read(char out[ADDRESS_TEXT], const char *text, const char **odd);

#endif
