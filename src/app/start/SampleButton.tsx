import { Button } from '@mantine/core';
import { IconTestPipe } from '@tabler/icons-react';
import { useState } from 'react';
import { useApp } from '../state/store.ts';
import { fetchSample } from './sample.ts';

/** Opens the sample dataset that is served beside the page. */
export function SampleButton() {
  const openFile = useApp((state) => state.openFile);
  const fail = useApp((state) => state.failToOpen);
  const opening = useApp((state) => state.opening);
  const [fetching, setFetching] = useState(false);

  async function open() {
    setFetching(true);
    try {
      await openFile(await fetchSample());
    } catch (error) {
      fail(error);
    } finally {
      setFetching(false);
    }
  }

  return (
    <Button
      variant="default"
      size="md"
      leftSection={<IconTestPipe size={17} aria-hidden />}
      loading={fetching}
      disabled={opening !== null}
      onClick={() => void open()}
      data-testid="try-sample"
    >
      Try the sample
    </Button>
  );
}
