import { Button, Container } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { type Sentence, sentenceOf } from '../../run/messages.ts';
import { ErrorNotice } from './ErrorNotice.tsx';

interface ErrorBoundaryState {
  readonly sentence: Sentence | null;
}

/** A component that throws costs its screen, never the page or the results behind it. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { sentence: null };

  static getDerivedStateFromError(error: unknown): ErrorBoundaryState {
    return { sentence: sentenceOf(error) };
  }

  override render(): ReactNode {
    if (!this.state.sentence) return this.props.children;
    return (
      <Container size={720} py="xl">
        <ErrorNotice sentence={this.state.sentence} testId="page-error">
          <Button mt="sm" size="xs" onClick={() => this.setState({ sentence: null })}>
            Show the page again
          </Button>
        </ErrorNotice>
      </Container>
    );
  }
}
