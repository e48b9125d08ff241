import { MAX_WORKGROUPS_PER_DIMENSION } from './device.ts';

/**
 * A flat number of workgroups as two dimensions within WebGPU's limit; the kernel recovers the flat
 * index as `y · countX + x` and returns where it is not below what it needs.
 */
export function splitWorkgroups(count: number): readonly [number, number] {
  if (count <= MAX_WORKGROUPS_PER_DIMENSION) return [count, 1];
  const rows = Math.ceil(count / MAX_WORKGROUPS_PER_DIMENSION);
  if (rows > MAX_WORKGROUPS_PER_DIMENSION) throw new RangeError(`${count} workgroups in one dispatch`);
  return [Math.ceil(count / rows), rows];
}
