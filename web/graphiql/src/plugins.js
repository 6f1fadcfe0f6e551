// The panels at the left edge, in their order, below the documentation. A panel is {title, icon, content}; titles differ.
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';

export const plugins = [HISTORY_PLUGIN, explorerPlugin()];
