import { useEffect, useState } from 'react';
import { openModelStore, type StoredModel } from '../../store/model-store.ts';

/** Models in this browser's storage; none where it has no storage. */
export function useStoredModels(): readonly StoredModel[] {
  const [models, setModels] = useState<readonly StoredModel[]>([]);
  useEffect(() => {
    let current = true;
    openModelStore()
      .then((store) => store?.list() ?? [])
      .then((found) => current && setModels(found))
      .catch(() => undefined);
    return () => {
      current = false;
    };
  }, []);
  return models;
}
