/**
 * Writes the few parts of ONNX's ModelProto that a transformer needs, so that no protobuf
 * library is shipped. Field numbers are those of onnx.proto3 (onnx/onnx, IR version 10); all strings
 * are ASCII, all integers from 0 to 2^53. Initialisers live beside the model as one external blob
 * (`ExternalTensors`), which ORT copies into its heap once, tensor by tensor, while a ModelProto with
 * the weights inside would stand there twice.
 */

const IR_VERSION = 10;
const OPSET_ONNX = 20;
const OPSET_MICROSOFT = 1;

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

/** TensorProto.DataType of the types that occur here. */
const DATA_TYPE = { float32: 1, uint8: 2, int8: 3, int32: 6 } as const;
type OnnxType = keyof typeof DATA_TYPE;

/** AttributeProto.AttributeType. */
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

/** A number is an int or a float by name, since 1 and 1.0 are the same in JavaScript. */
type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** '' (default) is the ONNX domain. */
  readonly domain?: 'com.microsoft';
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A graph input or output; a dimension given by name is free. */
interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

/** An initialiser whose bytes lie in the blob at `offset`. */
export interface ExternalTensor {
  readonly name: string;
  /** Default float32. */
  readonly type?: OnnxType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly external: readonly ExternalTensor[];
  /** The name under which the blob is handed to the runtime. */
  readonly externalLocation: string;
}

type Chunk = readonly number[];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

function tag(field: number, wire: number): number[] {
  return varint(field * 8 + wire);
}

function intField(field: number, value: number): Chunk {
  return [...tag(field, WIRE_VARINT), ...varint(value)];
}

function bytesField(field: number, bytes: Chunk): Chunk {
  return [...tag(field, WIRE_BYTES), ...varint(bytes.length), ...bytes];
}

function textField(field: number, text: string): Chunk {
  return bytesField(
    field,
    Array.from(text, (letter) => letter.charCodeAt(0)),
  );
}

function floatField(field: number, value: number): Chunk {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [...tag(field, WIRE_FIXED32), ...bytes];
}

function attributeProto(name: string, attribute: OnnxAttribute): Chunk {
  const head = textField(1, name);
  if ('float' in attribute) {
    return [...head, ...floatField(2, attribute.float), ...intField(20, ATTRIBUTE_FLOAT)];
  }
  if ('ints' in attribute) {
    return [
      ...head,
      ...attribute.ints.flatMap((value) => intField(8, value)),
      ...intField(20, ATTRIBUTE_INTS),
    ];
  }
  return [...head, ...intField(3, attribute.int), ...intField(20, ATTRIBUTE_INT)];
}

function nodeProto(node: OnnxNode): Chunk {
  const attributes = Object.entries(node.attributes ?? {});
  return [
    ...node.inputs.flatMap((name) => textField(1, name)),
    ...node.outputs.flatMap((name) => textField(2, name)),
    ...textField(3, node.outputs[0]),
    ...textField(4, node.op),
    ...attributes.flatMap(([name, attribute]) => bytesField(5, attributeProto(name, attribute))),
    ...(node.domain === undefined ? [] : textField(7, node.domain)),
  ];
}

function valueInfoProto(value: OnnxValue): Chunk {
  const dimensions = value.shape.flatMap((size) =>
    bytesField(1, typeof size === 'number' ? intField(1, size) : textField(2, size)),
  );
  const tensorType = [...intField(1, DATA_TYPE[value.type]), ...bytesField(2, dimensions)];
  return [...textField(1, value.name), ...bytesField(2, bytesField(1, tensorType))];
}

function externalProto(tensor: ExternalTensor, location: string): Chunk {
  const entry = (key: string, value: string) =>
    bytesField(13, [...textField(1, key), ...textField(2, value)]);
  return [
    ...tensor.shape.flatMap((size) => intField(1, size)),
    ...intField(2, DATA_TYPE[tensor.type ?? 'float32']),
    ...textField(8, tensor.name),
    ...entry('location', location),
    ...entry('offset', String(tensor.offset)),
    ...entry('length', String(tensor.byteLength)),
    ...intField(14, 1),
  ];
}

/** The serialised ModelProto: a few kilobytes, since the weights stay in the external blob. */
export function writeOnnxModel(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const graphProto = [
    ...graph.nodes.flatMap((node) => bytesField(1, nodeProto(node))),
    ...textField(2, graph.name),
    ...graph.external.flatMap((tensor) => bytesField(5, externalProto(tensor, graph.externalLocation))),
    ...graph.inputs.flatMap((value) => bytesField(11, valueInfoProto(value))),
    ...graph.outputs.flatMap((value) => bytesField(12, valueInfoProto(value))),
  ];
  const opset = (domain: string, version: number) =>
    bytesField(8, [...textField(1, domain), ...intField(2, version)]);
  return Uint8Array.from([
    ...intField(1, IR_VERSION),
    ...textField(2, 'teddy-web'),
    ...bytesField(7, graphProto),
    ...opset('', OPSET_ONNX),
    ...opset('com.microsoft', OPSET_MICROSOFT),
  ]);
}
