import { useEffect, useState } from 'react';
import { openModelStore, type StoredModel } from '../../store/model-store.ts';
import { services } from '../state/services.ts';

/** Models in this browser's storage, kept up with other tabs; none where it has no storage. */
export function useStoredModels(): readonly StoredModel[] {
  const [models, setModels] = useState<readonly StoredModel[]>([]);
  useEffect(() => {
    let current = true;
    const look = () => {
      openModelStore()
        .then((store) => store?.list() ?? [])
        .then((found) => current && setModels(found))
        .catch(() => undefined);
    };
    look();
    const stop = services().onStored(look);
    return () => {
      current = false;
      stop();
    };
  }, []);
  return models;
}
