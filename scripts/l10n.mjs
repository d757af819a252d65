// `npm run l10n`: says which sentences lack a translation, which translations nothing uses, and which do not fit.
// With `-- --write` it first sorts the bundles and leaves out what nothing uses.
import { root } from './lib/paths.mjs';
import { tidyBundles, translationProblems } from './lib/translations.mjs';

if (process.argv.includes('--write')) tidyBundles(root);
const { sentences, problems } = translationProblems(root);
for (const problem of problems) console.log(problem);
console.log(`${sentences} sentences, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
