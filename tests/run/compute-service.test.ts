import { describe, expect, it } from 'vitest';
import { embeddedModelFolder, nodeComputeEnvironment } from '../../src/cli/node-environment.ts';
import { type Encoded, type Engine, type EngineKind, EngineLostError } from '../../src/engine/engine.ts';
import type { createEngine } from '../../src/engine/select.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { TokenBatch } from '../../src/model/token-batch.ts';
import { LocalComputeService } from '../../src/run/compute-service.ts';
import type { ModelLocation } from '../../src/run/services.ts';

const model: ModelLocation = { kind: 'directory', path: embeddedModelFolder() };

/** Four cells of 5, 3, 0 and 4 tokens. */
const batch: TokenBatch = {
  rows: Uint32Array.of(10, 20, 30, 40),
  cuSeqlens: Uint32Array.of(0, 5, 8, 8, 12),
  geneIds: Uint32Array.from({ length: 12 }, (_, i) => (37 * i) % 101),
  withheld: Uint8Array.of(0, 1, 0, 0),
};

/** An engine whose embedding of a cell is its first gene id; fails as told before each call. */
class FakeEngine implements Engine {
  readonly description;
  destroyed = false;
  constructor(
    kind: EngineKind,
    readonly config: ModelConfig,
    private readonly before: (kind: EngineKind, cells: number) => void,
  ) {
    this.description = { kind, device: 'fake', software: true };
  }
  async encode(tokens: TokenBatch): Promise<Encoded> {
    this.before(this.description.kind, tokens.rows.length);
    const d = this.config.dModel;
    const cells = tokens.rows.length;
    const embedding = new Float32Array(cells * d);
    for (let cell = 0; cell < cells; cell++) embedding.fill(tokens.rows[cell], cell * d, (cell + 1) * d);
    const logits = Object.fromEntries(
      Object.entries(this.config.annotations).map(([name, classes]) => [
        name,
        new Float32Array(cells * classes.length),
      ]),
    );
    return { embedding, logits, hiddenStates: new Float32Array(tokens.geneIds.length * d) };
  }
  destroy(): void {
    this.destroyed = true;
  }
}

async function serviceWith(before: (kind: EngineKind, cells: number) => void) {
  const made: FakeEngine[] = [];
  let armed = false;
  const create: typeof createEngine = async (kind, { config }) => {
    const engine = new FakeEngine(kind, config, (...args) => armed && before(...args));
    made.push(engine);
    return { engine, notices: [] };
  };
  const service = new LocalComputeService(nodeComputeEnvironment(), create);
  await service.load(model, { engine: 'webgpu' });
  armed = true;
  return { service, made };
}

describe('an engine that fails under way', () => {
  it('is rebuilt once when it is lost, and the batch repeated', async () => {
    let calls = 0;
    const { service, made } = await serviceWith(() => {
      if (++calls === 1) throw new EngineLostError('lost', 'device lost');
    });
    const notices: string[] = [];
    const results = await service.encode(batch, 'gene_mean', { onNotice: (notice) => notices.push(notice) });
    expect([...results.rows]).toEqual([10, 20, 30, 40]);
    expect(made.map(({ description }) => description.kind)).toEqual(['webgpu', 'webgpu']);
    expect(made[0].destroyed).toBe(true);
    expect(notices).toHaveLength(1);
    expect([...results.tokens]).toEqual([5, 3, 0, 4]);
    expect(results.withheld[1]).toBe(1);
  });

  it('gets fewer cells when memory ends', async () => {
    const sizes: number[] = [];
    const { service } = await serviceWith((_kind, cells) => {
      sizes.push(cells);
      if (cells > 1) throw new EngineLostError('out-of-memory', 'no room');
    });
    const results = await service.encode(batch, 'gene_mean', {});
    expect(sizes).toContain(1);
    const d = results.dimension;
    expect([0, 1, 2, 3].map((cell) => results.embedding[cell * d])).toEqual([10, 20, 30, 40]);
  });

  it('gives way to the next when it fails again, and to none when all do', async () => {
    const first = await serviceWith((kind) => {
      if (kind === 'webgpu') throw new EngineLostError('lost', 'again and again');
    });
    const notices: string[] = [];
    await first.service.encode(batch, 'gene_mean', { onNotice: (notice) => notices.push(notice) });
    expect(first.made.at(-1)?.description.kind).toBe('wasm');
    expect(notices.join()).toContain('wasm goes on');
    const all = await serviceWith(() => {
      throw new EngineLostError('lost', 'nothing works');
    });
    await expect(all.service.encode(batch, 'gene_mean', {})).rejects.toBeInstanceOf(EngineLostError);
  });

  it('never hands out numbers that are none', async () => {
    const { service, made } = await serviceWith(() => undefined);
    made[0].encode = async () => {
      const d = made[0].config.dModel;
      return { embedding: new Float32Array(4 * d).fill(Number.NaN), logits: {} };
    };
    await expect(service.encode(batch, 'gene_mean', {})).rejects.toMatchObject({ code: 'not-finite' });
  });
});
