import type { CodegenConfig } from "@graphql-codegen/cli";

export default {
  schema: "../../schema/schema.graphql", // what `bff schema` prints
  documents: "src/**/*.tsx",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
      config: { scalars: { Date: "string", Decimal: "string" }, strictScalars: true, useTypeImports: true, documentMode: "string" },
    },
  },
} satisfies CodegenConfig;
