// For the compiler, and for what turns graphql`…` into imports of what the compiler made.
const { existsSync, mkdirSync, writeFileSync } = require("node:fs");

const trusted = process.env.VITE_TRUSTED === "1";
const made = "./src/__generated__";
const manifest = "./persisted-documents.json";

mkdirSync(made, { recursive: true }); // the compiler wants to find both, and adds to the manifest
if (trusted && !existsSync(manifest)) writeFileSync(manifest, "{}");

module.exports = {
  src: "./src",
  schema: "../../schema/schema.graphql", // what `bff schema` prints
  language: "typescript",
  artifactDirectory: made,
  eagerEsModules: true,
  customScalarTypes: { Date: "string", Decimal: "string" },
  ...(trusted && { persistConfig: { file: manifest, algorithm: "SHA256" } }),
};
