// SPDX-License-Identifier: MIT
import { ask } from "./page.js";

// look - is this ballot on the board? Fetched and checked, in this order: the receipt that the
// box signs now, the line itself, the head of the board now and the line's place under it, what
// the ballot proves of itself, and, where the voter brings a receipt, that the board has only
// grown since.

// Twenty characters as a person copies them, in their groups; "" unless there are twenty.
export function readTracker(text) {
	const plain = bareTracker(text);
	return plain.length === 20 ? plain.match(/.{5}/g).join("-") : "";
}

export function bareTracker(text) {
	return text.normalize("NFKC").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1").replace(/[^0-9A-Z]/g, "");
}

// What stands there, as it stands; null where there is nothing. Throws with `network`.
export async function fetchWhole(path) {
	let response, text;
	try {
		response = await ask(path);
		text = await response.text();
	} catch {
		throw Object.assign(new Error("no answer"), { network: true });
	}
	if (!response.ok && response.status !== 404)
		throw Object.assign(new Error("no answer"), { network: true });
	return response.ok ? text : null;
}

// A line, without its line feed.
export async function fetchText(path) {
	return (await fetchWhole(path))?.replace(/\n$/, "") ?? null;
}

function must(good, check) {
	if (!good)
		throw Object.assign(new Error(check), { check });
}

// The line and its place under the head of now.
async function standsNow(core, election, line, index) {
	const head = election.checkHead(await fetchText("head") || "");
	must(index < head.size, "head size");
	const { proof } = JSON.parse(await fetchText(`proof/inclusion?index=${index}&size=${head.size}`) || "{}");
	must(Array.isArray(proof), "inclusion proof");
	core.checkInclusion(line, index, head.size, head.root, proof);
	return head;
}

// The head under which the voter's own receipt was given must be a beginning of today's board.
async function hasOnlyGrown(core, election, receipt, head) {
	const then = JSON.parse(receipt).head;
	must(then.size <= head.size, "consistency proof");
	if (then.size === head.size)
		return must(then.root === head.root, "consistency proof");
	const answer = await fetchText(`proof/consistency?first=${then.size}&second=${head.size}`);
	const { proof } = JSON.parse(answer || "{}");
	must(Array.isArray(proof), "consistency proof");
	return core.checkConsistency(then.size, then.root, head.size, head.root, proof);
}

// Everything about one tracker: null where it is not on the board, else what was checked. `kept`
// is the voter's own receipt, or "". Throws with `check` where something does not hold, with
// `network` where nothing came back.
export async function lookUp(core, election, tracker, kept) {
	const own = kept ? election.checkReceipt(kept, null) : null;
	const text = await fetchText(`tracker/${tracker}`);
	if (text === null)
		return null;
	const receipt = election.checkReceipt(text, null);
	must(receipt.tracker === tracker, "tracker");
	const line = await fetchText(`board?from=${receipt.index}&to=${receipt.index + 1}`) || "";
	must(core.tracker(line) === tracker, "tracker");
	election.checkReceipt(text, line);
	const head = await standsNow(core, election, line, receipt.index);
	election.checkBallot(line);
	if (own) {
		must(own.credential === receipt.credential && own.index === receipt.index, "credential");
		election.checkReceipt(kept, line);
		await hasOnlyGrown(core, election, kept, head);
	}
	return { ...receipt, size: head.size, channel: JSON.parse(line).channel, own: Boolean(own) };
}
