// Subscriptions in GraphiQL, by server-sent events (graphql-sse, "distinct connections mode"): the headers that the person
// writes go along, which a browser's WebSocket could not send. Knows no GraphQL but the kind of an operation.
import { getOperationAST } from 'graphql';

/** GraphiQL's fetcher, which streams subscriptions from `url` and leaves all else to `fetcher`. */
export function subscribing(fetcher, url) {
  return (params, options) => (goesOn(params, options) ? events(url, params, options?.headers) : fetcher(params, options));
}

function goesOn({ operationName }, options) {
  return options?.documentAST && getOperationAST(options.documentAST, operationName)?.operation === 'subscription';
}

/** The answers as they come. A generator that waits could not be stopped, so its iterator is not used as it is. */
function events(url, params, headers) {
  const leaving = new AbortController();
  const answers = answersOf(url, params, headers, leaving.signal);
  const stop = async () => {
    leaving.abort();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next: () => answers.next(), return: stop }), next: () => answers.next(), return: stop };
}

async function* answersOf(url, params, headers, signal) {
  const sent = new Headers(headers);
  sent.set('content-type', 'application/json');
  sent.set('accept', 'text/event-stream');
  try {
    const response = await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify(params), signal });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) yield await response.json();
    else yield* framesOf(response.body.pipeThrough(new TextDecoderStream()).getReader());
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* framesOf(reader) {
  for (let text = ''; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = (text + value).split('\n\n');
    text = frames.pop();
    for (const frame of frames) {
      if (frame.startsWith('event: next\ndata: ')) yield JSON.parse(frame.slice('event: next\ndata: '.length));
      if (frame.startsWith('event: complete')) return;
    }
  }
}
