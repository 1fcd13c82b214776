/* SPDX-License-Identifier: MIT */
#ifndef VOTEPOST_RECEIVER_TABLES_H
#define VOTEPOST_RECEIVER_TABLES_H

/*
 * tables - what stands in the box's store, by number; their names are in box.c. For box.c and
 * those that keep one table each.
 */
enum table {
	TABLE_CREDENTIALS,
	TABLE_BOARD,
	TABLE_NODES,
	TABLE_HANDLES,
	TABLE_SEEN,
	TABLE_QUOTA,
	TABLE_META,
	TABLE_TRACKERS, /* lookup.h */
	TABLE_HOURS,
};

#endif
