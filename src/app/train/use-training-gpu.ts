import { useApp } from '../state/store.ts';

/** What trains here: a GPU, a software adapter (slow), or nothing. */
export type TrainingGpu = 'gpu' | 'software' | 'none';

/** Training runs on our WebGPU kernels alone. Null while the page does not know yet what there is. */
export function useTrainingGpu(): TrainingGpu | null {
  return useApp(({ engines }) => {
    if (!engines) return null;
    const webgpu = engines.options.find(({ kind }) => kind === 'webgpu');
    if (!webgpu?.available) return 'none';
    return engines.recommended === 'webgpu' ? 'gpu' : 'software';
  });
}
