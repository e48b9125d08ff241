import { describe, expect, it } from 'vitest';
import { type ProbeConfig, parseProbeConfig } from '../../src/probe/config.ts';
import { exampleConfig } from './example-config.ts';

/** The example with something changed, through JSON as a file would be. */
function changed(change: (config: Record<string, unknown>) => void): unknown {
  const copy = JSON.parse(JSON.stringify(exampleConfig));
  change(copy);
  return copy;
}

const codeOf = (json: unknown): unknown => {
  try {
    parseProbeConfig(json);
  } catch (error) {
    const { code, subject } = error as { code: string; subject: string };
    return [code, subject];
  }
  return null;
};

describe('a configuration', () => {
  const splits: ProbeConfig['settings']['split'][] = [
    { kind: 'leave-one-group-out' },
    { kind: 'grouped-k-fold', folds: 5 },
    { kind: 'held-out-groups', groups: ['a', 'b'] },
    { kind: 'held-out-case', trainCases: ['Mild'], testCase: 'Severe', control: 'Healthy' },
    { kind: 'random-cells', folds: 2 },
  ];

  it.each(splits)('reads back what was written: $kind', (split) => {
    const config = { ...exampleConfig, settings: { ...exampleConfig.settings, split } };
    expect(parseProbeConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it('names the field that is wrong, misspelt or missing', () => {
    expect(codeOf(null)).toEqual(['config-invalid', '']);
    expect(codeOf([])).toEqual(['config-invalid', 'schema']);
    const cases: [string, (config: Record<string, never>) => void][] = [
      ['settings.seeed', (config) => Object.assign(config.settings, { seeed: 1 })],
      [
        'settings.split.folds',
        (config) => Object.assign(config.settings, { split: { kind: 'random-cells', folds: 1 } }),
      ],
      ['settings.c', (config) => Object.assign(config.settings, { c: -1 })],
      ['settings.permutations', (config) => Object.assign(config.settings, { permutations: 1e9 })],
      ['settings.seed', (config) => Object.assign(config.settings, { seed: 0.5 })],
      ['cells.kind', (config) => Object.assign(config, { cells: { kind: 'some' } })],
      ['label.table.Healthy', (config) => Object.assign(config.label, { table: { Healthy: 3 } })],
      [
        'quality.greatestMitochondrial',
        (config) => Object.assign(config.quality, { greatestMitochondrial: 2 }),
      ],
      ['model.sha256', (config) => Object.assign(config.model, { sha256: '../../etc' })],
      ['file.name', (config) => Object.assign(config.file, { name: 'x'.repeat(5000) })],
      ['engine', (config) => Object.assign(config, { engine: 'cuda' })],
      ['matrix', (config) => Reflect.deleteProperty(config, 'matrix')],
    ];
    for (const [field, change] of cases) {
      expect(codeOf(changed(change as (config: Record<string, unknown>) => void)), field).toEqual([
        'config-invalid',
        field,
      ]);
    }
  });

  it('says when it is of another version', () => {
    const later = changed((config) => Object.assign(config, { schema: 'teddy-web/probe-config/2' }));
    expect(codeOf(later)).toEqual(['config-version', 'schema']);
  });

  it('refuses lists that are far too long', () => {
    const table = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`v${i}`, null]));
    expect(
      codeOf(changed((config) => Object.assign(config, { label: { column: 'a', table, annotation: null } }))),
    ).toEqual(['config-invalid', 'label.table']);
  });
});
