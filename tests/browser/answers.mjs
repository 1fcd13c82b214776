// SPDX-License-Identifier: MIT
//
// answers - what the page makes of everything that a ballot box, a bad network or a lying server
// may answer.

import { trackerOf } from "./box.mjs";
import { CONGRESS } from "./manifests.mjs";
import { assert, cast, law, linkOf, newToken, picture, textOf, upToCheck, vote } from "./support.mjs";

// Answer posts with `answer(response, body, n)`, n counting them from 1.
function onPost(server, answer) {
	let n = 0;
	server.fault = (request, response, body) => {
		if (request.method !== "POST")
			return false;
		answer(response, body, ++n, request);
		return true;
	};
}

function say(response, status, value, headers = {}) {
	response.writeHead(status, { "Content-Type": "application/json", ...headers });
	response.end(typeof value === "string" ? value : JSON.stringify(value));
}

for (const [what, spoil] of [
	["the connection breaks before the ballot is taken", (box, response) => response.destroy()],
	["the ballot is taken and the answer is lost", (box, response, body) => { box.post(body); response.destroy(); }],
	["a hotel's log-in page answers", (box, response) => { response.writeHead(200, { "Content-Type": "text/html" }); response.end("<h1>Welcome</h1>"); }],
	["a proxy in front is out of order", (box, response) => { response.writeHead(502); response.end("Bad gateway"); }],
	["the box asks for patience (503)", (box, response) => say(response, 503, { error: "again" }, { "Retry-After": "1" })],
	["the box asks to slow down (429)", (box, response) => say(response, 429, { error: "slow-down" }, { "Retry-After": "1" })],
]) {
	law(`${what}: the same ballot is sent again by itself, and counts once`, async (t) => {
		const { box, server, token, page } = await t.member(), bodies = [];
		onPost(server, (response, body, n) => {
			bodies.push(body);
			if (n <= 2)
				return spoil(box, response, body);
			const { status, text } = box.post(body);
			return say(response, status, text);
		});
		await upToCheck(page, token);
		await cast(page);
		await page.waitForSelector("text=cannot count twice");
		await page.click("text=Try now").catch(() => {});
		await page.waitForSelector("#tracker", { timeout: 20000 });
		assert.equal(new Set(bodies).size, 1, "the same bytes each time");
		assert.equal(box.lines.length, 2);
		assert.equal(await page.textContent("#tracker"), trackerOf(box.lines[1]));
	});
}

law("no network at all: the page says so, waits, and goes on when it is back", async (t) => {
	const context = await t.context(), { box, server } = await t.box(), token = newToken(), page = await t.page({}, context);
	await page.goto(linkOf(server, token));
	await upToCheck(page, token);
	await context.setOffline(true);
	await cast(page);
	await page.waitForSelector("text=has not answered yet");
	// What is said there is put there a moment later, so that it is heard as new.
	await page.waitForFunction(() => /sent again/.test(document.getElementById("live").textContent));
	assert.ok(await page.locator("text=This network lets no ballot through?").count(), "the sealed reply is offered");
	await picture(page, "waiting");
	await context.setOffline(false);
	await page.click("text=Try now");
	await page.waitForSelector(".card.good #tracker");
	assert.equal(box.lines.length, 2);
});

law("whoever reloads while waiting and votes again is told that the first ballot stands", async (t) => {
	const { box, server, token, page } = await t.member();
	onPost(server, (response, body) => { box.post(body); response.destroy(); });
	await upToCheck(page, token);
	await cast(page);
	await page.waitForSelector("text=cannot count twice");
	server.fault = null;
	page.on("dialog", (dialog) => dialog.accept());
	await page.reload();
	await page.fill("#code", token);
	await page.click("button[type=submit]");
	await page.check("#q0-2");
	await page.click("button[type=submit]");
	await cast(page);
	await page.waitForSelector("text=stands already");
	assert.equal(await page.textContent("#tracker"), trackerOf(box.lines[1]));
	assert.match(await textOf(page), /does stand on the public board, in line 1/);
	assert.match(await textOf(page), /If it was not you/);
});

law("used: the tracker of the ballot that stands is shown only as proven where the box proves it", async (t) => {
	const { box, server } = await t.box(), token = newToken();
	const first = await t.page();
	await first.goto(linkOf(server, token));
	const tracker = await vote(first, token, "q0-0");
	for (const lie of [false, true]) {
		const page = await t.page();
		await page.goto(linkOf(server, token));
		await upToCheck(page, token, "q0-2");
		if (lie) {
			server.fault = (request, response) => {
				if (!request.url.startsWith("/receipt/"))
					return false;
				say(response, 200, box.receipt(1).replace(/"index":1/, `"index":2`));
				return true;
			};
		}
		await cast(page);
		await page.waitForSelector("text=stands already");
		assert.equal(await page.textContent("#tracker"), tracker);
		assert.equal(await page.locator("text=Checked on your device").count(), lie ? 0 : 1);
		assert.equal(await page.locator("text=could not prove this").count(), lie ? 1 : 0);
		await picture(page, `used-${lie ? "unproven" : "proven"}`);
	}
	assert.equal(box.lines.length, 2);
});

law("used: the ballot of somebody else proves nothing about this code", async (t) => {
	const { box, server } = await t.box(), other = newToken(), token = newToken(), page = await t.page();
	const first = await t.page();
	await first.goto(linkOf(server, other));
	await vote(first, other);
	server.fault = (request, response) => {
		if (request.method === "POST")
			say(response, 409, { error: "used", tracker: trackerOf(box.lines[1]) });
		else if (request.url.startsWith("/receipt/"))
			say(response, 200, JSON.stringify({ ...JSON.parse(box.receipt(1)), credential: request.url.split("/")[2] }));
		else
			return false;
		return true;
	};
	await page.goto(linkOf(server, token));
	await upToCheck(page, token, "q0-2");
	await cast(page);
	await page.waitForSelector("text=stands already");
	assert.equal(await page.locator("text=Checked on your device").count(), 0);
	assert.equal(await page.locator("text=could not prove this").count(), 1);
});

for (const [what, status, value, words] of [
	["an error that no word is kept for", 400, `{"error":"__proto__"}`, /does not understand/],
	["an error that every object has", 400, `{"error":"constructor"}`, /does not understand/],
	["a tracker that is none", 409, { error: "used", tracker: ["00000-00000-00000-00000", 1] }, /could not prove this/],
]) {
	law(`${what}: the page does not stop over it`, async (t) => {
		const { server, token, page } = await t.member();
		onPost(server, (response) => say(response, status, value));
		await upToCheck(page, token);
		await cast(page);
		await page.waitForSelector("main.at-send section.card:not(.busy)");
		assert.match(await textOf(page), words);
	});
}

for (const [error, status, words] of [
	["early", 403, /has not opened yet; it opens on .* UTC/], ["late", 403, /The vote has closed/],
	["unknown", 404, /was not issued for this vote/], ["replaced", 410, /no longer valid: it was replaced by a new one, or withdrawn\. Nothing was counted/],
	["channel", 403, /does not take ballots from the page/], ["proof", 400, /load it afresh/], ["format", 400, /load it afresh/],
	["moon", 418, /does not understand \(418 moon\)/],
]) {
	law(`${error}: said in plain words, with what to do`, async (t) => {
		const { server, token, page } = await t.member();
		onPost(server, (response) => say(response, status, { error, text: "x" }));
		await upToCheck(page, token);
		await cast(page);
		await page.waitForSelector("text=Your ballot was not taken");
		assert.match(await textOf(page), words);
		await picture(page, `refused-${error}`);
	});
}

law("replaced: in French too, what happened and what to do", async (t) => {
	const { server, token, page } = await t.member(CONGRESS, { locale: "fr-FR" });
	onPost(server, (response) => say(response, 410, { error: "replaced", text: "x" }));
	await upToCheck(page, token);
	await cast(page);
	await page.waitForSelector(".note.bad");
	assert.match(await textOf(page), /n’est plus valable : il a été remplacé par un nouveau, ou retiré\. Rien n’a été compté/);
	assert.match(await textOf(page), /Cherchez la lettre la plus récente|cherchez la lettre la plus récente/);
});

law("early: the same ballot can be sent again once the vote is open", async (t) => {
	const { box, server, token, page } = await t.member(), bodies = [];
	onPost(server, (response, body) => { bodies.push(body); say(response, 403, { error: "early" }); });
	await upToCheck(page, token);
	await cast(page);
	await page.waitForSelector("text=Your code is still good");
	server.fault = null;
	await page.click("button:has-text('Send it again')");
	await page.waitForSelector(".card.good #tracker");
	assert.equal(box.lines[1], bodies[0]);
});

law("a code of another election is unknown here, and the member can start again with their choice kept", async (t) => {
	const { server, token, page } = await t.member();
	onPost(server, (response) => say(response, 404, { error: "unknown" }));
	await upToCheck(page, token);
	await cast(page);
	await page.click("button:has-text('Start again')");
	server.fault = null;
	const second = newToken();
	await page.fill("#code", second);
	await page.click("button[type=submit]");
	assert.ok(await page.isChecked("#q0-1"));
	await page.click("button[type=submit]");
	await cast(page);
	await page.waitForSelector(".card.good #tracker");
});

const forge = (text, change) => {
	const receipt = JSON.parse(text);
	change(receipt);
	return JSON.stringify(receipt);
};
const flip = (text) => (text[0] === "A" ? "B" : "A") + text.slice(1);
for (const [lie, make, words] of [
	["a bad signature", (box, own) => forge(own, (r) => { r.head.signature = flip(r.head.signature); }), /signature is not that/],
	["the head of a board that it made up", (box, own) => forge(own, (r) => { r.head.root = flip(r.head.root); }), /signature is not that|does not prove/],
	["another voter's receipt", (box) => box.receipt(1), /receipt of another ballot/],
	["another voter's tracker", (box, own) => forge(own, (r) => { r.tracker = trackerOf(box.lines[1]); }), /receipt of another ballot|not prove/],
	["another voter's credential", (box, own) => forge(own, (r) => { r.credential = JSON.parse(box.lines[1]).credential; }), /receipt of another ballot/],
	["a proof that fails", (box, own) => forge(own, (r) => { r.proof = r.proof.map(flip); }), /does not prove/],
	["no proof at all", (box, own) => forge(own, (r) => { r.proof = []; }), /does not prove/],
	["something that is no receipt", () => `{"ok":true}`, /cannot be read as a receipt/],
	["a receipt for a ballot that it never wrote down", null, /does not prove/],
]) {
	law(`a box that answers with ${lie} is caught, and the member is told`, async (t) => {
		const { box, server } = await t.box(), other = newToken(), token = newToken();
		const before = await t.page();
		await before.goto(linkOf(server, other));
		await vote(before, other);
		onPost(server, (response, body) => {
			if (!make) { /* signs the board as it was, and claims a place on it */
				const { credential } = JSON.parse(body);
				return say(response, 201, `{"type":"receipt","tracker":"${trackerOf(body)}","credential":"${credential}","index":1,`
					+ `"head":${box.head()},"proof":["${box.inclusion(1)[0]}"]}`);
			}
			return say(response, 201, make(box, box.post(body).text));
		});
		const page = await t.page();
		await page.goto(linkOf(server, token));
		await upToCheck(page, token);
		await cast(page);
		await page.waitForSelector("text=does not hold");
		assert.match(await textOf(page), words);
		assert.equal(await page.locator("text=was received").count(), 0);
		await picture(page, `lie-${lie.replace(/\W+/g, "-")}`);
		if (lie === "a bad signature") {
			server.fault = null; /* it comes to its senses */
			await page.click("button:has-text('Ask again')");
			await page.waitForSelector(".card.good #tracker");
		}
	});
}

law("a manifest that was tampered with is not voted on", async (t) => {
	const { server, token } = await t.member(), page = await t.page();
	server.pages.vote.zipped = (await import("node:zlib")).gzipSync(server.pages.vote.html.replace(
		/(id="manifest">)[^<]*/, (all, tag) => tag + Buffer.from(server.box.manifest.replace('"min":1', '"min":5')).toString("base64")));
	await page.goto(linkOf(server, token));
	await page.waitForSelector("[role=alert]");
	assert.match(await textOf(page), /Do not vote here/);
	assert.equal(await page.locator("input").count(), 0);
});

law("a page that no receiver has filled in says that it is only a template", async (t) => {
	const { server } = await t.box(CONGRESS), page = await t.page();
	server.pages.vote.zipped = (await import("node:zlib")).gzipSync(server.pages.vote.html.replace(/(id="manifest">)[^<]*/, "$1@MANIFEST@"));
	await page.goto(server.address);
	await page.waitForSelector("[role=alert]");
	assert.match(await textOf(page), /only the template/);
	assert.equal(page.url(), server.address);
});

law("a browser that cannot run the module is told so, in words, and keeps the code", async (t) => {
	const { server } = await t.box(CONGRESS), page = await t.page();
	await page.addInitScript(() => { delete window.WebAssembly; });
	await page.goto(linkOf(server, newToken()));
	await page.waitForSelector("[role=alert]");
	assert.match(await textOf(page), /another browser or another device.*still good/);
	assert.equal(page.url(), server.address);
});

law("while the page waits, the focus stays where it was, or on the title", async (t) => {
	const { server, token, page } = await t.member();
	onPost(server, (response) => response.destroy());
	await upToCheck(page, token);
	await cast(page);
	await page.waitForSelector("text=cannot count twice");
	assert.equal(await page.evaluate(() => document.activeElement.id), "step-title");
	await page.focus(".busy button.main");
	await page.keyboard.press("Enter");
	await page.waitForTimeout(300);
	assert.equal(await page.evaluate(() => document.activeElement.id), "step-title");
});

law("an answer that comes while the member reads in another language is told in that language", async (t) => {
	const { box, server, token, page } = await t.member();
	let held = null;
	onPost(server, (response, body) => { held = () => say(response, 201, box.post(body).text); });
	await upToCheck(page, token);
	await cast(page);
	await page.waitForSelector("text=Sending");
	await page.click("#language-fr");
	while (!held)
		await page.waitForTimeout(50);
	held();
	await page.waitForSelector("text=Votre bulletin a été reçu");
});
