import { useEffect, useMemo } from 'react';
import type { Column } from '../../data/dataset.ts';
import { useApp } from '../state/store.ts';
import { distinctValues } from './column.ts';

/** An obs column, read when first asked for; null while it is not there. */
export function useColumn(name: string | null): Column | null {
  const column = useApp((state) => (name === null ? null : (state.columns[name] ?? null)));
  const read = useApp((state) => state.column);
  const fail = useApp((state) => state.failToOpen);
  useEffect(() => {
    if (name !== null && !column) read(name).catch(fail);
  }, [name, column, read, fail]);
  return column;
}

/** Distinct values of an obs column as text. */
export function useColumnValues(name: string | null): readonly string[] {
  const column = useColumn(name);
  return useMemo(() => (column ? distinctValues(column) : []), [column]);
}
