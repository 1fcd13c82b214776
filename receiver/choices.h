/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_CHOICES_H
#define VOTEPOST_RECEIVER_CHOICES_H

#include "core/manifest.h"

/*
 * choices - the CHOICES text of a plain reply against the election's questions: which cells
 * of the ballot it fills. Architecture, "The reply". Pure: no I/O, no state.
 *
 * The text is a reply_vote's, already folded to upper case ASCII without spaces: options by
 * commas, questions by slashes ("B,D/0"), grades as option and grade from 1 ("A2,B1"). Names
 * are never matched, nothing is guessed: O is not 0, and one fault refuses the whole text.
 */
enum choices_fault {
	CHOICES_FIT,        /* none: the cells are good */
	CHOICES_FORM,       /* nothing of the forms above */
	CHOICES_QUESTIONS,  /* more or fewer questions answered than asked */
	CHOICES_OPTION,     /* a letter that is no option here */
	CHOICES_TWICE,      /* an option named twice */
	CHOICES_TOO_FEW,    /* fewer options than `min` */
	CHOICES_TOO_MANY,   /* more options than `max` */
	CHOICES_NO_BLANK,   /* blank, where the question has none */
	CHOICES_NO_NOTHING, /* "-", where the question wants an answer or has a blank */
	CHOICES_NO_GRADE,   /* an option of a graded question without its grade */
	CHOICES_GRADE,      /* a grade that is none here, or a grade for a plain choice */
};

/* Fill `cells` (the manifest's `cells` of them, each 0 or 1). They count only on CHOICES_FIT,
 * and manifest_cells_fit then holds. On a fault `*question` is the one it was found in, from
 * 0. */
MUST_CHECK enum choices_fault choices_read(unsigned char cells[CELLS_MAX], unsigned *question,
                                           const struct manifest *m, const char *text);

/* A fault's name, for tests: "too-many". What a member is told of it is hint_of_fault's. */
const char *choices_fault_name(enum choices_fault fault);

#endif
