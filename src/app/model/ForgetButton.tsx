import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { services } from '../state/services.ts';
import { useApp } from '../state/store.ts';

/** Removes everything this site keeps in the browser, after one question. */
export function ForgetButton() {
  const fail = useApp((state) => state.failToOpen);
  const [step, setStep] = useState<'idle' | 'asked' | 'done'>('idle');
  if (step === 'done') {
    return (
      <Text size="sm" role="status" data-testid="forgotten">
        Everything this site kept in the browser is gone.
      </Text>
    );
  }
  if (step === 'idle') {
    return (
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        onClick={() => setStep('asked')}
        data-testid="forget"
      >
        Forget everything kept in this browser
      </Button>
    );
  }
  return (
    <>
      <Text size="sm">Remove stored models, kept results and preferences?</Text>
      <Button
        size="compact-sm"
        color="red"
        onClick={() =>
          void services()
            .forgetEverything()
            .then(() => setStep('done'), fail)
        }
        data-testid="forget-confirm"
      >
        Remove
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setStep('idle')}>
        Keep
      </Button>
    </>
  );
}
