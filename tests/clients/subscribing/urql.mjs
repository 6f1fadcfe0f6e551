// urql 6: subscriptions by fetch, and over graphql-ws.
import assert from "node:assert/strict";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { arrived, BOOM, fetch, run, url, USER, wire } from "../cases.mjs";
import { ann, BROKEN, COUNT, REFUSED, SILENCE, socket, USERS } from "./shared.mjs";

const byFetch = () => new Client({ url, fetch, fetchSubscriptions: true, exchanges: [fetchExchange] });
function bySocket() {
  const client = socket();
  const forward = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: client.subscribe({ query, variables }, sink) }),
  });
  return new Client({ url, fetch, exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription: forward })] });
}

/** Everything that a subscription brings, once that has ended: urql says so by the operation's last result. */
const all = (client, query, variables) =>
  new Promise((resolve) => {
    const found = [];
    const { unsubscribe } = client.subscription(query, variables ?? {}).subscribe((result) => {
      found.push(result);
      if (!result.hasNext || result.error) resolve(found), setTimeout(() => unsubscribe());
    });
  });
const values = (found, name) => found.map(({ data }) => data?.[name]).filter((each, at, all) => each !== undefined && each !== all[at - 1]);
const cases = {};

for (const [how, client] of Object.entries({ "by fetch": byFetch, "over graphql-ws": bySocket })) {
  cases[`a subscription to its end, ${how}`] = async () => {
    const found = await all(client(), COUNT);
    assert.deepEqual(found.map(({ error }) => error).filter(Boolean), []);
    assert.deepEqual(values(found, "count"), [1, 2, 3]);
  };
  cases[`variables, and what is below an event, ${how}`] = async () => {
    assert.deepEqual(values(await all(client(), USERS, { ids: ["1"] }), "user")[0], ann);
  };
  cases[`a subscription that is refused, ${how}`] = async () => {
    const [{ error }] = await all(client(), REFUSED);
    assert.equal(error.networkError, undefined);
    assert.equal(error.graphQLErrors[0].extensions.code, "RESOLVER_ERROR");
  };
  cases[`a source that fails, ${how}`] = async () => {
    const found = await all(client(), BROKEN);
    assert.deepEqual(values(found, "broken"), [1]);
    assert.equal(found.at(-1).error.graphQLErrors[0].extensions.code, "UPSTREAM_UNREACHABLE");
  };
  cases[`a subscription that is ended by its client, ${how}`] = async () => {
    const { unsubscribe } = client().subscription(SILENCE, {}).subscribe(() => {});
    await arrived();
    unsubscribe();
  };
}
cases["event streams are what fetch gets, and queries beside them stay JSON"] = async () => {
  const client = byFetch();
  await all(client, COUNT);
  assert.match(wire[0].headers.get("content-type"), /^text\/event-stream/);
  assert.equal((await client.query(USER, { id: "1" })).data.user.name, "user 1");
  assert.equal((await client.query(BOOM, {})).error.graphQLErrors[0].extensions.code, "INTERNAL");
  assert.match(wire[1].headers.get("content-type"), /^application\/graphql-response\+json/);
};

await run(cases);
