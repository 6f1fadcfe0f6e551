// GraphiQL on the page that bff.graphiql renders. What differs from graph to graph arrives in the data attributes of
// #graphiql, so the page needs no inline script. Knows no host: addresses are resolved against the page.
import './workers.js';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { traced } from './plan/explain.js';
import { pluginsFor } from './plugins.js';
import { storageFor } from './storage.js';
import { subscribing } from './subscribing.js';

const root = document.getElementById('graphiql');
const { endpoint, query, headers } = root.dataset;
const url = new URL(endpoint, document.baseURI).href;

createRoot(root).render(
  <GraphiQL
    fetcher={subscribing(traced(createGraphiQLFetcher({ url })), url)}
    storage={storageFor(url)}
    plugins={pluginsFor(url)}
    defaultQuery={query}
    defaultHeaders={headers}
    shouldPersistHeaders={false}
    inputValueDeprecation
    schemaDescription
  />,
);
