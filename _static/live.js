// JupyterLite keeps what a reader changes in the browser. The chapter's page can discard it.
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inChangedFiles(address, mode, action) {
  const name = `JupyterLite Storage - ${new URL("..", address).pathname}`;
  if (!(await indexedDB.databases()).some((database) => database.name === name)) return;
  const database = await done(indexedDB.open(name));
  try {
    if (!database.objectStoreNames.contains("files")) return;
    const transaction = database.transaction("files", mode);
    const committed = new Promise((resolve) => (transaction.oncomplete = resolve));
    const files = transaction.objectStore("files");
    const result = await done(action(files, address.searchParams.get("path")));
    await committed;
    return result;
  } finally {
    database.close();
  }
}

async function offerToDiscard() {
  const run = document.querySelector(".live > .live-run");
  if (!run) return;
  run.hidden = location.protocol === "file:"; // JupyterLite needs a server
  if (run.hidden) return;
  const button = document.querySelector(".live > button");
  const address = new URL(run.href);
  button.hidden = !(await inChangedFiles(address, "readonly", (files, name) => files.getKey(name)));
  button.onclick = async () => {
    await inChangedFiles(address, "readwrite", (files, name) => files.delete(name));
    button.hidden = true;
    run.focus();
  };
}
addEventListener("pageshow", offerToDiscard);
