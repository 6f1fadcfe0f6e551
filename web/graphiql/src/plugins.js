// The panels at the left edge, in their order, below the documentation. A panel is {title, icon, content}; titles differ.
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';

import { planPlugin } from './plan/panel.jsx';

/** For the graph at this URL. */
export const pluginsFor = url => [HISTORY_PLUGIN, explorerPlugin(), planPlugin(url)];
