import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/check-directions.mjs', import.meta.url));

describe('the check of import directions', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'teddy-directions-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function check(files: Readonly<Record<string, string>>): { status: number | null; output: string } {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }

  const config = {
    'src/model/config.ts': 'export type Config = { width: number };\nexport const width = 3;\n',
  };

  it('passes imports that go down', () => {
    const result = check({
      ...config,
      'src/engine/engine.ts': "import { width } from '../model/config.ts';\nexport const two = 2 * width;\n",
    });
    expect(result).toEqual({ status: 0, output: '2 modules, 0 imports against the layers or in a circle\n' });
  });

  it.each([
    ['a static import', "import { width } from '../engine/x.ts';\nexport const a = width;"],
    ['a type', "import type { X } from '../engine/x.ts';\nexport type A = X;"],
    ['a re-export', "export * from '../engine/x.ts';"],
    ['a dynamic import', "export const a = () => import('../engine/x.ts');"],
  ])('fails on a planted import upwards: %s', (_what, source) => {
    const result = check({
      'src/engine/x.ts': 'export type X = 1;\nexport const width = 1;\n',
      'src/model/config.ts': source,
    });
    expect(result.status).toBe(1);
    expect(result.output).toContain('src/model may not import src/engine');
  });

  it('fails on a value where only types may be imported', () => {
    const column = { 'src/data/dataset.ts': 'export type Column = 1;\nexport const column = 1;\n' };
    const types = check({
      ...column,
      'src/export/csv.ts': "import type { Column } from '../data/dataset.ts';\nexport type C = Column;",
    });
    expect(types.status).toBe(0);
    const value = check({
      'src/export/csv.ts': "import { column } from '../data/dataset.ts';\nexport const c = column;",
    });
    expect(value.status).toBe(1);
    expect(value.output).toContain('src/export may import only types of src/data');
  });

  it('fails on a circle within a layer', () => {
    const result = check({
      'src/model/a.ts': "import { b } from './b.ts';\nexport const a = () => b;",
      'src/model/b.ts': "import { a } from './a.ts';\nexport const b = () => a;",
    });
    expect(result.status).toBe(1);
    expect(result.output).toContain('cycle: src/model/a.ts → src/model/b.ts → src/model/a.ts');
  });

  it.each(['react', 'node:fs'])('fails on %s below its home', (name) => {
    const result = check({ 'src/engine/x.ts': `import * as it from '${name}';\nexport const x = it;` });
    expect(result.status).toBe(1);
    expect(result.output).toContain('may import it');
  });

  it('fails when it found nothing to check', () => {
    expect(check({}).status).toBe(1);
  });
});
