// What people read when something fails. The code decides and never the message: docs/errors.md lists all codes.

export interface Refusal {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

export function words({ message, extensions = {} }: Refusal): string {
  const { code, upstream, retryAfter, traceId } = extensions;
  switch (code) {
    case "FORBIDDEN":
      return "This needs a user: sign in first.";
    case "UNAUTHENTICATED":
      return "Your token is not valid any more: sign in again.";
    case "QUOTA_EXCEEDED":
    case "TOO_MANY_AT_ONCE":
      return `That was too much at once: try again in ${retryAfter} s.`;
    case "BAD_USER_INPUT":
      return message; // the one that is about what was typed
    case "INTERNAL":
      return `Something went wrong. Support finds it by ${traceId}.`;
    default:
      return upstream ? `There is no answer from ${upstream} just now.` : "Something went wrong.";
  }
}
