// SPDX-License-Identifier: MIT

// token - find a member's voting code in what the browser was opened with, and in what a person
// types or pastes. Nothing here keeps or sends one.
//
// A link carries the first 24 of 28 characters behind its #; mail gateways encode that once or
// twice and then it stands in the path. Letters are pasted with half their line.
const TOKEN_LENGTH = 28, BEGINNING_LENGTH = 24;

// Undo percent-encoding as often as gateways did it.
function decoded(text) {
	for (let i = 0; i < 3 && /%[0-9a-f]{2}/i.test(text); i++) {
		try {
			text = decodeURIComponent(text);
		} catch {
			break;
		}
	}
	return text;
}

// The groups of letters and digits, whatever stands between them.
function groupsOf(text) {
	return text.normalize("NFKC").split(/[^0-9A-Za-z]+/).filter(Boolean);
}

// All runs of whole groups that make `length` characters, as the reader understands them.
function runsOf(core, groups, length) {
	const runs = [];
	for (let i = 0; i < groups.length; i++) {
		let run = "";
		for (let j = i; j < groups.length && run.length < length; j++)
			run += groups[j];
		const normal = run.length === length ? core.normalToken(run) : "";
		if (normal.length === length)
			runs.push(normal);
	}
	return runs;
}

// The whole code that stands somewhere in this text, or "".
export function wholeToken(core, text) {
	return runsOf(core, groupsOf(decoded(text)), TOKEN_LENGTH).find((run) => core.tokenOk(run)) || "";
}

// The beginning of a code behind a # of an address, or "". The last four characters are never
// taken from there, even where somebody put the whole code: whoever votes types them.
export function linkToken(core, address) {
	const pieces = decoded(address).split("#").slice(1).flatMap((part) => part.split(/[=&?/]/)).map(groupsOf);
	for (const length of [TOKEN_LENGTH, BEGINNING_LENGTH]) {
		const run = pieces.flatMap((groups) => runsOf(core, groups, length))[0];
		if (run)
			return run.slice(0, BEGINNING_LENGTH);
	}
	return "";
}

// Take everything but the page's own address out of the address bar, at once; what stood there.
export function takeAddress() {
	const offline = !/^https?:$/.test(location.protocol);
	const address = offline ? location.hash : location.pathname + location.search + location.hash;
	const home = location.pathname.replace(/%(25)*23.*$/i, "");
	try {
		history.replaceState(null, "", home);
	} catch {
		location.hash = ""; /* some browsers let a file change nothing else */
	}
	return address;
}

// What a person has typed, with the beginning from the link or without ("").
// { token } or { problem: a key of words, n }.
export function readTyped(core, typed, beginning) {
	const whole = wholeToken(core, typed);
	if (whole)
		return { token: whole };
	const bare = typed.normalize("NFKC").replace(/[\s\u00ad\u200b\ufeff]|\p{Pd}/gu, "");
	const normal = bare ? core.normalToken(bare) : "";
	const want = beginning ? 4 : TOKEN_LENGTH;
	if (!bare)
		return { problem: beginning ? "noFour" : "noWhole" };
	/* The reader stops at 28: more than that is not a character that does not belong. */
	if (!normal && bare.length <= TOKEN_LENGTH)
		return { problem: "badCharacter" };
	if (bare.length !== want)
		return { problem: beginning ? "shortFour" : "shortWhole", n: bare.length };
	if (!core.tokenOk(beginning + normal))
		return { problem: beginning ? "badFour" : "badWhole" };
	return { token: beginning + normal };
}
