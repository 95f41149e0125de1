"""The embedded AWS's own process: the emulator behind a guard, for one project. Started by `gateleg.local.emulator`."""
