/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_MAILER_TAG_H
#define VOTEPOST_MAILER_TAG_H

/*
 * tag - which of a member's letters a report is about: characters behind the handle in the
 * envelope's sender, drawn at random whenever the member gets a new token or address.
 *
 * A handle is the same in all letters of a member. Who has seen an old one knows it, but not the
 * tag of the new ones, and so cannot make the new address look dead. The first letters have none.
 */
#define TAG_CHARS 8
#define TAG_TEXT  (TAG_CHARS + 1)

void tag_draw(char tag[TAG_TEXT]);

#endif
