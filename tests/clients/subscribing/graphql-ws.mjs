// graphql-ws 6.
import assert from "node:assert/strict";
import { arrived, BOOM, CREATE, run, scarceKey, sha256, unseen, USER } from "../cases.mjs";
import { ann, COUNT, REFUSED, SILENCE, socket, TICK, USERS } from "./shared.mjs";

const all = async (client, payload) => {
  const found = [];
  for await (const each of client.iterate(payload)) found.push(each);
  return found;
};
const code = (errors) => errors[0].extensions.code;
const refused = (asked) => asked.then(() => assert.fail("not refused"), code);

await run({
  async "a subscription to its end"() {
    assert.deepEqual(await all(socket(), { query: COUNT }), [1, 2, 3].map((count) => ({ data: { count } })));
  },
  async "variables, and what is below an event"() {
    assert.deepEqual(await all(socket(), { query: USERS, variables: { ids: ["1"] } }), [{ data: { user: ann } }]);
  },
  async "a query"() {
    const [{ data }] = await all(socket(), { query: USER, variables: { id: "1" } });
    assert.equal(data.user.name, "user 1");
  },
  async "a mutation with an input"() {
    const [{ data }] = await all(socket(), { query: CREATE, variables: { input: { name: "new", authorId: "1" } } });
    assert.deepEqual(data.createPost, { __typename: "Post", name: "new" });
  },
  async "a document that was sent once is named from then on"() {
    const query = unseen();
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };
    await all(socket(), { query, extensions, variables: { id: "1" } });
    const [{ data }] = await all(socket(), { query: "", extensions, variables: { id: "2" } });
    assert.equal(data.user.name, "user 2");
  },
  async "partial data with an error"() {
    const [{ data, errors }] = await all(socket(), { query: BOOM });
    assert.deepEqual([data.user.boom, code(errors)], [null, "INTERNAL"]);
  },
  async "a subscription that is refused"() {
    assert.equal(await refused(all(socket(), { query: REFUSED })), "RESOLVER_ERROR");
  },
  async "several on one connection, one of which is ended"() {
    const client = socket({ lazy: false });
    const silent = client.iterate({ query: SILENCE });
    const waiting = silent.next();
    await arrived();
    assert.equal((await all(client, { query: COUNT })).length, 3);
    await silent.return();
    await waiting;
    await client.dispose();
  },
  async "a connection that is given up"() {
    const client = socket();
    client.subscribe({ query: SILENCE }, { next() {}, error() {}, complete() {} });
    await arrived();
    client.terminate();
  },
  async "a bad credential ends all"() {
    const client = socket({ connectionParams: { "x-api-key": "nobody's" }, retryAttempts: 5 });
    const closed = await all(client, { query: COUNT }).then(() => assert.fail("not refused"), (event) => event);
    assert.deepEqual([closed.code, closed.reason], [4401, "Unauthorized"]);
  },
  async "a spent quota ends a subscription, and says when to come back"() {
    const client = socket({ connectionParams: { "x-api-key": scarceKey } });
    const errors = [];
    for (let times = 0; !errors.length && times < 40; times++)
      await all(client, { query: COUNT }).catch((found) => errors.push(...found));
    assert.equal(code(errors), "QUOTA_EXCEEDED");
    assert.ok(errors[0].extensions.retryAfter > 0);
  },
  async "pings are answered"() {
    let ponged;
    const heard = new Promise((resolve) => (ponged = resolve));
    const client = socket({ lazy: false, keepAlive: 20, on: { pong: (received) => received && ponged() } });
    await heard;
    await client.dispose();
  },
  async "a client that is told to come again does so"() {
    let times = 0;
    const client = socket({ retryAttempts: 3, retryWait: async () => {}, on: { connected: () => times++ } });
    const ticks = client.iterate({ query: TICK });
    const first = ticks.next();
    await arrived("ticks"); // and pytest closes the connection, and publishes when it is there again
    assert.deepEqual((await first).value, { data: { tick: 1 } });
    assert.equal(times, 2);
    await client.dispose();
  },
});
