// Tells Monaco, the editor, where its workers are: beside this module, wherever that is mounted. Must be imported
// before GraphiQL. BFF_WORKERS (label -> file name) is put in by build.mjs.
globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const file = BFF_WORKERS[label] ?? BFF_WORKERS.editor;
    return new Worker(new URL(file, import.meta.url), { type: 'module', name: label });
  },
};
