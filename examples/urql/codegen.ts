import type { CodegenConfig } from "@graphql-codegen/cli";
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";

export default {
  schema: "../../schema/schema.graphql", // what `bff schema` prints
  documents: "src/**/*.tsx",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: "sha256" } },
      documentTransforms: [addTypenameSelectionDocumentTransform], // as urql does to what it sends
      config: { scalars: { Date: "string", Decimal: "string" }, strictScalars: true, useTypeImports: true },
    },
  },
} satisfies CodegenConfig;
