// urql 6 with @defer and @stream.
import assert from "node:assert/strict";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { fetch, hold, run, url, wire } from "./cases.mjs";
import { BOTH, DEFER, FRIENDS, LOST, NESTED, POSTS, SHARED, STREAM } from "./parts.mjs";
import { socket } from "./subscribing/shared.mjs";

const byFetch = () => new Client({ url, fetch, exchanges: [fetchExchange] });
function bySocket() {
  const client = socket();
  const forward = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: client.subscribe({ query, variables }, sink) }),
  });
  return new Client({ url, exchanges: [subscriptionExchange({ forwardSubscription: forward, enableAllOperations: true })] });
}

/** All results of a query. `first` is called with the first. */
const watched = (client, query, first = () => {}) =>
  new Promise((resolve) => {
    const seen = [];
    client().query(query, {}).subscribe(async (result) => {
      seen.push(result);
      if (seen.length === 1) await first(result.data);
      if (!result.hasNext) resolve(seen);
    });
  });

const cases = (client) => ({
  async "a deferred part comes after what is fast"() {
    await hold(true);
    const seen = await watched(client, DEFER, async ({ user }) => {
      assert.deepEqual(user, { id: "1", name: "user 1" });
      await hold(false);
    });
    assert.deepEqual(seen.at(-1).data.user.posts.map(({ name }) => name), POSTS);
    if (client === byFetch) assert.equal(wire[0].method, "GET");
  },
  async "a part that adds to what came at once"() {
    const { data, error } = (await watched(client, SHARED)).at(-1);
    assert.equal(error, undefined);
    assert.deepEqual(data, { user: { id: "1", friends: FRIENDS, name: "user 1" } });
  },
  async "a part in a part, in a list"() {
    const { data } = (await watched(client, NESTED)).at(-1);
    assert.deepEqual(data.users.map((user) => user.friends.map((friend) => friend.posts.length)), [[2, 2], [2, 2]]);
  },
  async "a streamed list"() {
    const { data } = (await watched(client, STREAM)).at(-1);
    assert.deepEqual(data.posts.map(({ name, author }) => [name, author.name]), [0, 1, 2, 3, 4].map((at) => [`post ${at}`, `user ${at}`]));
  },
  async "a streamed list in a part"() {
    const { data } = (await watched(client, BOTH)).at(-1);
    assert.deepEqual(data.user.posts.map(({ name }) => name), POSTS);
  },
  async "an error in a part"() {
    const { data, error } = (await watched(client, LOST)).at(-1);
    assert.deepEqual(data, { user: { id: "1", name: "user 1", boom: null } });
    assert.deepEqual(error.graphQLErrors[0].path, ["user", "boom"]);
  },
});

const overSockets = Object.entries(cases(bySocket)).map(([sentence, test]) => [`over graphql-ws: ${sentence}`, test]);
await run({ ...cases(byFetch), ...Object.fromEntries(overSockets) });
