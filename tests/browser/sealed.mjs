// SPDX-License-Identifier: MIT
//
// sealed - the page saved to a file, without any network: it makes a sealed reply.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { trackerOf } from "./box.mjs";
import { CONGRESS, manifest } from "./manifests.mjs";
import { pageOf } from "./server.mjs";
import { BUILD, assert, choose, enterCode, law, linkOf, newToken, picture, ready, textOf, upToCheck } from "./support.mjs";

// A copy of the page in a file of its own, as a friend would send it.
function savedPage(t, change) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), "votepost-page-"));
	t.end.push(async () => fs.rmSync(folder, { recursive: true }));
	const file = path.join(folder, "vote page.html");
	fs.writeFileSync(file, pageOf(BUILD, "vote", manifest(change)).html);
	return pathToFileURL(file).href;
}

// The ballot line inside a block, by the rules of the protocol and nothing else.
function lineIn(block) {
	const lines = block.trim().split("\n");
	assert.equal(lines[0], "-----BEGIN VOTEPOST BALLOT-----");
	assert.equal(lines.at(-1), "-----END VOTEPOST BALLOT-----");
	assert.ok(lines.every((line) => line.length <= 60));
	return Buffer.from(lines.slice(1, -1).join(""), "base64").toString();
}

for (const [locale, words] of [["en-GB", /Paste the sealed ballot below/], ["fr-FR", /Collez le bulletin scellé sous cette ligne/]]) {
	law(`from a file, without a network, the page makes a sealed reply (${locale})`, async (t) => {
		const context = await t.context({ locale, permissions: ["clipboard-read", "clipboard-write"] }), requests = [];
		await context.setOffline(true);
		const page = await t.page({}, context), token = newToken();
		page.on("request", (request) => requests.push(request.url()));
		await page.goto(savedPage(t, CONGRESS));
		await ready(page);
		await page.fill("#code", token);
		await page.click("button[type=submit]");
		await choose(page, "q0-1");
		await page.click("button.main");
		await page.waitForSelector("#block");
		const block = await page.inputValue("#block"), line = lineIn(block);
		assert.equal(JSON.parse(line).channel, "sealed-reply");
		assert.equal(await page.textContent("#tracker"), trackerOf(line));
		await page.click("button.main"); /* copy */
		await page.waitForSelector(".said:not(:empty)");
		assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trim(), block.trim());
		const mail = new URL(await page.getAttribute("a[href^=mailto]", "href"));
		assert.equal(mail.pathname, "vote@example.org");
		assert.ok(mail.href.length <= 1900);
		assert.match(decodeURIComponent(mail.search), words);
		assert.equal(requests.length, 1, "nothing but the file was loaded");
		assert.ok(!(await page.content()).includes(token));
		await picture(page, `sealed-${locale}`);
	});
}

law("a mailto: carries the whole block where it fits, percent-encoded, lines ended by CR LF", async (t) => {
	const small = { ...CONGRESS, questions: [{ ...CONGRESS.questions[0], options: CONGRESS.questions[0].options.slice(0, 2), blank: false }] };
	const page = await t.page(), token = newToken();
	await page.goto(savedPage(t, small));
	await ready(page);
	await page.fill("#code", token);
	await page.click("button[type=submit]");
	await choose(page, "q0-0");
	await page.click("button.main");
	const href = await page.getAttribute("a[href^=mailto]", "href"), block = await page.inputValue("#block");
	if (href.length > 1900 || !href.includes("BEGIN"))
		assert.ok(encodeURIComponent(block.replace(/\n/g, "\r\n")).length > 1500, "it would have fitted");
	else
		assert.ok(decodeURIComponent(href).includes(block.trim().replace(/\n/g, "\r\n")));
	assert.doesNotMatch(href, /[ '"<>]|%0A(?<!%0D%0A)/);
});

law("a saved page with a link's fragment still asks for the last four characters", async (t) => {
	const page = await t.page(), token = newToken(), address = savedPage(t, CONGRESS);
	await page.goto(`${address}#${token.slice(0, -5)}`);
	await ready(page);
	assert.equal(page.url(), address);
	await enterCode(page, token);
});

law("a saved page of a vote without sealed replies says that it cannot send, and asks for nothing", async (t) => {
	const page = await t.page();
	await page.goto(savedPage(t, { ...CONGRESS, channels: ["link"] }));
	await ready(page);
	assert.match(await textOf(page), /not connected to a ballot box/);
	assert.equal(await page.locator("input").count(), 0);
});

law("online, a network that lets no ballot through leaves the sealed reply; its mail says the same", async (t) => {
	const { server, token, page } = await t.member();
	server.fault = (request, response) => request.method === "POST" && Boolean(response.destroy());
	await upToCheck(page, token);
	await page.click("button.main");
	await page.waitForSelector("text=cannot count twice");
	await page.click("details.aside summary");
	await page.click("details.aside button");
	await page.waitForSelector("#block");
	assert.equal(JSON.parse(lineIn(await page.inputValue("#block"))).channel, "sealed-reply");
	/* On a slow machine it has tried a second time by now. */
	const posts = () => server.seen.filter((r) => r.method === "POST").length;
	const before = posts();
	await page.waitForTimeout(2500);
	assert.equal(posts(), before, "the page stops posting");
});

law("the page offers itself as a file, and that file is the page without any code", async (t) => {
	const { server, token, page } = await t.member();
	const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Save this page")]);
	const text = fs.readFileSync(await download.path(), "utf8");
	assert.equal(text, server.pages.vote.html);
	assert.ok(!text.includes(token.slice(0, 9)));
	assert.equal(linkOf(server, token).length, server.address.length + 30);
});
