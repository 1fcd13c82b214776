// SPDX-License-Identifier: MIT
import { ask } from "./page.js";
import { fetchWhole } from "./look.js";

// verify - the whole record, checked in this browser by the code that the scrutineers run: every
// line of the board as it comes, then the head, the shares and the result.
//
// Nothing is believed on the way: what fails is a finding at the end. A connection that breaks is
// taken up again at the line where it broke.
const BREATH = 24; // ms of work before the page may draw

function rest(ms = 0) {
	return new Promise((go) => { setTimeout(go, ms); });
}

// The lines of the board in [from, to) as they come. Throws where the connection breaks.
async function* linesOf(from, to) {
	const response = await ask(`board?from=${from}&to=${to}`);
	if (!response.ok)
		throw new Error("no board");
	const reader = response.body.getReader();
	let held = new Uint8Array(0);
	for (;;) {
		const { done, value } = await reader.read();
		if (done)
			return;
		const bytes = new Uint8Array(held.length + value.length);
		bytes.set(held);
		bytes.set(value, held.length);
		let begin = 0;
		for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
			yield bytes.slice(begin, end);
			begin = end + 1;
		}
		held = bytes.slice(begin);
	}
}

// Feed all lines to the audit: progress(done, of, lost) hears how far it is.
async function feedBoard(audit, size, progress, stop) {
	let done = 0, begun = performance.now();
	while (done < size) {
		const before = done;
		try {
			for await (const line of linesOf(done, size)) {
				audit.line(line);
				done++;
				if (performance.now() - begun > BREATH) {
					progress(done, size, false);
					await rest();
					begun = performance.now();
				}
				if (stop.aborted)
					return false;
			}
		} catch (e) {
			if (e.check)
				throw e;
		}
		if (done === before) {
			progress(done, size, true);
			await rest(2000);
		}
		if (stop.aborted)
			return false;
	}
	progress(done, size, false);
	return true;
}

// The audit's report, or null where `stop` was pressed. Files go in as they stand.
export async function verifyAll(election, progress, stop) {
	const head = await fetchWhole("head") || "", kept = await fetchWhole("record/heads.ndjson");
	const size = election.checkHead(head.replace(/\n$/, "")).size, audit = election.audit();
	audit.head(head.replace(/\n?$/, "\n")); // as the file would stand in a record
	if (kept !== null)
		audit.file("heads.ndjson", kept);
	if (!await feedBoard(audit, size, progress, stop))
		return null;
	for (let j = 1; j <= election.manifest.trustees.members.length; j++) {
		const share = await fetchWhole(`record/share-${j}.json`);
		if (share !== null)
			audit.share(j, share);
		await rest();
	}
	const result = await fetchWhole("record/result.json");
	if (result !== null)
		audit.result(result);
	await rest();
	return audit.end();
}
