// Files, by apollo-upload-client and by urql.
import assert from "node:assert/strict";
import { ApolloClient, CombinedGraphQLErrors, gql, InMemoryCache } from "@apollo/client";
import { Client, fetchExchange } from "@urql/core";
import UploadHttpLink from "apollo-upload-client/UploadHttpLink.mjs";
import { fetch, run, sha256, url, wire } from "./cases.mjs";

const PUT = "mutation Put($id: ID!, $file: Upload!) { put(id: $id, file: $file) { id size sha256 type } }";
const ALBUM = "mutation Album($input: AlbumInput!) { createAlbum(input: $input) { name filename size } }";

const text = "a file\r\n".repeat(20_000);
const file = (name = "notes.txt") => new File([text], name, { type: "text/plain" });
const album = () => ({ title: "one", cover: file("cover.txt"), photos: [file("a.txt"), file("b.txt")] });
const stored = { id: "1", size: text.length, sha256: sha256(text), type: "text/plain" };

function apollo(headers = { "Apollo-Require-Preflight": "true" }) {
  return new ApolloClient({ cache: new InMemoryCache(), link: new UploadHttpLink({ uri: url, fetch, headers }) });
}

function urql(headers = { "graphql-require-preflight": "1" }) {
  return new Client({ url, fetch, exchanges: [fetchExchange], fetchOptions: { headers } });
}

const plain = ({ __typename, ...members }) => members;

await run({
  async "Apollo Client sends a file"() {
    const { data } = await apollo().mutate({ mutation: gql(PUT), variables: { id: "1", file: file() } });
    assert.deepEqual(plain(data.put), stored);
    assert.ok(wire[0].body instanceof FormData);
  },
  async "Apollo Client sends files inside an input"() {
    const { data } = await apollo().mutate({ mutation: gql(ALBUM), variables: { input: album() } });
    assert.deepEqual(data.createAlbum.map(({ filename }) => filename), [null, "cover.txt", "a.txt", "b.txt"]);
  },
  async "Apollo Client is told that a header is missing"() {
    const asked = apollo({}).mutate({ mutation: gql(PUT), variables: { id: "1", file: file() } });
    const error = await asked.then(() => assert.fail("not refused"), (found) => found);
    assert.ok(CombinedGraphQLErrors.is(error), String(error));
    assert.equal(error.errors[0].extensions.code, "CROSS_SITE_REFUSED");
    assert.equal(wire[0].status, 403);
  },
  async "urql sends a file"() {
    const { data, error } = await urql().mutation(PUT, { id: "1", file: file() });
    assert.equal(error, undefined);
    assert.deepEqual(plain(data.put), stored);
    assert.ok(wire[0].body instanceof FormData);
  },
  async "urql sends files inside an input"() {
    const { data } = await urql().mutation(ALBUM, { input: album() });
    assert.deepEqual(data.createAlbum.map(({ size }) => size).slice(1), [text.length, text.length, text.length]);
  },
  async "urql is told that a file is too large"() {
    const large = new File([new Uint8Array(2_000_000)], "large");
    const { error } = await urql().mutation(PUT, { id: "1", file: large });
    assert.equal(error.graphQLErrors[0].extensions.code, "REQUEST_TOO_LARGE");
    assert.equal(wire[0].status, 413);
  },
});
