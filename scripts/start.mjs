// `npm start`: builds the extension and opens it in a real VS Code.
//   npm start -- [folder] [--no-open] [--port N] [--code path] [--web] [--data folder]
// The desktop VS Code is used when there is one; --web asks for the one in the browser all the same.
// Settings, sessions and a sample folder are kept in --data (default: .greenroom-start).

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`This needs Node 20.19 or newer; ${process.execPath} is ${process.versions.node}.`);
  process.exit(1);
}
try {
  const { start } = await import('./lib/startWorkbench.mjs');
  await start(process.argv.slice(2));
} catch (error) {
  if (error?.code === 'ERR_MODULE_NOT_FOUND')
    console.error('Some packages are missing: run `npm ci`, then `npm start` again.');
  else console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
