import { type Kernel, threadVariant, workgroupVariant } from '../../kernel.ts';
import bindings from './bindings.wgsl?raw';
import thread from './thread.wgsl?raw';
import workgroup from './workgroup.wgsl?raw';

const rowPerThread = threadVariant(bindings + thread, ({ rows }) => rows);
const rowPerWorkgroup = workgroupVariant(bindings + workgroup, ({ rows }) => rows);

/**
 * What a softmax cross-entropy needs of each row, over several chunks of the classes one after the other
 * (online softmax, Milakov & Gimelshein 2018): loss = log Σ + greatest − logit of the target.
 * logits [rows, stride] hold classes column_start … column_start + columns. targets [rows] of (target class,
 * bits of the weight, first class, end of classes): classes outside a row's range are not its own.
 * state [rows] of (greatest, Σ exp(logit − greatest), logit of the target, bits of the class of the greatest,
 * the lowest of equals): written anew where FIRST is not zero, otherwise updated. Of a row none of whose
 * classes came by, Σ is 0.
 */
export const softmaxStatistics: Kernel = {
  name: 'softmax-statistics',
  reads: ['logits', 'targets'],
  writes: ['state'],
  uniforms: { rows: 'u32', columns: 'u32', stride4: 'u32', column_start: 'u32' },
  variants: { hardware: [rowPerWorkgroup, rowPerThread], software: [rowPerThread, rowPerWorkgroup] },
};
