"""What stands around the project on a developer's machine: a Pulumi engine, the virtual environment, the emulator."""
