// graphql-sse 2, in its distinct connections mode.
import assert from "node:assert/strict";
import { createClient } from "graphql-sse";
import { arrived, CREATE, run, sha256, unseen, url, USER, WRONG } from "../cases.mjs";
import { ann, BROKEN, COUNT, REFUSED, SILENCE, TICK, USERS } from "./shared.mjs";

const client = (options = {}) => createClient({ url, retryAttempts: 0, ...options });
const all = async (payload, options) => {
  const found = [];
  for await (const each of client(options).iterate(payload)) found.push(each);
  return found;
};

await run({
  async "a subscription to its end"() {
    assert.deepEqual(await all({ query: COUNT }), [1, 2, 3].map((count) => ({ data: { count } })));
  },
  async "variables, and what is below an event"() {
    assert.deepEqual(await all({ query: USERS, variables: { ids: ["1"] } }), [{ data: { user: ann } }]);
  },
  async "a query"() {
    const [{ data }] = await all({ query: USER, variables: { id: "1" } });
    assert.equal(data.user.name, "user 1");
  },
  async "a mutation with an input"() {
    const [{ data }] = await all({ query: CREATE, variables: { input: { name: "new", authorId: "1" } } });
    assert.deepEqual(data.createPost, { __typename: "Post", name: "new" });
  },
  async "a document that was sent once is named from then on"() {
    const query = unseen();
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };
    await all({ query, extensions, variables: { id: "1" } });
    const [{ data }] = await all({ extensions, variables: { id: "2" } });
    assert.equal(data.user.name, "user 2");
  },
  async "an error of the document, in words"() {
    const [{ errors }] = await all({ query: WRONG });
    assert.equal(errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  },
  async "a subscription that is refused"() {
    const [{ errors }] = await all({ query: REFUSED });
    assert.equal(errors[0].extensions.code, "RESOLVER_ERROR");
  },
  async "a source that fails"() {
    const [first, last] = await all({ query: BROKEN });
    assert.deepEqual(first, { data: { broken: 1 } });
    assert.equal(last.errors[0].extensions.code, "UPSTREAM_UNREACHABLE");
  },
  async "401"() {
    const refused = await all({ query: COUNT }, { headers: { "x-api-key": "nobody's" } }).catch((error) => error);
    assert.equal(refused.response.status, 401);
  },
  async "a subscription that is ended by its client"() {
    const silent = client().iterate({ query: SILENCE });
    const waiting = silent.next();
    await arrived();
    await silent.return();
    await waiting;
  },
  async "a stream that ends without a word is opened again"() {
    let times = 0;
    const again = client({ retryAttempts: 3, retry: async () => {}, on: { connected: () => times++ } });
    const ticks = again.iterate({ query: TICK });
    const first = ticks.next();
    await arrived("ticks"); // and pytest stops the gateway, and publishes when it is there again
    assert.deepEqual((await first).value, { data: { tick: 1 } });
    await ticks.return();
    assert.equal(times, 2);
  },
});
