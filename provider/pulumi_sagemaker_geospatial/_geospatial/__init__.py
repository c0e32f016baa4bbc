"""Amazon SageMaker geospatial: ARNs, statuses, kinds of export, the typed client, one table of errors, listing of jobs."""
