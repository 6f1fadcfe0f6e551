// Audits the GraphQL endpoint at the URL given: JSON lines of {id, name, status, reason}, as graphql-http finds them.
import { serverAudits } from "graphql-http";

for (const audit of serverAudits({ url: process.argv[2] })) {
  const { status, reason } = await audit.fn();
  console.log(JSON.stringify({ id: audit.id, name: audit.name, status, reason }));
}
