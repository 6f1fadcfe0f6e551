// Apollo Client 4: subscriptions in parts, and over graphql-ws.
import assert from "node:assert/strict";
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, CombinedProtocolErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { arrived, fetch, run, url, wire } from "../cases.mjs";
import { ann, BROKEN, COUNT, REFUSED, SILENCE, socket, USERS } from "./shared.mjs";

const parts = () => new HttpLink({ uri: url, fetch });
const frames = () => new GraphQLWsLink(socket());
const client = (link) => new ApolloClient({ cache: new InMemoryCache(), link });

const all = (link, query, variables) =>
  new Promise((resolve) => {
    const found = [];
    client(link)
      .subscribe({ query: gql(query), variables })
      .subscribe({ next: (each) => found.push(each), error: (error) => resolve({ found, error }), complete: () => resolve({ found }) });
  });

const strip = (value) => JSON.parse(JSON.stringify(value, (name, each) => (name === "__typename" ? undefined : each)));
const cases = {};
for (const [how, link] of Object.entries({ "in parts": parts, "over graphql-ws": frames })) {
  cases[`a subscription to its end, ${how}`] = async () => {
    const { found, error } = await all(link(), COUNT);
    assert.equal(error, undefined);
    assert.deepEqual(found.map(({ data }) => data.count), [1, 2, 3]);
  };
  cases[`variables, and what is below an event, ${how}`] = async () => {
    const { found } = await all(link(), USERS, { ids: ["1"] });
    assert.deepEqual(strip(found.map(({ data }) => data.user)), [ann]);
  };
  cases[`a subscription that is refused, ${how}`] = async () => {
    const { found, error } = await all(link(), REFUSED);
    const failed = error ?? found[0].error;
    assert.ok(CombinedGraphQLErrors.is(failed) || CombinedProtocolErrors.is(failed), String(failed));
    assert.equal(failed.errors[0].extensions.code, "RESOLVER_ERROR");
  };
  cases[`a source that fails, ${how}`] = async () => {
    const { found, error } = await all(link(), BROKEN);
    assert.equal(found[0].data.broken, 1);
    const failed = error ?? found[1].error;
    assert.equal(failed.errors[0].extensions.code, "UPSTREAM_UNREACHABLE");
  };
  cases[`a subscription that is ended by its client, ${how}`] = async () => {
    const subscription = client(link()).subscribe({ query: gql(SILENCE) }).subscribe({});
    await arrived();
    subscription.unsubscribe();
  };
}
cases["parts are asked for by their specification"] = async () => {
  await all(parts(), COUNT);
  assert.match(wire[0].headers.get("content-type"), /^multipart\/mixed;boundary="graphql";subscriptionSpec=1.0$/);
};
cases["queries by HTTP and subscriptions by graphql-ws, split"] = async () => {
  const link = ApolloLink.split(({ operationType }) => operationType === "subscription", frames(), parts());
  const { data } = await client(link).query({ query: gql("{ user(id: 1) { name } }") });
  assert.equal(data.user.name, "user 1");
  assert.equal((await all(link, COUNT)).found.length, 3);
};

await run(cases);
