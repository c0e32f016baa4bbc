"""Commands for developers: set up the checkout, find or install a Pulumi engine, run the emulator, stacks and tests."""
