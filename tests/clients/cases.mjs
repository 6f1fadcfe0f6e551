// What every client's file stands on: where the gateway is, what is asked, and how cases are told to pytest.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { createInterface } from "node:readline";

export const [, , url, scarceKey] = process.argv; // the key of a client whose quota is soon spent

export const USER = "query User($id: ID!) { user(id: $id) { id name } }";
export const BOOM = "query Boom { user(id: 1) { name boom } }";
export const WRONG = "query Wrong { nope }";
export const NEVER = "query Never { never }";
export const CREATE = `mutation Create($input: PostInput!) {
  createPost(input: $input) { __typename ... on Post { name } ... on Invalid { detail } }
}`;

/** A query that nobody has sent before. */
export const unseen = () => `query Unseen($id: ID!) { user(id: $id) { id name _${randomUUID().slice(0, 8)}: name } }`;

export const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** What went over the wire since it was last emptied: {method, url, body, status, headers}. */
export const wire = [];

/** The platform's fetch, which notes what it did. */
export async function fetch(input, options = {}) {
  const sent = { method: options.method ?? "GET", url: String(input), body: options.body };
  wire.push(sent);
  const response = await globalThis.fetch(input, options);
  return Object.assign(sent, { status: response.status, headers: response.headers }) && response;
}

/** Ask until the answer is 429, which has to come within `most` times. */
export async function spent(ask, most = 40) {
  for (let times = 0; times < most; times++) {
    const found = await ask();
    if (wire.at(-1).status === 429) return found;
  }
  return assert.fail(`no 429 within ${most} requests`);
}

/** That the last answer says for how long to wait, in whole seconds. */
export function saysWhen() {
  assert.match(wire.at(-1).headers.get("retry-after"), /^[1-9][0-9]*$/);
}

const told = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Until the gateway runs what was asked, which pytest sees and tells. */
export const arrived = (what = true) => say({ waits: what });

/** Hold back, or no longer, what the service of the posts answers. */
export const hold = (held) => say({ hold: held });

/** One line for pytest, which answers with one when it has seen to it. */
async function say(what) {
  console.log(JSON.stringify(what));
  await told.next();
}

/** Runs cases one after the other; each is a sentence and a function, and becomes one line of JSON. */
export async function run(cases) {
  for (const [name, test] of Object.entries(cases)) {
    wire.length = 0;
    const reason = await test().then(() => null, (error) => error.stack);
    await say({ name, reason });
  }
  process.stdin.destroy();
}
