import { Select, Switch, Text } from '@mantine/core';
import type { EngineKind, EnginePrecision } from '../../engine/engine.ts';
import { useApp } from '../state/store.ts';
import { engineName } from './engine-name.ts';

interface NarrowNumbers {
  readonly precision: EnginePrecision;
  readonly label: string;
  readonly description: string;
  readonly testId: string;
}

/** The numbers narrower than 32 bits that an engine has. */
const NARROW: Readonly<Partial<Record<EngineKind, NarrowNumbers>>> = {
  webgpu: {
    precision: 'f16',
    label: '16-bit numbers',
    description: 'Half the memory, and faster on some GPUs; embeddings differ by up to a hundredth.',
    testId: 'half-precision',
  },
  wasm: {
    precision: 'int8',
    label: '8-bit integers',
    description: 'A little faster on short cells; embeddings differ by up to a few hundredths.',
    testId: 'eight-bit',
  },
};

/** Which engine runs and why, with the user's override. */
export function EngineSelect() {
  const engines = useApp((state) => state.engines);
  const wish = useApp((state) => state.engineWish);
  const model = useApp((state) => state.model);
  const status = useApp((state) => state.modelStatus);
  const chooseEngine = useApp((state) => state.chooseEngine);
  const precision = useApp((state) => state.precision);
  const choosePrecision = useApp((state) => state.choosePrecision);
  if (!engines) return null;
  const running = model?.engine.kind;
  const narrow = running && NARROW[running];
  return (
    <div>
      <Select
        label="Engine"
        description={engines.reason}
        inputWrapperOrder={['label', 'input', 'description']}
        data={[
          { value: 'auto', label: `Automatic: ${engineName(engines.recommended)}` },
          ...engines.options.map((option) => ({
            value: option.kind,
            label: `${engineName(option.kind)} — ${option.detail}`,
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
      {narrow && (
        <Switch
          mt="xs"
          label={narrow.label}
          description={narrow.description}
          checked={precision === narrow.precision}
          onChange={(event) => void choosePrecision(event.currentTarget.checked ? narrow.precision : 'f32')}
          disabled={status === 'loading'}
          data-testid={narrow.testId}
        />
      )}
      {!globalThis.crossOriginIsolated && (
        <Text size="sm" c="dimmed" data-testid="one-thread">
          One WebAssembly thread: this host sends no isolation headers (COOP, COEP).
        </Text>
      )}
      {wish && running && running !== wish && (
        <Text size="sm" c="orange" data-testid="engine-demoted">
          {engineName(wish)} is not used: {engineName(running)} runs instead.
        </Text>
      )}
    </div>
  );
}
