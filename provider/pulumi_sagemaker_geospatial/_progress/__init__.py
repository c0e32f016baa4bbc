"""What the exports of one run do: texts for the engine's rows, totals, and a file that another process can read."""
