import type { CodegenConfig } from "@graphql-codegen/cli";

export default {
  schema: "../../schema/schema.graphql", // what `bff schema` prints
  documents: "src/**/*.tsx",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: { scalars: { Date: "string", Decimal: "string" }, strictScalars: true, useTypeImports: true },
    },
  },
} satisfies CodegenConfig;
