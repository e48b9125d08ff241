import { resolve } from 'node:path';
import { checkDirections } from './lib/directions.mjs';
import { projectRoot } from './lib/project.mjs';

/**
 * Fails where an import goes against the layers of docs/architecture.md, where modules import each other
 * in a circle, and where it found no module to check. Usage: check-directions.mjs [ROOT]
 */
const { modules, violations } = checkDirections(resolve(process.argv[2] ?? projectRoot));
for (const violation of violations) console.error(violation);
if (modules === 0) console.error('No module was found: nothing was checked.');
console.log(`${modules} modules, ${violations.length} imports against the layers or in a circle`);
if (violations.length > 0 || modules === 0) process.exitCode = 1;
