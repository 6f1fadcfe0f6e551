// urql 6.
import assert from "node:assert/strict";
import { Client, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { arrived, BOOM, CREATE, fetch, NEVER, run, saysWhen, scarceKey, sha256, spent, unseen, url, USER, wire, WRONG } from "./cases.mjs";

function client(options = {}) {
  return new Client({ url, fetch, exchanges: [fetchExchange], ...options });
}

function persisted(options = {}) {
  const hash = (text) => Promise.resolve(sha256(text));
  return client({ exchanges: [persistedExchange({ generateHash: hash, ...options }), fetchExchange] });
}

const code = (error) => error.graphQLErrors[0].extensions.code;

await run({
  async "a query with variables, by GET"() {
    const { data, error } = await client().query(USER, { id: "1" });
    assert.equal(error, undefined);
    assert.deepEqual(data.user, { id: "1", name: "user 1" });
    assert.equal(wire[0].method, "GET");
  },
  async "a query by POST"() {
    const { data } = await client({ preferGetMethod: false }).query(USER, { id: "1" });
    assert.equal(data.user.name, "user 1");
    assert.equal(wire[0].method, "POST");
  },
  async "a query whose URL would be too long, by POST"() {
    const long = USER.replace("id name", "name ...on User { name } ".repeat(100));
    const { data } = await client().query(long, { id: "1" });
    assert.equal(data.user.name, "user 1");
    assert.equal(wire[0].method, "POST");
  },
  async "a mutation with an input"() {
    const { data } = await client().mutation(CREATE, { input: { name: "new", authorId: "1" } });
    assert.deepEqual(data.createPost, { __typename: "Post", name: "new" });
  },
  async "a mutation's typed error"() {
    const { data } = await client().mutation(CREATE, { input: { name: "", authorId: "1" } });
    assert.deepEqual(data.createPost, { __typename: "Invalid", detail: "a name is needed" });
  },
  async "an error of the document"() {
    const { error } = await client().query(WRONG, {});
    assert.equal(error.networkError, undefined);
    assert.equal(code(error), "GRAPHQL_VALIDATION_FAILED");
    assert.equal(wire[0].status, 400);
  },
  async "partial data with an error"() {
    const { data, error } = await client().query(BOOM, {});
    assert.deepEqual(data.user, { name: "user 1", boom: null });
    assert.equal(code(error), "INTERNAL");
    assert.deepEqual(error.graphQLErrors[0].path, ["user", "boom"]);
  },
  async "401 with its code"() {
    const { error } = await client({ fetchOptions: { headers: { "x-api-key": "nobody's" } } }).query(USER, { id: "1" });
    assert.equal(code(error), "UNAUTHENTICATED");
    assert.equal(error.response.status, 401);
  },
  async "429 with its code, and when to come back"() {
    const one = client({ fetchOptions: { headers: { "x-api-key": scarceKey } } });
    const { error } = await spent(() => one.query(USER, { id: "1" }));
    assert.equal(code(error), "QUOTA_EXCEEDED");
    saysWhen();
  },
  async "a document that was sent once is named from then on, by GET"() {
    const [one, query] = [persisted(), unseen()];
    assert.equal((await one.query(query, { id: "1" })).data.user.name, "user 1");
    assert.equal((await one.query(query, { id: "2" })).data.user.name, "user 2");
    assert.deepEqual(wire.map(({ url }) => new URL(url).searchParams.has("query")), [false, true, false]);
  },
  async "a document that was sent once is named from then on, by POST"() {
    const [one, query] = [persisted({ preferGetForPersistedQueries: false }), unseen()];
    await one.query(query, { id: "1" });
    assert.equal((await one.query(query, { id: "2" })).data.user.name, "user 2");
    assert.deepEqual(wire.map(({ method }) => method).at(-1), "POST");
  },
  async "a trusted document by its documentId"() {
    process.env.NODE_ENV = "production"; // while developing, urql wants to see a definition
    const { data } = await client().query({ kind: "Document", definitions: [], documentId: "trusted" }, {});
    assert.deepEqual(data.user.name, "user 1");
    assert.equal(new URL(wire[0].url).searchParams.get("documentId"), "trusted");
  },
  async "a query that nobody waits for any more"() {
    const { unsubscribe } = client().query(NEVER, {}).subscribe(() => assert.fail("answered"));
    await arrived();
    unsubscribe();
  },
});
