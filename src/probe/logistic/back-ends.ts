import type { SoftmaxData, SoftmaxLoss } from '../../engine/softmax-loss.ts';
import type { RuntimeOptions } from '../../engine/wasm/runtime.ts';
import { Float64Loss } from './float64-loss.ts';

/** What a fit may run on beside plain JavaScript. */
export interface FitEnvironment {
  /** `navigator.gpu`, or that of a Dawn binding in Node. */
  readonly gpu?: GPU | undefined;
  /** How to load onnxruntime-web; absent = not there. */
  readonly wasm?: RuntimeOptions | undefined;
}

export type BackEnd = 'float64' | 'wasm' | 'webgpu';

/** From here a GPU pays: features are carried over once, each evaluation is a round trip. */
const GPU_FEATURES = 20_000 * 512;
/** From here (features × outputs) the runtime pays: its sessions cost some 50 ms, an evaluation in JavaScript as much. */
const WASM_PRODUCTS = 1e7;

/** Back ends for a problem of this size, best first; the last one always works. */
export function backEndsFor(
  size: Pick<SoftmaxData, 'cells' | 'dimension' | 'outputs'>,
  there: { readonly webgpu: boolean; readonly wasm: boolean },
): BackEnd[] {
  const features = size.cells * size.dimension;
  const order: BackEnd[] = ['float64'];
  if (there.wasm && features * size.outputs >= WASM_PRODUCTS) order.unshift('wasm');
  if (there.webgpu && features >= GPU_FEATURES) order.unshift('webgpu');
  return order;
}

/** What a back end's arithmetic allows. */
export interface Precision {
  /** Of a value, relative. */
  readonly noise: number;
  /** Largest gradient at convergence, for each unit of weight. */
  readonly tolerance: number;
}

export const PRECISION: Readonly<Record<BackEnd, Precision>> = {
  float64: { noise: 1e-12, tolerance: 1e-7 },
  wasm: { noise: 1e-5, tolerance: 1e-7 },
  webgpu: { noise: 1e-5, tolerance: 1e-7 },
};

/** The loss on a back end; the code of a device is loaded when it is asked for. */
export async function openLoss(
  backEnd: BackEnd,
  data: SoftmaxData,
  environment: FitEnvironment,
  pause: () => Promise<void>,
): Promise<SoftmaxLoss> {
  switch (backEnd) {
    case 'float64':
      return new Float64Loss(data);
    case 'wasm': {
      const { createWasmSoftmaxLoss } = await import('../../engine/wasm/softmax-loss.ts');
      return createWasmSoftmaxLoss(data, environment.wasm ?? {}, pause);
    }
    case 'webgpu': {
      const { createGpuSoftmaxLoss } = await import('../../engine/webgpu/softmax-loss.ts');
      return createGpuSoftmaxLoss(environment.gpu, data, pause);
    }
  }
}
