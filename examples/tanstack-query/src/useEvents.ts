import { createClient } from "graphql-sse";
import { useEffect, useState } from "react";
import { credentials, url } from "../../shared/gateway";
import { type Answer, asked } from "./execute";
import type { TypedDocumentString } from "./gql/graphql";

const events = createClient({ url, headers: credentials });

/** The newest event of a subscription. Of server-sent events, TanStack Query knows nothing. */
export function useEvents<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables) {
  const [answer, setAnswer] = useState<Answer<Data> | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const body = JSON.stringify(asked(document, variables));
  useEffect(() => {
    const next = (event: unknown) => setAnswer(event as Answer<Data>);
    return events.subscribe(JSON.parse(body), { next, error: (found) => setError(found as Error), complete: () => {} });
  }, [body]);
  return { answer, error };
}
