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
            <td>{row.paths.join(', ') || 'not in the plan'}</td>
            <td>{row.most ? `${counted(row.most, 'call')} (${row.form}), ${counted(row.keys, 'key')}` : '–'}</td>
            {trace && <td>{[row.made.length, ...remarksOf(row)].join(', ')}</td>}
            {trace && <td>{row.made.map(call => lasting(call.seconds)).join(', ') || '–'}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What each field costs by itself, the dearest first. */
export function Fields({ fields }) {
  const dearest = Math.max(1, ...fields.map(field => field.points));
  const sorted = [...fields].filter(field => field.points > 0).sort((one, other) => other.points - one.points);
  return (
    <table className="bff-plan-fields">
      <caption>Price by field, at worst</caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Points</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map(field => (
          <tr key={field.path.join('.')}>
            <th scope="row" title={field.coordinate}>{field.path.join('.')}</th>
            <td>
              <span className="share" style={{ width: `${(60 * field.points) / dearest}%` }} aria-hidden="true" />
              {field.points}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
