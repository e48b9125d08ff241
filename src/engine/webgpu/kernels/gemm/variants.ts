import type { Constants, KernelVariant } from '../../kernel.ts';
import erf from '../erf.wgsl?raw';
import activated from './activated.wgsl?raw';
import bindings from './bindings.wgsl?raw';
import epilogue from './epilogue.wgsl?raw';
import lane from './lane.wgsl?raw';
import register from './register.wgsl?raw';
import subgroup from './subgroup.wgsl?raw';
import tiled from './tiled.wgsl?raw';

/** The epilogue of sums of four columns. */
const finish = erf + activated + epilogue;

/** Lanes side by side: of 64, 32, 16, 8 the one that leaves fewest idle in the last tile. */
function lanesFor(columns4: number, vecs: number): number {
  const covered = (count: number) => Math.ceil(columns4 / (count * vecs)) * count;
  return [64, 32, 16, 8].reduce((best, count) => (covered(count) < covered(best) ? count : best));
}

/** What register and subgroup tiles share: rows × vec4s of columns a thread makes. */
function inRegisters(rows: number, vecs: number) {
  return {
    constants: (constants: Constants, { columns4 }: Constants): Constants => ({
      ...constants,
      ROWS: rows,
      GROUPS: Math.ceil(rows / 4),
      GROUP_ROWS: Math.min(rows, 4),
      VECS: vecs,
      LANES: lanesFor(columns4, vecs),
      TILE4: lanesFor(columns4, vecs) * vecs,
    }),
    workgroups: ({ row_start, row_end, columns4 }: Constants) =>
      Math.ceil((row_end - row_start) / rows) * Math.ceil(columns4 / (lanesFor(columns4, vecs) * vecs)),
  };
}

/** Tiles in registers alone; a transposed x is read four rows at a time. */
export function registerTile(rows: number, vecs: number): KernelVariant {
  return {
    name: `register-${rows}x${4 * vecs}`,
    shader: bindings + finish + register,
    serves: ({ TN }) => TN === 0 || rows % 4 === 0,
    ...inRegisters(rows, vecs),
  };
}

/** Tiles in registers, x by way of a subgroup; where neither matrix is transposed. */
export function subgroupTile(rows: number, vecs: number): KernelVariant {
  return {
    name: `subgroup-${rows}x${4 * vecs}`,
    shader: bindings + finish + subgroup,
    needs: ['subgroups'],
    serves: ({ NN }) => NN !== 0,
    ...inRegisters(rows, vecs),
  };
}

/** Lanes of a subgroup that load and broadcast x in `laneTile`. */
const LANES = 8;

/** Scalar tiles of a single subgroup: groups × 4 rows, or 16 where x lies transposed, × columns a lane. */
export function laneTile(groups: number, columns: number): KernelVariant {
  return {
    name: `lane-${4 * groups}x${columns}`,
    shader: erf + activated + lane,
    needs: ['subgroups'],
    leastSubgroup: LANES,
    constants: (constants) => {
      const shape = constants.TN === 0 ? { GROUPS: groups, GROUP_ROWS: 4 } : { GROUPS: 2, GROUP_ROWS: LANES };
      return {
        ...constants,
        ...shape,
        ROWS: shape.GROUPS * shape.GROUP_ROWS,
        COLUMNS: columns,
        TILE: LANES * columns,
      };
    },
    workgroups: ({ row_start, row_end, columns4 }, { ROWS, TILE }) =>
      Math.ceil((row_end - row_start) / ROWS) * Math.ceil((4 * columns4) / TILE),
  };
}

/** Blocks of tileRows × tileColumns of a workgroup whose threads make 4·groups rows × vecs vec4s each. */
export function workgroupTile(
  tileRows: number,
  tileColumns: number,
  groups: number,
  vecs: number,
): KernelVariant {
  const rowGroups = tileRows / 4;
  const tileVecs = tileColumns / 4;
  const lanes = tileVecs / vecs;
  return {
    name: `tiled-${tileRows}x${tileColumns}`,
    shader: bindings + finish + tiled,
    constants: (constants) => ({
      ...constants,
      TILE_ROWS: tileRows,
      TILE_VECS: tileVecs,
      ROW_GROUPS: rowGroups,
      GROUPS: groups,
      VECS: vecs,
      LANES: lanes,
      THREADS: (rowGroups / groups) * lanes,
      X_TILE: 16 * rowGroups,
      WEIGHT_TILE: 16 * tileVecs,
    }),
    workgroups: ({ row_start, row_end, columns4 }) =>
      Math.ceil((row_end - row_start) / tileRows) * Math.ceil(columns4 / tileVecs),
  };
}
