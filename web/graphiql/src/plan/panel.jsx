// The panel “Plan”: what the document in the editor would do and cost, and what it did once it has run.
import './panel.css';

import { Meters } from './meters.jsx';
import { Picture } from './picture.jsx';
import { counted, lasting, rowsOf } from './rows.js';
import { Calls, Fields } from './tables.jsx';
import { usePlan } from './use-plan.js';

/** GraphiQL's plugin for the graph at this URL. */
export function planPlugin(url) {
  return { title: 'Plan', icon: PlanIcon, content: () => <Panel url={url} /> };
}

function PlanIcon() {
  return (
    <svg height="1em" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
      <path d="M3 3v18M6 6h7M9 12h8M14 18h7" />
    </svg>
  );
}

function Panel({ url }) {
  const { plan, problems, waiting, ran } = usePlan(url);
  return (
    <section className="bff-plan" aria-label="Plan" aria-busy={waiting}>
      <h2>Plan</h2>
      {problems.length > 0 && (
        <ul className="problems" role="alert">
          {problems.map(problem => <li key={problem}>{problem}</li>)}
        </ul>
      )}
      {!plan && problems.length === 0 && (
        <p className="quiet">{waiting ? 'Planning…' : 'Write an operation: which calls it makes and what it costs is shown here, before it runs.'}</p>
      )}
      {plan && <Planned plan={plan} ran={ran} />}
    </section>
  );
}

function Planned({ plan, ran }) {
  const trace = ran?.trace;
  const rows = rowsOf(plan, trace);
  const told = [inWords(plan), ...(trace ? [inWordsToo(trace)] : [])].join(' ');
  return (
    <>
      <p role="status">{told}</p>
      <Meters measures={plan.measures} trace={trace} quota={ran?.plan.quota ?? plan.quota} />
      <Warnings plan={plan} />
      {rows.length > 0 && <Picture rows={rows} trace={trace} />}
      <Fields fields={plan.fields} />
      {rows.length > 0 && (
        <details>
          <summary>Calls as a table</summary>
          <div className="bff-plan-calls" role="group" aria-label="Table of calls" tabIndex={0}>
            <Calls rows={rows} trace={trace} />
          </div>
        </details>
      )}
      {!plan.complete && <p className="quiet">There is more of it than is shown here.</p>}
    </>
  );
}

const KINDS = {
  OVER_LIMIT: 'Over a limit',
  OVER_QUOTA: 'Over the budget',
  SCOPES: 'Not open to this client',
  N_PLUS_ONE: 'Many calls for one field',
  UNBOUNDED: 'Without a bound',
  DEPRECATED: 'Deprecated',
};

function Warnings({ plan }) {
  const refused = plan.errors.map(error => error.message);
  if (!refused.length && !plan.warnings.length) return null;
  return (
    <>
      {refused.length > 0 && (
        <ul className="problems" aria-label="Refusals">
          {refused.map(message => <li key={message}><b>It would be refused.</b> {message}</li>)}
        </ul>
      )}
      {plan.warnings.length > 0 && (
        <ul className="warnings" aria-label="Warnings">
          {plan.warnings.map(({ kind, message }) => <li key={kind + message}><b>{KINDS[kind] ?? kind}</b> {message}</li>)}
        </ul>
      )}
    </>
  );
}

function inWords({ operation, measures, fetches }) {
  const calls = measures.upstreamCalls.value;
  const waves = new Set(fetches.map(fetch => fetch.wave)).size;
  const what = operation.name ? `The ${operation.kind} ${operation.name}` : `This ${operation.kind}`;
  const each = operation.kind === 'subscription' ? ' for each event' : '';
  if (!calls) return `${what} calls no service${each}.`;
  return `${what} makes at most ${counted(calls, 'call')} in ${counted(waves, 'wave')}${each}.`;
}

function inWordsToo({ upstreamCalls, seconds, points, shared }) {
  const work = shared ? ' It shared the work of an equal operation.' : '';
  const time = seconds < 0.001 ? 'less than 1 ms' : lasting(seconds);
  return `It ran in ${time}, with ${counted(upstreamCalls, 'call')} and ${counted(points, 'point')}.${work}`;
}
