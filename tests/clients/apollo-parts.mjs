// Apollo Client 4 with @defer and @stream, by each of its two handlers.
import assert from "node:assert/strict";
import { ApolloClient, gql, HttpLink, InMemoryCache, NetworkStatus } from "@apollo/client";
import { Defer20220824Handler, GraphQL17Alpha9Handler } from "@apollo/client/incremental";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { fetch, hold, run, url, wire } from "./cases.mjs";
import { BOTH, DEFER, FRIENDS, LOST, NESTED, POSTS, SHARED, STREAM } from "./parts.mjs";
import { socket } from "./subscribing/shared.mjs";

const byHttp = () => new HttpLink({ uri: url, fetch });
const opened = [];
const bySocket = (connectionParams) => () => {
  opened.push(socket({ connectionParams }));
  return new GraphQLWsLink(opened.at(-1));
};

const client = (incrementalHandler, link) => new ApolloClient({ cache: new InMemoryCache(), link, incrementalHandler });

/** All results of a query, as who watches it sees them. `first` is called with the first that has data. */
const watched = (one, query, first = () => {}) =>
  new Promise((resolve, reject) => {
    const seen = [];
    const watching = one.watchQuery({ query: gql(query), errorPolicy: "all" });
    const timer = setTimeout(() => reject(new Error(`never complete: ${JSON.stringify(seen)}`)), 10_000);
    const told = watching.subscribe(async (result) => {
      if (!result.data || result.networkStatus === NetworkStatus.loading) return;
      seen.push(result);
      if (seen.length === 1) await first(result.data);
      if (result.networkStatus !== NetworkStatus.ready && result.networkStatus !== NetworkStatus.error) return;
      clearTimeout(timer);
      told.unsubscribe();
      resolve(seen);
    });
  });

const named = (made, name) => Object.fromEntries(Object.entries(made).map(([sentence, test]) => [`${name}: ${sentence}`, test]));

const cases = (handler, link) => ({
  async "a deferred part comes after what is fast"() {
    await hold(true);
    const seen = await watched(client(handler(), link()), DEFER, async ({ user }) => {
      assert.equal(user.name, "user 1");
      assert.equal(user.posts, undefined);
      await hold(false);
    });
    assert.deepEqual(seen.at(-1).data.user.posts.map(({ name }) => name), POSTS);
    if (link === byHttp) assert.match(wire[0].headers.get("content-type"), /^multipart\/mixed/);
  },
  async "a part that adds to what came at once"() {
    const { data } = (await watched(client(handler(), link()), SHARED)).at(-1);
    assert.deepEqual(data.user.friends.map(({ id, name }) => ({ id, name })), FRIENDS);
    assert.equal(data.user.name, "user 1");
  },
  async "a part in a part, in a list"() {
    const { data } = (await watched(client(handler(), link()), NESTED)).at(-1);
    assert.deepEqual(data.users.map((user) => user.friends.map((friend) => friend.posts.length)), [[2, 2], [2, 2]]);
  },
  async "a streamed list"() {
    const { data } = (await watched(client(handler(), link()), STREAM)).at(-1);
    assert.deepEqual(data.posts.map(({ name, author }) => [name, author.name]), [0, 1, 2, 3, 4].map((at) => [`post ${at}`, `user ${at}`]));
  },
  async "a streamed list in a part"() {
    const { data } = (await watched(client(handler(), link()), BOTH)).at(-1);
    assert.deepEqual(data.user.posts.map(({ name }) => name), POSTS);
  },
  async "an error in a part"() {
    const { data, error } = (await watched(client(handler(), link()), LOST)).at(-1);
    assert.equal(data.user.name, "user 1");
    assert.deepEqual(error.errors[0].path, ["user", "boom"]);
  },
});

await run({
  ...named(cases(() => new Defer20220824Handler(), byHttp), "2022"),
  ...named(cases(() => new GraphQL17Alpha9Handler(), byHttp), "v0.2"),
  ...named(cases(() => new Defer20220824Handler(), bySocket({ deferSpec: "20220824" })), "2022 over graphql-ws"),
  ...named(cases(() => new GraphQL17Alpha9Handler(), bySocket({ incrementalSpec: "v0.2" })), "v0.2 over graphql-ws"),
});
for (const each of opened) await each.dispose(); // who leaves while the last word is on its way keeps its connection
