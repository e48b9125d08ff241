import { describe, expect, it } from 'vitest';
import { backportsSource } from '../../scripts/lib/apt-sources.mjs';

const suite = 'bookworm-backports';

describe("the backports entry derived from the machine's own sources", () => {
  it('keeps address and options of a one-line entry', () => {
    const text =
      '# deb http://old.example/debian bookworm main\ndeb [arch=amd64 trusted=yes] https://mirror.example/debian bookworm main contrib\n';
    expect(backportsSource([{ path: 'sources.list', text }], suite)).toEqual({
      format: 'list',
      from: 'sources.list',
      text: 'deb [arch=amd64 trusted=yes] https://mirror.example/debian bookworm-backports main\n',
    });
  });

  it('keeps address and key of a deb822 stanza and takes the right one of several', () => {
    const text = [
      'Types: deb\nURIs: https://mirror.example/security\nSuites: bookworm-security\nComponents: main',
      '# a comment\nTypes: deb deb-src\nURIs: https://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main contrib\nSigned-By: /usr/share/keyrings/key.gpg\n',
    ].join('\n\n');
    expect(backportsSource([{ path: 'debian.sources', text }], suite)).toEqual({
      format: 'sources',
      from: 'debian.sources',
      text: 'Types: deb\nURIs: https://mirror.example/debian\nSuites: bookworm-backports\nComponents: main\nSigned-By: /usr/share/keyrings/key.gpg\n',
    });
  });

  it('finds backports that are there, in either format', () => {
    const line = { path: 'a.list', text: 'deb http://mirror.example/debian bookworm-backports main' };
    const stanza = {
      path: 'a.sources',
      text: 'Types: deb\nURIs: http://m.example\nSuites: bookworm bookworm-backports\nComponents: main',
    };
    expect(backportsSource([line], suite)).toBe('present');
    expect(backportsSource([stanza], suite)).toBe('present');
  });

  it('guesses nothing where the release has no entry', () => {
    expect(backportsSource([{ path: 'a.list', text: 'deb http://m.example stable main' }], suite)).toBeNull();
  });

  it('passes over a stanza that is switched off', () => {
    const text = 'Enabled: no\nTypes: deb\nURIs: http://m.example\nSuites: bookworm\nComponents: main';
    expect(backportsSource([{ path: 'a.sources', text }], suite)).toBeNull();
  });
});
