"""What `training.check` runs, one file a subject."""
