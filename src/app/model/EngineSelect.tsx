import { Select, Text } from '@mantine/core';
import type { EngineKind } from '../../engine/engine.ts';
import { useApp } from '../state/store.ts';

const NAMES: Record<EngineKind, string> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  reference: 'Reference (float64, slow)',
};

/** How an engine is called on the page. */
export function engineName(kind: EngineKind): string {
  return NAMES[kind];
}

/** Which engine runs and why, with the user's override. */
export function EngineSelect() {
  const engines = useApp((state) => state.engines);
  const wish = useApp((state) => state.engineWish);
  const model = useApp((state) => state.model);
  const status = useApp((state) => state.modelStatus);
  const chooseEngine = useApp((state) => state.chooseEngine);
  if (!engines) return null;
  const running = model?.engine.kind;
  return (
    <div>
      <Select
        label="Engine"
        description={engines.reason}
        inputWrapperOrder={['label', 'input', 'description']}
        data={[
          { value: 'auto', label: `Automatic: ${NAMES[engines.recommended]}` },
          ...engines.options.map((option) => ({
            value: option.kind,
            label: `${NAMES[option.kind]} — ${option.detail}`,
            disabled: !option.available,
          })),
        ]}
        value={wish ?? 'auto'}
        onChange={(value) =>
          void chooseEngine(value === 'auto' || value === null ? null : (value as EngineKind))
        }
        allowDeselect={false}
        disabled={status === 'loading'}
        data-testid="engine-select"
      />
      {wish && running && running !== wish && (
        <Text size="sm" c="orange" data-testid="engine-demoted">
          {NAMES[wish]} is not used: {NAMES[running]} runs instead.
        </Text>
      )}
    </div>
  );
}
