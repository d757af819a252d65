// Stands in for the server's native watchdog, which would have to be compiled: ends the extension host when its parent is gone.
'use strict';

const pollMs = 1000;
const exitCode = 87;

exports.start = (pid) => {
  if (!(pid > 1)) return;
  setInterval(() => {
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (error.code === 'ESRCH') process.exit(exitCode);
    }
  }, pollMs).unref();
};

exports.exit = (code) => process.exit(code || 0);
