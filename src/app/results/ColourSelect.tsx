import { type ComboboxParsedItem, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useMemo, useState } from 'react';
import type { CellResults } from '../../run/results.ts';
import type { GeneName } from '../../run/services.ts';
import { formatPrediction } from '../common/format.ts';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';
import type { ColourBy } from '../state/view.ts';
import { findGenes, geneLabel } from './find-genes.ts';
import { useColourBy } from './use-colouring.ts';

/** Genes offered at once: a list of 25,000 options cannot be scrolled anyway. */
const GENES_SHOWN = 50;
/** A probe of more classes is offered by its answer alone. */
const CLASSES_SHOWN = 12;

/** What the points are coloured by: predictions, saved probes included, their probability, obs columns, genes found by typing. */
export function ColourSelect({ results }: { readonly results: CellResults }) {
  const { predictions } = results;
  const probed = useApp((state) => state.probeResult !== null);
  const obsColumns = useApp((state) => state.summary?.obsColumns);
  const setColourBy = useApp((state) => state.setColourBy);
  const colourBy = useColourBy();
  const [search, setSearch] = useState('');
  const [typed] = useDebouncedValue(search, 150);
  const genes = useGenes();
  const value = colourBy ? encode(colourBy) : null;

  const data = useMemo(() => {
    const predicted = Object.entries(predictions).flatMap(([name, { classes, withheld }]) => [
      { value: encode({ kind: 'prediction', name }), label: `predicted ${formatPrediction(name)}` },
      {
        value: encode({ kind: 'probability', name, label: null }),
        label: `probability of predicted ${formatPrediction(name)}`,
      },
      ...(name === 'disease' || (withheld && classes.length <= CLASSES_SHOWN)
        ? classes.map((label) => ({
            value: encode({ kind: 'probability', name, label }),
            label: `probability of ${label}${withheld ? `, ${formatPrediction(name)}` : ''}`,
          }))
        : []),
    ]);
    const checks = [
      ...(predicted.length ? [{ value: encode({ kind: 'withheld' }), label: 'why withheld' }] : []),
      ...(probed ? [{ value: encode({ kind: 'probe-errors' }), label: 'right and wrong of the probe' }] : []),
    ];
    const needle = typed.trim().toLowerCase();
    const found = findGenes(genes, needle.replace(/^gene /, ''), GENES_SHOWN);
    const chosen = colourBy?.kind === 'gene' ? genes.filter(({ name }) => name === colourBy.name) : [];
    const offered = [...new Set([...chosen, ...found])];
    return [
      ...(predicted.length ? [{ group: 'Predictions — research demonstration', items: predicted }] : []),
      {
        group: 'Recorded',
        items: (obsColumns ?? []).map((name) => ({ value: encode({ kind: 'obs', name }), label: name })),
      },
      ...(checks.length ? [{ group: 'Check', items: checks }] : []),
      ...(offered.length
        ? [
            {
              group: 'Genes',
              items: offered.map(({ name, ensemblIds }) => ({
                value: encode({ kind: 'gene', name }),
                label: geneLabel(name, ensemblIds),
              })),
            },
          ]
        : []),
    ];
  }, [predictions, probed, obsColumns, typed, genes, colourBy]);

  return (
    <Select
      aria-label="Colour by"
      placeholder="Colour by a column, a prediction or a gene (symbol or Ensembl id)…"
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      data={data}
      filter={({ options, search: wanted }) => filterOptions(options, wanted, value)}
      value={value}
      onChange={(chosen) => chosen && setColourBy(decode(chosen))}
      allowDeselect={false}
      maxDropdownHeight={360}
      nothingFoundMessage="No column or gene of that name"
      data-testid="colour-by"
    />
  );
}

function useGenes(): readonly GeneName[] {
  const fileName = useApp((state) => state.preflight);
  const [names, setNames] = useState<readonly GeneName[]>([]);
  useEffect(() => {
    if (!fileName) return;
    let current = true;
    services()
      .dataset.genes()
      .then((found) => current && setNames(found))
      .catch(() => current && setNames([]));
    return () => {
      current = false;
    };
  }, [fileName]);
  return names;
}

type SelectOptions = ComboboxParsedItem[];

/** Any part of a label matches; the untouched label of the choice itself filters nothing. */
function filterOptions(options: SelectOptions, search: string, value: string | null): SelectOptions {
  const needle = search.trim().toLowerCase();
  const chosen = options.flatMap((option) => ('group' in option ? option.items : [option]));
  if (chosen.some((option) => option.value === value && labelOf(option) === needle)) return options;
  return options
    .map((option) =>
      'group' in option
        ? { ...option, items: option.items.filter((item) => labelOf(item).includes(needle)) }
        : option,
    )
    .filter((option) => !('group' in option) || option.items.length > 0);
}

function labelOf(item: { readonly label?: unknown }): string {
  return String(item.label ?? '').toLowerCase();
}

function encode(colourBy: ColourBy): string {
  return JSON.stringify(colourBy);
}

function decode(text: string): ColourBy {
  return JSON.parse(text) as ColourBy;
}
