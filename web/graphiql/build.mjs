// Builds bff/graphiql/static: content-hashed files, and manifest.json, written last, that names them. Files are stored
// as gzip and nothing else, which halves the wheel; bff.graphiql unpacks them for the rare client without gzip.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const outdir = process.argv[2] ?? join(here, '../../bff/graphiql/static');

const COMMON = {
  absWorkingDir: here,
  // The old names are CommonJS, of which import() gives `default` alone here, and then formatting fails.
  alias: { 'prettier/parser-babel': 'prettier/plugins/babel', 'prettier/parser-graphql': 'prettier/plugins/graphql' },
  bundle: true,
  define: { 'process.env.NODE_ENV': '"production"' },
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  format: 'esm',
  jsx: 'automatic',
  legalComments: 'none', // THIRD-PARTY.txt has every licence whole
  logLevel: 'warning',
  metafile: true,
  minify: true,
  outdir,
  splitting: true,
  target: 'es2022',
  write: false,
};

// Monaco's label of a worker -> its module.
const WORKERS = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
};

// Monaco's modules import their CSS one by one; loaded lazily it would never be linked. graphiql/style.css has it all.
const monacoStylesComeWithGraphiql = {
  name: 'monaco-styles-come-with-graphiql',
  setup({ onLoad }) {
    onLoad({ filter: /monaco-editor[\\/]esm[\\/].*\.css$/ }, () => ({ contents: '', loader: 'empty' }));
  },
};

/** The [path, description] of what an entry point became. */
function output({ metafile }, entry) {
  return Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(entry));
}

/** One text with the licence of every package that has code in the bundle. */
async function licences(...results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const folders = new Set(inputs.map(path => path.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
  const parts = await Promise.all([...folders].sort().map(licence));
  return `GraphiQL as built by this project contains the following packages.\n\n${parts.join('\n\n')}\n`;
}

async function licence(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(here, folder, 'package.json'), 'utf8'));
  const file = (await readdir(join(here, folder))).find(entry => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(join(here, folder, file), 'utf8') : 'The package ships no licence text.';
  return `=== ${name} ${version} (${license}) ===\n\n${text.trim()}`;
}

const workers = await build({ ...COMMON, entryPoints: Object.values(WORKERS) });
const workerFiles = Object.entries(WORKERS).map(([label, entry]) => [label, basename(output(workers, entry)[0])]);
const page = await build({
  ...COMMON,
  entryPoints: ['src/index.jsx'],
  define: { ...COMMON.define, BFF_WORKERS: JSON.stringify(Object.fromEntries(workerFiles)) },
  plugins: [monacoStylesComeWithGraphiql],
});

await rm(outdir, { recursive: true, force: true });
await mkdir(outdir, { recursive: true });
const files = new Map([...workers.outputFiles, ...page.outputFiles].map(file => [basename(file.path), file.contents]));
for (const [name, contents] of files) {
  await writeFile(join(outdir, `${name}.gz`), gzipSync(contents, { level: 9 }));
}
await writeFile(join(outdir, 'THIRD-PARTY.txt'), await licences(workers, page));

const manifest = {
  script: basename(output(page, 'src/index.jsx')[0]),
  style: basename(output(page, 'src/index.jsx')[1].cssBundle),
  files: [...files.keys()].sort(),
};
await writeFile(join(outdir, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
