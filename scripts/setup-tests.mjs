import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backportsSource } from './lib/apt-sources.mjs';

/**
 * Installs what the tests need beyond npm packages, and only what is missing. On Debian, as root or with
 * sudo: chromium and firefox-esr (the browsers driven), xvfb (a display for Firefox), libgl1-mesa-dri
 * (WebGL), mesa-vulkan-drivers ≥ 24 from the release's backports (the software Vulkan adapter lavapipe),
 * python3-anndata (opens what is exported). On another distribution it says what to install.
 */
const LEAST_MESA = 24;
const NEEDS = [
  { package: 'chromium', present: () => onPath('chromium') },
  { package: 'firefox-esr', present: () => onPath('firefox-esr') || onPath('firefox') },
  { package: 'xvfb', present: () => onPath('Xvfb') },
  { package: 'libgl1-mesa-dri', present: () => isInstalled('libgl1-mesa-dri') },
  { package: 'python3-anndata', present: () => existsSync('/usr/lib/python3/dist-packages/anndata') },
];

const missing = NEEDS.filter((need) => !need.present()).map((need) => need.package);
const needsMesa = mesaMajor() < LEAST_MESA;
if (missing.length > 0 || needsMesa) install();

function install() {
  const wanted = [...missing, ...(needsMesa ? [`mesa-vulkan-drivers (${LEAST_MESA} or newer)`] : [])];
  console.error(`The tests need what is not installed here: ${wanted.join(', ')}.`);
  const release = osRelease();
  if (release.ID !== 'debian' || !onPath('apt-get')) {
    stop('Install them by the means of this system, Mesa in version 24 or newer, and run again.');
  }
  const suite = `${release.VERSION_CODENAME}-backports`;
  if (needsMesa) addBackports(suite);
  apt(['update']);
  if (missing.length > 0) apt(['install', '-y', '--no-install-recommends', ...missing]);
  if (needsMesa) apt(['install', '-y', '--no-install-recommends', '-t', suite, 'mesa-vulkan-drivers']);
  if (mesaMajor() < LEAST_MESA)
    stop(`${suite} holds no Mesa ${LEAST_MESA}: install it by other means and run again.`);
}

/** @param {string} suite */
function addBackports(suite) {
  const files = aptSourceFiles().map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const source = backportsSource(files, suite);
  if (source === 'present') return;
  if (source === null)
    stop(`No Debian source was found to derive ${suite} from: install Mesa 24 or newer by other means.`);
  const target = `/etc/apt/sources.list.d/teddy-web-${suite}.${source.format}`;
  console.error(`Adding ${target}, derived from ${source.from}`);
  if (process.getuid?.() === 0) writeFileSync(target, source.text);
  else if (
    spawnSync('sudo', ['tee', target], { input: source.text, stdio: ['pipe', 'ignore', 2] }).status !== 0
  ) {
    stop(`Could not write ${target}.`);
  }
}

function aptSourceFiles() {
  const folder = '/etc/apt/sources.list.d';
  const more = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return ['/etc/apt/sources.list', ...more].filter(
    (path) => /\.(list|sources)$/.test(path) && existsSync(path),
  );
}

/** @param {string[]} words */
function apt(words) {
  const root = process.getuid?.() === 0;
  const command = [
    ...(root ? [] : ['sudo']),
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'apt-get',
    '-q',
    ...words,
  ];
  console.error(command.join(' '));
  const { status } = spawnSync(command[0], command.slice(1), { stdio: ['ignore', 2, 2] });
  if (status !== 0) stop(`apt-get ${words[0]} failed: see above.`);
}

/** @param {string} name */
function onPath(name) {
  return (process.env.PATH ?? '')
    .split(':')
    .some((folder) => folder !== '' && existsSync(join(folder, name)));
}

/** @param {string} name @returns {string} the version, or nothing */
function packageVersion(name) {
  const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' });
  const installed = /^Status: install ok installed$/m.test(stdout ?? '');
  return installed ? (/^Version: (.*)$/m.exec(stdout)?.[1] ?? '') : '';
}

/** @param {string} name */
function isInstalled(name) {
  return packageVersion(name) !== '' || !onPath('dpkg');
}

/** Major version of Mesa's Vulkan drivers; outside dpkg's reach it trusts that a driver file is new enough. */
function mesaMajor() {
  if (!onPath('dpkg')) return existsSync('/usr/share/vulkan/icd.d/lvp_icd.x86_64.json') ? LEAST_MESA : 0;
  return Number.parseInt(packageVersion('mesa-vulkan-drivers').replace(/^\d+:/, ''), 10) || 0;
}

/** @returns {Record<string, string>} */
function osRelease() {
  if (!existsSync('/etc/os-release')) return {};
  const lines = readFileSync('/etc/os-release', 'utf8').split('\n');
  return Object.fromEntries(
    lines.filter(Boolean).map((line) => [line.split('=')[0], line.replace(/^[^=]*=/, '').replace(/"/g, '')]),
  );
}

/** @param {string} sentence @returns {never} */
function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
