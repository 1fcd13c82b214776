/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_CORE_ASKED_H
#define VOTEPOST_CORE_ASKED_H

#include "core/manifest.h"
#include "core/values.h"

/*
 * asked - what an election asks, as values of a template: the questions with the letters of their
 * options, and how a plain reply puts an answer into letters. For the mailer's letters and the
 * receiver's corrections; config/templates/README lists the names.
 */
#define ASKED_VALUES 8 /* that asked_add adds */

void asked_add(struct value_list *l, const struct manifest *m, unsigned language);

#endif
