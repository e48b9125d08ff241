import { Button, FileButton } from '@mantine/core';
import { useApp } from '../state/store.ts';
import { locationOfFiles } from './folder.ts';

/** The published folders hold no gene medians: adds a file to the model that could not be loaded without it. */
export function AddMissingFile() {
  const attempted = useApp((state) => state.attempted);
  const chooseModel = useApp((state) => state.chooseModel);
  if (attempted?.kind !== 'files') return null;
  return (
    <FileButton
      onChange={(file) => {
        if (file) void chooseModel(locationOfFiles([...attempted.files, { path: file.name, file }]));
      }}
    >
      {(props) => (
        <Button {...props} variant="default" size="xs" mt="xs" data-testid="add-missing-file">
          Add a file to this model, e.g. teddy_gene_medians.json…
        </Button>
      )}
    </FileButton>
  );
}
