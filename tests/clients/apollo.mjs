// Apollo Client 4.
import assert from "node:assert/strict";
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { arrived, BOOM, CREATE, fetch, NEVER, run, saysWhen, scarceKey, spent, url, USER, wire, WRONG } from "./cases.mjs";

function client(options = {}) {
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: url, fetch, ...options }),
    clientAwareness: { name: "tests", version: "1" },
    defaultOptions: { query: { fetchPolicy: "no-cache" } },
  });
}

const code = (error) => {
  assert.ok(CombinedGraphQLErrors.is(error), String(error));
  return error.errors[0].extensions.code;
};
const refused = (asked) => asked.then(() => assert.fail("not refused"), code);

await run({
  async "a query with variables"() {
    const { data } = await client().query({ query: gql(USER), variables: { id: "1" } });
    assert.deepEqual(data.user, { __typename: "User", id: "1", name: "user 1" });
  },
  async "a query by GET"() {
    const { data } = await client({ useGETForQueries: true }).query({ query: gql(USER), variables: { id: "1" } });
    assert.equal(data.user.name, "user 1");
    assert.equal(wire[0].method, "GET");
  },
  async "an answer in the cache is not asked for again"() {
    const one = client();
    const asked = { query: gql(USER), variables: { id: "2" }, fetchPolicy: "cache-first" };
    assert.deepEqual((await one.query(asked)).data, (await one.query(asked)).data);
    assert.equal(wire.length, 1);
  },
  async "a mutation with an input"() {
    const input = { name: "new", authorId: "1" };
    const { data } = await client().mutate({ mutation: gql(CREATE), variables: { input } });
    assert.deepEqual(data.createPost, { __typename: "Post", name: "new" });
  },
  async "a mutation's typed error"() {
    const input = { name: "", authorId: "1" };
    const { data } = await client().mutate({ mutation: gql(CREATE), variables: { input } });
    assert.deepEqual(data.createPost, { __typename: "Invalid", detail: "a name is needed" });
  },
  async "an error of the document"() {
    assert.equal(await refused(client().query({ query: gql(WRONG) })), "GRAPHQL_VALIDATION_FAILED");
    assert.equal(wire[0].status, 400);
  },
  async "partial data with an error"() {
    const { data, error } = await client().query({ query: gql(BOOM), errorPolicy: "all" });
    assert.equal(data.user.name, "user 1");
    assert.equal(data.user.boom, null);
    assert.equal(code(error), "INTERNAL");
    assert.deepEqual(error.errors[0].path, ["user", "boom"]);
  },
  async "401 with its code"() {
    const headers = { "x-api-key": "nobody's" };
    assert.equal(await refused(client({ headers }).query({ query: gql(USER), variables: { id: "1" } })), "UNAUTHENTICATED");
    assert.equal(wire[0].status, 401);
  },
  async "429 with its code, and when to come back"() {
    const one = client({ headers: { "x-api-key": scarceKey } });
    const found = await spent(() => one.query({ query: gql(USER), variables: { id: "1" } }).then(() => "", code));
    assert.equal(found, "QUOTA_EXCEEDED");
    saysWhen();
  },
  async "a query that nobody waits for any more"() {
    const leaving = new AbortController();
    const context = { fetchOptions: { signal: leaving.signal } };
    const asked = client().query({ query: gql(NEVER), context });
    await arrived();
    leaving.abort();
    await assert.rejects(asked, { name: "AbortError" });
  },
});
