// Matrices have rows padded with zeros to whole vec4s. x is [rows, inner] (NN, NT) or its transpose
// (TN); weight is [inner, columns] (NN, TN) or its transpose (NT).
@group(0) @binding(1) var<storage, read> x: array<stored4>;
@group(0) @binding(2) var<storage, read> weight: array<stored4>;
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;
@group(0) @binding(4) var<storage, read> residual: array<stored4>;
@group(0) @binding(5) var<storage, read_write> y: array<stored4>;
