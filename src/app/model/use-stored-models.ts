import { useEffect, useState } from 'react';
import { type ModelStore, openModelStore } from '../../store/model-store.ts';
import { services } from '../state/services.ts';

type Stored = Awaited<ReturnType<ModelStore['list']>>;

const NONE: Stored = { models: [], setAside: [] };

/** Models in this browser's storage, kept up with other tabs; none where it has no storage. */
export function useStoredModels(): Stored {
  const [stored, setStored] = useState(NONE);
  useEffect(() => {
    let current = true;
    const look = () => {
      openModelStore()
        .then((store) => store?.list() ?? NONE)
        .then((found) => current && setStored(found))
        .catch(() => undefined);
    };
    look();
    const stop = services().onStored(look);
    return () => {
      current = false;
      stop();
    };
  }, []);
  return stored;
}
