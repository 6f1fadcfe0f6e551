// The panel “Plan”: what the document in the editor would do and cost, and what it did once it has run.
import './panel.css';

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
      {!plan && problems.length === 0 && <p>{waiting ? 'Planning…' : 'Write an operation, and its plan is here.'}</p>}
      {plan && <Planned plan={plan} ran={ran} />}
    </section>
  );
}

function Planned({ plan, ran }) {
  const trace = ran?.trace;
  const rows = rowsOf(plan, trace);
  const told = [inWords(plan), ...(trace ? [inWordsToo(trace)] : [])].join(' ');
  const { price } = plan.measures;
  const quota = ran?.plan.quota ?? plan.quota;
  return (
    <>
      <p role="status">{told}</p>
      <Measured label="Price at worst" spent value={price.value} most={price.most} words={`${price.value} of ${price.most} points`} />
      {trace && <Measured label="Price really" spent value={trace.points} most={price.most} words={`${trace.points} of ${price.most} points`} />}
      {quota && <Measured label="Budget left" value={quota.remaining} most={quota.limit} words={`${quota.remaining} points`} />}
      <Warnings plan={plan} />
      {rows.length > 0 && (
        <div className="scroll" role="group" aria-label="Picture of the plan" tabIndex={0}>
          <Picture rows={rows} trace={trace} told={told} />
        </div>
      )}
      {plan.fields.length > 0 && <Fields fields={plan.fields} />}
      {rows.length > 0 && (
        <details>
          <summary>Calls as a table</summary>
          <Calls rows={rows} trace={trace} />
        </details>
      )}
      {!plan.complete && <p>There is more of it than is shown here.</p>}
    </>
  );
}

/** `spent`: less is better, and more than there may be is shown in red. */
function Measured({ label, value, most, words, spent = false }) {
  const full = spent ? { optimum: 0, low: most, high: most, max: most * 1.001 } : { max: most };
  return (
    <label className="measured">
      <span>{label}</span>
      <meter value={Math.min(value, full.max)} {...full} />
      <span>{words}</span>
    </label>
  );
}

function Warnings({ plan }) {
  const refused = plan.errors.map(error => error.message);
  if (!refused.length && !plan.warnings.length) return null;
  return (
    <ul className="warnings" aria-label="Warnings">
      {refused.map(message => <li className="refused" key={message}>It would be refused: {message}</li>)}
      {plan.warnings.map(({ kind, message }) => <li key={kind + message}>{message}</li>)}
    </ul>
  );
}

function inWords({ operation, measures, fetches }) {
  const calls = measures.upstreamCalls.value;
  const waves = new Set(fetches.map(fetch => fetch.wave)).size;
  const what = operation.name ? `${operation.kind} ${operation.name}` : `This ${operation.kind}`;
  if (!calls) return `${what} calls no service.`;
  return `${what} makes at most ${counted(calls, 'call')} in ${counted(waves, 'wave')}.`;
}

function inWordsToo({ upstreamCalls, seconds, points, shared }) {
  const work = shared ? ' It shared the work of an equal operation.' : '';
  return `It ran in ${lasting(seconds)}, with ${counted(upstreamCalls, 'call')} and ${counted(points, 'point')}.${work}`;
}
