// Relay 21 with what its compiler made of relay/queries.js, and the network layer that its guide documents.
import assert from "node:assert/strict";
import { join } from "node:path";
import relay from "relay-runtime";
import { arrived, fetch, run, saysWhen, scarceKey, spent, url, wire } from "./cases.mjs";

const { Environment, Network, RecordSource, Store, commitMutation, fetchQuery, getSelector } = relay;

const compiled = (name) => import(join(process.argv[4], "__generated__", `${name}.graphql.js`)).then((found) => found.default);
const [user, friends, boom, never, create] = await Promise.all(
  ["queriesUserQuery", "queriesFriends", "queriesBoomQuery", "queriesNeverQuery", "queriesCreateMutation"].map(compiled),
);

function environment(headers = {}) {
  const post = (asked, variables) =>
    relay.Observable.create((sink) => {
      const leaving = new AbortController();
      const document = asked.id ? { doc_id: asked.id } : { query: asked.text };
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...headers },
        body: JSON.stringify({ ...document, variables }),
        signal: leaving.signal,
      })
        .then((response) => response.json())
        .then((answer) => (sink.next(answer), sink.complete()))
        .catch((error) => sink.error(error));
      return () => leaving.abort();
    });
  return new Environment({ network: Network.create(post), store: new Store(new RecordSource()) });
}

const ask = (one, query, variables = {}) => fetchQuery(one, query, variables).toPromise();
const code = (error) => error.source.errors[0].extensions.code;
const refused = (asked) => asked.then(() => assert.fail("not refused"), code);

const mutate = (input) =>
  new Promise((onCompleted, onError) => {
    commitMutation(environment(), { mutation: create, variables: { input }, onCompleted, onError });
  });

await run({
  async "a query with variables, and a fragment of its own"() {
    const one = environment();
    const data = await ask(one, user, { id: "1" });
    assert.equal(data.user.name, "user 1");
    const read = one.lookup(getSelector(friends, data.user));
    assert.deepEqual(read.data, { friends: [{ name: "user 2" }, { name: "user 3" }] });
  },
  async "a mutation with an input"() {
    assert.deepEqual((await mutate({ name: "new", authorId: "1" })).createPost, { __typename: "Post", name: "new" });
  },
  async "a mutation's typed error"() {
    const { createPost } = await mutate({ name: "", authorId: "1" });
    assert.deepEqual(createPost, { __typename: "Invalid", detail: "a name is needed" });
  },
  async "partial data with an error: Relay gives what there is"() {
    assert.deepEqual(await ask(environment(), boom), { user: { name: "user 1", boom: null } });
  },
  async "401 with its code"() {
    assert.equal(await refused(ask(environment({ "x-api-key": "nobody's" }), user, { id: "1" })), "UNAUTHENTICATED");
    assert.equal(wire[0].status, 401);
  },
  async "429 with its code, and when to come back"() {
    const asking = () => ask(environment({ "x-api-key": scarceKey }), user, { id: "1" }).then(() => "", code);
    assert.equal(await spent(asking), "QUOTA_EXCEEDED");
    saysWhen();
  },
  async "a query that nobody waits for any more"() {
    const { unsubscribe } = fetchQuery(environment(), never, {}).subscribe({});
    await arrived();
    unsubscribe();
  },
});
