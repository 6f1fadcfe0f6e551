// Apollo Client 4.
import assert from "node:assert/strict";
import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { arrived, BOOM, CREATE, fetch, NEVER, run, saysWhen, scarceKey, sha256, spent, unseen, url, USER, wire, WRONG } from "./cases.mjs";

function client(options = {}) {
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: url, fetch, ...options }),
    clientAwareness: { name: "tests", version: "1" },
    defaultOptions: { query: { fetchPolicy: "no-cache" } },
  });
}

function persisted(options = {}) {
  const link = new PersistedQueryLink({ sha256, ...options }).concat(new HttpLink({ uri: url, fetch }));
  return new ApolloClient({ cache: new InMemoryCache(), link, defaultOptions: { query: { fetchPolicy: "no-cache" } } });
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
  async "a document that was sent once is named from then on"() {
    const [first, second, query] = [persisted(), persisted(), gql(unseen())];
    assert.equal((await first.query({ query, variables: { id: "1" } })).data.user.name, "user 1");
    assert.equal((await second.query({ query, variables: { id: "2" } })).data.user.name, "user 2");
    assert.deepEqual(wire.map(({ body }) => "query" in JSON.parse(body)), [false, true, false]);
    assert.equal(wire[0].status, 400);
  },
  async "a document that is named by GET, and sent by POST where it is not known"() {
    const [one, query] = [persisted({ useGETForHashedQueries: true }), gql(unseen())];
    await one.query({ query, variables: { id: "1" } });
    assert.equal((await one.query({ query, variables: { id: "2" } })).data.user.name, "user 2");
    assert.deepEqual(wire.map(({ method }) => method), ["GET", "POST", "GET"]);
  },
  async "a trusted document by the name that its manifest has for it"() {
    const trusted = gql("query Trusted {\n  user(id: 1) {\n    name\n    __typename\n  }\n}");
    const link = new PersistedQueryLink({ generateHash: () => "trusted" }).concat(new HttpLink({ uri: url, fetch }));
    const { data } = await new ApolloClient({ cache: new InMemoryCache(), link }).query({ query: trusted });
    assert.equal(data.user.name, "user 1");
    assert.equal(wire.length, 1);
  },
  async "queries of one moment in one request, each with its own answer"() {
    const link = new BatchHttpLink({ uri: url, fetch, batchInterval: 5 });
    const one = new ApolloClient({ cache: new InMemoryCache(), link });
    const asked = [USER, BOOM, WRONG].map((query) => one.query({ query: gql(query), variables: { id: "3" }, errorPolicy: "all" }));
    const [user, boom, wrong] = await Promise.all(asked);
    assert.equal(user.data.user.name, "user 3");
    assert.equal(boom.data.user.name, "user 1");
    assert.equal(code(boom.error), "INTERNAL");
    assert.equal(code(wrong.error), "GRAPHQL_VALIDATION_FAILED");
    assert.deepEqual(wire.map(({ status }) => status), [200]);
  },
  async "a batch over the quota, with its code for each of its queries"() {
    const link = new BatchHttpLink({ uri: url, fetch, batchInterval: 5, headers: { "x-api-key": scarceKey } });
    const one = new ApolloClient({ cache: new InMemoryCache(), link });
    const ask = (id) => one.query({ query: gql(USER), variables: { id }, fetchPolicy: "no-cache" }).then(() => "", code);
    const found = await spent(() => Promise.all(["1", "2"].map(ask)));
    assert.deepEqual(found, ["QUOTA_EXCEEDED", "QUOTA_EXCEEDED"]);
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
