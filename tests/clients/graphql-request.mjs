// graphql-request 7, alone and under TanStack Query.
import assert from "node:assert/strict";
import { QueryClient, QueryObserver } from "@tanstack/query-core";
import { ClientError, GraphQLClient } from "graphql-request";
import { arrived, BOOM, CREATE, fetch, NEVER, run, saysWhen, scarceKey, spent, url, USER, wire, WRONG } from "./cases.mjs";

function client(options = {}) {
  return new GraphQLClient(url, { fetch, ...options });
}

const code = (error) => {
  assert.ok(error instanceof ClientError, String(error));
  return error.response.errors[0].extensions.code;
};
const refused = (asked) => asked.then(() => assert.fail("not refused"), code);

await run({
  async "a query with variables"() {
    const data = await client().request(USER, { id: "1" });
    assert.deepEqual(data.user, { id: "1", name: "user 1" });
  },
  async "a query without variables, by GET"() {
    const data = await client({ method: "GET" }).request("{ user(id: 1) { name } }");
    assert.equal(data.user.name, "user 1");
    assert.equal(wire[0].method, "GET");
  },
  async "a mutation with an input"() {
    const data = await client().request(CREATE, { input: { name: "new", authorId: "1" } });
    assert.deepEqual(data.createPost, { __typename: "Post", name: "new" });
  },
  async "a mutation's typed error"() {
    const data = await client().request(CREATE, { input: { name: "", authorId: "1" } });
    assert.deepEqual(data.createPost, { __typename: "Invalid", detail: "a name is needed" });
  },
  async "two queries in one request"() {
    const documents = ["1", "2"].map((id) => ({ document: USER, variables: { id } }));
    const found = await client().batchRequests(documents);
    assert.deepEqual(found.map(({ data }) => data.user.name), ["user 1", "user 2"]);
    assert.equal(wire.length, 1);
  },
  async "an error of the document"() {
    assert.equal(await refused(client().request(WRONG)), "GRAPHQL_VALIDATION_FAILED");
    assert.equal(wire[0].status, 400);
  },
  async "partial data with an error"() {
    const { data, errors } = await client({ errorPolicy: "all" }).rawRequest(BOOM);
    assert.deepEqual(data.user, { name: "user 1", boom: null });
    assert.deepEqual(errors[0].path, ["user", "boom"]);
    assert.equal(errors[0].extensions.code, "INTERNAL");
  },
  async "401 with its code"() {
    assert.equal(await refused(client({ headers: { "x-api-key": "nobody's" } }).request(USER, { id: "1" })), "UNAUTHENTICATED");
    assert.equal(wire[0].status, 401);
  },
  async "429 with its code, and when to come back"() {
    const one = client({ headers: { "x-api-key": scarceKey } });
    assert.equal(await spent(() => one.request(USER, { id: "1" }).then(() => "", code)), "QUOTA_EXCEEDED");
    saysWhen();
  },
  async "a trusted document by the name that its manifest has for it, put in by middleware"() {
    const named = (request) => ({ ...request, body: JSON.stringify({ documentId: "trusted" }) });
    const data = await client({ requestMiddleware: named }).request("query Trusted { user(id: 1) { name __typename } }");
    assert.equal(data.user.name, "user 1");
    assert.deepEqual(wire.map(({ body }) => body), ['{"documentId":"trusted"}']);
  },
  async "a query that nobody waits for any more"() {
    const leaving = new AbortController();
    const asked = client().request({ document: NEVER, signal: leaving.signal });
    await arrived();
    leaving.abort();
    await assert.rejects(asked, { name: "AbortError" });
  },
  async "TanStack Query: a query, kept under its key"() {
    const queries = new QueryClient();
    const asked = { queryKey: ["user", "1"], queryFn: () => client().request(USER, { id: "1" }), staleTime: Infinity };
    assert.deepEqual(await queries.fetchQuery(asked), await queries.fetchQuery(asked));
    assert.equal(wire.length, 1);
  },
  async "TanStack Query: an error is the query's error, with its code"() {
    const asked = { queryKey: ["wrong"], queryFn: () => client().request(WRONG), retry: false };
    assert.equal(await refused(new QueryClient().fetchQuery(asked)), "GRAPHQL_VALIDATION_FAILED");
  },
  async "TanStack Query: a query is aborted when its last observer leaves"() {
    const queries = new QueryClient();
    const queryFn = ({ signal }) => client().request({ document: NEVER, signal });
    const leave = new QueryObserver(queries, { queryKey: ["never"], queryFn, retry: false }).subscribe(() => {});
    await arrived();
    leave();
    queries.clear();
  },
});
