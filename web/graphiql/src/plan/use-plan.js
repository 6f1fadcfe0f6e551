// What stands in GraphiQL's editors, and the plan of it: asked for once nobody has typed for a moment.
import { tryParseJSONC, useGraphiQL, useHeadersEditorState, useOperationsEditorState, useVariablesEditorState } from '@graphiql/react';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';

import { lastRun, onRun, planOf, watch } from './explain.js';

const PAUSE = 300; // ms

/** The request that the run button would send; or {mistake}, what is wrong with an editor's text. */
function useRequest() {
  const [query] = useOperationsEditorState();
  const [variables] = useVariablesEditorState();
  const [headers] = useHeadersEditorState();
  const operationName = useGraphiQL(state => state.overrideOperationName ?? state.operationName);
  return useMemo(() => {
    try {
      const request = { query, operationName, variables: parsed(variables, 'variables') };
      return { ...request, headers: parsed(headers, 'headers') };
    } catch (mistake) {
      return { mistake: mistake.message };
    }
  }, [query, variables, headers, operationName]);
}

function parsed(text, what) {
  try {
    return tryParseJSONC(text);
  } catch (error) {
    throw new Error(`The ${what} are not JSON: ${error.message}`);
  }
}

/** {plan, problems, waiting, ran}. A plan stays until the next one is there; `ran` is of this very request, or null. */
export function usePlan(url) {
  const request = useRequest();
  const [found, setFound] = useState({ problems: [] });
  const [waiting, setWaiting] = useState(false);
  const ran = useSyncExternalStore(onRun, lastRun);

  useEffect(() => {
    if (request.mistake) return setFound({ problems: [request.mistake] });
    if (!request.query.trim()) return setFound({ problems: [] });
    const leaving = new AbortController();
    const settle = next => {
      if (leaving.signal.aborted) return;
      setFound(next);
      setWaiting(false);
    };
    setWaiting(true);
    const timer = setTimeout(() => {
      planOf(url, request, leaving.signal).then(
        ({ plan, refused }) => settle({ plan, problems: refused ?? [] }),
        () => settle({ problems: ['The gateway gave no answer that can be read.'] }),
      );
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      leaving.abort();
      setWaiting(false);
    };
  }, [url, request]);

  const welcome = found.problems.length === 0; // as far as is known: whoever is faster than the plan is traced too
  useEffect(() => {
    watch(welcome);
    return () => watch(false);
  }, [welcome]);

  return { ...found, waiting, ran: ran && same(ran, request) ? ran : null };
}

const text = value => JSON.stringify(value ?? {});
const same = (ran, request) =>
  ran.query === request.query &&
  (ran.operationName ?? null) === (request.operationName ?? null) &&
  text(ran.variables) === text(request.variables);
