import { credentials, trusted, url } from "../../shared/gateway";
import type { Refusal } from "../../shared/words";
import type { TypedDocumentString } from "./gql/graphql";

/** Nothing ran at all. */
export class Refused extends Error {
  constructor(readonly errors: readonly Refusal[]) {
    super(errors[0]?.message);
  }
}

export interface Answer<Data> {
  readonly data: Data;
  readonly errors?: readonly Refusal[]; // of the fields that are null for them
}

/** The text of a document, or its name. */
export function asked<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables) {
  return { ...(trusted ? { documentId: document.__meta__?.hash } : { query: document.toString() }), variables };
}

export async function execute<Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Answer<Data>> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json", ...credentials() },
    body: JSON.stringify(asked(document, variables)),
    signal: signal ?? null,
  });
  const answer = await response.json();
  if (!answer.data) throw new Refused(answer.errors);
  return answer;
}

export function refusals(answer: Answer<unknown> | null | undefined, error: Error | null): readonly Refusal[] {
  if (error instanceof Refused) return error.errors;
  return error ? [error] : (answer?.errors ?? []);
}
