// graphql-jit on bare node:http, in one process: each document is parsed, validated and compiled once, and kept by its text.

import { createServer } from "node:http";
import { makeExecutableSchema } from "@graphql-tools/schema";
import { parse, validate } from "graphql";
import { compileQuery, isCompiledQuery } from "graphql-jit";
import { loaders, resolvers, typeDefs } from "./schema.mjs";

const schema = makeExecutableSchema({ typeDefs, resolvers });
const MOST = 1000; // documents
const compiled = new Map();

function compile(text) {
  const document = parse(text);
  const errors = validate(schema, document);
  return errors.length ? { errors } : compileQuery(schema, document);
}

function known(text) {
  let found = compiled.get(text);
  if (found === undefined) {
    found = compile(text);
    if (compiled.size >= MOST) compiled.delete(compiled.keys().next().value);
    compiled.set(text, found);
  }
  return found;
}

async function answer(body) {
  const { query, variables } = JSON.parse(body);
  const found = known(query);
  const result = isCompiledQuery(found) ? await found.query(undefined, loaders(), variables ?? {}) : found;
  return JSON.stringify(result);
}

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    let status = 200;
    let text;
    try {
      text = await answer(Buffer.concat(chunks).toString());
    } catch (error) {
      [status, text] = [400, JSON.stringify({ errors: [{ message: String(error) }] })];
    }
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
