/* SPDX-License-Identifier: MIT */
#include "scrutineer/wording.h"

static const struct phrase phrases[] = {
	{ "members were imported", "" },
	{ "an address was changed", "" },
	{ "replaced lines found on the board", "" },
	{ "the token keys were destroyed", "" },
	{ NULL, NULL },
};

const struct wording wording_en = {
	.language = "en",
	.word = {
		[WORD_TITLE] = "Minutes of the vote",
		[WORD_TEST_BANNER] = "TEST. This was a rehearsal: nothing was elected or decided.",
		[WORD_STAGE_OPEN] = 
			"The vote is still open. These minutes are provisional and hold no count.",
		[WORD_STAGE_CLOSED] = 
			"The vote is closed and not yet counted. These minutes are provisional and hold no "
			"count.",
		[WORD_STAGE_FEW] = 
			"Ballots at the close: {1}, fewer than the {2} below which nothing may be counted. "
			"The vote stays uncounted, for ever: no trustee may decrypt it.",
		[WORD_STAGE_DIFFERENCES] = 
			"Sums that must hold and do not: {1}. They are marked in the reconciliation below; "
			"the bureau must explain each before it signs.",
		[WORD_FIGURE_MEMBERS] = "on the roll",
		[WORD_FIGURE_VOTERS] = "voters",
		[WORD_FIGURE_TURNOUT] = "turnout",
		[WORD_FIGURE_DELIVERY] = "letters delivered",
		[WORD_H_ELECTION] = "The election",
		[WORD_ORGANISER] = "Organiser",
		[WORD_FINGERPRINT] = "Fingerprint",
		[WORD_ID] = "Election id",
		[WORD_OPENS] = "Opens",
		[WORD_CLOSES] = "Closes",
		[WORD_ROLL] = "Roll",
		[WORD_ROLL_MEMBERS] = "{1} members",
		[WORD_ROLL_WEIGHTS] = "{1} members, who weigh {2} together: {3}",
		[WORD_ROLL_CLASS] = "{1} of weight {2}",
		[WORD_CHANNELS] = "Ways to vote",
		[WORD_CHANNEL_REPLY] = "plain reply by mail",
		[WORD_CHANNEL_SEALED] = "sealed reply by mail",
		[WORD_CHANNEL_LINK] = "page behind a link",
		[WORD_FACTOR] = "Second factor",
		[WORD_FACTOR_YES] = "asked for, besides the letter",
		[WORD_FACTOR_NO] = "none: the letter alone is enough",
		[WORD_MIN_BALLOTS] = "Fewest ballots",
		[WORD_MIN_BALLOTS_VALUE] = "{1}; below, nothing is counted",
		[WORD_MIN_BALLOTS_RISK] = 
			"With so few ballots a count can give away how each person voted: a result without "
			"dissent tells everybody’s choice, and who knows some of the ballots learns the "
			"others.",
		[WORD_WAIVER] = 
			"Plain replies were allowed. All who were asked to vote could read this before they "
			"did:",
		[WORD_H_BUREAU] = "The bureau",
		[WORD_PLACE] = "Place",
		[WORD_REMARKS] = "Remarks",
		[WORD_BUREAU_NAME] = "Name",
		[WORD_BUREAU_ROLE] = "Role",
		[WORD_BUREAU_KEY] = "Signs with",
		[WORD_BUREAU_PAPER] = "on paper",
		[WORD_H_OPENING] = "Opening",
		[WORD_OPENING_NONE] = 
			"The record holds no statement of the receiver’s about the opening: which programs "
			"ran, and that the box was empty, cannot be shown here.",
		[WORD_OPENING_AT] = "Box made",
		[WORD_OPENING_EMPTY] = "The box when it was made",
		[WORD_OPENING_EMPTY_VALUE] = "0 ballots, head {1} over {2} lines",
		[WORD_OPENING_DEFINITION] = "Digest of the definition",
		[WORD_OPENING_PROGRAM] = "Digest of {1}",
		[WORD_OPENING_CHANGED] = "Programs changed",
		[WORD_OPENING_CHANGED_VALUE] = "{1}, at {2} lines, head {3}",
		[WORD_REHEARSAL] = "Rehearsal",
		[WORD_REHEARSAL_NONE] = "opened without a rehearsal",
		[WORD_REHEARSAL_TEST] = "none: this is a test election itself",
		[WORD_REHEARSAL_DONE] = "election {1}, through the count",
		[WORD_REHEARSAL_ROOT] = "Closing root of the rehearsal",
		[WORD_FIRST_TIME] = "First time on the board",
		[WORD_H_COURSE] = "Course of the vote",
		[WORD_CLOSES_FIRST] = "Closing time, as announced",
		[WORD_CLOSES_MOVED] = "Extended",
		[WORD_CLOSES_MOVED_VALUE] = "to {1}, published after {2}",
		[WORD_CLOSES_MOVED_EARLY] = "to {1}, published before the opening",
		[WORD_CLOSES_NOT_MOVED] = "Extensions",
		[WORD_NONE] = "none",
		[WORD_BALLOTS] = "Ballots",
		[WORD_BALLOTS_OF] = "{1} of {2} members ({3})",
		[WORD_WEIGHT] = "Weight of the ballots",
		[WORD_WEIGHT_OF] = "{1} of {2} ({3})",
		[WORD_TURNOUT_HOUR] = "Ballots by hour (UTC)",
		[WORD_TURNOUT_DAY] = "Ballots by day (UTC)",
		[WORD_HOUR] = "Hour begun",
		[WORD_DAY] = "Day",
		[WORD_TOTAL] = "Total so far",
		[WORD_TURNOUT_ONCE] = "All ballots came within one hour.",
		[WORD_BY_CHANNEL] = "Ballots by way of voting",
		[WORD_H_DELIVERY] = "Letters",
		[WORD_DELIVERY] = 
			"The letters of {1} of {2} members were taken by their mail servers: {3}. A letter "
			"that a server took may still have been filtered or left unread.",
		[WORD_DELIVERY_STATES] = "Members by state of their letter",
		[WORD_STATE_PLANNED] = "not sent",
		[WORD_STATE_IN_FLIGHT] = "being sent",
		[WORD_STATE_ACCEPTED] = "accepted",
		[WORD_STATE_DEFERRED] = "put off by the server",
		[WORD_STATE_REFUSED] = "refused by the server",
		[WORD_STATE_UNCERTAIN] = "uncertain",
		[WORD_BOUNCED] = "Came back afterwards: {1} from an address that nobody has, {2} from a full mailbox, "
			"{3} refused as unwanted or blocked, {4} for another reason. Reports of a delay: {5}.",
		[WORD_BOUNCED_NONE] = 
			"Came back afterwards: 0. The journal holds no line about returned mail.",
		[WORD_REJECTED] = "What came to the box and was not counted",
		[WORD_VERDICT] = "Verdict",
		[WORD_NUMBER] = "Number",
		[WORD_VERDICT_USED] = "token used already",
		[WORD_VERDICT_REPLACED] = "token replaced",
		[WORD_VERDICT_UNKNOWN] = "token unknown",
		[WORD_VERDICT_NO_TOKEN] = "no token",
		[WORD_VERDICT_NO_CHOICE] = "no choice",
		[WORD_VERDICT_AMBIGUOUS] = "more than one reading",
		[WORD_VERDICT_INVALID] = "not valid",
		[WORD_VERDICT_CHANNEL] = "in a way that was not open",
		[WORD_VERDICT_UNREADABLE] = "unreadable",
		[WORD_VERDICT_AUTOMATIC] = "automatic answer",
		[WORD_VERDICT_BOUNCE] = "delivery report",
		[WORD_VERDICT_EARLY] = "before the opening",
		[WORD_VERDICT_LATE] = "after the closing",
		[WORD_VERDICT_LARGE] = "too large",
		[WORD_H_INTERVENTIONS] = "Interventions",
		[WORD_INTERVENTIONS] = 
			"Every use of the mailer’s keys, from its signed journal of {1} lines. A line that "
			"was taken out or changed would have been found.",
		[WORD_TIME] = "Time (UTC)",
		[WORD_EVENT] = "What was done",
		[WORD_COUNTS] = "Numbers",
		[WORD_TIMES] = "{1} times, the last at {2}",
		[WORD_MORE] = "Further lines, which are in ledger.ndjson: {1}.",
		[WORD_EVENT_NEW] = "election made",
		[WORD_EVENT_ROLL] = "roll read",
		[WORD_EVENT_UNLOCK] = "keys unlocked",
		[WORD_EVENT_SEAL] = "manifest sealed",
		[WORD_EVENT_TEXTS] = "texts of the letters approved",
		[WORD_EVENT_ISSUE] = "credentials issued",
		[WORD_EVENT_SEND] = "letters sent",
		[WORD_EVENT_REMIND] = "reminders sent",
		[WORD_EVENT_NOTIFY] = "notices of a ballot sent",
		[WORD_EVENT_ANNOUNCE] = "announcement sent",
		[WORD_EVENT_REISSUE] = "token replaced",
		[WORD_EVENT_ADDRESS] = "address changed",
		[WORD_EVENT_ROTATE] = "all unused tokens replaced",
		[WORD_EVENT_STAND] = "replacements found on the board",
		[WORD_EVENT_EXTEND] = "closing time moved",
		[WORD_EVENT_ATTENDANCE] = "list of voters made",
		[WORD_EVENT_BOUNCE] = "returned mail read",
		[WORD_EVENT_FORGET] = "token keys destroyed",
		[WORD_FORGOTTEN] = 
			"The token keys were destroyed: nobody can make these tokens again.",
		[WORD_NOT_FORGOTTEN] = 
			"The token keys were not destroyed when the journal was exported.",
		[WORD_H_REPLACEMENTS] = "Replacements",
		[WORD_REPLACEMENTS_NONE] = "No token was replaced.",
		[WORD_REPLACEMENTS] = 
			"Tokens replaced, which can no longer vote: {1}. Tokens used before their "
			"replacement reached the board, which stay valid: {2}.",
		[WORD_REASON] = "Reason",
		[WORD_REASON_LOST] = "letter lost",
		[WORD_REASON_UNDELIVERED] = "letter not delivered",
		[WORD_REASON_ADDRESS] = "address changed",
		[WORD_REASON_STOLEN] = "token stolen",
		[WORD_REASON_MISTAKE] = "sent to the wrong person",
		[WORD_REASON_ROTATION] = "all unused replaced",
		[WORD_H_INCIDENTS] = "Incidents",
		[WORD_INCIDENTS_NONE] = "The bureau noted no incident.",
		[WORD_INCIDENT] = "Incident {1}",
		[WORD_INCIDENT_AT] = "When",
		[WORD_INCIDENT_TEXT] = "What",
		[WORD_INCIDENT_DECISION] = "Decision",
		[WORD_H_CLOSING] = "Closing",
		[WORD_CLOSED_AT] = "Closed",
		[WORD_CLOSED_LINES] = "Board",
		[WORD_CLOSED_LINES_VALUE] = "{1} lines, {2} ballots",
		[WORD_CLOSED_ROOT] = "Closing root",
		[WORD_NOW_ROOT] = "Root of the board as it stands",
		[WORD_ROOT_SHORT] = "The same, to read out",
		[WORD_HEAD_AT] = "Receiver’s signed head",
		[WORD_HEAD_VALUE] = "{1}, over {2} lines",
		[WORD_H_COUNT] = "Count",
		[WORD_TRUSTEES] = 
			"{1} of {2} trustees are needed to count. No ballot was opened by itself: only the "
			"sums were.",
		[WORD_TRUSTEE] = "Trustee",
		[WORD_TRUSTEE_PART] = "Part in the count",
		[WORD_TRUSTEE_GOOD] = "took part; proof holds",
		[WORD_TRUSTEE_BAD] = "left out; proof fails",
		[WORD_TRUSTEE_NONE] = "did not take part",
		[WORD_NOT_COUNTED] = "There is no count.",
		[WORD_EXPRESSED] = "Expressed",
		[WORD_BLANK] = "Blank",
		[WORD_BLANK_NO] = "not offered",
		[WORD_FIGURE_SHARE] = "Share",
		[WORD_QUESTION_MAX] = 
			"Up to {1} choices a ballot; shares are of the expressed ballots and need not add up "
			"to 100 %.",
		[WORD_MAJORITY_GRADE] = "Majority grade",
		[WORD_MAJORITY_NOTE] = 
			"The majority grade is the best grade that more than half of the ballots give or "
			"exceed.",
		[WORD_OPTION] = "Option",
		[WORD_H_RECONCILIATION] = "Reconciliation",
		[WORD_RECONCILIATION] = 
			"Each total is come by in two ways: from what the mailer and the receiver signed, "
			"and from the public board. Sums: {1}. Differences: {2}.",
		[WORD_SUM] = "Sum",
		[WORD_SUM_LEFT] = "This",
		[WORD_SUM_TERMS] = "equals",
		[WORD_SUM_MOST] = "at most",
		[WORD_SUM_ANSWER] = "Holds",
		[WORD_YES] = "yes",
		[WORD_NO] = "NO",
		[WORD_H_VERIFY] = "How anyone verifies this",
		[WORD_VERIFY_1] = 
			"Everything here but the bureau’s own words follows from public files: the record "
			"folder, ledger.ndjson and funnel.json. Whoever has them needs no permission and no "
			"connection:",
		[WORD_VERIFY_2] = 
			"The root that verify prints must be the one above. Who kept a receipt can find "
			"their ballot; who kept a head during the vote can show that the ballots under it "
			"are still there:",
		[WORD_VERIFY_3] = 
			"These minutes come out the same, byte for byte, when they are made again from the "
			"same files. The signatures are checked with:",
		[WORD_H_LIMITS] = "What these minutes do not prove",
		[WORD_LIMIT_1] = 
			"Voting over the internet carries risks that no program removes. Authorities on "
			"election security rate the return of ballots by mail or web as a high risk even "
			"with every precaution.",
		[WORD_LIMIT_2] = 
			"Courts have annulled votes because letters did not arrive, or mailboxes were not "
			"private. The rate of delivery above belongs to the judgement of this vote.",
		[WORD_LIMIT_3] = 
			"Whoever could read a member’s mailbox could vote in their place, unless a second "
			"factor was asked for.",
		[WORD_LIMIT_4] = 
			"Nothing protects a person who votes at home from pressure, or from selling the vote.",
		[WORD_LIMIT_5] = 
			"An infected telephone or computer could watch a vote, or change it before it was "
			"sealed.",
		[WORD_LIMIT_6] = 
			"The secrecy of the votes rests on fewer than {1} trustees acting together; that "
			"only members voted rests on whoever held the mailer’s keys.",
		[WORD_LIMIT_7] = 
			"A plain reply is never secret: each mail server on the way could read it.",
		[WORD_LIMIT_8] = 
			"Verification protects only if voters and outsiders really do it.",
		[WORD_LIMIT_9] = 
			"Some members never read their letter. Another way to vote must be offered to them.",
		[WORD_LIMIT_10] = 
			"None of this is a certification. Where the law asks for an independent expert, one "
			"is still needed.",
		[WORD_H_SIGNATURES] = "Signatures",
		[WORD_SIGNATURES] = "Read, found to be right, and signed at {1}, on",
		[WORD_GLYPHS] = 
			"Characters that the typeface of the printed form lacks are shown there as a box; "
			"the text and web forms hold them.",
		[WORD_THOUSANDS] = ",",
		[WORD_POINT] = ".",
		[WORD_PERCENT] = "{1} %",
		[WORD_COLON] = ": ",
	},
	.phrase = phrases,
};
