// What the gateway is asked for beside what the person asks: the plan of what stands in the editor (bff-explain: plan),
// and, while the panel is open, a trace of what is run (bff-explain: trace). Knows HTTP, and nothing of how it is drawn.

const HEADER = 'bff-explain';
const OURS = ['plan', 'queryPlan', 'trace'];

let watching = false; // whether the panel is open, for somebody who was not refused plans
let ran = null; // {query, variables, operationName, plan, trace} of the last run that was traced
const listeners = new Set();

export const lastRun = () => ran;

export function onRun(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function watch(on) {
  watching = on;
}

/** The plan of a request: {plan}, or {refused: [sentence, …]}. Rejects when there is no answer that can be read. */
export async function planOf(url, { query, variables, operationName, headers }, signal) {
  const sent = new Headers(headers);
  Object.entries({ 'content-type': 'application/json', accept: 'application/json', [HEADER]: 'plan' }).forEach(each => sent.set(...each));
  const response = await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify({ query, variables, operationName }), signal });
  const { errors = [], extensions } = await response.json();
  if (extensions?.plan) return { plan: extensions.plan };
  return { refused: [...new Set(errors.map(sentence))] };
}

const WHY = {
  UNAUTHENTICATED: () => 'A valid credential is needed. Write it into the headers, below the query: {"Authorization": "Bearer …"} or {"X-API-Key": "…"}.',
  FORBIDDEN: () => 'This client may not see plans: “explain” is off for its tier.',
  QUOTA_EXCEEDED: ({ message, extensions }) => `${message} Plans are free, but each is a request; it works again in ${extensions.retryAfter} s.`,
};

function sentence(error) {
  const { message, locations, extensions } = error;
  const why = WHY[extensions?.code];
  if (why) return why(error);
  return locations?.length ? `Line ${locations[0].line}: ${message}` : message;
}

/** GraphiQL's fetcher, which takes notes while somebody watches. What it shows is what it would show without. */
export function traced(fetcher) {
  return async (params, options) => {
    if (!watching || !traceable(params, options)) return fetcher(params, options);
    const answer = await fetcher(params, { ...options, headers: { ...options?.headers, [HEADER]: 'trace' } });
    const again = () => fetcher(params, options);
    return Symbol.asyncIterator in answer ? parts(answer, params, again) : part(answer, params, again);
  };
}

/** Not where the person asks for an explanation, and not GraphiQL's own question. */
function traceable({ operationName }, options) {
  const typed = Object.keys(options?.headers ?? {}).some(name => name.toLowerCase() === HEADER);
  return !typed && operationName !== 'IntrospectionQuery';
}

async function* parts(answer, params, again) {
  for await (const each of answer) {
    const shown = await part(each, params, again);
    if (Symbol.asyncIterator in shown) yield* shown;
    else yield shown;
  }
}

/** Refused for the header alone, nothing has run, and it is asked again without. */
function part(result, params, again) {
  if (!('data' in result) && result.errors?.[0]?.extensions?.code === 'FORBIDDEN') return again();
  const { extensions, ...rest } = result;
  if (!extensions?.trace) return result;
  ran = { ...params, plan: extensions.plan, trace: extensions.trace };
  listeners.forEach(listener => listener());
  const others = Object.entries(extensions).filter(([name]) => !OURS.includes(name));
  return others.length ? { ...rest, extensions: Object.fromEntries(others) } : rest;
}
