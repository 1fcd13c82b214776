// SPDX-License-Identifier: MIT
//
// board - the board page: turnout, one's own ballot, the head, the result, the whole record
// checked in the browser; and a box that lies about any of it.

import { trackerOf } from "./box.mjs";
import { CONGRESS, iso, secrets, vector } from "./manifests.mjs";
import { assert, law, picture, ready, textOf, vote } from "./support.mjs";

// A worked example as a server shows it after the close, or, without its last lines, before.
async function record(t, name, { cut = 0, example = name } = {}) {
	const lines = vector(name, "board.ndjson").trimEnd().split("\n"), kept = lines.slice(1, lines.length - cut);
	const { box, server } = await t.box(lines[0], secrets(example).receiver_seed, kept);
	box.issued = 12;
	box.now = () => 1796335200;
	if (!cut) {
		for (const file of ["head.json", "share-1.json", "share-2.json", "share-3.json", "result.json"]) {
			try {
				box.files[file] = vector(name, file);
			} catch { /* this record has none */ }
		}
	}
	return { box, server };
}

async function open(t, server, rest = "", options = {}) {
	const page = await t.page(options);
	await page.goto(`${server.address}check${rest}`);
	await page.waitForSelector("html.ready", { state: "attached" });
	return page;
}

async function verify(page) {
	await page.click("#verify button.main");
	await page.waitForSelector("#report .note", { timeout: 60000 });
	return textOf(page, "#report");
}

law("a voter follows the receipt's link, and the ballot is found and checked", async (t) => {
	const { server, token, page } = await t.member();
	const tracker = await vote(page, token);
	await page.click("text=Look it up on the public board");
	await page.waitForSelector("#found .note.good");
	const said = await textOf(page, "#found");
	assert.ok(said.includes(tracker));
	for (const words of ["in line 1", "has signed that it is there", "this is its tracker", "2 lines", "worth exactly one vote", "the voting page"])
		assert.ok(said.includes(words), words);
	assert.ok(server.seen.every((r) => r.method === "GET" || r.url === "/ballot"));
});

law("a tracker is understood as people copy it; one that is none is told; one that is unknown too", async (t) => {
	const { box, server } = await record(t, "one-question", { cut: 2 });
	const page = await open(t, server), line = box.lines.findIndex((l) => l.includes('"type":"ballot"')), tracker = trackerOf(box.lines[line]);
	for (const typed of [tracker, tracker.toLowerCase().replace(/-/g, " "), ` ${tracker.replace(/-/g, "").replace(/0/g, "o").replace(/1/g, "I")} `]) {
		await page.fill("#tracker-field", typed);
		await page.click("#look button[type=submit]");
		await page.waitForSelector("#found .note.good");
		await page.fill("#tracker-field", "ABC");
		await page.click("#look button[type=submit]");
		await page.waitForSelector("#look-problem:not(:empty)");
		assert.match(await textOf(page, "#look-problem"), /there are 3/);
	}
	await page.fill("#tracker-field", "00000-00000-00000-00000");
	await page.press("#tracker-field", "Enter");
	await page.waitForSelector("#found .note.bad");
	assert.match(await textOf(page, "#found"), /No ballot with this tracker/);
	await picture(page, "look-no");
});

law("a saved receipt shows that the board has only grown since; a board that was rewritten is caught", async (t) => {
	const { box, server } = await record(t, "one-question", { cut: 2 });
	const index = box.lines.findIndex((l) => l.includes('"type":"ballot"')), whole = [...box.lines];
	box.lines.length = index + 2;
	const receipt = box.receipt(index);
	box.lines = whole;
	const page = await open(t, server);
	await page.fill("#tracker-field", receipt);
	await page.click("#look button[type=submit]");
	await page.waitForSelector("#found .note.good");
	assert.match(await textOf(page, "#found"), /only grown since your receipt/);
	[box.lines[index + 1], box.lines[index + 2]] = [box.lines[index + 2], box.lines[index + 1]];
	await page.click("#look button[type=submit]");
	await page.waitForSelector("#found .note.bad");
	assert.match(await textOf(page, "#found"), /consistency/);
});

for (const [lie, spoil] of [
	["another ballot's line", (box, index) => ["/board", () => box.lines[index + 1]]],
	["a receipt of another ballot", (box, index) => ["/tracker", () => box.receipt(index + 1)]],
	["a head that it did not sign", (box) => ["/head", () => box.head().replace(/"size":\d+/, '"size":9')]],
	["an inclusion proof that fails", (box, index) => ["/proof/inclusion", () => JSON.stringify({ index, size: box.lines.length, proof: box.inclusion(index + 1) })]],
]) {
	law(`a box that answers the look-up with ${lie} is caught`, async (t) => {
		const { box, server } = await record(t, "one-question", { cut: 2 });
		const index = box.lines.findIndex((l) => l.includes('"type":"ballot"')), [route, say] = spoil(box, index);
		const page = await open(t, server);
		server.fault = (request, response) => request.url.startsWith(route) && Boolean(response.end(say()));
		await page.fill("#tracker-field", trackerOf(box.lines[index]));
		await page.click("#look button[type=submit]");
		await page.waitForSelector("#found .note.bad");
		assert.match(await textOf(page, "#found"), /Something is wrong/);
	});
}

law("turnout stands as pictures and as numbers; the head is checked; the board can be downloaded", async (t) => {
	const { box, server } = await record(t, "one-question", { cut: 2 }), page = await open(t, server);
	assert.match(await textOf(page, "#turnout"), /9 of 12 voting codes have been used \(75%\)/);
	assert.equal(await page.locator("svg[role=img][aria-label]").count(), 2);
	await page.click("#turnout summary");
	const rows = await page.$$eval("#turnout tbody tr", (all) => all.map((r) => r.innerText.split("\t").slice(1)));
	assert.deepEqual(rows, [["4", "4"], ["4", "8"], ["1", "9"]]);
	assert.match(await textOf(page, "#head"), /Signature checked on your device/);
	const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Download the board")]);
	const chunks = [];
	for await (const chunk of await download.createReadStream())
		chunks.push(chunk);
	assert.equal(Buffer.concat(chunks).toString(), box.lines.map((l) => l + "\n").join(""));
});

// An election that closed an hour ago, or would have: its mailer has put it off by three.
function putOff(hours) {
	const closes = iso(Date.now() - 3600e3), later = iso(Date.now() + hours * 3600e3);
	return { change: { ...CONGRESS, opens: iso(Date.now() - 9 * 3600e3), closes }, lines: [`{"type":"extended","closes":"${later}","signature":"x"}`], closes, later };
}

law("the closing time that was put off is the one that both pages show, and the vote goes on", async (t) => {
	const { change, lines, closes, later } = putOff(2), { server } = await t.box(change, undefined, lines), page = await t.page();
	const hour = (time) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" }).format(new Date(time));
	for (const path of ["", "check"]) {
		await page.goto(server.address + path);
		await page.waitForSelector("text=The closing time was put off");
		const said = await textOf(page, ".facts");
		assert.ok(said.includes(hour(later)) && said.includes(hour(closes)), said);
		assert.doesNotMatch(await textOf(page), /the vote has closed|closing time has passed/i);
	}
	await page.goto(server.address);
	await page.waitForSelector("text=The closing time was put off");
	await page.click("#language-fr");
	await page.waitForSelector("text=La clôture a été repoussée");
});

law("a box cannot bring the closing time forward, and a page that has no answer tells the manifest's", async (t) => {
	const { box, server } = await t.box(CONGRESS), page = await t.page();
	for (const told of [iso(Date.now() - 60e3), "soon", 7, null, undefined]) {
		server.fault = (request, response) => request.url === "/turnout"
			&& Boolean(response.end(JSON.stringify({ ...box.turnout(), closes: told })));
		for (const path of ["", "check"]) {
			await Promise.all([page.waitForResponse(/turnout/), page.goto(server.address + path)]);
			await ready(page);
			assert.doesNotMatch(await textOf(page), /the vote has closed|closing time has passed|was put off/i);
		}
	}
	server.fault = (request, response) => request.url === "/turnout" && Boolean(response.writeHead(503).end("what?"));
	await Promise.all([page.waitForResponse(/turnout/), page.goto(server.address)]);
	await ready(page);
	assert.match(await textOf(page, ".facts"), /The vote closes/);
});

law("what a member types stays when the closing time comes in", async (t) => {
	const { change, lines } = putOff(2), { box, server } = await t.box(change, undefined, lines), page = await t.page();
	let go = null;
	server.fault = (request, response) => {
		if (request.url !== "/turnout")
			return false;
		go = () => response.end(JSON.stringify(box.turnout()));
		return true;
	};
	await page.goto(server.address);
	await page.waitForSelector("text=the vote has closed");
	await page.locator("#code").pressSequentially("ABCD");
	go();
	await page.waitForSelector("text=The closing time was put off");
	await page.keyboard.type("EF");
	assert.equal(await page.inputValue("#code"), "ABCDEF");
	await page.waitForSelector("text=the vote has closed", { state: "detached" });
});

law("when the closing time has passed and the box is not closed, the board page says so", async (t) => {
	const { change } = putOff(0), { server } = await t.box(change), page = await open(t, server);
	assert.match(await textOf(page, ".state"), /closing time has passed/);
});

law("a head that the receiver did not sign is told at once", async (t) => {
	const { box, server } = await record(t, "one-question", { cut: 2 });
	server.fault = (request, response) => request.url === "/head" && Boolean(response.end(box.head().replace(/"time":\d/, '"time":2')));
	const page = await open(t, server);
	assert.match(await textOf(page, "#head"), /does not hold: .*head signature|does not hold/);
});

for (const [name, words] of [["one-question", /9 ballots, 12 voting codes/], ["three-questions", /8 ballots, 12 voting codes issued, 2 replaced/]]) {
	law(`after the close: counts with their pictures, and everything verified in the browser (${name})`, async (t) => {
		const { server } = await record(t, name), page = await open(t, server);
		assert.match(await textOf(page, "#result"), /As the trustees have published it/);
		const said = await verify(page);
		assert.match(said, /Everything holds/);
		assert.match(said, words);
		assert.match(await textOf(page, "#result"), /Checked on your device, from the first ballot/);
		const counts = JSON.parse(vector(name, "result.json")).counts.flat().map(String);
		const shown = await page.$$eval("#result .votes", (all) => all.map((cell) => cell.textContent));
		assert.deepEqual(shown, counts);
		await picture(page, `board-${name}`);
	});
}

law("the open board is verified as far as it has come", async (t) => {
	const { server } = await record(t, "one-question", { cut: 2 });
	const said = await verify(await open(t, server));
	assert.match(said, /Everything holds.*still open/);
});

for (const [bad, example] of [["cell-proof", "one-question"], ["count-moved", "one-question"], ["ballot-twice", "one-question"], ["share-forged", "one-question"], ["ghost-voter", "one-question"]]) {
	law(`a record with one defect is refused, and the check is named: ${bad}`, async (t) => {
		const { server } = await record(t, `bad/${bad}`, { example }), page = await open(t, server);
		const said = await verify(page);
		assert.match(said, /does not hold/);
		const check = vector(`bad/${bad}`, "check.txt").trim();
		assert.ok(said.includes(check), `“${check}” is missing in: ${said}`);
		assert.ok(!(await textOf(page, "#result").catch(() => "")).includes("Checked on your device"));
		await picture(page, `bad-${bad}`);
	});
}

law("a download of the board that breaks off goes on where it broke", async (t) => {
	const { box, server } = await record(t, "one-question"), from = [];
	server.fault = (request, response) => {
		if (!request.url.startsWith("/board"))
			return false;
		const begin = Number(new URL(request.url, server.address).searchParams.get("from"));
		from.push(begin);
		response.writeHead(200, { "Content-Type": "application/x-ndjson" });
		response.write(box.lines.slice(begin, begin + 6).map((l) => l + "\n").join("") + (box.lines[begin + 6] || "").slice(0, 40));
		setTimeout(() => (begin + 6 >= box.lines.length ? response.end() : response.destroy()), 100);
		return true;
	};
	assert.match(await verify(await open(t, server)), /Everything holds/);
	assert.deepEqual(from, [0, 6, 12]);
});

law("a box that is down is told, and nothing is claimed", async (t) => {
	const { server } = await t.box(CONGRESS), page = await t.page();
	server.fault = (request, response) => request.url !== "/check" && Boolean(response.destroy());
	await page.goto(`${server.address}check`);
	await page.waitForSelector("html.ready", { state: "attached" });
	assert.match(await textOf(page, "#turnout"), /does not answer at present/);
	await page.fill("#tracker-field", "00000-00000-00000-00000");
	await page.press("#tracker-field", "Enter");
	await page.waitForSelector("#found .note");
	assert.match(await textOf(page, "#found"), /does not answer at present/);
});

law("a result that is none, and an address that is none, stop nothing", async (t) => {
	const { box, server } = await record(t, "one-question");
	for (const told of ["", "{", "null", '{"counts":7}', '{"counts":[7]}', '{"counts":[[1]]}', '{"counts":[["a","b","c","d"]]}']) {
		box.files["result.json"] = told;
		const page = await open(t, server, "#%E0%A4%A");
		assert.match(await textOf(page, "#verify"), /Verify everything/);
		assert.equal(await page.locator("#look button[type=submit]").count(), 1);
		await page.close();
	}
});
