// SPDX-License-Identifier: MIT
import { ask } from "./page.js";

// send - bring a finished ballot to the ballot box, whatever the network does.
//
// The same line is posted until there is an answer: the box gives the same receipt again, so
// nothing counts twice. What is no answer of a ballot box (a lost connection, a hotel's log-in
// page, a proxy's error) is asked again.
const PATIENCE = 20000; /* ms until a request counts as lost */
const TRACKER = /^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/;
const PAUSES = [2, 4, 8, 15, 30]; /* s before each further attempt, the last for ever */

async function readAnswer(response) {
	const text = (await response.text()).replace(/\n$/, "");
	try {
		return { text, said: JSON.parse(text) };
	} catch {
		return { text, said: null };
	}
}

function pauseOf(response, attempt) {
	const asked = Number(response?.headers.get("Retry-After"));
	return asked >= 1 && asked <= 60 ? asked : PAUSES[Math.min(attempt, PAUSES.length) - 1];
}

// One attempt: { kind: "receipt", text }, { kind: "refused", error, status, tracker, text } or
// { kind: "again", pause }.
async function attemptOnce(line, attempt) {
	const stop = new AbortController();
	const timer = setTimeout(() => stop.abort(), PATIENCE);
	let response;
	try {
		response = await ask("ballot", { method: "POST", body: line, signal: stop.signal,
			headers: { "Content-Type": "application/json" } });
		const { text, said } = await readAnswer(response);
		if (response.ok && said)
			return { kind: "receipt", text };
		if (!said || typeof said.error !== "string" || response.status === 429 || response.status >= 500)
			return { kind: "again", pause: pauseOf(response, attempt) };
		const tracker = TRACKER.test(said.tracker) ? String(said.tracker) : "";
		return { kind: "refused", error: said.error, status: response.status, tracker, text };
	} catch {
		return { kind: "again", pause: pauseOf(response, attempt) };
	} finally {
		clearTimeout(timer);
	}
}

// Post until it is answered, or until `stop` (a signal) says that nobody waits any more: null.
// waiting(seconds, attempt) hears of every pause and returns a promise that ends it early;
// trying(attempt) of every attempt.
export async function bring(line, { trying, waiting, stop }) {
	for (let attempt = 1; ; attempt++) {
		trying(attempt);
		const answer = await attemptOnce(line, attempt);
		if (stop.aborted)
			return null;
		if (answer.kind !== "again")
			return answer;
		await waiting(answer.pause, attempt);
		if (stop.aborted)
			return null;
	}
}

async function textAt(path) {
	const response = await ask(path);
	return response.ok ? (await response.text()).replace(/\n$/, "") : "";
}

// The receipt of a credential's ballot as the box tells it, and the line that stands where the
// receipt says: without the line a receipt proves nothing. Both "" where they are not to be had.
export async function receiptOf(credential) {
	try {
		const text = await textAt(`receipt/${credential}`), { index } = JSON.parse(text);
		return { text, line: await textAt(`board?from=${index}&to=${index + 1}`) };
	} catch {
		return { text: "", line: "" };
	}
}
