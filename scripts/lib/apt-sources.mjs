/**
 * The source entry of a release's backports, derived from the machine's own Debian entry: same address,
 * same key, another suite. Both of apt's formats are read.
 * @param {readonly { path: string, text: string }[]} files of /etc/apt
 * @param {string} suite for example `bookworm-backports`
 * @returns {'present' | { format: 'list' | 'sources', text: string, from: string } | null} null: no entry of
 *   the release itself was found
 */
export function backportsSource(files, suite) {
  const release = suite.replace(/-backports$/, '');
  const entries = files.flatMap(({ path, text }) =>
    (path.endsWith('.sources') ? stanzas(text) : lines(text)).map((entry) => ({ ...entry, from: path })),
  );
  if (entries.some((entry) => entry.suites.includes(suite))) return 'present';
  const own = entries.find((entry) => entry.suites.includes(release));
  return own ? { format: own.format, text: own.withSuite(suite), from: own.from } : null;
}

/**
 * @typedef {{ format: 'list' | 'sources', suites: string[], withSuite: (suite: string) => string }} Entry
 */

/** One-line entries: `deb [options] address suite components`. @param {string} text @returns {Entry[]} */
function lines(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+\S/.exec(line);
    if (!match) return [];
    const [, options = '', address, own] = match;
    return [
      {
        format: /** @type {const} */ ('list'),
        suites: [own],
        withSuite: (suite) => `deb ${options}${address} ${suite} main\n`,
      },
    ];
  });
}

/** deb822 stanzas: `Types:`, `URIs:`, `Suites:` … @param {string} text @returns {Entry[]} */
function stanzas(text) {
  return text.split(/\n\s*\n/).flatMap((block) => {
    const fields = block
      .split('\n')
      .filter((line) => !/^\s*(#|$)/.test(line))
      .join('\n');
    const field = (/** @type {string} */ name) =>
      new RegExp(`^${name}:\\s*(.*)$`, 'im').exec(fields)?.[1].trim() ?? '';
    if (!/\bdeb\b/.test(field('Types')) || /^no$/i.test(field('Enabled'))) return [];
    return [
      {
        format: /** @type {const} */ ('sources'),
        suites: field('Suites').split(/\s+/),
        withSuite: (suite) =>
          `${fields
            .replace(/^Types:.*$/im, 'Types: deb')
            .replace(/^Suites:.*$/im, `Suites: ${suite}`)
            .replace(/^Components:.*$/im, 'Components: main')}\n`,
      },
    ];
  });
}
