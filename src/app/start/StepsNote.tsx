import { SimpleGrid, Text } from '@mantine/core';

const STEPS = [
  ['1 · Check', 'Which matrix holds counts, how many genes the model knows, cell quality, time and memory.'],
  [
    '2 · Embed',
    'WebGPU kernels, or WebAssembly where there is no GPU. Cancel at any time and keep what is done.',
  ],
  [
    '3 · Read and export',
    'UMAP, predictions beside recorded labels, cell details; back to h5ad, Arrow, CSV, PNG, SVG.',
  ],
] as const;

/** The line from file to export in three short columns. */
export function StepsNote() {
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
      {STEPS.map(([title, text]) => (
        <div key={title}>
          <Text size="sm" fw={600}>
            {title}
          </Text>
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  );
}
