// The parts of `npm test`, in the order in which they are shown: what each runs and needs.

const minuteMs = 60_000;

/**
 * @typedef {object} TestPart
 * @property {string} name
 * @property {'plain' | 'source'} node Plain: any Node. Source: one that strips types.
 * @property {string[]} script
 * @property {number} limitMs After this long the part is ended and has failed.
 * @property {boolean} [isBeside] It uses one core, and runs beside the parts before it.
 * @property {('tools' | 'packaging' | 'build' | 'browser')[]} needs
 */

/** @type {TestPart[]} */
export const testParts = [
  { name: 'check', node: 'plain', script: ['scripts/check.mjs'], limitMs: 5 * minuteMs, needs: [] },
  {
    name: 'extension',
    node: 'source',
    script: ['scripts/runExtensionTests.mjs'],
    limitMs: 15 * minuteMs,
    needs: ['tools', 'build', 'browser'],
  },
  {
    name: 'unit',
    node: 'source',
    script: ['scripts/runMocha.mjs', 'test/unit', '10000', '1'],
    isBeside: true,
    limitMs: 10 * minuteMs,
    needs: [],
  },
  {
    name: 'integration',
    node: 'source',
    script: ['scripts/runMocha.mjs', 'test/integration', '60000', '3'],
    limitMs: 20 * minuteMs,
    needs: ['tools', 'packaging'],
  },
  {
    name: 'e2e',
    node: 'source',
    script: ['scripts/runMocha.mjs', 'test/e2e', '180000', '3'],
    limitMs: 30 * minuteMs,
    needs: ['tools', 'packaging', 'build', 'browser'],
  },
];
