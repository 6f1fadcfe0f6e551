// The same in tables, for who does not see the picture or wants the numbers.
import { counted, lasting, remarksOf } from './rows.js';

export function Calls({ rows, trace }) {
  return (
    <table>
      <caption>Calls</caption>
      <thead>
        <tr>
          <th scope="col">Call</th>
          <th scope="col">Wave</th>
          <th scope="col">For</th>
          <th scope="col">At most</th>
          {trace && <th scope="col">Made</th>}
          {trace && <th scope="col">Took</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={`${row.upstream} ${row.call}`}>
            <th scope="row">{row.upstream} {row.call}</th>
            <td>{row.waves.join(', ') || '–'}</td>
            <td>{row.paths.length ? <ul>{row.paths.map(path => <li key={path}>{path}</li>)}</ul> : 'not in the plan'}</td>
            <td>{row.most ? `${counted(row.most, 'call')} (${row.form}), ${counted(row.keys, 'key')}` : '–'}</td>
            {trace && <td>{[row.made.length, ...remarksOf(row)].join(', ')}</td>}
            {trace && <td>{row.made.map(call => lasting(call.seconds)).join(', ') || '–'}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const FIRST = 8; // fields that are shown at once

/** What each field costs by itself, the dearest first. */
export function Fields({ fields }) {
  const sorted = fields.filter(field => field.points > 0).sort((one, other) => other.points - one.points);
  if (!sorted.length) return null;
  const [shown, more] = [sorted.slice(0, FIRST), sorted.slice(FIRST)];
  const dearest = Math.max(1, sorted[0].points);
  return (
    <>
      <Prices caption="Price by field, at worst" fields={shown} dearest={dearest} />
      {more.length > 0 && (
        <details>
          <summary>{counted(more.length, 'field')} more</summary>
          <Prices caption="The other fields" fields={more} dearest={dearest} />
        </details>
      )}
    </>
  );
}

function Prices({ caption, fields, dearest }) {
  return (
    <table className="bff-plan-fields">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Points</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(field => (
          <tr key={field.path.join('.')}>
            <th scope="row" title={field.coordinate}><Path of={field.path} /></th>
            <td className="points">
              <span className="share" style={{ width: `${(55 * field.points) / dearest}%` }} aria-hidden="true" />
              {field.points}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Broken at its dots, and what a field is in paler than itself. */
function Path({ of }) {
  return of.map((name, at) =>
    at < of.length - 1 ? <span key={at} className="above">{name}.<wbr /></span> : <span key={at}>{name}</span>,
  );
}
