"""What knows nothing of exports: the dynamic host, operation contexts, AWS sessions and calls, pacing and polling."""
