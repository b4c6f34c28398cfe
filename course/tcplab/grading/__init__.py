"""Other people's notebooks, executed in a sandbox and judged on evidence that is not their own word."""
