// GraphiQL on the page that bff.graphiql renders. What differs from graph to graph arrives in the data attributes of
// #graphiql, so the page needs no inline script. Knows no host: addresses are resolved against the page.
import './workers.js';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { plugins } from './plugins.js';
import { storageFor } from './storage.js';

const root = document.getElementById('graphiql');
const { endpoint, query, headers } = root.dataset;
const url = new URL(endpoint, document.baseURI).href;

createRoot(root).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url })}
    storage={storageFor(url)}
    plugins={plugins}
    defaultQuery={query}
    defaultHeaders={headers}
    shouldPersistHeaders={false}
    inputValueDeprecation
    schemaDescription
  />,
);
